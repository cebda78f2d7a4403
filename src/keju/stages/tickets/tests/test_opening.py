"""The gate of V7.3: nobody prints before all can, and who owes fees waits."""

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from keju.kernel.accounts.queries import candidate_actor
from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.duties.models import Obligation
from keju.kernel.exams import services as exams
from keju.kernel.exams.models import Exam, Opening
from keju.kernel.notices.models import Message
from keju.kernel.offices import acting
from keju.kernel.offices.queries import office
from keju.rulebook import RuleRefused, Words
from keju.stages.seating import services as seats
from keju.stages.tickets import queries, services
from keju.stages.tickets.models import Ticket
from keju.stages.tickets.services.numbering import hold
from keju.stages.tickets.tests.conftest import plan
from keju.stages.tickets.tests.test_numbers import generate
from keju.stages.venues import services as venues
from keju.stages.venues.tests.year import AT, SYSTEM, staff

CENTRE = staff("centre_exam", "centre")


def open_(exam: Exam) -> services.OpeningResult:
    with acting(CENTRE):
        return services.open_printing(exam=exam, by=CENTRE, at=AT)


def refused(exam: Exam) -> list[tuple[str, object]]:
    with pytest.raises(RuleRefused) as error:
        open_(exam)
    return [(r.code, r.facts.get("regions")) for r in error.value.refusals]


@pytest.mark.rule("V7.3")
def test_opening_waits_for_every_region_and_names_those_that_are_late(exam: Exam) -> None:
    assert refused(exam) == [("tickets_not_generated", ["11", "13"])]
    generate(exam)
    assert refused(exam) == [("tickets_not_generated", ["11"])]
    generate(exam, "11")
    assert open_(exam) == services.OpeningResult(["11", "13"], {})
    assert refused(exam) == [("tickets_nothing_to_open", None)]
    with acting(SYSTEM):
        assert Obligation.objects.get(rule="V7.3", owner_code="centre").discharged_at == AT


def test_whoever_holds_a_ticket_of_an_opened_region_is_told(exam: Exam) -> None:
    with acting(SYSTEM):
        Opening.objects.filter(exam=exam, office_id="11").update(deferred_reason="洪灾")
    generate(exam)
    open_(exam)
    with acting(SYSTEM):
        told = set(Message.objects.filter(kind="tickets.opened").values_list("candidate_id", "office_path"))
        held = Ticket.objects.filter(region_code="13").values_list("candidate_id", flat=True)
        assert told == {(one, "/13/") for one in held} and told


@pytest.mark.rule("V7.3")
def test_a_region_that_planned_anew_after_generating_holds_the_opening(exam: Exam) -> None:
    generate(exam)
    generate(exam, "11")
    plan(exam, "13")
    assert refused(exam) == [("tickets_not_current", ["13"])]
    generate(exam)
    assert open_(exam).opened == ["11", "13"]


@pytest.mark.rule("V7.3")
def test_a_deferred_region_is_not_waited_for_and_is_opened_later(exam: Exam) -> None:
    with acting(SYSTEM):
        Opening.objects.filter(exam=exam, office_id="11").update(deferred_reason="洪灾")
    generate(exam)
    assert open_(exam).opened == ["13"]
    # The deferred region still seats and numbers on its own calendar.
    plan(exam, "11")
    generate(exam, "11")
    assert open_(exam).opened == ["11"]


@pytest.mark.rule("V7.3", "V8.2a")
def test_a_region_in_default_stays_closed_with_the_reason_until_it_has_paid(
    exam: Exam, default: dict[str, Words]
) -> None:
    default["13"] = Words("欠缴考务费", "Fees are owed")
    generate(exam)
    generate(exam, "11")
    assert open_(exam) == services.OpeningResult(["11"], {"13": default["13"]})
    states = {s.code: s for s in queries.region_states(exam, AT)}
    assert (states["13"].default, states["13"].opened, states["11"].opened) == (default["13"], False, True)
    assert refused(exam) == [("tickets_nothing_to_open", None)]
    default.clear()
    assert open_(exam).opened == ["13"]


@pytest.mark.rule("V7.1")
def test_after_opening_nobody_is_numbered_seated_or_sent_elsewhere(exam: Exam) -> None:
    generate(exam)
    generate(exam, "11")
    open_(exam)
    region = staff("region_officer", "13")
    with acting(region):
        for call, code in (
            (
                lambda: services.generate(exam=exam, region_code="13", by=region, at=AT),
                "tickets_opened_already",
            ),
            (
                lambda: seats.make_plans(exam=exam, region_code="13", by=region, at=AT),
                "seating_tickets_opened",
            ),
            (
                lambda: venues.decide_hosts(
                    exam=exam, region_code="13", assignment={}, reason="x", by=region, at=AT
                ),
                "venues_tickets_opened",
            ),
            (
                lambda: venues.reopen_site(exam=exam, site_code="1301-01", reason="x", by=region, at=AT),
                "venues_tickets_opened",
            ),
        ):
            with pytest.raises(RuleRefused) as error:
                call()
            assert code in {r.code for r in error.value.refusals}


