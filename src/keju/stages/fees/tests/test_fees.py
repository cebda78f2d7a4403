"""Chapter 8 through the services, against PostgreSQL."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.calendar import CHINA
from keju.kernel.duties.models import Obligation
from keju.kernel.files import services as files
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.fees import queries, rules, services
from keju.stages.fees.models import Entry, PaymentTaken, Posting, Refund, Remittance, Tariff
from keju.stages.fees.rules import Payment
from keju.stages.fees.tests.world import (
    AFTER,
    CENTRE,
    CLERK,
    CLERK_1101,
    DURING,
    FINANCE,
    FINANCE_11,
    MADE,
    SYSTEM,
    World,
    cash,
    csv_statement,
    make_world,
    pay_back,
)
from keju.stages.registration import services as registration

CENT = Decimal("0.01")


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def take(world: World, *payments: Payment, by: Actor = CLERK) -> list[str]:
    with acting(by):
        return [
            t.receipt for t in services.take_payments(exam=world.exam, payments=payments, by=by, at=DURING)
        ]


def confirmed(world: World, *points: str) -> None:
    with acting(SYSTEM):
        for point in points:
            ids = world.ids[point]
            amount = 160 if point.startswith("13") else 130
            services.take_payments(
                exam=world.exam, payments=[cash(pk, amount) for pk in ids], by=SYSTEM, at=DURING
            )
            confirm(world, ids)


def confirm(world: World, ids: list[int]) -> None:
    registration.mark_confirmed(exam=world.exam, registration_ids=ids, by=SYSTEM, at=DURING)


def codes(refused: pytest.ExceptionInfo[RuleRefused]) -> set[str]:
    return {r.code for r in refused.value.refusals}


def balance(world: World, by: Actor = SYSTEM) -> dict[str, Decimal]:
    with acting(by):
        assert queries.ledger_sum(world.exam) == 0
        return {b.account: b.amount for b in queries.trial_balance(world.exam) if b.amount}


@pytest.mark.rule("V8.1")
def test_the_fee_is_the_national_fee_and_what_the_region_has_approved(world: World) -> None:
    with acting(Actor.anybody()):
        fee = queries.fee(world.exam, "13", "general")
        assert (fee.national, fee.provincial, fee.total) == (80, 80, 160)
        assert queries.fee(world.exam, "11", "aquatic").total == 130
        assert queries.fee(world.exam, "12", "general").total is None


@pytest.mark.rule("V8.1", "V5.1.2")
def test_a_payment_is_charged_paid_and_receipted(world: World) -> None:
    one, two, three = world.ids["1301"]
    transfer = Payment(two, "transfer", Decimal(160), "工行 0017")
    assert take(world, cash(one), transfer) == ["HB000001", "HB000002"]
    assert take(world, cash(three)) == ["HB000003"]
    assert balance(world) == {"cash": 320, "outstanding": 160, "national_payable": -240, "provincial": -240}
    with acting(CLERK):
        assert queries.paid(world.exam, [one, two, 999]) == {one, two}
        assert queries.taken_at(world.exam, "/13/1301/") == {"cash": (2, 320), "transfer": (1, 160)}


@pytest.mark.rule("V8.1", "V5.3.2a")
@pytest.mark.parametrize(
    ("payment", "code"),
    [
        (("cash", "159.99", ""), "fees_amount"),
        (("cash", "160.01", ""), "fees_amount"),
        (("cheque", "160", ""), "fees_method"),
        (("transfer", "160", " "), "fees_transfer_reference"),
    ],
)
def test_no_other_amount_or_way_is_taken(world: World, payment: tuple[str, str, str], code: str) -> None:
    method, amount, reference = payment
    with pytest.raises(RuleRefused) as refused:
        take(world, Payment(world.ids["1301"][0], method, Decimal(amount), reference))
    assert codes(refused) == {code}
    assert balance(world) == {}


@pytest.mark.rule("V5.3.2a")
def test_nobody_pays_twice_and_a_batch_is_all_or_none(world: World) -> None:
    one, two, _ = world.ids["1301"]
    take(world, cash(one))
    for batch in ([cash(one)], [cash(two), cash(one)], [cash(two), cash(two)]):
        with pytest.raises(RuleRefused) as refused:
            take(world, *batch)
        assert codes(refused) == {"fees_paid_already"}
    assert balance(world)["cash"] == 160
    assert take(world, cash(two)) == ["HB000002"]


@pytest.mark.rule("V8.1")
def test_without_a_tariff_nothing_is_taken(db: None) -> None:
    world = make_world(1, money=False)
    with pytest.raises(RuleRefused) as refused:
        take(world, cash(world.ids["1301"][0]))
    assert codes(refused) == {"fees_tariff_missing"}


@pytest.mark.rule("V8.1")
def test_a_tariff_needs_its_document_and_stands_once_paid(world: World) -> None:
    exam = world.exam
    with acting(FINANCE):
        with pytest.raises(RuleRefused) as refused:
            services.set_tariff(
                exam=exam, region_code="13", provincial_fee=Decimal("-1"), approval=" ", by=FINANCE, at=MADE
            )
        assert codes(refused) == {"fees_tariff_amount", "fees_tariff_approval"}
        changed = services.set_tariff(
            exam=exam,
            region_code="13",
            provincial_fee=Decimal(90),
            approval="2号",
            version=1,
            by=FINANCE,
            at=MADE,
        )
        assert changed.version == 2
        with pytest.raises(Stale):
            services.set_tariff(
                exam=exam,
                region_code="13",
                provincial_fee=Decimal(70),
                approval="3号",
                version=1,
                by=FINANCE,
                at=MADE,
            )
    take(world, cash(world.ids["1301"][0], 170))
    with acting(FINANCE), pytest.raises(RuleRefused) as refused:
        services.set_tariff(
            exam=exam, region_code="13", provincial_fee=Decimal(80), approval="1号", by=FINANCE, at=MADE
        )
    assert codes(refused) == {"fees_tariff_in_use"}


@pytest.mark.rule("V1.5")
def test_a_region_touches_its_own_money_only(world: World) -> None:
    confirmed(world, "1301", "1101")
    exam = world.exam
    assert balance(world, FINANCE_11) == {"cash": 390, "national_payable": -240, "provincial": -150}
    assert balance(world, CLERK) == {"cash": 480, "national_payable": -240, "provincial": -240}
    with acting(FINANCE_11):
        with pytest.raises(NotPermitted):
            services.set_tariff(
                exam=exam, region_code="13", provincial_fee=Decimal(1), approval="x", by=FINANCE_11, at=MADE
            )
        with pytest.raises(NotPermitted):
            services.register_receipts(
                exam=exam, region_code="13", prefix="X", first=1, last=2, by=FINANCE_11, at=MADE
            )
        with pytest.raises(NotPermitted):
            services.remit(
                exam=exam, region_code="13", amount=Decimal(1), reference="x", by=FINANCE_11, at=DURING
            )
        for model in (PaymentTaken, Entry, Posting):
            assert {row.office_path for row in model.objects.all()} == {"/11/1101/"}
        assert Tariff.objects.filter(region_code="13").update(provincial_fee=1) == 0
    with pytest.raises(NotPermitted):
        take(world, cash(world.ids["1302"][0]), by=CLERK_1101)


@pytest.mark.rule("V5.1.2")
def test_receipts_run_through_their_ranges_without_gap_and_end(db: None) -> None:
    world = make_world(3, money=False)
    exam, ids = world.exam, world.ids["1301"]
    with acting(SYSTEM):
        services.set_tariff(
            exam=exam, region_code="13", provincial_fee=Decimal(80), approval="1号", by=SYSTEM, at=MADE
        )
    with acting(FINANCE):
        for prefix, first, last in (("A", 9, 10), ("B", 1, 2)):
            services.register_receipts(
                exam=exam, region_code="13", prefix=prefix, first=first, last=last, by=FINANCE, at=MADE
            )
        for first, last, code in (
            (10, 12, "fees_range_overlap"),
            (5, 4, "fees_range_empty"),
            (0, 4, "fees_range_empty"),
        ):
            with pytest.raises(RuleRefused) as refused:
                services.register_receipts(
                    exam=exam, region_code="13", prefix="A", first=first, last=last, by=FINANCE, at=MADE
                )
            assert codes(refused) == {code}
    assert take(world, *(cash(pk) for pk in ids)) == ["A09", "A10", "B1"]
    with pytest.raises(RuleRefused) as refused:
        with acting(SYSTEM):
            services.take_payments(
                exam=exam, payments=[cash(pk) for pk in world.ids["1302"]], by=SYSTEM, at=DURING
            )
    assert codes(refused) == {"fees_receipts_used_up"}
    with acting(FINANCE):
        uses = queries.range_uses(exam, "13")
        assert [(u.left, u.missing, u.doubled) for u in uses] == [(0, [], []), (1, [], [])]


@pytest.mark.rule("V5.1.2")
def test_a_gap_is_reported(world: World) -> None:
    take(world, cash(world.ids["1301"][0]))
    with acting(SYSTEM):
        used = queries.ranges(world.exam, "13").get()
        type(used).objects.filter(pk=used.pk).update(following=4)
    take(world, cash(world.ids["1301"][1]))
    with acting(FINANCE):
        assert queries.range_uses(world.exam, "13")[0].missing == [2, 3]


@pytest.mark.rule("V8.2a")
def test_national_fees_reach_the_centre_in_parts_and_the_duty_closes_with_the_whole(world: World) -> None:
    confirmed(world, "1301", "1302")
    exam = world.exam
    with acting(FINANCE):
        assert queries.amount_due(exam, "13") == 480
        with pytest.raises(RuleRefused) as refused:
            services.remit(
                exam=exam, region_code="13", amount=Decimal(481), reference="R0", by=FINANCE, at=AFTER
            )
        assert codes(refused) == {"fees_remit_above_due"}
        one = services.remit(
            exam=exam, region_code="13", amount=Decimal(200), reference="R1", by=FINANCE, at=AFTER
        )
        assert duty("V8.2a", "13").discharged_at is None
        with pytest.raises(Stale):
            services.remit(
                exam=exam, region_code="13", amount=Decimal(200), reference="R1", by=FINANCE, at=AFTER
            )
        two = services.remit(
            exam=exam, region_code="13", amount=Decimal(280), reference="R2", by=FINANCE, at=AFTER
        )
        assert duty("V8.2a", "13").discharged_at == AFTER
    assert balance(world)["in_transit"] == 480
    with acting(CENTRE):
        services.receive_remittance(exam=exam, remittance_id=one.pk, by=CENTRE, at=AFTER)
        services.receive_remittance(exam=exam, remittance_id=two.pk, by=CENTRE, at=AFTER)
        with pytest.raises(Stale):
            services.receive_remittance(exam=exam, remittance_id=two.pk, by=CENTRE, at=AFTER)
    found = balance(world)
    assert (found["centre_bank"], found["national"]) == (480, -480)
    assert "national_payable" not in found
    assert "in_transit" not in found


@pytest.mark.rule("V8.2a")
def test_a_region_is_in_default_after_two_months_until_the_money_is_there(world: World) -> None:
    confirmed(world, "1301", "1101")
    exam = world.exam
    last = queries.standing(exam, "13", AFTER).account.deadline
    assert last is not None
    assert (last.month, last.day) == (9, 20)
    late = last.replace(day=21)
    assert queries.in_default(exam, last) == {}
    assert set(queries.in_default(exam, late)) == {"13", "11"}
    with acting(Actor.anybody()):
        assert "240.00" in str(queries.in_default(exam, late)["13"])
    with acting(FINANCE):
        row = services.remit(
            exam=exam, region_code="13", amount=Decimal(240), reference="R", by=FINANCE, at=AFTER
        )
    assert set(queries.in_default(exam, late)) == {"13", "11"}
    with acting(CENTRE):
        services.receive_remittance(exam=exam, remittance_id=row.pk, by=CENTRE, at=late)
    assert set(queries.in_default(exam, late)) == {"11"}


@pytest.mark.rule("V8.2b")
def test_the_centres_receipt_is_for_the_total_and_closes_its_duty_each_time(world: World) -> None:
    later = datetime(2011, 8, 22, 9, 0, tzinfo=CHINA)
    confirmed(world, "1301")
    exam = world.exam
    with acting(CENTRE), pytest.raises(RuleRefused) as refused:
        services.issue_fiscal_receipt(exam=exam, region_code="13", number="Z1", by=CENTRE, at=AFTER)
    assert codes(refused) == {"fees_fiscal_nothing"}
    for amount, reference in ((100, "R1"), (140, "R2")):
        with acting(FINANCE):
            row = services.remit(
                exam=exam, region_code="13", amount=Decimal(amount), reference=reference, by=FINANCE, at=AFTER
            )
        with acting(CENTRE):
            services.receive_remittance(exam=exam, remittance_id=row.pk, by=CENTRE, at=AFTER)
    with acting(CENTRE):
        owed = duty("V8.2b", "centre", creditor_code="13")
        assert (owed.discharged_at, owed.due_at.month, owed.due_at.day) == (None, 8, 4)
        receipt = services.issue_fiscal_receipt(exam=exam, region_code="13", number="Z1", by=CENTRE, at=AFTER)
        assert receipt.amount == 240
        assert duty("V8.2b", "centre", creditor_code="13").discharged_at == AFTER
        with pytest.raises(Stale):
            services.issue_fiscal_receipt(exam=exam, region_code="13", number="Z1", by=CENTRE, at=AFTER)
    confirmed(world, "1302")
    with acting(FINANCE):
        row = services.remit(
            exam=exam, region_code="13", amount=Decimal(240), reference="R3", by=FINANCE, at=AFTER
        )
    with acting(CENTRE):
        services.receive_remittance(exam=exam, remittance_id=row.pk, by=CENTRE, at=later)
        owed = duty("V8.2b", "centre", creditor_code="13")
        assert (owed.discharged_at, owed.renewed_at, owed.due_at.month, owed.due_at.day) == (
            None,
            later,
            9,
            5,
        )
        services.issue_fiscal_receipt(exam=exam, region_code="13", number="Z2", by=CENTRE, at=later)
        assert duty("V8.2b", "centre", creditor_code="13").discharged_at == later
    with acting(FINANCE):
        printed = services.print_fiscal_receipt(exam=exam, receipt_id=receipt.pk, by=FINANCE, at=AFTER)
        assert printed.pdf.startswith(b"%PDF")
        assert (printed.record.copy, printed.record.pages) == (1, 1)


@pytest.mark.rule("V8.3")
def test_a_refund_is_listed_once_paid_once_and_the_duty_closes(world: World) -> None:
    confirmed(world, "1301", "1302")
    exam = world.exam
    one, two, _ = world.ids["1301"]
    with acting(SYSTEM):
        assert mark(world, [one, two]) == 2
        assert mark(world, [one, two]) == 0
    assert balance(world)["refund_payable"] == -320
    with acting(FINANCE):
        assert duty("V8.3", "13").discharged_at is None
    assert pay_back(world, [one]) == 1
    with pytest.raises(RuleRefused) as refused:
        pay_back(world, [one])
    assert codes(refused) == {"fees_batch_empty"}
    with acting(FINANCE):
        assert queries.refund_counts(exam) == {"owed": (1, 160), "paid": (1, 160)}
    assert pay_back(world) == 1
    assert duty("V8.3", "13").discharged_at == AFTER
    found = balance(world)
    assert "refund_payable" not in found
    assert found["national_payable"] == -4 * 80


@pytest.mark.rule("V8.3")
def test_another_regions_refund_does_not_exist(world: World) -> None:
    confirmed(world, "1301")
    with acting(SYSTEM):
        mark(world, world.ids["1301"][:1])
    with acting(FINANCE_11):
        with pytest.raises(NotPermitted) as refused:
            services.propose_batch(exam=world.exam, region_code="13", by=FINANCE_11, at=AFTER)
        assert refused.value.hidden
        assert Refund.objects.count() == Remittance.objects.count() == 0


def test_nothing_in_the_ledger_is_ever_changed(world: World) -> None:
    take(world, cash(world.ids["1301"][0]))
    for statement in (
        "UPDATE fees_posting SET amount = amount + 1",
        "DELETE FROM fees_entry",
        "UPDATE fees_payment SET receipt = 'x'",
    ):
        with acting(SYSTEM), pytest.raises(Exception, match="permission denied"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(statement)


def test_every_write_is_in_the_log(world: World) -> None:
    take(world, *(cash(pk) for pk in world.ids["1301"]))
    with acting(SYSTEM):
        event = Event.objects.filter(kind="fees.payments.taken").get()
    assert (event.data["count"], event.data["amount"], event.data["last_receipt"]) == (
        3,
        "480.00",
        "HB000003",
    )


def duty(rule: str, owner: str, **more: str) -> Obligation:
    with acting(SYSTEM):
        return Obligation.objects.get(rule=rule, owner_code=owner, **more)


def mark(world: World, ids: list[int]) -> int:
    return services.mark_refundable(
        exam=world.exam, region_code="13", registration_ids=ids, by=SYSTEM, at=AFTER
    )


@pytest.mark.rule("V8.1")
def test_a_new_tariff_holds_from_a_later_day_and_who_has_paid_owes_nothing_more(world: World) -> None:
    exam = world.exam
    one, two, _ = world.ids["1301"]
    data = csv_statement([("S1", Decimal(160), "张三", rules.reference(one))], day="2011-07-10")
    facts = {"exam": exam, "region_code": "13", "by": FINANCE, "at": DURING}
    later = DURING + timedelta(days=2)
    with acting(FINANCE):
        services.import_statement(data=data, filename="a.csv", **facts)
        change = {"provincial_fee": Decimal(100), "approval": "2号", **facts}
        for day in (None, DURING.date(), DURING.date() - timedelta(days=1)):
            with pytest.raises(RuleRefused) as refused:
                services.set_tariff(starts_on=day, **change)
            assert codes(refused) == {"fees_tariff_in_use"}
        services.set_tariff(starts_on=later.date(), **change)
        assert [v.version for v in queries.tariff_versions(exam, "13")] == [2, 1]
        with pytest.raises(RuleRefused) as refused:
            services.set_tariff(starts_on=DURING.date() + timedelta(days=1), **change)
        assert codes(refused) == {"fees_tariff_before"}
    with acting(Actor.anybody()):
        assert queries.fee(exam, "13", "general", DURING).total == 160
        assert queries.fee(exam, "13", "general", later).total == 180
        assert queries.coming_tariffs(exam, DURING)["13"].provincial_fee == 100
    with acting(CLERK):
        payments = [Payment(one, "prepaid", Decimal(160)), cash(two, 180)]
        services.take_payments(exam=exam, payments=payments, by=CLERK, at=later)
    assert balance(world) == {"bank": 160, "cash": 180, "national_payable": -160, "provincial": -180}


@pytest.mark.rule("V8.1")
def test_the_approving_document_is_public_and_nothing_else_is(world: World, client: Client) -> None:
    exam = world.exam
    with acting(FINANCE):
        shas = [
            files.store(
                data=b"%PDF-1.4 " + name, name="a.pdf", content_type="application/pdf", office_path="/13/", by=FINANCE,
                at=MADE,
            )
            for name in (b"approval", b"secret")
        ]  # fmt: skip
        tariff = {
            "region_code": "13",
            "provincial_fee": Decimal(80),
            "approval": "2号",
            "at": MADE,
            "by": FINANCE,
        }
        services.set_tariff(exam=exam, approval_file=shas[0], **tariff)
        services.set_tariff(exam=exam, **tariff)  # the same document: its file stays
        assert queries.tariff(exam, "13").approval_file == shas[0]
    page = client.get(reverse("fees-tariffs", kwargs={"exam": exam.slug})).content.decode()
    address = reverse("fees-approval", kwargs={"exam": exam.slug, "sha": shas[0]})
    assert address in page
    assert client.get(address).content == b"%PDF-1.4 approval"
    assert client.get(address.replace(shas[0], shas[1])).status_code == 404
