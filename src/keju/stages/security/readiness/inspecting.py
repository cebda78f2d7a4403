"""Inspections and findings on the readiness board (P2.4, P6.1, P7.3)."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import path_of
from keju.kernel.readiness import AMBER, GREEN, MUST, PRINCIPLE, RED, Row, provides
from keju.rulebook.words import Words, t
from keju.stages.security.queries import board

NOT_INSPECTED = t("考前检查还没有做", "Not inspected before the exam yet")
NO_SECRECY = t("考前安全保密检查还没有完成", "The secrecy inspection before the exam is not done")
NO_PATROL = t("还没有安排考试期间的检查组", "No team is planned for the days of the exam")
LATE = t("{n}个问题逾期未整改", "{n:finding is|findings are} late")
OPEN = t("{n}个问题未销号", "{n:finding is|findings are} not closed")


@provides("P2.4", strength=PRINCIPLE, title=t("考前检查和巡查", "Checks and patrols"))
def checks(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Every host's site was inspected before the exam."""
    if exams.programme(exam).clause("P2.4") is None:
        return
    found = board.inspected(exam, path, rule="P2.4", phase="before")
    yield from _rows(exam, board.places(exam, path).sites, found, NOT_INSPECTED, at)


@provides("P6.1", strength=MUST, title=t("安全保密检查", "Secrecy inspection"))
def secrecy(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Every region and host was inspected for secrecy, and a team is named for the days of the exam."""
    if exams.programme(exam).clause("P6.1") is None:
        return
    places = board.places(exam, path)
    found = board.inspected(exam, path, systematic=True)
    yield from _rows(exam, [*places.regions, *places.hosts], found, NO_SECRECY, at)
    sent = board.inspected(exam, path, phase="during")
    yield from _rows(exam, places.hosts, dict.fromkeys(sent, True), NO_PATROL, at)


@provides("P7.3", strength=MUST, title=t("问题整改", "Findings mended"))
def findings(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Nothing found is left beyond its term."""
    if exams.programme(exam).clause("P7.3") is None:
        return
    unclosed = {one.code: one for one in board.unclosed(exam, path, at.astimezone(CHINA).date())}
    places = board.places(exam, path)
    for code in sorted({*unclosed, *places.hosts, *places.sites}):
        one = unclosed.get(code)
        if one is None:
            yield Row(path_of(code), GREEN, url="security-findings")
        elif one.late:
            yield Row(path_of(code), RED, LATE.format(n=one.late), "security-findings", lacking=one.late)
        else:
            yield Row(path_of(code), AMBER, OPEN.format(n=one.open), "security-findings", lacking=one.open)


def _rows(
    exam: Exam, codes: Iterable[str], done: dict[str, bool], words: Words, at: datetime
) -> Iterator[Row]:
    open_state = RED if board.has_begun(exam, at) else AMBER
    for code in codes:
        if done.get(code):
            yield Row(path_of(code), GREEN, url="security-inspections")
        else:
            yield Row(path_of(code), open_state, words, "security-inspections", lacking=1)