@pytest.mark.rule("V7.3")
def test_an_opening_is_never_taken_back(exam: Exam) -> None:
    generate(exam)
    generate(exam, "11")
    open_(exam)
    for statement in ("DELETE FROM tickets_opening", "UPDATE tickets_opening SET region_code = '99'"):
        with pytest.raises(DatabaseError, match="permission denied"), acting(SYSTEM):
            with connection.cursor() as cursor:
                cursor.execute(statement)


@pytest.mark.rule("V7.3")
def test_a_candidate_sees_their_ticket_from_the_opening_on(exam: Exam) -> None:
    generate(exam)
    generate(exam, "11")
    with acting(SYSTEM):
        ticket = Ticket.objects.order_by("number").first()
        from keju.kernel.accounts.models import Candidate

        own = candidate_actor(Candidate.objects.get(pk=ticket.candidate_id))
    with acting(own):
        assert queries.ticket_of(viewer=own, exam=exam, registration_id=ticket.registration_id) is None
    open_(exam)
    with acting(own):
        found = queries.ticket_of(viewer=own, exam=exam, registration_id=ticket.registration_id)
        assert found is not None and found.number == ticket.number


def test_only_the_centre_opens(exam: Exam) -> None:
    region = staff("region_officer", "13")
    with acting(region), pytest.raises(NotPermitted):
        services.open_printing(exam=exam, by=region, at=AT)


@pytest.mark.rule("V7.3")
def test_a_reissue_keeps_number_and_seat_and_ends_the_former_code(exam: Exam) -> None:
    generate(exam)
    generate(exam, "11")
    region = staff("region_officer", "13")
    with acting(region):
        ticket = Ticket.objects.order_by("number").first()
        assert ticket is not None
        pk = ticket.registration_id
        with pytest.raises(RuleRefused) as error:
            services.revoke(exam=exam, registration_id=pk, reason="x", by=region, at=AT)
        assert [r.code for r in error.value.refusals] == ["tickets_not_out"]
    open_(exam)
    with acting(region):
        again = services.reissue(exam=exam, registration_id=pk, reason="姓名更正", by=region, at=AT)
        assert (again.number, again.seat, again.issue) == (ticket.number, ticket.seat, 2)
        assert again.code != ticket.code
        services.revoke(exam=exam, registration_id=pk, reason="x", by=region, at=AT)
        with pytest.raises(Stale):
            services.reissue(exam=exam, registration_id=pk, reason="x", by=region, at=AT)


@pytest.mark.rule("V7.1", "V7.3")
def test_a_region_without_candidates_generates_nothing_and_holds_nobody_up(exam: Exam) -> None:
    with acting(SYSTEM):
        exams.open_office(exam=exam, office=office("21"), leader="王一", by=SYSTEM, at=AT)
    generate(exam)
    generate(exam, "11")
    assert refused(exam) == [("tickets_not_generated", ["21"])]
    plan(exam, "21")
    assert generate(exam, "21").count == 0
    assert open_(exam).opened == ["11", "13", "21"]


@pytest.mark.rule("V7.1")
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE tickets_ticket SET number = '1113019999' WHERE number = '1113010002'", "keeps its number"),
        ("UPDATE tickets_ticket SET candidate_id = candidate_id + 1", "keeps its number and its holder"),
        ("DELETE FROM tickets_ticket WHERE number = '1113010002'", "is revoked, not deleted"),
        ("UPDATE tickets_ticket SET seat = seat + 100 WHERE number = '1113010002'", "the seat of its holder"),
    ],
)
def test_an_opened_ticket_is_held_by_the_database(exam: Exam, statement: str, said: str) -> None:
    """Whoever goes past the services is stopped too, at the latest when the transaction ends."""
    generate(exam)
    generate(exam, "11")
    open_(exam)
    with acting(SYSTEM), pytest.raises(DatabaseError, match=said), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_who_plans_a_region_waits_for_who_opens_it(db: None) -> None:
    """One lock for both: a plan made during an opening would leave its tickets behind."""
    exam = Exam(pk=1)
    with transaction.atomic(), connection.cursor() as cursor:
        hold(exam, "13")
        seats.hold(exam, "13")
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone()[0] == 1
