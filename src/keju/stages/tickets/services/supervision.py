"""The phone number under which anybody reports a violation: on every blackboard (V14.7.4)."""

from datetime import datetime

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.tickets import events
from keju.stages.tickets.models import Supervision


@write("tickets:sheets:print")
def set_phone(
    *, exam: Exam, office_path: str, phone: str, version: int, by: Actor, at: datetime
) -> Supervision:
    """From now on this is the number for the office and everything below it that has none of its own.

    `version`: that of the row seen, 0 where there was none; else `Stale`. `NotPermitted(hidden=True)` outside the caller's
    scope.
    """
    if not office_path.startswith(by.office_path or "-"):
        raise NotPermitted("tickets:sheets:print", hidden=True)
    found = Supervision.objects.select_for_update().filter(exam=exam, office_path=office_path).first()
    if (found.version if found else 0) != version:
        raise Stale
    row = found or Supervision(exam=exam, office_path=office_path, version=0)
    row.phone, row.set_by, row.set_at = phone.strip(), by.ref, at
    row.version += 1
    row.save()
    record(
        events.PHONE_SET,
        by=by,
        at=at,
        subject=f"office:{office_path}",
        exam=exam.slug,
        office_path=office_path,
        rules=["V14.7.4"],
        data={"phone": row.phone, "version": row.version},
    )
    return row
