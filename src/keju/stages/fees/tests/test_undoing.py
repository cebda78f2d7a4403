"""A line that was explained wrongly is explained anew: by two people, without losing a fen, unless the money has left."""

from datetime import datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.calendar import CHINA
from keju.kernel.duties import services as duties
from keju.kernel.notices.models import Message
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.fees import queries, rules, services
from keju.stages.fees.models import Advance, Entry, Match, Refund, StatementLine
from keju.stages.fees.rules import Payment
from keju.stages.fees.services import Part
from keju.stages.fees.tests.test_statements import books, code, codes, imported
from keju.stages.fees.tests.world import (
    AFTER,
    CLERK,
    DURING,
    FINANCE,
    FINANCE_2,
    FINANCE_11,
    SYSTEM,
    World,
    as_candidate,
    csv_statement,
    make_world,
    pay_back,
)
from keju.stages.registration import queries as registration
from keju.stages.registration.models import Registration
from keju.stages.registration.services import mark_confirmed


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def came(world: World, *lines: tuple[str, Decimal, str, str]) -> list[StatementLine]:
    """These lines came by a statement that FINANCE imported; all of the exam, in order."""
    imported(world, csv_statement([*lines]))
    with acting(SYSTEM):
        return list(StatementLine.objects.order_by("pk"))


def said(world: World, line: StatementLine, *parts: Part) -> list[int]:
    with acting(FINANCE):
        facts = {"exam": world.exam, "reason": "电话核实", "by": FINANCE, "at": DURING}
        services.match_line(line_id=line.pk, parts=[*parts], **facts)
        return [m.pk for m in queries.matches_of(line) if m.undone_at is None]


def undone(world: World, line: StatementLine, *ids: int, **more: object) -> int:
    facts = {"exam": world.exam, "reason": "同名，认错了人", "by": FINANCE_2, "at": AFTER, **more}
    with acting(facts["by"]):  # type: ignore[arg-type]
        return services.undo_matches(line_id=line.pk, match_ids=[*ids], **facts)  # type: ignore[arg-type]


def owes(world: World, pk: int) -> Decimal:
    with acting(FINANCE):
        brief = registration.briefs(viewer=FINANCE, exam=world.exam, ids=[pk])
        return queries.owes(world.exam, brief, DURING)[pk].left


@pytest.mark.rule("V8.1")
def test_a_fee_given_to_the_wrong_person_is_taken_back_and_finds_its_owner(world: World) -> None:
    wrong, right = world.ids["1301"][:2]
    (line,) = came(world, ("S1", Decimal(160), "张三", "报名费"))
    ids = said(world, line, Part("fee", Decimal(160), wrong))
    assert (owes(world, wrong), owes(world, right)) == (0, 160)
    assert undone(world, line, *ids) == 1
    assert (owes(world, wrong), owes(world, right)) == (160, 160)
    assert books(world) == {"bank": 160, "suspense": -160}
    with acting(SYSTEM):
        assert StatementLine.objects.get().open == 160
        (match,) = Match.objects.all()
        assert (match.undone_by, match.undone_at, match.undone_reason) == (
            FINANCE_2.ref,
            AFTER,
            "同名，认错了人",
        )
        assert list(Advance.objects.order_by("pk").values_list("amount", "source")) == [
            (160, f"match:{match.pk}"), (-160, f"undone:match:{match.pk}"),
        ]  # fmt: skip
        event = Event.objects.get(kind="fees.line.undone")
        assert event.rules == ["V8.1"] and event.data["reason"] == "同名，认错了人"
        assert Message.objects.filter(kind="fees.taken_back").count() == 1
    said(world, line, Part("fee", Decimal(160), right))
    assert (owes(world, wrong), owes(world, right)) == (160, 0)
    assert books(world) == {"bank": 160, "advance": -160}
    with pytest.raises(Stale):
        undone(world, line, *ids)


