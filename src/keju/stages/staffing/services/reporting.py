"""Reports of inspectors and supervisors: filed from where they stand, received by the office that sent them (V2.1, V2.2)."""

from collections.abc import Mapping
from datetime import datetime

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import enforce
from keju.stages.staffing import events, queries, rules
from keju.stages.staffing.models import Appointment, Report, State
from keju.stages.staffing.services.appointing import post_of, record_about
from keju.stages.staffing.services.people import NATION


@write(None)
def file_report(
    *,
    appointment: Appointment,
    phase: str,
    items: Mapping[str, bool],
    text: str = "",
    place: str = "",
    by: Actor,
    at: datetime,
) -> int:
    """What the inspector or supervisor found stands on record, and the office that sent them is told. Never changed.

    Only the person themselves files it, from their link or their sign-in.
    """
    if by.person_id is None or by.person_id != appointment.member.person_id:
        raise NotPermitted(hidden=True)
    post = post_of(appointment.exam, appointment.post)
    known = {code: bool(fine) for code, fine in items.items() if code in rules.CHECKS.get(phase, {})}
    with acting(NATION):
        in_force = queries.appointments_in_force(appointment.exam, appointment.office_path)
        enforce(rules.check_report(post.rule, in_force.filter(pk=appointment.pk).exists(), text, known))
        row = Report.objects.create(
            exam=appointment.exam,
            appointment=appointment,
            office_path=appointment.office_path,
            office_code=place or appointment.office_code,
            to_code="committee" if post.appointed_by == "committee" else appointment.office_code[:2],
            phase=phase if phase in rules.PHASES else "emergency",
            items=known,
            text=text.strip(),
            made_by=by.ref,
            made_at=at,
        )
        record_about(events.REPORT_FILED, appointment, by, at, report=row.pk, phase=row.phase, to=row.to_code)
    return row.pk


@write("staffing:people:read")
def receive_report(*, exam: Exam, report_id: int, by: Actor, at: datetime) -> None:
    """The office that is told acknowledges it; a second click changes nothing."""
    row = Report.objects.select_for_update().filter(exam=exam, pk=report_id, to_code=by.office_code).first()
    if row is None:
        raise NotPermitted("staffing:people:read", hidden=True)
    if row.received_at is None:
        row.received_by, row.received_at = by.ref, at
        row.save(update_fields=["received_by", "received_at"])
    record(
        events.REPORT_RECEIVED,
        by=by,
        at=at,
        exam=exam.slug,
        subject=f"report:{row.pk}",
        office_path=row.office_path,
        rules=list(rules.REPORTING),
        data={"to": row.to_code},
    )


def reporter(appointment: Appointment) -> bool:
    """Whether whoever holds the appointment reports now."""
    post = post_of(appointment.exam, appointment.post)
    return post.rule in rules.REPORTING and appointment.state == State.ACCEPTED
