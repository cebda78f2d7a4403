"""Scores: computed from cards and keys alone, frozen by two, and changed by nobody."""

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.examday.tests.world import DAY, Seat, make_exam, officer, seat_people
from keju.stages.marking import queries, rules, services
from keju.stages.marking.models import Freeze, KeyConfirmation, Run, Score
from keju.stages.marking.tests.bags import (
    DATA,
    KEEPER,
    KEEPER2,
    KEY,
    ROOT_ADMIN,
    SCORER,
    SECOND,
    bag,
    card,
    close_day,
    read,
    read_everybody,
    set_keys,
)

pytestmark = pytest.mark.django_db


def codes(caught: pytest.ExceptionInfo[RuleRefused]) -> list[str]:
    return [r.code for r in caught.value.refusals]


def run(exam: Exam, by: Actor = SCORER) -> Run:
    with acting(by):
        return services.run_scores(exam=exam, by=by, at=DAY)


def frozen(exam: Exam) -> Run:
    made = run(exam)
    with acting(DATA):
        services.propose_freeze(exam=exam, run_id=made.pk, by=DATA, at=DAY)
    with acting(ROOT_ADMIN):
        services.freeze(exam=exam, run_id=made.pk, seen_digest=made.scores_digest, by=ROOT_ADMIN, at=DAY)
    return made


@pytest.mark.rule("V17.1.0")
def test_a_key_counts_when_another_person_entered_the_same(exam: Exam) -> None:
    def propose(answers: list[str], by: Actor = KEEPER) -> int:
        with acting(by):
            return services.set_key(exam=exam, session_number=1, answers=answers, by=by, at=DAY).pk

    for wrong in (KEY[:199], [*KEY[:199], "?"], [*KEY[:199], "AB"], [*KEY[:199], ""], [*KEY[:199], "a"]):
        with pytest.raises(RuleRefused) as refused:
            propose(wrong)
    assert codes(refused) == ["marking_key_options"]
    assert refused.value.refusals[0].facts["questions"] == "200"
    first = propose(KEY)

    def confirm(key: int, by: Actor, answers: list[str] = KEY) -> None:
        with acting(by):
            services.confirm_key(exam=exam, key_id=key, answers=answers, by=by, at=DAY)

    with pytest.raises(RuleRefused) as refused:
        confirm(first, KEEPER)
    assert codes(refused) == ["marking_key_own"]
    with pytest.raises(RuleRefused) as refused:
        confirm(first, KEEPER2, [*KEY[:199], "A"])
    assert codes(refused) == ["marking_key_differs"]
    with acting(SCORER), pytest.raises(NotPermitted):
        services.confirm_key(exam=exam, key_id=first, answers=KEY, by=SCORER, at=DAY)
    assert not queries.keys(exam)
    second = propose([*KEY[:199], "A"], KEEPER2)
    with pytest.raises(Stale):
        confirm(first, KEEPER2)  # a newer version lies on the table
    confirm(second, KEEPER, [*KEY[:199], "A"])
    with pytest.raises(Stale):
        confirm(second, KEEPER, [*KEY[:199], "A"])  # a double click
    with acting(SCORER):
        assert queries.keys(exam)[1].version == 2
        assert all("A" not in str(e.data) for e in Event.objects.filter(kind__startswith="marking.key"))
        with pytest.raises(DatabaseError, match="beside who proposed"), transaction.atomic():
            KeyConfirmation.objects.create(key_id=first, exam=exam, by="x", proposed_by="y", at=DAY)


@pytest.mark.rule("V17.1.0", "V15.7")
def test_nothing_is_scored_while_something_is_open(exam: Exam, seats: list[Seat]) -> None:
    with acting(SCORER):
        assert [r.code for r in queries.blocking(exam)] == [
            "marking_no_key", "marking_no_key", "marking_rooms_open",
        ]  # fmt: skip
    close_day(exam, absent={1: {seats[8].ticket}}, violators={seats[0].ticket})
    set_keys(exam)
    read_everybody(exam, seats, but={seats[7].ticket, seats[8].ticket})
    read(exam, bag(exam, seats[7]), card(exam, seats[7].ticket, doubt=3))
    with pytest.raises(RuleRefused) as refused:
        run(exam)
    assert {r.code: list(r.facts.values()) for r in refused.value.refusals} == {
        "marking_unread": [2],  # the eighth's and the ninth's second session
        "marking_doubts": [1],
        "marking_disagreements": [1],  # a violation in the record that the card does not show
    }
    assert not Run.objects.exists()