@pytest.mark.rule("V8.1", "V8.3")
def test_what_was_owed_back_because_of_it_is_owed_no_more(world: World) -> None:
    """Two payments seemed to come for one; the second was another's. The refund that only waits is cancelled."""
    one, other = world.ids["1301"][:2]
    _, line = came(
        world, ("S1", Decimal(160), "张三", code(one)), ("S2", Decimal(260), "某单位", "两人报名费")
    )
    ids = said(world, line, Part("fee", Decimal(160), one), Part("fee", Decimal(100), other))
    assert books(world) == {"bank": 420, "advance": -260, "refund_payable": -160}
    undone(world, line, ids[0])
    assert books(world) == {"bank": 420, "advance": -260, "suspense": -160}
    assert (owes(world, one), owes(world, other)) == (0, 60)
    with acting(FINANCE):
        assert queries.refunds(world.exam, state="owed") == []
        assert queries.refund_counts(world.exam)["owed"] == (0, 0)
        assert [r.cancelled_at for r in queries.refunds(world.exam)] == [AFTER]
        assert queries.refunds_of(world.exam, [one]) == []


@pytest.mark.rule("V8.1", "V8.3")
def test_what_is_still_too_much_without_it_stays_owed_back(world: World) -> None:
    one = world.ids["1301"][0]
    lines = came(world, *((f"S{n}", Decimal(160), "张三", "费") for n in range(3)))
    ids = [said(world, line, Part("fee", Decimal(160), one))[0] for line in lines]
    undone(world, lines[0], ids[0])
    assert books(world) == {"bank": 480, "advance": -160, "refund_payable": -160, "suspense": -160}
    with acting(SYSTEM):
        Registration.objects.filter(pk=one).update(state="withdrawn")
        services.release_lapsed(exam=world.exam, region_codes=["13"], by=SYSTEM, at=AFTER)
    undone(world, lines[1], ids[1])
    assert books(world) == {"bank": 480, "refund_payable": -160, "suspense": -320}


@pytest.mark.rule("V8.1", "V8.3")
def test_money_that_was_receipted_listed_or_paid_back_stays(world: World) -> None:
    one, two, three = world.ids["1301"]
    first, second, third = came(world, *((f"S{n}", Decimal(160), f"甲{n}", "费") for n in range(3)))
    paid = said(world, first, Part("fee", Decimal(160), one))
    with acting(SYSTEM):
        payment = Payment(one, "prepaid", Decimal(160))
        services.take_payments(exam=world.exam, payments=[payment], by=SYSTEM, at=DURING)
    with pytest.raises(RuleRefused) as refused:
        undone(world, first, *paid)
    (refusal,) = refused.value.refusals
    assert (refusal.code, refusal.facts["receipt"]) == ("fees_undo_receipted", "HB000001")
    stray = said(world, second, Part("stray", Decimal(160)))
    twice = said(world, third, Part("fee", Decimal(160), one))
    with acting(FINANCE):
        batch = services.propose_batch(exam=world.exam, region_code="13", way="hand", by=FINANCE, at=AFTER)
    for line, ids in ((second, stray), (third, twice)):
        with pytest.raises(RuleRefused) as refused:
            undone(world, line, *ids)
        assert codes(refused) == ["fees_undo_listed"]
    with acting(FINANCE):
        services.drop_batch(exam=world.exam, batch_id=batch.pk, by=FINANCE, at=AFTER)
    undone(world, third, *twice)
    assert books(world)["refund_payable"] == -160
    pay_back(world)
    with pytest.raises(RuleRefused) as refused:
        undone(world, second, *stray)
    assert codes(refused) == ["fees_undo_refunded"]
    assert two and three and books(world)["suspense"] == -160


@pytest.mark.rule("V8.1")
def test_a_remittance_and_a_strangers_money_are_explained_anew(world: World) -> None:
    with acting(SYSTEM):
        services.take_payments(
            exam=world.exam,
            payments=[Payment(world.ids["1301"][0], "cash", Decimal(160))],
            by=SYSTEM,
            at=DURING,
        )
        mark_confirmed(exam=world.exam, registration_ids=world.ids["1301"][:1], by=SYSTEM, at=DURING)
    with acting(FINANCE):
        facts = {"exam": world.exam, "region_code": "13", "by": FINANCE, "at": DURING}
        sent = services.remit(amount=Decimal(80), reference="R1", **facts)
    wrong, right, stray = came(
        world, ("S1", Decimal(-80), "中心", "转账"), ("S2", Decimal(-80), "中心", "转账"), ("S3", Decimal(9), "某", "")
    )  # fmt: skip
    part = Part("remittance", Decimal(-80), None, f"remittance:{sent.pk}")
    undone(world, wrong, *said(world, wrong, part))
    said(world, right, part)
    said(world, wrong, Part("other", Decimal(-80)))
    undone(world, stray, *said(world, stray, Part("stray", Decimal(9))))
    said(world, stray, Part("other", Decimal(9)))
    assert "suspense" not in books(world) and "refund_payable" not in books(world)


