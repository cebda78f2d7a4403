"""Closing an obligation by hand, with evidence."""

from datetime import datetime

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.duties.models import OPEN, Obligation
from keju.kernel.offices import Actor


@write("duties:duty:discharge")
def discharge_by_hand(
    *, obligation: int, evidence: str, by: Actor, at: datetime, file: str | None = None
) -> None:
    """The owner says, with evidence, that it has done what no step of the system can see.

    NotPermitted for another office's obligation or one that the system discharges; Stale if it is closed.
    """
    row = Obligation.objects.select_related("exam").get(pk=obligation)
    if not row.manual or row.owner_code != by.office_code:
        raise NotPermitted("duties:duty:discharge")
    changed = Obligation.objects.filter(OPEN, pk=obligation).update(
        discharged_at=at, discharged_by=by.ref, evidence=evidence, evidence_file=file or ""
    )
    if not changed:
        raise Stale
    record(
        "duties.obligation.discharged",
        by=by,
        at=at,
        subject=f"obligation:{obligation}",
        rules=[row.rule],
        exam=row.exam.slug,
        office_path=row.owner_path,
        data={
            "owners": [row.owner_code],
            "closed": 1,
            "evidence": evidence,
            "file": file or "",
            "day": row.day,
        },
    )
