"""Absences up the tree by 17:00 on the exam day."""

from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import enforce
from keju.stages.examday import events, queries


@write("examday:report:send")
def report_absences(*, exam: Exam, by: Actor, at: datetime) -> dict[int, int]:
    """The absences of every session are reported up (V15.9.2) and the duty is done. Returns absences per session.

    Sent again after a correction, the newer figures stand beside the older ones in the log.
    """
    enforce(queries.report_refusals(viewer=by, exam=exam))
    absences = {t.session_number: t.absent for t in queries.totals(viewer=by, exam=exam)}
    duties.discharge(
        exam=exam,
        rule="V15.9.2",
        owner=by.office_code,
        evidence=", ".join(f"{number}: {count}" for number, count in absences.items()),
        by=by,
        at=at,
    )
    record(
        events.ABSENCES_REPORTED,
        by=by,
        at=at,
        subject=f"office:{by.office_code}",
        exam=exam.slug,
        rules=["V15.9.2"],
        data={"absent": absences},
    )
    return absences
