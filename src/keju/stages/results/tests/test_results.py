"""Chapter 17, results, through the services against PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.exams.queries import milestones
from keju.kernel.notices.models import Message, Receipt
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.results import queries, services
from keju.stages.results.models import Decision, Proposal, Release, Result, Vote
from keju.stages.results.tests.year import (
    AT,
    BEIJING,
    COMMITTEE,
    DATA,
    HEBEI,
    LINES,
    OFFICE,
    PEOPLE,
    SYSTEM,
    candidate,
    decided,
    identity,
    released_exam,
    sat_exam,
)


@pytest.fixture
def exam(db: None) -> Exam:
    return sat_exam()


@pytest.fixture
def released(db: None) -> Exam:
    return released_exam()


def proposed(exam: Exam, lines: dict[tuple[str, str], int] | None = None) -> Proposal:
    with acting(OFFICE):
        return services.propose_line(exam=exam, lines=lines or LINES, reason="往年", by=OFFICE, at=AT)


def cast(exam: Exam, proposal: Proposal, by: Actor, approve: bool = True) -> None:
    with acting(by):
        services.vote(exam=exam, proposal_id=proposal.pk, approve=approve, by=by, at=AT)


def codes_of(refused: pytest.ExceptionInfo[RuleRefused]) -> set[str]:
    return {r.code for r in refused.value.refusals}


@pytest.mark.rule("V17.3", "V1.2")
def test_a_proposal_says_what_it_would_mean(exam: Exam) -> None:
    proposal = proposed(exam)
    assert proposal.impact == {
        "aquatic": {"licensed": 1, "assistant": 0, "": 0},
        "general": {"licensed": 2, "assistant": 1, "": 2},
    }


@pytest.mark.rule("V17.3", "V1.1", "V1.2")
def test_proposal_and_decision_are_two_records_by_two_bodies(exam: Exam) -> None:
    proposal = proposed(exam)
    with acting(COMMITTEE[0]), pytest.raises(NotPermitted):
        services.propose_line(exam=exam, lines=LINES, reason="x", by=COMMITTEE[0], at=AT)
    for act in (services.decide_line, services.vote):
        more = {"approve": True} if act is services.vote else {}
        with acting(OFFICE), pytest.raises(NotPermitted):
            act(exam=exam, proposal_id=proposal.pk, by=OFFICE, at=AT, **more)
    cast(exam, proposal, COMMITTEE[0])
    with acting(COMMITTEE[0]), pytest.raises(RuleRefused) as refused:
        services.decide_line(exam=exam, proposal_id=proposal.pk, by=COMMITTEE[0], at=AT)
    assert codes_of(refused) == {"results_no_quorum"}
    cast(exam, proposal, COMMITTEE[1])
    with acting(COMMITTEE[2]):
        line = services.decide_line(exam=exam, proposal_id=proposal.pk, by=COMMITTEE[2], at=AT)
    assert (line.approvals, line.digest) == (2, proposal.digest)
    assert milestones(exam)["line_decided"] == AT
    with acting(SYSTEM):
        kinds = list(Event.objects.filter(subject=f"line:{proposal.pk}").values_list("kind", flat=True))
    assert sorted(kinds) == [
        "results.line.decided",
        "results.line.proposed",
        "results.line.voted",
        "results.line.voted",
    ]


@pytest.mark.rule("V17.3")
def test_a_member_votes_once_and_a_tie_is_not_carried(exam: Exam) -> None:
    proposal = proposed(exam)
    cast(exam, proposal, COMMITTEE[0])
    with pytest.raises(RuleRefused) as refused:
        cast(exam, proposal, COMMITTEE[0], approve=False)
    assert codes_of(refused) == {"results_voted_already"}
    cast(exam, proposal, COMMITTEE[1])
    cast(exam, proposal, COMMITTEE[2], approve=False)
    assert queries.votes(proposal) == (0, 0)  # nothing is seen outside a scope
    with acting(SYSTEM):
        assert queries.votes(proposal) == (2, 1)
        Vote.objects.create(
            proposal=proposal, approve=False, digest=proposal.digest, by="person:9", proposed_by="person:1", at=AT
        )  # fmt: skip
    with acting(COMMITTEE[0]), pytest.raises(RuleRefused) as refused:
        services.decide_line(exam=exam, proposal_id=proposal.pk, by=COMMITTEE[0], at=AT)
    assert codes_of(refused) == {"results_not_carried"}


@pytest.mark.rule("V1.2")
def test_who_proposed_does_not_vote_whatever_role_they_hold(exam: Exam) -> None:
    proposal = proposed(exam)
    both = Actor(**{**{f: getattr(COMMITTEE[0], f) for f in Actor.__slots__}, "ref": OFFICE.ref})
    with pytest.raises(RuleRefused) as refused:
        cast(exam, proposal, both)
    assert codes_of(refused) == {"results_own_proposal"}
    with acting(SYSTEM), pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.create(
            proposal=proposal, approve=True, digest="x", by=OFFICE.ref, proposed_by=OFFICE.ref, at=AT
        )


@pytest.mark.rule("V17.3")
def test_a_vote_binds_what_was_seen(exam: Exam) -> None:
    first = proposed(exam)
    with acting(COMMITTEE[0]), pytest.raises(Stale):
        services.vote(exam=exam, proposal_id=first.pk, approve=True, seen="0" * 64, by=COMMITTEE[0], at=AT)
    cast(exam, first, COMMITTEE[0])
    cast(exam, first, COMMITTEE[1])
    second = proposed(exam, {**LINES, ("general", "licensed"): 250})
    with acting(COMMITTEE[0]), pytest.raises(RuleRefused) as refused:
        services.decide_line(exam=exam, proposal_id=first.pk, by=COMMITTEE[0], at=AT)
    assert codes_of(refused) == {"results_superseded"}
    with acting(COMMITTEE[0]), pytest.raises(RuleRefused) as refused:
        services.decide_line(exam=exam, proposal_id=second.pk, by=COMMITTEE[0], at=AT)
    assert codes_of(refused) == {"results_no_quorum"}


@pytest.mark.rule("V17.1.3")
@pytest.mark.parametrize("step", ["propose", "release"])
def test_nothing_before_the_scores_are_frozen(db: None, step: str) -> None:
    exam = sat_exam(frozen=False)
    by = OFFICE if step == "propose" else DATA
    with acting(by), pytest.raises(RuleRefused) as refused:
        if step == "propose":
            services.propose_line(exam=exam, lines=LINES, reason="x", by=by, at=AT)
        else:
            services.release(exam=exam, by=by, at=AT)
    assert "results_not_frozen" in codes_of(refused)


@pytest.mark.rule("V17.1.3", "V17.3")
def test_no_release_without_a_line(exam: Exam) -> None:
    with acting(DATA), pytest.raises(RuleRefused) as refused:
        services.release(exam=exam, by=DATA, at=AT)
    assert codes_of(refused) == {"results_no_line"}


@pytest.mark.rule("V17.2.2")
def test_the_release_gives_everybody_one_result(released: Exam) -> None:
    with acting(SYSTEM):
        found = {r.ticket_number[-1]: r for r in Result.objects.all()}
        assert Message.objects.filter(kind="results").count() == len(PEOPLE) == len(found)
    assert [found[str(n)].level for n in range(1, 7)] == [
        "licensed", "assistant", "", "licensed", "", "licensed",
    ]  # fmt: skip
    assert found["1"].subjects == {
        "basic": 70, "preventive": 70, "clinical": 60, "comprehensive": 60,
    }  # fmt: skip
    assert (found["1"].total, found["1"].office_path, found["1"].absent) == (260, "/11/1101/", [])
    assert (found["5"].total, found["5"].absent) == (99, [2])
    assert milestones(released)["results_released"] == AT
    out = Release.objects.get()
    assert (out.count, out.passed) == (6, 4)


@pytest.mark.rule("V17.1.3")
def test_before_the_release_nobody_sees_a_number(exam: Exam) -> None:
    decided(exam)
    for viewer in (BEIJING, candidate(1), Actor.anybody()):
        with acting(viewer):
            assert queries.own_result(viewer=viewer, exam=exam) is None
            assert queries.decision(exam) is None and queries.release(exam) is None
            assert not Proposal.objects.exists() and not Result.objects.exists()
            with pytest.raises(NotPermitted):
                queries.distribution(viewer=viewer, exam=exam)
    assert queries.lookup(exam=exam, ticket_number="1111010001", identity=identity(1)) is None
    with acting(OFFICE):
        assert queries.distribution(viewer=OFFICE, exam=exam)["aquatic"] == {230: 1}


@pytest.mark.rule("V17.2.2")
def test_a_candidate_sees_their_own_result_only(released: Exam) -> None:
    me = candidate(1)
    with acting(me):
        assert [r.ticket_number for r in Result.objects.all()] == ["1111010001"]
        assert queries.own_result(viewer=me, exam=released).total == 260  # type: ignore[union-attr]
        assert queries.decision(released) is not None
    with acting(HEBEI):
        assert set(Result.objects.values_list("region_code", flat=True)) == {"13"}
        assert queries.pass_counts(viewer=HEBEI, exam=released) == {"13": {"licensed": 1}}


@pytest.mark.rule("V17.2.2")
@pytest.mark.parametrize(
    ("ticket", "serial", "found"),
    [("1111010001", 1, True), ("1111010001", 2, False), ("1111010002", 1, False), ("", 1, False)],
)
def test_a_lookup_needs_ticket_and_identity_of_the_same_person(
    released: Exam, ticket: str, serial: int, found: bool
) -> None:
    with acting(Actor.anybody()):
        result = queries.lookup(exam=released, ticket_number=ticket, identity=identity(serial))
    assert (result is not None) is found


@pytest.mark.rule("V17.2.2")
def test_a_lookup_is_one_statement(released: Exam, django_assert_max_num_queries) -> None:
    with (
        acting(Actor.anybody()),
        django_assert_max_num_queries(8),
    ):  # the scope's own four, a savepoint, one look-up
        queries.lookup(exam=released, ticket_number="1111010001", identity=identity(1))


@pytest.mark.rule("V17.2.2")
def test_the_transcript_carries_a_code_that_anybody_can_verify(released: Exam) -> None:
    me = candidate(1)
    with acting(me):
        first = services.print_transcript(exam=released, by=me, at=AT)
        assert first == services.print_transcript(exam=released, by=me, at=AT)
    assert first.startswith(b"%PDF")
    from keju.kernel.documents.codes import sign_code

    code = sign_code("transcript", f"{released.slug}|1111010001")
    with acting(Actor.anybody()):
        said = queries.verify(code)
        assert (said.state, said.name, said.result.total) == ("genuine", "欧阳小明", 260)  # type: ignore[union-attr]
        assert queries.verify(code[:-4] + "AAAA").state == "unknown"
        assert queries.verify(sign_code("ticket", f"{released.slug}|1111010001")).state == "unknown"


@pytest.mark.rule("V17.2.1")
def test_a_region_gets_its_register_with_a_receipt(released: Exam) -> None:
    with acting(OFFICE):
        sent = services.send_register(exam=released, region_code="11", by=OFFICE, at=AT)
        assert sent.count == 3
        with pytest.raises(RuleRefused) as refused:
            services.send_register(exam=released, region_code="11", by=OFFICE, at=AT)
    assert codes_of(refused) == {"results_register_sent"}
    with acting(BEIJING):
        assert Receipt.objects.filter(notice=sent.notice_id, office_code="11").exists()
        assert queries.register(viewer=BEIJING, exam=released, region_code="11") == sent
    with acting(HEBEI):
        assert queries.register(viewer=HEBEI, exam=released, region_code="11") is None
    with acting(BEIJING), pytest.raises(NotPermitted):
        services.send_register(exam=released, region_code="11", by=BEIJING, at=AT)


@pytest.mark.rule("V17.2.1")
def test_no_register_before_the_release(exam: Exam) -> None:
    with acting(OFFICE), pytest.raises(RuleRefused) as refused:
        services.send_register(exam=exam, region_code="11", by=OFFICE, at=AT)
    assert codes_of(refused) == {"results_not_released"}


@pytest.mark.rule("V17.1.1")
@pytest.mark.parametrize("change", ["UPDATE results_result SET total = 400", "DELETE FROM results_result"])
def test_the_application_cannot_change_a_result(released: Exam, change: str) -> None:
    from django.db import connection

    with acting(SYSTEM), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    with acting(SYSTEM), pytest.raises(DatabaseError), transaction.atomic():
        Result.objects.create(
            exam=released, registration_id=9, candidate_id=9, office_path="/11/1101/", region_code="11",
            ticket_number="x", category="general", total=1, subjects={}, level="", absent=[],
        )  # fmt: skip


@pytest.mark.rule("V17.1.1")
@pytest.mark.django_db(transaction=True)
def test_a_superusers_change_is_found(owner_connection: psycopg.Connection[tuple[object, ...]]) -> None:
    exam = released_exam()
    with acting(SYSTEM):
        assert queries.altered(exam) == []
    owner_connection.execute("ALTER TABLE results_result DISABLE TRIGGER ALL")
    owner_connection.execute(
        "UPDATE results_result SET level = 'licensed' WHERE ticket_number = '1111010003'"
    )
    with acting(SYSTEM):
        assert queries.altered(exam) == ["rows", "scores"]
        forged = queries.rules.results_digest(queries.result_lines(exam))
    owner_connection.execute("ALTER TABLE results_release DISABLE TRIGGER ALL")
    owner_connection.execute("UPDATE results_release SET digest = %s", [forged])
    with acting(SYSTEM):
        assert queries.altered(exam) == ["release", "scores"]


@pytest.mark.rule("V17.1.1")
@pytest.mark.django_db(transaction=True)
def test_altered_scores_are_not_released(owner_connection: psycopg.Connection[tuple[object, ...]]) -> None:
    exam = sat_exam()
    decided(exam)
    owner_connection.execute("ALTER TABLE marking_score DISABLE TRIGGER ALL")
    owner_connection.execute(
        "UPDATE marking_score SET points = points + 1 WHERE id = (SELECT min(id) FROM marking_score)"
    )
    with acting(DATA), pytest.raises(RuleRefused) as refused:
        services.release(exam=exam, by=DATA, at=AT)
    assert codes_of(refused) == {"results_scores_altered"}


@pytest.mark.rule("V17.3")
@pytest.mark.django_db(transaction=True)
def test_races_leave_one_vote_a_member_one_decision_one_release() -> None:
    exam = sat_exam()
    proposal = proposed(exam)

    def race(act, n: int = 16) -> int:
        def once(i: int) -> bool:
            try:
                act(i)
                return True
            except RuleRefused:
                return False
            finally:
                connections.close_all()

        with ThreadPoolExecutor(8) as pool:
            return sum(pool.map(once, range(n)))

    assert race(lambda i: cast(exam, proposal, COMMITTEE[i % 2])) == 2

    def decide(i: int) -> None:
        with acting(COMMITTEE[i % 3]):
            services.decide_line(exam=exam, proposal_id=proposal.pk, by=COMMITTEE[i % 3], at=AT)

    def release(_: int) -> None:
        with acting(DATA):
            services.release(exam=exam, by=DATA, at=AT)

    assert race(decide) == 1
    assert race(release) == 1
    with acting(SYSTEM):
        assert (Vote.objects.count(), Decision.objects.count(), Release.objects.count()) == (2, 1, 1)
        assert Result.objects.count() == len(PEOPLE)
        assert queries.altered(exam) == []
