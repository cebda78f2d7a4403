"""Letters, chains and tasks, plans on the readiness board (P7.1, P1.1, P6.2, P5.1)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import path_of
from keju.kernel.readiness import AMBER, GREEN, MUST, PRINCIPLE, RED, Row, State, provides
from keju.rulebook.words import Words, t
from keju.stages.security.queries import board, letters, planning

UNMADE = t("{n}份责任书还没有生成", "{n:letter is|letters are} not made yet")
UNSIGNED = t("{n}份责任书没有签齐", "{n:letter is|letters are} not signed by both")
NOBODY = t("没有落实第一责任人或直接责任人", "Nobody is first or directly responsible")
NO_ONE = t("{n}项任务没有落实到人", "{n:task has|tasks have} nobody to answer for it")
NO_PLAN = t("实施方案还没有批准", "No implementation plan is approved")
LATE = t("{n}个漏洞逾期未整改", "{n:gap is|gaps are} late")


@provides("P7.1", strength=MUST, title=t("责任书", "Letters of responsibility"))
def signed(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Every holder of a key post has a letter, signed by the leader above and by themself."""
    state = _open_state(exam, at)
    unmade = Counter(n.holder.office_code for n in letters.missing(exam, path))
    tallies = {one.office_code: one for one in letters.tallies(exam, path)}
    for code in sorted({*unmade, *tallies, *_bodies(exam, path)}):
        one = tallies.get(code)
        open_ones = one.above + one.below if one else 0
        if unmade[code] or one is None:
            words = UNMADE.format(n=unmade[code] or 1)
            yield _row(code, state, words, "security-letters", max(1, unmade[code]))
        elif open_ones:
            yield _row(code, state, UNSIGNED.format(n=open_ones), "security-letters", open_ones)
        else:
            yield Row(path_of(code), GREEN, url="security-letters")


@provides("P1.1", strength=MUST, title=t("责任人", "First and directly responsible"))
def responsible(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """At every region and host somebody is first and somebody directly responsible."""
    for one in letters.matrices(exam, path, _bodies(exam, path)):
        if one.responsible is None or one.responsible.is_complete:
            yield Row(path_of(one.office_code), GREEN, url="security-matrix")
        else:
            yield _row(one.office_code, _open_state(exam, at), NOBODY, "security-matrix", 1)


@provides("P6.2", strength=PRINCIPLE, title=t("责任到人", "Responsibility to the person"))
def tasks(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Every task has somebody who answers for it."""
    for one in letters.matrices(exam, path, _bodies(exam, path)):
        lacking = sum(1 for line in one.lines if not line.names)
        if lacking:
            words = NO_ONE.format(n=lacking)
            yield _row(one.office_code, _open_state(exam, at), words, "security-matrix", lacking)
        else:
            yield Row(path_of(one.office_code), GREEN, url="security-matrix")


@provides("P5.1", strength=MUST, title=t("实施方案", "Implementation plans"))
def plans(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Every region and host has an approved plan, and no gap is late."""
    approved = planning.approved_codes(exam, path)
    today = at.astimezone(CHINA).date()
    open_gaps = planning.gaps(exam, path).exclude(state="closed").filter(due_on__lt=today)
    late = Counter(open_gaps.values_list("office_code", flat=True))
    for code in sorted({*late, *_bodies(exam, path)}):
        if late[code]:
            yield _row(code, RED, LATE.format(n=late[code]), "security-plans", late[code])
        elif code not in approved and "-" not in code:
            yield _row(code, _open_state(exam, at), NO_PLAN, "security-plans", 1)
        else:
            yield Row(path_of(code), GREEN, url="security-plans")


def _bodies(exam: Exam, path: str) -> Iterable[str]:
    places = board.places(exam, path)
    return [*places.regions, *places.hosts]


def _open_state(exam: Exam, at: datetime) -> State:
    return RED if board.has_begun(exam, at) else AMBER


def _row(code: str, state: State, words: Words, url: str, lacking: int) -> Row:
    return Row(path_of(code), state, words, url, lacking=lacking)