@pytest.mark.rule("V8.1", "V1.5")
def test_another_person_with_a_reason_before_the_year_is_over(world: World) -> None:
    (line,) = came(world, ("S1", Decimal(160), "张三", "报名费"))
    ids = said(world, line, Part("fee", Decimal(160), world.ids["1301"][0]))
    for more, why in (({"by": FINANCE}, "fees_undo_same_person"), ({"reason": " "}, "fees_line_reason")):
        with pytest.raises(RuleRefused) as refused:
            undone(world, line, *ids, **more)
        assert codes(refused) == [why]
    for stranger in (FINANCE_11, CLERK, as_other(world)):
        with pytest.raises(NotPermitted):
            undone(world, line, *ids, by=stranger)
    with pytest.raises(NotPermitted):
        undone(world, line, *ids, 10**9)
    with acting(SYSTEM):
        granted = datetime(2011, 12, 20, 9, 0, tzinfo=CHINA)
        duties.reach(exam=world.exam, key="certificates_granted", when=granted, by=SYSTEM, at=AFTER)
    with pytest.raises(RuleRefused) as refused:
        undone(world, line, *ids, at=granted)
    assert codes(refused) == ["fees_undo_closed"]
    with acting(SYSTEM):
        assert not Entry.objects.filter(kind="undone").exists()
    assert undone(world, line, *ids) == 1


def as_other(world: World) -> object:
    with acting(SYSTEM):
        return as_candidate(world.ids["1301"][1])


@pytest.mark.rule("V8.1")
def test_the_database_itself_wants_another_person_and_keeps_the_rest(world: World) -> None:
    (line,) = came(world, ("S1", Decimal(160), "张三", "报名费"))
    (pk,) = said(world, line, Part("fee", Decimal(160), world.ids["1301"][0]))
    mine = {"undone_at": AFTER, "undone_by": FINANCE.ref, "undone_reason": "x"}
    with acting(FINANCE):
        with pytest.raises(IntegrityError), transaction.atomic():
            Match.objects.filter(pk=pk).update(**mine)
        for change in ("UPDATE fees_match SET amount = 1", "DELETE FROM fees_match"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute(change)
    undone(world, line, pk)
    with acting(FINANCE_2), pytest.raises(DatabaseError, match="undone once"), transaction.atomic():
        Match.objects.filter(pk=pk).update(undone_at=None, undone_by="", undone_reason="")


@pytest.mark.rule("V8.3")
def test_a_return_recorded_by_hand_is_no_obstacle_when_the_bank_shows_it(world: World) -> None:
    """It once refused the whole statement; and twice in a statement, the second waits for a person."""
    one = world.ids["1301"][0]
    with acting(SYSTEM):
        payment = Payment(one, "cash", Decimal(160))
        services.take_payments(exam=world.exam, payments=[payment], by=SYSTEM, at=DURING)
        services.mark_refundable(
            exam=world.exam, region_code="13", registration_ids=[one], by=SYSTEM, at=AFTER
        )
    pay_back(world)
    with acting(FINANCE):
        (item,) = queries.items(queries.batches(world.exam)[0])
        services.record_bounce(exam=world.exam, item_id=item.pk, reason="账号不符", by=FINANCE, at=AFTER)
    remark = f"退汇 {rules.reference(item.pk, rules.REFUND)}"
    first, second = came(world, ("B1", Decimal(160), "某行", remark), ("B2", Decimal(160), "某行", remark))
    assert (first.open, second.open) == (0, 160)
    assert books(world)["refund_payable"] == -160
    with acting(SYSTEM):
        (match,) = Match.objects.all()
    with pytest.raises(RuleRefused) as refused:
        undone(world, first, match.pk)
    assert codes(refused) == ["fees_undo_bounce"]
    with acting(SYSTEM):
        assert Refund.objects.get().paid_at is None
