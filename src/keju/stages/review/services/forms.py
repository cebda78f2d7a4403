"""The registration form on paper (V5.3.2b): a print after a change of the data voids the older ones."""

from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.documents.pictures import qr_svg
from keju.kernel.documents.services import Printed, print_document, void
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook import enforce
from keju.rulebook.words import t
from keju.stages.registration import queries as registration
from keju.stages.registration import services as registering
from keju.stages.registration.queries import SEXES, category_name, route_name
from keju.stages.review import documents, events, queries, rules
from keju.stages.review.params import Params


@write("review:first:decide")
def print_form(
    *,
    exam: Exam,
    registration_id: int,
    kind: str = queries.COPIES,
    language: str = "zh",
    by: Actor,
    at: datetime,
) -> Printed:
    """The form with photo, code and version mark; prints of an older version are void in the ledger.

    First `kind=queries.CHECK`, one print for the candidate to check and keep; once it is right `queries.COPIES`, the
    copies to sign. RuleRefused for copies of data that nobody checked.
    """
    person = registering.unmask(
        exam=exam,
        registration_id=registration_id,
        reason=t("打印报名表", "registration form").zh,
        by=by,
        at=at,
    )
    subject, mark = queries.subject_of(person.pk), queries.mark_of(person.version)
    void_prints(exam=exam, registration_id=person.pk, version=person.version, by=by, at=at)
    if kind == queries.COPIES:
        form = queries.form_of(viewer=by, exam=exam, registration_id=person.pk, version=person.version)
        enforce(() if form.on_paper else rules.check_copies(form))
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
        copies=exams.params(exam, Params).signed_copies if kind == queries.COPIES else 0,
    )
    # The row is in the actor's scope, so is its photo, whoever stored the file.
    photo = files.read(person.photo_sha256, viewer=Actor.system("review"))
    pictures = {"code": qr_svg(registering.code_of(exam, person.pk)), "photo": photo}
    printed = print_document(
        kind=kind,
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
        data={"kind": kind, "version": person.version, "copy": printed.record.copy},
    )
    return printed


def void_prints(*, exam: Exam, registration_id: int, version: int, by: Actor, at: datetime) -> None:
    """Every standing print of the form that shows other data than `version` is void in the ledger."""
    mark, subject = queries.mark_of(version), queries.subject_of(registration_id)
    old: dict[str, set[str]] = {}
    for kind, shown in queries.standing_prints(exam, registration_id):
        if shown != mark:
            old.setdefault(kind, set()).add(shown)
    for kind, shown in sorted(old.items()):
        reason = f"{', '.join(sorted(shown))} → {mark}"
        void(kind=kind, subject=subject, reason=reason, exam=exam, by=by, at=at)
