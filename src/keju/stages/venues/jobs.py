"""Long work: searching for the best hosts for longer than a page may wait."""

from collections.abc import Mapping
from datetime import datetime

from keju.kernel.exams.models import Exam
from keju.kernel.jobs import Progress, job
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import t
from keju.stages.venues import queries, services

PROPOSE = "venues.propose"
SEARCHING = t("正在寻找，最多{n}秒。", "Searching, for {n} seconds at most.")
PROVEN = t("第{n}版建议，已证明最优。", "Version {n}: proven that nothing costs less.")
CLOSE = t("第{n}版建议，与最优最多相差{gap}%。", "Version {n}: at most {gap} % from the best there is.")


@job(PROPOSE, t("寻找承考考点安排", "Searching for the best hosts"))
def propose(
    progress: Progress,
    *,
    by: Actor,
    at: datetime,
    exam: Exam,
    region_code: str,
    wishes: Mapping[str, object],
    seats: Mapping[str, int],
) -> None:
    """A further version of the region's proposal; run again after a crash it makes one more, which harms nothing."""
    progress.begin(1)
    progress.note(SEARCHING.format(n=round(services.AT_LENGTH)))
    with acting(by):
        question = services.ask_hosts(
            exam=exam, region_code=region_code, wishes=queries.wishes_of(wishes), seats=seats, by=by
        )
    found = services.solved(question, services.AT_LENGTH)  # no transaction is kept open meanwhile
    with acting(by):
        row = services.keep_proposal(
            exam=exam, region_code=region_code, question=question, found=found, by=by, at=at
        )
    words = PROVEN if row.optimal else CLOSE
    progress.note(words.format(n=row.version, gap=f"{100 * (row.gap or 0):.2f}"))
    progress.step()
