"""People without a resident card: their document, its number, what it does not tell, and finding them again."""

from dataclasses import replace
from datetime import date

import pytest
from django.test import Client

from keju.algorithms.identity import check_document
from keju.kernel.accounts.models import Candidate
from keju.kernel.accounts.queries import candidate_actor
from keju.kernel.accounts.services import NewCandidate, ensure_candidates
from keju.kernel.audit import write
from keju.kernel.calendar import now
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.registration import queries, services
from keju.stages.registration.models import Registration
from keju.stages.registration.queries import Filters
from keju.stages.registration.rules import Submission
from keju.stages.registration.tests.test_registering import AT, SYSTEM, make_exam, submission
from keju.stages.registration.tests.test_wizard import PERSON, step
from keju.stages.registration.tests.year import ROOT, at, open_now, text

pytestmark = pytest.mark.django_db
FOREIGN = {"birth_on": "1980-02-29", "sex": "female"}
KINDS = {
    "hk_macao_permit": ("h1234567801", "H12345678", ""),
    "taiwan_permit": ("12345678", "12345678", ""),
    "passport": ("l8988901c", "L8988901C", "FRA"),
}


@pytest.fixture
def exam(settings, tmp_path, db) -> Exam:
    settings.FILES_ROOT = tmp_path
    return make_exam()


def of(kind: str, **changes: object) -> Submission:
    typed, _, country = KINDS[kind]
    stated = {"identity": typed, "document_kind": kind, "country": country, **FOREIGN, **changes}
    return submission(1, **stated)


def account(s: Submission) -> Actor:
    @write(None)
    def made(*, by: Actor, at: object) -> Candidate:
        found = check_document(s.document_kind, s.identity, s.country)
        new = NewCandidate(found.number, s.name, s.phone, document_kind=found.kind, country=found.country)
        pk = next(iter(ensure_candidates(people=[new], by=by, at=AT).values()))
        return Candidate.objects.get(pk=pk)

    with acting(SYSTEM):
        return candidate_actor(made(by=SYSTEM, at=AT))


@pytest.mark.rule("V5.3.1a")
@pytest.mark.parametrize("kind", KINDS)
def test_every_document_registers_once_and_is_found_again(exam: Exam, kind: str) -> None:
    by = account(of(kind))
    with acting(by):
        services.submit(exam=exam, submissions=[of(kind)], candidate_ids=[by.candidate_id], by=by, at=AT)
        with pytest.raises(RuleRefused, match="registration_twice"):
            typed = KINDS[kind][1].lower()
            services.submit(
                exam=exam,
                submissions=[of(kind, identity=typed)],
                candidate_ids=[by.candidate_id],
                by=by,
                at=AT,
            )
    with acting(SYSTEM):
        row = Registration.objects.get()
        assert (row.identity, row.document_kind) == (KINDS[kind][1], kind)
        assert (row.birth_on, row.sex) == (date(1980, 2, 29), "female")
        found = queries.rows(viewer=SYSTEM, exam=exam, filters=Filters(text=KINDS[kind][0]))
        assert [r.id for r in found] == [row.pk]


@pytest.mark.rule("V5.3.1a")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"birth_on": ""}, "registration_birth_on"),
        ({"birth_on": "2012-01-01"}, "registration_birth_on"),
        ({"birth_on": "1880-01-01"}, "registration_birth_on"),
        ({"sex": "x"}, "registration_sex"),
        ({"country": "CHN"}, "registration_identity_country"),
        ({"identity": "1234567890123"}, "registration_identity_passport_form"),
    ],
)
def test_what_the_document_lacks_is_refused_by_name(exam: Exam, changes: dict[str, str], code: str) -> None:
    by = account(of("passport"))
    with acting(by), pytest.raises(RuleRefused) as refused:
        services.submit(
            exam=exam, submissions=[of("passport", **changes)], candidate_ids=[by.candidate_id], by=by, at=AT
        )
    assert code in {r.code for r in refused.value.refusals}


@pytest.mark.rule("V5.3.1a")
def test_the_same_number_of_another_country_is_another_person(exam: Exam) -> None:
    one, other = of("passport"), of("passport", country="DEU")
    for s in (one, other):
        by = account(s)
        with acting(by):
            services.submit(exam=exam, submissions=[s], candidate_ids=[by.candidate_id], by=by, at=AT)
    with acting(SYSTEM):
        assert Registration.objects.count() == 2


@pytest.mark.rule("V5.3.1a")
def test_the_number_of_a_card_tells_birthday_and_sex_whatever_is_stated(exam: Exam) -> None:
    by = account(submission(1))
    with acting(by):
        s = replace(submission(1), **FOREIGN)
        services.submit(exam=exam, submissions=[s], candidate_ids=[by.candidate_id], by=by, at=AT)
        assert queries.own(viewer=by, exam=exam).birth_on == date(1985, 3, 4)


@pytest.mark.rule("V5.3.1a")
def test_the_wizard_asks_birthday_and_sex_where_the_number_does_not_tell(exam: Exam, client: Client) -> None:
    open_now(exam, now())
    by = account(of("passport"))
    with acting(ROOT):
        login = Candidate.objects.select_related("login").get(pk=by.candidate_id).login
    client.force_login(login, backend="django.contrib.auth.backends.ModelBackend")
    page = text(client.get(at("registration-step", step="person")))
    assert 'name="birth_on"' in page and "护照" in page
    step(client, "person", 0, PERSON, 422)
    assert step(client, "person", 0, {**PERSON, **FOREIGN}) == at("registration-step", step="category")
    assert "1980-02-29" in text(client.get(at("registration-step", step="review")))


def test_the_account_is_reached_where_the_registration_says(exam: Exam) -> None:
    by = account(submission(1))
    with acting(by):
        s = submission(1, phone="13911112222", email="new@example.cn")
        services.submit(exam=exam, submissions=[s], candidate_ids=[by.candidate_id], by=by, at=AT)
    with acting(SYSTEM):
        kept = Candidate.objects.get(pk=by.candidate_id)
    assert (kept.phone, kept.email) == ("13911112222", "new@example.cn")
