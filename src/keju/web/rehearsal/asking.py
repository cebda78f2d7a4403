"""What somebody asks of `keju rehearse`, checked before anything is started or touched. Without Django."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from keju.kernel.offices import divisions
from keju.rulebook import UnknownProgramme, load_programme, programme_codes
from keju.web.installation.sentences import InstallationError, of_os_error
from keju.web.rehearsal import STAGES

#: fewer in a region leave some of its offices without anything to do
A_REGION = 20
LAST_YEAR = 2099
MARK = ".keju-rehearsal"


class Asked(InstallationError):
    """The command cannot be done as it was asked: one sentence in each language says why."""


@dataclass(frozen=True)
class Asking:
    """A rehearsal as asked for. `regions` empty: the whole nation."""

    programme: str
    year: int
    candidates: int
    regions: tuple[str, ...]
    until: str
    out: Path | None

    def check(self) -> None:
        """Asked says the first thing that is wrong."""
        self._check_programme()
        self._check_stage()
        self._check_people()
        self._check_out()

    def _check_programme(self) -> None:
        try:
            programme = load_programme(self.programme)
        except UnknownProgramme as error:
            known = "、".join(programme_codes())
            raise Asked(
                f"没有名为“{self.programme}”的考试项目；现有：{known}。",
                f"There is no programme called “{self.programme}”; there are: {known.replace('、', ', ')}.",
            ) from error
        if not programme.first_year <= self.year <= LAST_YEAR:
            raise Asked(
                f"“{self.programme}”可演练的年度为{programme.first_year}–{LAST_YEAR}，不是{self.year}。",
                f"“{self.programme}” can be rehearsed for {programme.first_year} to {LAST_YEAR}, not {self.year}.",
            )

    def _check_stage(self) -> None:
        if self.until not in STAGES:
            raise Asked(
                f"没有名为“{self.until}”的阶段；按顺序有：{'、'.join(STAGES)}。",
                f"There is no stage called “{self.until}”; in order there are: {', '.join(STAGES)}.",
            )

    def _check_people(self) -> None:
        known = [d.code for d in divisions.regions()]
        strange = [code for code in self.regions if code not in known]
        if strange:
            raise Asked(
                f"没有代码为“{strange[0]}”的考区；代码是两位数字，如11（北京）。",
                f"There is no region of the code “{strange[0]}”; codes have two digits, as 11 (Beijing).",
            )
        number = len(self.regions or known)
        if self.candidates < A_REGION * number:
            raise Asked(
                f"{number}个考区至少需要{A_REGION * number}名考生（每考区{A_REGION}名），不是{self.candidates}名；"
                "小规模演练请用 --region 选择考区。",
                f"{number} regions need at least {A_REGION * number} candidates ({A_REGION} each), not {self.candidates}; "
                "for a small rehearsal choose regions by --region.",
            )

    def _check_out(self) -> None:
        """The folder is new, empty, or holds an earlier rehearsal; anything else is not touched."""
        if self.out is None or not self.out.exists():
            return
        if not self.out.is_dir() or (any(self.out.iterdir()) and not (self.out / MARK).exists()):
            raise Asked(
                f"{self.out} 不是空文件夹，也不是以前演练的输出，未作任何改动；请换一个。",
                f"{self.out} is neither an empty folder nor an earlier rehearsal's, nothing was touched; choose another.",
            )

    def make_room(self) -> None:
        """Afterwards the folder is there and empty; an earlier rehearsal's documents are gone."""
        if self.out is None:
            return
        try:
            if self.out.exists():
                shutil.rmtree(self.out)
            self.out.mkdir(parents=True)
            (self.out / MARK).touch()
        except OSError as error:
            raise of_os_error(self.out, error) from error
