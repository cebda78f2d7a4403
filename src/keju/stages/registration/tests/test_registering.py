"""Registering through the services, against PostgreSQL: one person once, edits until the close, versions."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Barrier

import psycopg
import pytest
from django.db import connections

from keju.algorithms.identity import compose
from keju.kernel.accounts.queries import candidate_actor
from keju.kernel.accounts.services import NewCandidate, sign_up
from keju.kernel.audit import Stale, write
from keju.kernel.audit.models import Event
from keju.kernel.calendar import CHINA
from keju.kernel.duties import services as duties
from keju.kernel.exams import services as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Delivery, Message
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.kernel.offices.services import load_tree
from keju.rulebook import RuleRefused
from keju.stages.registration import queries, services
from keju.stages.registration.models import PhotoCheck, Registration, Version
from keju.stages.registration.rules import Submission

AT = datetime(2011, 6, 10, 9, 0, tzinfo=CHINA)
SYSTEM = Actor.system("test")
PHOTO = "a" * 64


def make_exam() -> Exam:
    """An exam with registration open at 1101 and 1301 from 1 to 30 June 2011."""
    with acting(SYSTEM):
        load_tree(by=SYSTEM, at=AT)
        exam = exams.make(
            slug="vet-2011",
            programme="veterinarian",
            year=2011,
            exam_day=date(2011, 10, 16),
            rules_as_of=date(2011, 6, 1),
            is_rehearsal=True,
            by=SYSTEM,
            at=AT,
        )
        for code in ("11", "1101", "13", "1301"):
            exams.open_office(exam=exam, office=office(code), leader="王一", by=SYSTEM, at=AT)
        for code in ("1101", "1301"):
            services.prepare_point(
                exam=exam,
                point_code=code,
                address="路1号",
                contact="李",
                phone="1",
                hours="9–17",
                by=SYSTEM,
                at=AT,
            )
        start = AT - timedelta(days=9)
        for key, days in (
            ("exam_day", 137),
            ("registration_opens", 0),
            ("registration_closes", 29),
            ("confirmation_opens", 10),
            ("confirmation_ends", 40),
        ):
            duties.reach(exam=exam, key=key, when=start + timedelta(days=days), by=SYSTEM, at=AT)
        PhotoCheck.objects.create(sha256=PHOTO, checker_version="1", measured=[], judged=[], facts={})
    return exam


@pytest.fixture
def exam(db: None) -> Exam:
    return make_exam()


def submission(serial: int = 1, **changes: object) -> Submission:
    base = Submission(
        identity=compose("110101", date(1985, 3, 4), serial),
        name="欧阳小明",
        phone="13800000000",
        address="某路",
        category="general",
        route="diploma",
        route_facts={"degree": "bachelor", "major": "veterinary", "school": "某大学"},
        point_code="1101",
        photo_sha256=PHOTO,
        pledge=True,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def candidate(s: Submission) -> Actor:
    @write(None)
    def account(*, by: Actor, at: datetime):
        return sign_up(person=NewCandidate(s.identity, s.name), password="long enough", by=by, at=at)

    return candidate_actor(account(by=SYSTEM, at=AT))


def registered(exam: Exam, s: Submission) -> tuple[Actor, int]:
    by = candidate(s)
    with acting(by):
        result = services.submit(exam=exam, submissions=[s], candidate_ids=[by.candidate_id], by=by, at=AT)
    return by, result[0].registration_id  # type: ignore[return-value]


@pytest.mark.rule("V5.2.1")
def test_a_candidate_registers_and_sees_only_their_own(exam: Exam) -> None:
    one, pk = registered(exam, submission(1))
    other, _ = registered(exam, submission(2))
    with acting(one):
        assert [r.pk for r in Registration.objects.all()] == [pk]
        mine = queries.own(viewer=one, exam=exam)
        assert mine is not None and mine.identity == submission(1).identity
    with acting(other):
        assert not Registration.objects.filter(pk=pk).exists()


@pytest.mark.rule("V5.3.0")
def test_the_same_person_twice_is_refused_across_points(exam: Exam) -> None:
    by, _ = registered(exam, submission(1))
    with acting(by), pytest.raises(RuleRefused) as refused:
        services.submit(
            exam=exam,
            submissions=[submission(1, point_code="1301")],
            candidate_ids=[by.candidate_id],
            by=by,
            at=AT,
        )
    assert {r.code for r in refused.value.refusals} == {"registration_twice"}


REFUSED = {
    "registration_identity_check_digit": {"identity": "110101198503040019"},
    "registration_identity_length": {"identity": "1101011985030400"},
    "registration_category": {"category": "birds"},
    "registration_degree": {"route_facts": {"degree": "secondary", "major": "veterinary", "school": "x"}},
    "registration_major": {"route_facts": {"degree": "college", "major": "poetry", "school": "x"}},
    "registration_title_date": {
        "route": "title",
        "route_facts": {"title": "veterinarian", "title_on": "2009-01-01"},
    },
    "registration_graduating_year": {
        "route": "graduating",
        "route_facts": {"major": "veterinary", "school": "x", "graduating_year": "2012"},
    },
    "registration_pledge": {"pledge": False},
    "registration_point": {"point_code": "1302"},
    "registration_photo_missing": {"photo_sha256": "b" * 64},
    "registration_name_missing": {"name": "  "},
}


@pytest.mark.rule("V5.3.1b", "P8.2", "V5.1.1", "V5.2.2", "V5.3.0")
@pytest.mark.parametrize("code", REFUSED)
def test_what_does_not_qualify_is_refused_by_name(exam: Exam, code: str) -> None:
    by = candidate(submission(9))
    with acting(by), pytest.raises(RuleRefused) as refused:
        services.submit(
            exam=exam,
            submissions=[submission(9, **REFUSED[code])],
            candidate_ids=[by.candidate_id],
            by=by,
            at=AT,
        )
    assert code in {r.code for r in refused.value.refusals}
    with acting(SYSTEM):
        assert not Registration.objects.exists()


@pytest.mark.rule("V5.2.1")
def test_edits_are_versions_until_the_close_and_refused_after(exam: Exam) -> None:
    by, pk = registered(exam, submission(1))
    with acting(by):
        assert (
            services.edit(
                exam=exam,
                registration_id=pk,
                submission=submission(1, name="欧阳晓明"),
                version=1,
                by=by,
                at=AT,
            )
            == 2
        )
        assert [v.number for v in queries.versions(viewer=by, exam=exam, registration_id=pk)] == [1, 2]
        with pytest.raises(Stale):
            services.edit(exam=exam, registration_id=pk, submission=submission(1), version=1, by=by, at=AT)
        with pytest.raises(RuleRefused) as refused:
            services.edit(
                exam=exam,
                registration_id=pk,
                submission=submission(1),
                version=2,
                by=by,
                at=AT + timedelta(days=60),
            )
        assert {r.code for r in refused.value.refusals} == {"registration_closed"}
        assert Registration.objects.get(pk=pk).name == "欧阳晓明"


def test_who_is_closed_in_does_not_move_to_a_region_that_is_still_open(exam: Exam) -> None:
    by, pk = registered(exam, submission(1))
    late = AT + timedelta(days=60)
    with acting(SYSTEM):  # Hebei runs later (ADR 5)
        duties.reach(
            exam=exam,
            key="registration_closes",
            when=late + timedelta(days=9),
            office_path="/13/",
            by=SYSTEM,
            at=AT,
        )
    moved = submission(1, point_code="1301")
    with acting(by), pytest.raises(RuleRefused) as refused:
        services.edit(exam=exam, registration_id=pk, submission=moved, version=1, by=by, at=late)
    assert {r.code for r in refused.value.refusals} == {"registration_closed"}


@pytest.mark.rule("V5.2.1")
def test_a_withdrawn_person_may_register_anew(exam: Exam) -> None:
    by, pk = registered(exam, submission(1))
    with acting(by):
        services.withdraw(exam=exam, registration_id=pk, version=1, by=by, at=AT)
        services.submit(exam=exam, submissions=[submission(1)], candidate_ids=[by.candidate_id], by=by, at=AT)
        assert queries.own(viewer=by, exam=exam).state == "submitted"  # type: ignore[union-attr]


def test_a_batch_brings_in_the_good_and_returns_the_bad(exam: Exam) -> None:
    point = Actor(
        "person:5",
        "",
        "point_manager",
        "1101",
        "/11/1101/",
        permissions=frozenset({"registration:import:run"}),
    )
    with acting(point):
        results = services.bring_in(
            exam=exam,
            submissions=[submission(1), submission(2, pledge=False), submission(3), submission(1)],
            by=point,
            at=AT,
        )
    assert [bool(r.registration_id) for r in results] == [True, False, True, False]
    assert [r.code for r in results[3].refusals] == ["registration_twice"]
    with acting(SYSTEM):
        assert Registration.objects.count() == Version.objects.count() == 2


def test_who_is_registered_is_told_in_the_inbox_and_by_e_mail(exam: Exam) -> None:
    exam.is_rehearsal = False  # nothing leaves the house from a rehearsal
    by, _ = registered(exam, submission(1, email="one@example.org"))
    with acting(by):
        message = Message.objects.get()
        assert (message.candidate_id, message.kind) == (by.candidate_id, "registration.submitted")
        assert (message.office_path, message.sent_at) == ("/11/1101/", AT)
        assert office("1101").name.zh in message.words_zh and office("1101").name.en in message.words_en
    with acting(SYSTEM):
        assert [(d.channel, d.state) for d in Delivery.objects.all()] == [("email", "queued")]
        told = Event.objects.get(kind="notices.candidates.told")
    assert (told.actor, told.data["count"], told.data["going_out"]) == (by.ref, 1, 1)


def test_a_batch_tells_each_at_the_point_where_they_are_to_confirm_and_nobody_else(exam: Exam) -> None:
    region = Actor("person:6", "", "region_officer", permissions=frozenset({"registration:import:run"}))
    with acting(SYSTEM):
        services.bring_in(
            exam=exam,
            submissions=[
                submission(1),
                submission(2, pledge=False),
                submission(3, point_code="1301"),
                submission(4),
            ],
            by=region,
            at=AT,
        )
        places = list(Message.objects.order_by("pk").values_list("office_path", flat=True))
        assert sorted(places) == ["/11/1101/", "/11/1101/", "/13/1301/"]
        assert Event.objects.filter(kind="notices.candidates.told").count() == 2
        with pytest.raises(RuleRefused):
            services.bring_in(exam=exam, submissions=[submission(5, pledge=False)], by=region, at=AT)
        assert Message.objects.count() == 3


def race(exam: Exam, by: Actor) -> int:
    """A hundred submissions of the same person: twenty-five connections begin at the same moment, four each. Accepted ones."""
    start = Barrier(25)

    def run(_: int) -> int:
        won = 0
        try:
            with acting(by):  # the connection stands before the start
                Registration.objects.exists()
            start.wait(60)
            for _ in range(4):
                with suppress(RuleRefused), acting(by):
                    services.submit(
                        exam=exam, submissions=[submission(1)], candidate_ids=[by.candidate_id], by=by, at=AT
                    )
                    won += 1
        finally:
            connections.close_all()
        return won

    with ThreadPoolExecutor(25) as pool:
        return sum(pool.map(run, range(25)))


@pytest.mark.rule("V5.3.0")
@pytest.mark.django_db(transaction=True)
def test_a_hundred_simultaneous_submissions_of_one_person_leave_one() -> None:
    exam = make_exam()
    by = candidate(submission(1))
    won = race(exam, by)
    with acting(SYSTEM):
        assert won == Registration.objects.count() == Version.objects.count() == 1
        assert Event.objects.filter(kind="registration.registrations.submitted").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_race_is_lost_when_the_constraint_is_dropped(
    owner_connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    """The protection is the constraint: without it the same race registers somebody twice."""
    exam = make_exam()
    by = candidate(submission(1))
    owner_connection.execute("DROP INDEX registration_one_per_person")
    for _ in range(5):
        race(exam, by)
        with acting(SYSTEM):
            if Registration.objects.exclude(state="withdrawn").count() > 1:
                return
            Registration.objects.update(state="withdrawn")
    pytest.fail("the race was never lost: this test does not show what the constraint protects")


def test_another_office_sees_nothing(exam: Exam) -> None:
    registered(exam, submission(1))
    for path, expected in (("/11/", 1), ("/11/1101/", 1), ("/13/", 0), ("/11/1102/", 0)):
        with acting(Actor("person:1", "", "x", office_path=path)):
            assert Registration.objects.count() == expected
