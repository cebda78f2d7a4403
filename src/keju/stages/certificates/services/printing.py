"""Printing certificates: each its own document in the print ledger, joined into one file for the printer."""

from collections.abc import Sequence
from datetime import datetime

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.documents import counting
from keju.kernel.documents import services as printing
from keju.kernel.documents.codes import sign_code
from keju.kernel.documents.pictures import qr_svg
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.files.services import store
from keju.kernel.files.vault import FileUnavailable
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook import Programme, Refusal, RuleRefused
from keju.stages.certificates import documents, events, queries
from keju.stages.certificates.models import Certificate, State

MOST = 500


@write("certificates:print:make")
def print_certificates(*, exam: Exam, certificate_ids: Sequence[int], by: Actor, at: datetime) -> bytes:
    """One PDF with a page for each valid certificate, in order of number; each copy stands in the print ledger."""
    if len(certificate_ids) > MOST:
        raise RuleRefused([Refusal("V18.1.1", "certificates_too_many", {"most": MOST})])
    wanted = Certificate.objects.filter(exam=exam, pk__in=certificate_ids, state=State.VALID)
    rows = queries.rows_of(viewer=by, exam=exam, found=wanted)
    if not rows:
        raise RuleRefused([Refusal("V18.1.1", "certificates_no_certificate")])
    programme = exams.programme(exam)
    printed = printing.print_batch(
        kind="certificate",
        template="certificates/certificate",
        sheets=[_sheet(exam, programme, row) for row in rows],
        exam=exam,
        by=by,
        at=at,
    )
    record(
        events.PRINTED, by=by, at=at, subject=f"certificate:{rows[0].id}" if len(rows) == 1 else "certificates",
        exam=exam.slug, rules=["V18.1.1"], data={"count": len(rows), "first": rows[0].number, "last": rows[-1].number},
    )  # fmt: skip
    return joined([p.pdf for p in printed])


@write("certificates:print:make")
def keep_print(*, exam: Exam, pdf: bytes, point: str, by: Actor, at: datetime) -> str:
    """The file for the printer is stored for the centre. Returns its SHA-256."""
    sha = store(
        data=pdf,
        name=f"{exam.slug}-certificates-{point}.pdf",
        content_type="application/pdf",
        office_path="/",
        by=by,
        at=at,
    )
    record(
        events.PRINTED,
        by=by,
        at=at,
        subject=f"point:{point}",
        exam=exam.slug,
        rules=["V18.1.1"],
        data={"file": sha},
    )
    return sha


def code_of(exam: Exam, number: str) -> str:
    """The signed code on a certificate: the exam and the number."""
    return sign_code(queries.CODE, f"{exam.slug}|{number}")


def joined(pdfs: Sequence[bytes]) -> bytes:
    """The documents one after another in one file; the same documents are the same bytes."""
    return pdfs[0] if len(pdfs) == 1 else counting.joined(pdfs)


def _sheet(exam: Exam, programme: Programme, row: queries.Row) -> printing.Sheet:
    photo, code = _photo(row.photo_sha256), code_of(exam, row.number)
    data = documents.certificate(
        programme,
        exam=exam.name,
        year=exam.year,
        number=row.number,
        name=row.name,
        sex=row.sex,
        identity_masked=row.identity_masked,
        category=row.category,
        level=row.level,
        region=office(row.point_code[:2]).name,
        granted_at=row.granted_at,
        issue=row.issue,
        has_photo=photo is not None,
        code=code,
    )
    pictures = {"qr": qr_svg(code)} | ({"photo": photo} if photo else {})
    return printing.Sheet(
        subject=f"certificate:{row.number}", data=data, office_path=row.office_path, candidate_id=row.candidate_id,
        files=pictures,
    )  # fmt: skip


def _photo(sha: str) -> bytes | None:
    """The photo, or None where it was never kept (forms on paper): the page leaves its place for gluing."""
    try:
        return files.read(sha, viewer=queries.LOOKUP)
    except (NotPermitted, FileUnavailable):
        return None
