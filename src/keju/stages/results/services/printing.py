"""The transcript (V17.2.2): one's own, with a signed code."""

from datetime import datetime

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.documents import services as printing
from keju.kernel.documents.codes import sign_code
from keju.kernel.documents.pictures import qr_svg
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook.words import current_language
from keju.stages.registration import queries as registration
from keju.stages.results import documents, events, queries
from keju.stages.results.params import Params


@write("results:own:read")
def print_transcript(*, exam: Exam, by: Actor, at: datetime, language: str = "") -> bytes:
    """The candidate's own transcript as PDF; its copy stands in the print ledger. Nothing to print before the release."""
    result = queries.own_result(viewer=by, exam=exam)
    line = queries.decision(exam)
    if result is None or line is None:
        raise NotPermitted("results:own:read", hidden=True)
    person = registration.row(viewer=by, exam=exam, registration_id=result.registration_id)
    code = sign_code(queries.CODE, f"{exam.slug}|{result.ticket_number}")
    data = documents.transcript(
        exams.programme(exam),
        exam=exam.name,
        name=person.name,
        identity_masked=person.identity_masked,
        ticket=result.ticket_number,
        category=result.category,
        level=result.level,
        total=result.total,
        points=result.subjects,
        absent=result.absent,
        lines=line.lines.get(result.category, {}),
        rechecks=exams.params(exam, Params).rechecks_accepted,
        code=code,
        at=at,
    )
    printed = printing.print_document(
        kind="transcript",
        template="results/transcript",
        data=data,
        files={"qr": qr_svg(code)},
        exam=exam,
        subject=f"result:{result.pk}",
        office_path=result.office_path,
        candidate_id=result.candidate_id,
        language=language or current_language(),
        by=by,
        at=at,
    )
    record(
        events.TRANSCRIPT_PRINTED,
        by=by,
        at=at,
        subject=f"result:{result.pk}",
        exam=exam.slug,
        office_path=result.office_path,
        rules=["V17.2.2"],
        data={"copy": printed.record.copy, "pdf": printed.record.pdf_hash},
    )
    return printed.pdf
