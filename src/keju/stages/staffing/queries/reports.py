"""Reports of inspectors and supervisors, as far up as they are told (V2.1, V2.2)."""

from dataclasses import dataclass
from datetime import datetime

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.staffing.models import Report
from keju.stages.staffing.queries.people import under


@dataclass(frozen=True)
class ReportRow:
    """A report as its readers see it. `wrong`: what was not in order."""

    id: int
    name: str
    post: str
    office_code: str
    to_code: str
    phase: str
    items: dict[str, bool]
    text: str
    made_at: datetime
    received_at: datetime | None

    @property
    def wrong(self) -> int:
        return sum(not fine for fine in self.items.values())


def reports(exam: Exam, *, viewer: Actor, after: int = 0, size: int = 50) -> list[ReportRow]:
    """The newest first, those before the id `after` if it is given; with receipts."""
    found = Report.objects.filter(exam=exam, **under(viewer.office_path))
    found = found.filter(pk__lt=after) if after else found
    rows = found.select_related("appointment__member__person").order_by("-pk")[:size]
    return [
        ReportRow(
            r.pk, r.appointment.member.person.name, r.appointment.post, r.office_code, r.to_code, r.phase, r.items,
            r.text, r.made_at, r.received_at,
        )
        for r in rows
    ]  # fmt: skip


def unreceived(exam: Exam, *, viewer: Actor) -> int:
    """How many reports the viewer's office has been told and not yet acknowledged."""
    return Report.objects.filter(exam=exam, to_code=viewer.office_code, received_at=None).count()
