"""Gates: what stands in the way of a step, from the same rows that the boards show."""

from collections.abc import Iterator
from datetime import datetime

from keju.kernel.exams.models import Exam
from keju.kernel.readiness.asking import Found, code_of, found
from keju.kernel.readiness.registry import MUST, RED, Gate
from keju.rulebook import Refusal


def standing_against(exam: Exam, office_path: str, gate: Gate, at: datetime) -> list[Found]:
    """The red `must` rows of this gate at the office, under it, and at its point and its region."""
    top = "/" + office_path.strip("/").partition("/")[0] + "/" if office_path != "/" else "/"
    return [
        one
        for one in found(exam, top, at)
        if one.strength == MUST
        and one.row.state == RED
        and one.row.gate == gate
        and (one.row.office_path.startswith(office_path) or office_path.startswith(one.row.office_path))
    ]


def gate(exam: Exam, office_path: str, gate: Gate, at: datetime) -> Iterator[Refusal]:
    """Yield a refusal for each clause and place that stands against the step; silence is consent."""
    for one in standing_against(exam, office_path, gate, at):
        facts = {
            "place": code_of(one.row.office_path),
            "missing": one.row.words or one.rule,
            "room": one.row.room,
        }
        yield Refusal(one.rule, "readiness_not_ready", facts)
