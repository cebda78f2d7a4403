"""Points get ready to receive candidates (V5.1.1)."""

from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.exams.clearing import against_opening
from keju.kernel.exams.models import Exam, Opening
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.stages.registration import events


@write("registration:point:prepare")
def prepare_point(
    *,
    exam: Exam,
    point_code: str,
    address: str,
    contact: str,
    phone: str,
    hours: str,
    by: Actor,
    at: datetime,
) -> None:
    """The confirmation place and contacts of the point are known, so candidates may choose it.

    Refused while somebody who is to review there is not trained (V4.1).
    """
    path = path_of(point_code)
    if not path.startswith(by.office_path):
        raise Opening.DoesNotExist
    enforce(against_opening(exam, path, at.date()))
    changed = Opening.objects.filter(exam=exam, office_id=point_code).update(
        address=address, contact=contact, phone=phone, hours=hours
    )
    if not changed:
        raise Opening.DoesNotExist
    record(
        events.POINT_PREPARED,
        by=by,
        at=at,
        subject=f"office:{point_code}",
        exam=exam.slug,
        office_path=path,
        rules=["V5.1.1", "V4.1"],
        data={"address": address, "hours": hours},
    )
