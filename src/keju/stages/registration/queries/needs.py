"""What candidates need: for their own page, the counter, the lists and the planner of seats."""

from dataclasses import dataclass

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook.model import NeedKind
from keju.stages.registration.models import Need


@dataclass(frozen=True)
class Needed:
    """A kind of need and how it stands with one registration: `state` "" where nobody asked."""

    kind: NeedKind
    state: str
    note: str = ""
    reason: str = ""


def needs(*, viewer: Actor, exam: Exam, registration_id: int) -> list[Needed]:
    """Every kind of the programme, in its order, as it stands with the registration. The notes are for its own people."""
    found = {n.kind: n for n in Need.objects.filter(registration_id=registration_id, registration__exam=exam)}
    return [
        Needed(kind, n.state, n.note, n.reason) if (n := found.get(kind.code)) else Needed(kind, "")
        for kind in exams.programme(exam).needs
    ]


def granted_needs(exam: Exam, office_path: str) -> dict[int, list[str]]:
    """Registration → the kinds granted, of those who have any under the office: few, whatever its size."""
    rows = Need.objects.filter(
        registration__exam=exam,
        state="granted",
        office_path__gte=office_path,
        office_path__lt=office_path + "~",
    )
    found: dict[int, list[str]] = {}
    for pk, kind in rows.order_by("registration_id", "kind").values_list("registration_id", "kind"):
        found.setdefault(pk, []).append(kind)
    return found
