"""What is done to a handover is on record under its name, at the office whose path it carries."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from keju.kernel.audit import record
from keju.kernel.offices import Actor
from keju.stages.custody.models import Handover


def noted(
    event: str,
    row: Handover,
    by: Actor,
    at: datetime,
    data: Mapping[str, object],
    clauses: Sequence[str] = ("V11.1",),
) -> None:
    record(
        event, by=by, at=at, subject=row.subject, exam=row.exam.slug, office_path=row.office_path, rules=sorted(clauses),
        data=data,
    )  # fmt: skip
