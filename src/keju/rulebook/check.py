"""Checks a programme that somebody else wrote, and says what is wrong in their words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from keju.rulebook.errors import Problem, ProgrammeError
from keju.rulebook.model import KERNEL_PARTS, STAGES, Programme
from keju.rulebook.programmes import HOME, folders_of, programme_codes, read_folder
from keju.rulebook.reading.checklist import baseless
from keju.rulebook.reading.cross import cross_check, rows
from keju.rulebook.reading.cross_params import check_params
from keju.rulebook.reading.faq import unfounded
from keju.rulebook.reading.handovers import unhanded
from keju.rulebook.reading.letters import unheld
from keju.rulebook.reading.messages import long_texts
from keju.rulebook.reading.params import read_params
from keju.rulebook.reading.posts import unsound_posts
from keju.rulebook.reading.precautions import FILES as PRECAUTIONS
from keju.rulebook.reading.precautions import ungrounded
from keju.rulebook.reading.rosters import homeless
from keju.rulebook.reading.teaching import groundless
from keju.rulebook.words import t
from keju.rulebook.yamls import Spot, read_yaml

_FILES = (
    "programme.yaml",
    "rules.yaml",
    "messages.yaml",
    "faq.yaml",
    "checklist.yaml",
    "training.yaml",
    "rosters.yaml",
    "handovers.yaml",
    "letters.yaml",
    "readings.md",
    *PRECAUTIONS,
)
_FOLDERS = ("params", "refusals")


def check_programme(folder: Path) -> list[Problem]:
    """Everything that is wrong with the programme in ``folder``, file by file; empty if it is sound.

    Never raises for what an author can write; reads only that folder and the programmes that it adopts.
    """
    if not folder.is_dir():
        return [Problem(str(folder), 0, "", t("没有这个文件夹", "there is no such folder"))]
    problems: list[Problem] = list(_strange_files(folder))
    try:
        programme = read_folder(folder, problems)
    except ProgrammeError as error:  # an adopted programme is itself unsound
        return [*problems, *error.problems]
    root = read_yaml(folder / "programme.yaml", "programme.yaml", [])
    if root is not None and isinstance(root.value, dict):
        problems += cross_check(programme, root)
        problems += _without(programme, root)
        problems += unsound_posts(root, programme.rules, _whole_numbers(folder, programme))
    problems += check_params(programme, folder)
    problems += long_texts(folder)
    figures = _figures(folder, programme)
    problems += unfounded(folder, programme.rules, figures)
    problems += baseless(folder, programme.rules, figures)
    problems += groundless(folder, programme, figures)
    problems += homeless(folder, programme, figures)
    problems += unhanded(folder, programme, figures)
    problems += unheld(folder, programme.rules, {post.code for post in programme.posts})
    partners = {partner.code for partner in programme.precautions.partners}
    problems += ungrounded(folder, programme.rules, partners, figures)
    return sorted(set(problems), key=lambda problem: (problem.file, problem.line, problem.place))


def _figures(folder: Path, programme: Programme) -> set[str]:
    """The names by which answers may cite the programme's figures, own and adopted."""
    homes = _homes(folder, programme)
    return {f"{part}_{name}" for home in homes for part in STAGES for name in read_params(home, part, [])}


def _whole_numbers(folder: Path, programme: Programme) -> dict[str, int]:
    """The newest value of each whole number among the parameters, own before adopted: "staffing.deputies_min": 2."""
    found: dict[str, int] = {}
    for home in reversed(_homes(folder, programme)):
        for part in STAGES:
            for name, entry in read_params(home, part, []).items():
                value = entry.values[-1][1].value
                if isinstance(value, int) and not isinstance(value, bool):
                    found[f"{part}.{name}"] = value
    return found


def _homes(folder: Path, programme: Programme) -> list[Path]:
    return [folder, *(folders_of(programme.adopts) if programme.adopts in programme_codes() else ())]


def _strange_files(folder: Path) -> Iterator[Problem]:
    """Files that nobody would read: usually a slip of the pen in the name."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or any(part.startswith((".", "__")) for part in path.relative_to(folder).parts):
            continue
        inside, _, file = name.rpartition("/")
        if name in _FILES or (inside in _FOLDERS and file.removesuffix(".yaml") in (*STAGES, *KERNEL_PARTS)):
            continue
        words = t(
            "不会有程序读取这个文件；params和refusals中的文件以阶段命名：{stages}",
            "nothing reads this file; those in params and refusals are named for a stage: {stages}",
        )
        yield Problem(name, 0, "", words.format(stages=STAGES))


def _without(programme: Programme, root: Spot) -> Iterator[Problem]:
    adopted = _texts(root, "without")
    known = _adopted_rules(programme)
    for spot in adopted:
        if spot.value not in known:
            zh, en = "所采用的项目没有条款{id}", "the adopted programme has no clause {id}"
            yield spot.problem(zh, en, id=spot.value)


def _texts(root: Spot, section: str) -> list[Spot]:
    """The spots of a list of texts; none if it is not written."""
    spot = root.value.get(section)
    return [item for item in spot.value if isinstance(item.value, str)] if _is_list(spot) else []


def _is_list(spot: Spot | None) -> bool:
    return spot is not None and isinstance(spot.value, list)


def _adopted_rules(programme: Programme) -> set[str]:
    from_all = {code: HOME / code for code in programme_codes()}
    if programme.adopts not in from_all:
        return set()
    return {id_ for folder in folders_of(programme.adopts) for id_ in _rule_ids(folder)}


def _rule_ids(folder: Path) -> set[str]:
    spot = read_yaml(folder / "rules.yaml", "rules.yaml", [])
    return {row.value["id"].value for row in rows(spot, "rules") if "id" in row.value} if spot else set()
