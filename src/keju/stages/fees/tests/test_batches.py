"""Refunds in batches (V8.3): two people, sealed accounts, the bank's file, what the bank returns, what goes back online."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.calendar import CHINA
from keju.kernel.duties import queries as duties
from keju.kernel.duties.models import Obligation
from keju.kernel.notices.models import Message
from keju.kernel.offices import acting
from keju.kernel.sheets import Column, read_table
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.fees import queries, rules, services
from keju.stages.fees.models import PayoutAccount, Refund, RefundBatch, RefundItem
from keju.stages.fees.services.gateway.practice import PracticeGateway
from keju.stages.fees.tests.test_statements import imported
from keju.stages.fees.tests.world import (
    AFTER,
    CLERK,
    DURING,
    FINANCE,
    FINANCE_2,
    SYSTEM,
    World,
    as_candidate,
    cash,
    csv_statement,
    make_world,
    pay_back,
)
from keju.stages.registration.models import Registration

CARD = "6222021234567890128"


@pytest.fixture
def world(db: None) -> World:
    """The first two of 1301 paid in cash and failed."""
    world = make_world()
    ids = world.ids["1301"][:2]
    with acting(SYSTEM):
        services.take_payments(exam=world.exam, payments=[cash(pk) for pk in ids], by=SYSTEM, at=DURING)
        services.mark_refundable(exam=world.exam, region_code="13", registration_ids=ids, by=SYSTEM, at=AFTER)
    return world


def entered(world: World, pk: int, number: str = CARD, holder: str = "考生") -> None:
    with acting(SYSTEM):
        by = as_candidate(pk)
    with acting(by):
        services.enter_account(
            exam=world.exam, holder=holder, bank="某行某支行", number=number, by=by, at=AFTER
        )


def proposed(world: World, way: str = "bank") -> RefundBatch:
    with acting(FINANCE):
        return services.propose_batch(exam=world.exam, region_code="13", way=way, by=FINANCE, at=AFTER)


def released(world: World, batch: RefundBatch) -> RefundBatch:
    with acting(FINANCE_2):
        return services.release_batch(
            exam=world.exam, batch_id=batch.pk, digest=batch.digest, by=FINANCE_2, at=AFTER
        )


def closes(world: World) -> dict[str, Decimal]:
    with acting(SYSTEM):
        assert [c.code for c in queries.checks(world.exam) if not c.holds] == []
        return {b.account: b.amount for b in queries.trial_balance(world.exam) if b.amount}


def codes(refused: pytest.ExceptionInfo[RuleRefused]) -> list[str]:
    return [r.code for r in refused.value.refusals]


@pytest.mark.rule("V8.3")
def test_accounts_are_sealed_checked_and_the_last_one_counts(world: World) -> None:
    one = world.ids["1301"][0]
    for number, code in (("123", "fees_account_number"), ("6222021234567890129", "fees_account_digits")):
        with pytest.raises(RuleRefused) as refused:
            entered(world, one, number)
        assert codes(refused) == [code]
    entered(world, one, "6222 0212 3456 7890 128")
    entered(world, one, "1234567890123")
    with acting(FINANCE):
        assert queries.payout_account(world.exam, one).number == "1234567890123"
        with connection.cursor() as cursor:
            cursor.execute("SELECT number FROM fees_payout_account")
            assert not any(b"123456" in bytes(value) for (value,) in cursor.fetchall())
        events = Event.objects.filter(kind="fees.account.entered").values_list("data", flat=True)
        assert sorted(e["ends_with"] for e in events) == ["0123", "0128"]
    with acting(SYSTEM):
        other = as_candidate(world.ids["1301"][1])
    with acting(other):
        assert PayoutAccount.objects.count() == 0


@pytest.mark.rule("V8.3")
def test_a_batch_holds_who_has_an_account_and_leaves_by_another_persons_hand(world: World) -> None:
    one, two = world.ids["1301"][:2]
    with pytest.raises(RuleRefused) as refused:
        proposed(world)
    assert codes(refused) == ["fees_batch_empty"]
    entered(world, one)
    batch = proposed(world)
    assert (batch.count, batch.amount, batch.number) == (1, 160, "TF1113001")
    with pytest.raises(RuleRefused) as refused:
        proposed(world)  # the other has no account yet, this one is on its way
    assert codes(refused) == ["fees_batch_empty"]
    facts = {"exam": world.exam, "batch_id": batch.pk, "at": AFTER}
    with acting(FINANCE):
        with pytest.raises(RuleRefused) as refused:
            services.release_batch(digest=batch.digest, by=FINANCE, **facts)
        assert codes(refused) == ["fees_batch_same_person"]
        with pytest.raises(Stale):
            services.batch_file(kind="csv", by=FINANCE, **facts)
    with acting(FINANCE_2), pytest.raises(RuleRefused) as refused:
        services.release_batch(digest="other", by=FINANCE_2, **facts)
    assert codes(refused) == ["fees_batch_changed"]
    with acting(CLERK), pytest.raises(NotPermitted):
        services.release_batch(digest=batch.digest, by=CLERK, **facts)
    released(world, batch)
    with pytest.raises(Stale):
        released(world, batch)
    assert closes(world)["refund_payable"] == -160
    with acting(FINANCE):
        csv = services.batch_file(kind="csv", by=FINANCE, **facts).decode("utf-8-sig")
        assert CARD in csv
        book = services.batch_file(kind="xlsx", by=FINANCE, **facts)
        columns = (Column("account", t("收款账号", "Account number"), required=True),)
        (row,) = read_table(book, filename="a.xlsx", columns=columns).rows
        assert row.values["account"] == CARD
        assert Event.objects.filter(kind="fees.batch.file_taken").count() == 2
    with acting(SYSTEM):
        assert Message.objects.filter(kind="fees.refund.sent").count() == 1
        assert Refund.objects.get(registration_id=two).paid_at is None


@pytest.mark.rule("V8.3")
def test_the_database_itself_wants_two_people_and_sends_each_once(world: World) -> None:
    entered(world, world.ids["1301"][0])
    batch = proposed(world)
    with acting(SYSTEM):
        item = batch.items.get()
        for change in (
            lambda: RefundBatch.objects.filter(pk=batch.pk).update(
                state="released", decided_by=batch.proposed_by, decided_at=AFTER
            ),
            lambda: RefundItem.objects.create(
                exam=world.exam, office_path="/13/", batch=batch, refund=item.refund, amount=160
            ),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()


@pytest.mark.rule("V8.3")
def test_what_the_bank_returns_is_owed_again_and_goes_out_with_another_account(world: World) -> None:
    one = world.ids["1301"][0]
    entered(world, one)
    batch = released(world, proposed(world))
    with acting(FINANCE):
        (item,) = queries.items(batch)
    code = rules.reference(item.pk, rules.REFUND)
    rows = [
        ("B1", Decimal(-160), "批量代付", batch.number),
        ("B2", Decimal(160), "某行", f"退汇 {code} 户名不符"),
    ]
    assert imported(world, csv_statement(rows)).matched == 2
    found = closes(world)
    assert (found["refund_payable"], "outstanding" in found, "suspense" in found) == (-320, False, False)
    with acting(SYSTEM):
        assert Message.objects.filter(kind="fees.refund.bounced").count() == 1
    with acting(FINANCE), pytest.raises(RuleRefused) as refused:
        services.record_bounce(exam=world.exam, item_id=item.pk, reason="again", by=FINANCE, at=AFTER)
    assert codes(refused) == ["fees_bounce_not_sent"]
    entered(world, one, "1234567890123")
    again = released(world, proposed(world))
    assert again.number == "TF1113002"
    assert closes(world)["refund_payable"] == -160
    with acting(FINANCE):
        (sent,) = queries.items(again)
        assert sent.account == "1234567890123"


@pytest.mark.rule("V8.3")
def test_a_return_after_the_duty_was_done_opens_it_again_for_twenty_two_working_days(world: World) -> None:
    released(world, proposed(world, "hand"))
    with acting(FINANCE):
        duty = Obligation.objects.get(code="V8.3", owner_code="13")
        assert duty.discharged_at == AFTER
        first, second = (item.pk for item in queries.items(queries.batches(world.exam)[0]))
    back = datetime(2011, 11, 30, 10, 0, tzinfo=CHINA)
    facts = {"exam": world.exam, "reason": "账号不符", "by": FINANCE, "at": back}
    with acting(FINANCE):
        services.record_bounce(item_id=first, **facts)
        services.record_bounce(item_id=second, **facts)  # it is open already: nothing more happens to it
        board = duties.board(viewer=FINANCE, exam=world.exam, at=back)
        (owed,) = [d for d in board.owed_by_us if d.row.code == "V8.3"]
        assert (owed.row.renewed_at, owed.row.due_at.astimezone(CHINA).date()) == (back, date(2011, 12, 30))
        assert Event.objects.filter(kind="duties.obligation.renewed").count() == 1
    assert pay_back(world, at=back) == 2
    with acting(FINANCE):
        assert Obligation.objects.get(pk=duty.pk).discharged_at == back


@pytest.mark.rule("V8.3")
def test_a_dropped_batch_frees_its_refunds(world: World) -> None:
    batch = proposed(world, "hand")
    with acting(FINANCE):
        services.drop_batch(exam=world.exam, batch_id=batch.pk, by=FINANCE, at=AFTER)
    assert released(world, proposed(world, "hand")).count == 2
    assert "refund_payable" not in closes(world)


@pytest.mark.rule("V8.3")
def test_a_strangers_money_goes_back_to_its_account(world: World) -> None:
    head = "记账日,凭证号,发生额,余额,对方户名,对方账号,用途"
    imported(world, f"{head}\n20110705,V1,99.00,,某公司,88880000111122223333,货款\n".encode())
    with acting(FINANCE):
        (line,) = queries.statement_lines(world.exam, state="open")
        part = services.Part("stray", Decimal(99))
        facts = {"exam": world.exam, "reason": "汇错", "by": FINANCE, "at": AFTER}
        services.match_line(line_id=line.pk, parts=[part], **facts)
    batch = released(world, proposed(world))
    with acting(FINANCE):
        (item,) = queries.items(batch)
        assert (item.holder, item.account, item.amount) == ("某公司", "88880000111122223333", 99)
    closes(world)


@pytest.mark.rule("V8.3")
def test_what_came_online_goes_back_online_and_a_refusal_is_owed_again(world: World) -> None:
    gateway = PracticeGateway()
    pk = world.ids["1301"][2]
    with acting(SYSTEM):
        by = as_candidate(pk)
    with acting(by):
        order = services.open_order(exam=world.exam, by=by, at=DURING)
        services.address_of(order, gateway, title="", back="/")
    with acting(SYSTEM):
        Registration.objects.filter(pk=pk).update(state="withdrawn")
    body, signature = gateway.notice(gateway.pay(order.number))
    services.take_notice(gateway=gateway, body=body, signature=signature, at=DURING)
    facts = {"exam": world.exam, "gateway": gateway, "by": FINANCE, "at": AFTER}
    batch = released(world, proposed(world, "gateway"))
    gateway.down = True
    assert services.give_back(batch_id=batch.pk, **facts)["down"] == 1
    gateway.down = False
    gateway.refuses = {order.number}
    assert services.give_back(batch_id=batch.pk, **facts)["refused"] == 1
    assert closes(world)["gateway"] == 160
    gateway.refuses = set()
    batch = released(world, proposed(world, "gateway"))
    for _ in range(2):
        assert services.give_back(batch_id=batch.pk, **facts)["accepted"] == 1
    assert len(gateway.refunds) == 1
    assert "gateway" not in closes(world)
