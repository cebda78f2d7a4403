"""The duties of every office as rows: late is red, soon amber. They close no gate: duties climb a ladder of their own."""

from collections.abc import Iterator
from datetime import datetime

from keju.kernel.duties.standing import Standing, standing
from keju.kernel.exams.models import Exam
from keju.kernel.readiness.registry import AMBER, GREEN, GREY, PRINCIPLE, RED, Row, State, provides
from keju.rulebook.words import Words, t

LATE = t("{n}项应办事项已逾期", "{n:duty is|duties are} late")
SOON = t("{n}项应办事项即将到期", "{n:duty is|duties are} due soon")


@provides(strength=PRINCIPLE)
def late_duties(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """One row for every clause under which an office owes something."""
    for owed in standing(exam=exam, office_path=path, at=at):
        state, words, lacking = _state(owed)
        yield Row(owed.owner_path, state, words, url="duties-list", lacking=lacking, rule=owed.rule)


def _state(owed: Standing) -> tuple[State, Words | None, int]:
    if owed.late:
        return RED, LATE.format(n=owed.late), owed.late
    if owed.soon:
        return AMBER, SOON.format(n=owed.soon), owed.soon
    return (GREY if owed.open else GREEN), None, 0
