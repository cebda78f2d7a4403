"""The registration form on paper (V5.3.2b): a print after a change of the data voids the older ones."""

from datetime import datetime

from keju.kernel.audit import record, write
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
from keju.stages.registration.queries import SEXES, category_name, route_name
from keju.stages.review import documents, events, queries

KIND = "registration_form"


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
            sex=SEXES.get(person.sex, person.sex),
            birth_on=person.birth_on,
            identity=person.identity,
            phone=person.phone,
            address=person.address,
            employer=person.employer,
            category=category_name(programme, person.category),
            route=route_name(programme, person.route),
            facts=queries.facts(exam, person.route, person.route_facts)[1:],
            version=person.version,
        ),
        materials=[m.name for m in queries.materials(exam, person.route)],
    )
    # The row is in the actor's scope, so is its photo, whoever stored the file.
    photo = files.read(person.photo_sha256, viewer=Actor.system("review"))
    pictures = {"code": qr_svg(registering.code_of(exam, person.pk)), "photo": photo}
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
