"""The candidate's receipt. (The form that is signed at the point, V5.3.2b, is printed by the review.)"""

from datetime import datetime

from keju.algorithms.identity import mask
from keju.kernel.audit import record, write
from keju.kernel.documents.codes import sign_code
from keju.kernel.documents.pictures import qr_svg
from keju.kernel.documents.services import Printed, print_document
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook.words import Words, t
from keju.stages.announcement import queries as announcement
from keju.stages.registration import documents, events
from keju.stages.registration.documents import FIELDS
from keju.stages.registration.models import Registration
from keju.stages.registration.queries import fee_reference, number_of, photo

RECEIPT = "registration_receipt"


@write("registration:own:edit")
def print_receipt(*, exam: Exam, registration_id: int, language: str, by: Actor, at: datetime) -> Printed:
    """The candidate's receipt: number, signed code, what to bring where until when, and how to pay. Identity masked."""
    row = Registration.objects.get(exam=exam, pk=registration_id)
    opening = exams.opening(exam, row.point_code)
    windows = announcement.windows(exam, row.office_path)
    programme = exams.programme(exam)
    stated = documents.stated(programme, row.category, row.route, row.route_facts)
    data = documents.paper(
        title=t("报名回执", "Receipt of registration"),
        number=number_of(exam, row.pk),
        version=row.version,
        rows=[(FIELDS["name"], row.name), (FIELDS["identity"], mask(row.identity)), *stated],
        exam=exam.name,
        state=documents.STATES[row.state],
        point=office(row.point_code).name,
        place=opening.address if opening else "",
        hours=opening.hours if opening else "",
        phone=opening.phone if opening else "",
        opens=_moment(windows.confirmation_opens),
        ends=_moment(windows.confirmation_ends),
        materials=documents.materials(programme, row.route),
        fee=documents.fee(row.state, fee_reference(row.pk)),
    )
    printed = print_document(
        kind=RECEIPT,
        template="registration/receipt",
        data=data,
        files={
            "qr": qr_svg(code_of(exam, row.pk)),
            "photo": photo(viewer=by, exam=exam, registration_id=row.pk),
        },
        exam=exam,
        subject=f"registration:{row.pk}",
        office_path=row.office_path,
        candidate_id=row.candidate_id,
        plan_version=f"v{row.version}",
        language=language,
        by=by,
        at=at,
    )
    record(
        events.RECEIPT_PRINTED,
        by=by,
        at=at,
        subject=f"registration:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        data={"version": row.version},
    )
    return printed


def code_of(exam: Exam, registration_id: int) -> str:
    """The signed code on the papers: whoever scans it finds the registration."""
    return sign_code("registration", f"{exam.slug}|{number_of(exam, registration_id)}")


def _moment(value: datetime | None) -> Words:
    return t("{m}", "{m}").format(m=value) if value else t("待公布", "to be announced")
