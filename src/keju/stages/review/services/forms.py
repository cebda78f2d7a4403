"""The registration form on paper (V5.3.2b): a print after a change of the data voids the older ones."""

from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.documents.codes import sign_code
from keju.kernel.documents.models import Print
from keju.kernel.documents.pictures import qr_svg
from keju.kernel.documents.services import Printed, print_document, void
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook.words import t
from keju.stages.registration import queries as registration
from keju.stages.registration import services as registering
from keju.stages.review import documents, events, queries

KIND = "registration_form"
CODE = "form"


@write("review:first:decide")
def print_form(*, exam: Exam, registration_id: int, language: str = "zh", by: Actor, at: datetime) -> Printed:
    """The form with photo, code and version mark; prints of an older version are void in the ledger."""
    person = registering.unmask(
        exam=exam,
        registration_id=registration_id,
        reason=t("打印报名表", "registration form").zh,
        by=by,
        at=at,
    )
    subject, mark = f"registration:{person.pk}", f"v{person.version}"
    older = Print.objects.filter(kind=KIND, exam_slug=exam.slug, subject=subject).order_by("-pk").first()
    if older is not None and older.plan_version != mark:
        reason = f"{older.plan_version} → {mark}"
        void(kind=KIND, subject=subject, reason=reason, exam=exam, by=by, at=at)
    programme = exams.programme(exam)
    data = documents.form(
        exam=exam.name,
        region=office(person.point_code[:2]).name,
        point=office(person.point_code).name,
        person=documents.Person(
            number=registration.number_of(exam, person.pk),
            name=person.name,
            sex=person.sex,
            birth_on=person.birth_on,
            identity=person.identity,
            phone=person.phone,
            address=person.address,
            employer=person.employer,
            category=next(c.name for c in programme.categories if c.code == person.category),
            route=next(r.name for r in programme.routes if r.code == person.route),
            facts=person.route_facts,
            version=person.version,
        ),
        materials=[m.name for m in queries.materials(exam, person.route)],
    )
    code = sign_code(CODE, f"{exam.slug}|{person.pk}|{person.version}")
    pictures = {"code": qr_svg(code), "photo": files.read(person.photo_sha256, viewer=by)}
    printed = print_document(
        kind=KIND,
        template="review/form",
        data=data,
        files=pictures,
        exam=exam,
        subject=subject,
        office_path=person.office_path,
        candidate_id=person.candidate_id,
        plan_version=mark,
        language=language,
        by=by,
        at=at,
    )
    record(
        events.FORM_PRINTED,
        by=by,
        at=at,
        subject=subject,
        exam=exam.slug,
        office_path=person.office_path,
        rules=["V5.3.2b"],
        data={"version": person.version, "copy": printed.record.copy},
    )
    return printed