@pytest.fixture
def ready(exam: Exam, seats: list[Seat]) -> list[Seat]:
    """Everything read and keyed; the last one was absent in the first session and has no card there."""
    close_day(exam, absent={1: {seats[8].ticket}})
    set_keys(exam)
    read_everybody(exam, seats, but={seats[8].ticket})
    read(exam, bag(exam, seats[8], 2), card(exam, seats[8].ticket, session=2, right=50))
    read(exam, bag(exam, seats[8], 1), card(exam, seats[8].ticket, absent=True))
    return seats


@pytest.mark.rule("V17.1.0")
def test_points_are_those_of_the_cards_and_two_runs_agree(exam: Exam, ready: list[Seat]) -> None:
    first, again = run(exam), run(exam)
    assert first.scores_digest == again.scores_digest and first.readings_digest == again.readings_digest
    ids = [s.registration_id for s in ready]
    with acting(SCORER):
        points = queries.scores_of(viewer=SCORER, run=first, registration_ids=ids)
        assert rules.scores_digest(queries.recompute(exam, first)) == first.scores_digest
        seen = services.view_scores(
            exam=exam, run_id=first.pk, ticket_numbers=[ready[1].ticket, "0000000000"], by=SCORER, at=DAY
        )
        assert Event.objects.get(kind="marking.scores.viewed").data == {"tickets": [ready[1].ticket]}
    assert points[ids[0]] == {"basic": 100, "preventive": 100, "clinical": 100, "comprehensive": 100}
    assert points[ids[1]] == seen[ready[1].ticket]
    assert points[ids[1]] == {"basic": 100, "preventive": 90, "clinical": 100, "comprehensive": 90}
    assert points[ids[8]] == {"clinical": 50, "comprehensive": 0}, (
        "a card marked absent gives no score, not a zero"
    )
    assert first.candidates == 9


@pytest.mark.rule("V17.1.3")
def test_scores_are_for_scoring_roles_only_and_looks_are_recorded(exam: Exam, ready: list[Seat]) -> None:
    made = run(exam)
    for role, code in (("centre_exam", "centre"), ("committee_member", "centre"), ("region_officer", "11")):
        by = officer(role, code)
        with acting(by):
            with pytest.raises(NotPermitted):
                queries.runs(viewer=by, exam=exam)
            with pytest.raises(NotPermitted):
                queries.scores_of(viewer=by, run=made, registration_ids=[1])
            with pytest.raises(NotPermitted):
                services.view_scores(exam=exam, run_id=made.pk, ticket_numbers=[], by=by, at=DAY)
    region = officer("region_officer", "11")
    with acting(region):
        assert not Score.objects.exists() and not Run.objects.exists()


@pytest.mark.rule("V17.1.2")
def test_two_distinct_administrators_freeze_exactly_what_was_seen(exam: Exam, ready: list[Seat]) -> None:
    made = run(exam)
    with acting(ROOT_ADMIN), pytest.raises(Stale):
        services.freeze(exam=exam, run_id=made.pk, seen_digest=made.scores_digest, by=ROOT_ADMIN, at=DAY)
    with acting(DATA):
        services.propose_freeze(exam=exam, run_id=made.pk, by=DATA, at=DAY)
        with pytest.raises(Stale):
            services.propose_freeze(exam=exam, run_id=made.pk, by=DATA, at=DAY)
        with pytest.raises(NotPermitted):
            services.freeze(exam=exam, run_id=made.pk, seen_digest=made.scores_digest, by=DATA, at=DAY)
    both = Actor(DATA.ref, "", "system", "centre", "/", DATA.person_id)
    with acting(both), pytest.raises(RuleRefused) as refused:
        services.freeze(exam=exam, run_id=made.pk, seen_digest=made.scores_digest, by=both, at=DAY)
    assert codes(refused) == ["marking_one_administrator"]
    with acting(ROOT_ADMIN):
        with pytest.raises(Stale):
            services.freeze(exam=exam, run_id=made.pk, seen_digest="0" * 64, by=ROOT_ADMIN, at=DAY)
        with pytest.raises(IntegrityError), transaction.atomic():
            Freeze.objects.create(
                exam=exam, run=made, scores_digest=made.scores_digest, data_administrator=DATA.ref,
                system_administrator=DATA.ref, at=DAY,
            )  # fmt: skip
        with pytest.raises(DatabaseError, match="what was proposed"), transaction.atomic():
            Freeze.objects.create(
                exam=exam, run=made, scores_digest="0" * 64, data_administrator=DATA.ref,
                system_administrator=ROOT_ADMIN.ref, at=DAY,
            )  # fmt: skip
        services.freeze(exam=exam, run_id=made.pk, seen_digest=made.scores_digest, by=ROOT_ADMIN, at=DAY)
        assert queries.altered(exam) == []


