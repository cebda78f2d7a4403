"""What the review decides about registrations, and the recorded unmasking of a person's data."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection

from keju.kernel.audit import Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import update_rows
from keju.rulebook.words import t
from keju.stages.registration import events
from keju.stages.registration.models import Registration, State

CONFIRM = """
UPDATE registration_registration r SET state = 'confirmed', decided_at = %s
FROM unnest(%s::bigint[], %s::int[]) AS seen (id, version)
WHERE r.id = seen.id AND r.exam_id = %s AND r.state = 'submitted' AND r.version = coalesce(seen.version, r.version)
"""


@write(None)
def mark_confirmed(
    *,
    exam: Exam,
    registration_ids: Sequence[int],
    versions: Mapping[int, int] | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """All of them were submitted and are now confirmed; `Stale` and nothing changed if one was not.

    `versions`: of the data that were looked at; of other ones by now nothing is confirmed.
    """
    ids = list(dict.fromkeys(registration_ids))
    seen = [(versions or {}).get(pk) for pk in ids]
    with connection.cursor() as cursor:
        cursor.execute(CONFIRM, [at, ids, seen, exam.pk])
        if cursor.rowcount != len(ids):
            raise Stale
    _record(events.CONFIRMED, exam, registration_ids, by, at)


@write(None)
def mark_rejected(*, exam: Exam, reasons: Mapping[int, str], by: Actor, at: datetime) -> None:
    """Each is rejected with its reason, from submitted or confirmed; `Stale` if one was neither."""
    live = Registration.objects.select_for_update().filter(
        exam=exam, pk__among=list(reasons), state__in=[State.SUBMITTED, State.CONFIRMED]
    )
    if len(live) != len(reasons):
        raise Stale
    update_rows(
        "registration_registration",
        "id",
        ["state", "reason", "decided_at"],
        [(pk, State.REJECTED.value, reason, at) for pk, reason in reasons.items()],
    )
    _record(events.REJECTED, exam, list(reasons), by, at)


@write("registration:person:unmask")
def unmask(*, exam: Exam, registration_id: int, reason: str, by: Actor, at: datetime) -> Registration:
    """The registration with its identity number and phone in clear; who looked and why is on record."""
    if not reason.strip():
        raise ValidationError(str(t("请写明查看理由。", "Say why you need to see it.")))
    row = Registration.objects.get(exam=exam, pk=registration_id)
    record(
        events.UNMASKED,
        by=by,
        at=at,
        subject=f"registration:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        data={"reason": reason},
    )
    return row


def _record(kind: str, exam: Exam, ids: Sequence[int], by: Actor, at: datetime) -> None:
    subject = f"registration:{ids[0]}" if len(ids) == 1 else "registrations"
    record(
        kind,
        by=by,
        at=at,
        subject=subject,
        exam=exam.slug,
        rules=["V5.3.2c"],
        data={"count": len(ids), "ids": sorted(ids)},
    )