@pytest.mark.rule("V17.1.1")
def test_a_later_decision_or_key_makes_the_proposal_stale(exam: Exam, ready: list[Seat]) -> None:
    made = run(exam)
    with acting(DATA):
        services.propose_freeze(exam=exam, run_id=made.pk, by=DATA, at=DAY)
    with acting(SCORER):
        reading = next(iter(queries.resolved(exam, 2))).reading_id
    for by in (SCORER, SECOND):
        with acting(by):
            services.decide(exam=exam, reading_id=reading, question=0, answer="refuse", by=by, at=DAY)
    with acting(ROOT_ADMIN), pytest.raises(RuleRefused) as refused:
        services.freeze(exam=exam, run_id=made.pk, seen_digest=made.scores_digest, by=ROOT_ADMIN, at=DAY)
    assert codes(refused) == ["marking_not_current"]


@pytest.mark.rule("V17.1.1")
def test_after_the_freeze_nothing_can_be_added_or_changed(exam: Exam, ready: list[Seat]) -> None:
    made = frozen(exam)
    attempts = (
        lambda: run(exam),
        lambda: read(exam, bag(exam, ready[0]), card(exam, ready[0].ticket, right=8)),
        lambda: set_keys(exam),
    )
    for attempt in attempts:
        with pytest.raises(RuleRefused) as refused:
            attempt()
        assert codes(refused) == ["marking_frozen"]
    with acting(SCORER), connection.cursor() as cursor:
        for statement in (
            "UPDATE marking_score SET points = 100",
            "DELETE FROM marking_score",
            "DELETE FROM marking_freeze",
        ):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                cursor.execute(statement)
        insert = "INSERT INTO marking_score (run_id, office_path, registration_id, subject, points) VALUES (%s, '/', 1, 'x', 9)"
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            cursor.execute(insert, [made.pk])
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            cursor.execute(
                "INSERT INTO marking_decision (reading_id, exam_id, office_path, question, answer, by, at)"
                " SELECT id, exam_id, '/', 1, 'A', 'x', now() FROM marking_reading LIMIT 1"
            )


@pytest.mark.rule("V17.1.1")
@pytest.mark.django_db(transaction=True)
def test_what_a_superuser_changes_is_found(owner_connection: psycopg.Connection[tuple[object, ...]]) -> None:
    exam = make_exam()
    seats = seat_people(exam, per_room=1)
    close_day(exam)
    set_keys(exam)
    read_everybody(exam, seats)
    frozen(exam)

    def altered() -> list[str]:
        with acting(SCORER):
            return queries.altered(exam)

    assert altered() == []
    with pytest.raises(psycopg.Error, match="only grows"):
        owner_connection.execute("UPDATE marking_score SET points = 99")
    score = "UPDATE marking_score SET points = points {} WHERE id = (SELECT min(id) FROM marking_score)"
    with owner_connection.transaction():
        owner_connection.execute("ALTER TABLE marking_score DISABLE TRIGGER USER")
        owner_connection.execute(score.format("- 1"))
    assert altered() == ["scores"]
    owner_connection.execute(score.format("+ 1"))
    assert altered() == []
    with owner_connection.transaction():
        owner_connection.execute("ALTER TABLE marking_reading DISABLE TRIGGER USER")
        owner_connection.execute("UPDATE marking_reading SET answers = 'E' || substr(answers, 2)")
    assert altered() == ["readings", "computation"]


def test_packed_answers_come_back_and_digests_want_order() -> None:
    for answers in ([], ["A", "", "BC"], [""] * 3):
        assert rules.unpack(rules.pack(answers)) == answers or answers == []
    with pytest.raises(ValueError, match="not in order"):
        rules.readings_digest([(1, 2, "A"), (1, 1, "A")])
    assert rules.readings_digest([(1, 2, "A")]) != rules.readings_digest([(1, 2, "B")])
