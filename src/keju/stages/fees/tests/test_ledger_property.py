"""Whatever happens in whatever order: the ledger balances, and every account means what it says."""

from contextlib import nullcontext
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.fees import queries, rules, services
from keju.stages.fees.models import (
    Entry,
    Match,
    Order,
    PaymentTaken,
    Refund,
    RefundBatch,
    RefundItem,
    StatementLine,
)
from keju.stages.fees.rules import Payment, Said
from keju.stages.fees.services.gateway.practice import PracticeGateway
from keju.stages.fees.tests.world import (
    AFTER,
    CENTRE,
    DURING,
    FINANCE,
    FINANCE_2,
    SYSTEM,
    World,
    as_candidate,
    csv_statement,
    make_world,
)
from keju.stages.registration import services as registration
from keju.stages.registration.models import Registration

MONEY = st.decimals(min_value=0, max_value=100_000, places=2)


@given(national=MONEY, provincial=MONEY, amount=MONEY)
def test_every_kind_of_entry_balances(national: Decimal, provincial: Decimal, amount: Decimal) -> None:
    for lines in (
        rules.charge(national, provincial),
        rules.payment("cash", amount),
        rules.payment("transfer", amount),
        rules.banked(amount),
        rules.remittance(amount),
        rules.arrival(amount),
        rules.refund_owed(national, provincial),
        rules.refund(amount),
        rules.refund(amount, "gateway"),
        rules.bounced(amount),
        rules.booked(amount),
        rules.explained("advance", amount),
        rules.online(amount),
        rules.surplus(amount),
        rules.undone("advance", amount),
        rules.unowed(amount),
        rules.payment("prepaid", amount, amount),
    ):
        assert sum((a for _, a in lines), Decimal(0)) == 0
        assert all(a for _, a in lines)


@given(
    national=MONEY.filter(bool),
    provincial=MONEY,
    method=st.sampled_from(["cash", "transfer"]),
)
def test_a_refund_undoes_a_payment_to_the_last_fen(
    national: Decimal, provincial: Decimal, method: str
) -> None:
    total = national + provincial
    left = rules.balances(
        [
            *rules.charge(national, provincial),
            *rules.payment(method, total),
            *(rules.banked(total) if method == "cash" else []),
            *rules.refund_owed(national, provincial),
            *rules.refund(total),
        ]
    )
    assert not any(left.values())


WHO = st.integers(0, 5)
STEP = st.one_of(
    st.tuples(st.just("pay"), WHO, st.sampled_from(["cash", "transfer"])),
    st.tuples(st.just("bank"), st.sampled_from(["1301", "1302"])),
    st.tuples(st.just("line"), WHO, st.sampled_from([160, 160, 100, 60, 320]), st.booleans()),
    st.tuples(st.just("again")),
    st.tuples(st.just("out"), st.sampled_from([5, 40])),
    st.tuples(st.just("match"), st.sampled_from(["fee", "stray", "other", "deposit"]), WHO),
    st.tuples(st.just("undo"), st.integers(0, 3)),
    st.tuples(st.just("order"), WHO),
    st.tuples(st.just("customer"), WHO, st.sampled_from(["pays", "pays", "fails", "pays less"])),
    st.tuples(st.just("notice"), WHO, st.sampled_from(["true", "true", "failed", "wrong amount", "open"])),
    st.tuples(st.just("ask"), st.booleans()),
    st.tuples(st.just("withdraw"), WHO),
    st.tuples(st.just("fail"), WHO),
    st.tuples(st.just("remit"), st.sampled_from([40, 80, 240])),
    st.tuples(st.just("receive")),
    st.tuples(st.just("propose"), st.sampled_from(["bank", "hand", "gateway"])),
    st.tuples(st.just("release"), st.booleans()),
    st.tuples(st.just("bounce")),
    st.tuples(st.just("sweep")),
)
PLAIN = (RuleRefused, Stale, NotPermitted, ValidationError)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def history(world: World, steps: list[tuple[object, ...]]) -> None:
    with transaction.atomic():
        machine = Machine(world)
        with acting(SYSTEM):
            for step in steps:
                machine.do(step)
                machine.check(step)
        connection.check_constraints()  # the trigger that waits for the end speaks now
        transaction.set_rollback(True)


@pytest.mark.rule("V8.1", "V8.3")
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEP, max_size=18))
def test_any_history_keeps_the_books_right(world: World, steps: list[tuple[object, ...]]) -> None:
    """Every kind of act in any order: each figure follows from its rows, no money is lost, made, charged or paid twice."""
    history(world, steps)


@pytest.mark.nightly
@pytest.mark.rule("V8.1", "V8.3")
@settings(max_examples=700, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEP, min_size=15, max_size=25))
def test_ten_thousand_steps_keep_the_books_right(world: World, steps: list[tuple[object, ...]]) -> None:
    history(world, steps)


class Machine:
    """The services on one side; on the other what really came and went, as a careful clerk would have on paper."""

    def __init__(self, world: World) -> None:
        self.exam, self.people = world.exam, world.ids["1301"] + world.ids["1302"]
        self.gateway = PracticeGateway()
        self.lines = self.cash = Decimal(0)
        self.serial, self.files = 0, []
        self.charged: set[int] = set()

    def do(self, step: tuple[object, ...]) -> None:
        """One act; what the rules refuse leaves nothing behind."""
        kind, *facts = step
        try:
            with transaction.atomic():
                getattr(self, str(kind))(*facts)
        except PLAIN:
            pass

    def pay(self, who: int, method: str) -> None:
        pk = self.people[who]
        briefs = registration_briefs(self.exam, pk)
        now = queries.owes(self.exam, briefs, DURING)[pk]
        given = "prepaid" if now.covered else method
        payment = Payment(pk, given, now.left, "slip" if given == "transfer" else "")
        services.take_payments(exam=self.exam, payments=[payment], by=SYSTEM, at=DURING)
        registration.mark_confirmed(exam=self.exam, registration_ids=[pk], by=SYSTEM, at=DURING)
        self.charged.add(pk)
        if given == "cash":
            self.cash += now.left

    def bank(self, point: str) -> None:
        self.cash -= services.bank_cash(exam=self.exam, point_code=point, by=SYSTEM, at=DURING)

    def line(self, who: int, amount: int, named: bool) -> None:
        remark = f"报名费 {rules.reference(self.people[who]).lower()}" if named else "货款"
        self._import(Decimal(amount), remark)

    def out(self, amount: int) -> None:
        self._import(-Decimal(amount), "手续费")

    def _import(self, amount: Decimal, remark: str) -> None:
        self.serial += 1
        data = csv_statement([(f"S{self.serial}", amount, "某人", remark)])
        found = services.import_statement(
            exam=self.exam, region_code="13", data=data, filename="a.csv", by=FINANCE, at=DURING
        )
        assert found.added == 1
        self.files.append(data)
        self.lines += amount

    def again(self) -> None:
        for data in self.files[-2:]:
            found = services.import_statement(
                exam=self.exam, region_code="13", data=data, filename="b.csv", by=FINANCE, at=DURING
            )
            assert found.added == 0

    def match(self, what: str, who: int) -> None:
        line = StatementLine.objects.exclude(open=0).order_by("pk").first()
        if line is not None:
            pk = self.people[who] if what == "fee" else None
            part = services.Part(what, line.open, pk)
            has_one = pk is not None and line.matches.filter(registration_id=pk, undone_at=None).exists()
            with pytest.raises(RuleRefused) if has_one else nullcontext():
                services.match_line(
                    exam=self.exam, line_id=line.pk, parts=[part], reason="查", by=FINANCE, at=DURING
                )

    def undo(self, which: int) -> None:
        """One of the last explanations; the line is open again by exactly its part."""
        standing = Match.objects.filter(undone_at=None).select_related("line").order_by("-pk")
        row = standing[which : which + 1].first()
        if row is not None:
            facts = {"exam": self.exam, "line_id": row.line_id, "match_ids": [row.pk], "at": AFTER}
            services.undo_matches(reason="错配", by=FINANCE_2, **facts)
            assert StatementLine.objects.get(pk=row.line_id).open == row.line.open + row.amount

    def order(self, who: int) -> None:
        by = as_candidate(self.people[who])
        order = services.open_order(exam=self.exam, by=by, at=DURING)
        services.address_of(order, self.gateway, title="", back="")

    def _order(self, who: int) -> Order | None:
        return Order.objects.filter(registration_id=self.people[who]).order_by("-pk").first()

    def customer(self, who: int, what: str) -> None:
        order = self._order(who)
        if order is None:
            return
        if what == "fails":
            self.gateway.fail(order.number)
        else:
            self.gateway.pay(order.number, Decimal(30) if what == "pays less" else None)

    def notice(self, who: int, what: str) -> None:
        order = self._order(who)
        if order is None:
            return
        said = self.gateway.books[order.number]
        if what == "failed" or (what == "open" and said.state != "paid"):
            said = Said(order.number, "failed" if what == "failed" else "open", said.amount)
        elif what == "wrong amount":
            said = Said(order.number, "paid", Decimal("0.01"), f"P{order.number}")
        elif said.state != "paid":
            return  # a notice of a payment that never was is not signed by anybody
        body, signature = self.gateway.notice(said)
        services.take_notice(gateway=self.gateway, body=body, signature=signature, at=DURING)

    def ask(self, late: bool) -> None:
        at = AFTER + timedelta(days=2) if late else DURING
        services.ask_all(exam=self.exam, gateway=self.gateway, at=at)

    def withdraw(self, who: int) -> None:
        row = Registration.objects.get(pk=self.people[who])
        if row.state == "submitted":
            Registration.objects.filter(pk=row.pk).update(state="withdrawn")

    def fail(self, who: int) -> None:
        pk = self.people[who]
        registration.mark_rejected(exam=self.exam, reasons={pk: "不符"}, by=SYSTEM, at=AFTER)
        services.mark_refundable(exam=self.exam, region_code="13", registration_ids=[pk], by=SYSTEM, at=AFTER)

    def remit(self, amount: int) -> None:
        self.serial += 1
        services.remit(
            exam=self.exam,
            region_code="13",
            amount=Decimal(amount),
            reference=f"R{self.serial}",
            by=FINANCE,
            at=AFTER,
        )

    def receive(self) -> None:
        row = queries.remittances(self.exam).filter(received_at=None).first()
        if row is not None:
            services.receive_remittance(exam=self.exam, remittance_id=row.pk, by=CENTRE, at=AFTER)

    def propose(self, way: str) -> None:
        services.propose_batch(exam=self.exam, region_code="13", way=way, by=FINANCE, at=AFTER)

    def release(self, drop: bool) -> None:
        batch = RefundBatch.objects.filter(state="proposed").first()
        if batch is not None and drop:
            services.drop_batch(exam=self.exam, batch_id=batch.pk, by=FINANCE, at=AFTER)
        elif batch is not None:
            services.release_batch(
                exam=self.exam, batch_id=batch.pk, digest=batch.digest, by=FINANCE_2, at=AFTER
            )

    def bounce(self) -> None:
        item = RefundItem.objects.filter(state="sent").first()
        if item is not None:
            services.record_bounce(exam=self.exam, item_id=item.pk, reason="账号不符", by=FINANCE, at=AFTER)

    def sweep(self) -> None:
        lapsed = services.regions_with_lapsed(self.exam)
        services.release_lapsed(exam=self.exam, region_codes=lapsed, by=SYSTEM, at=AFTER)

    def check(self, step: tuple[object, ...]) -> None:
        """What must hold after every act."""
        wrong = [
            (c.code, c.left, c.right, c.faults) for c in queries.checks(self.exam, "/13/") if not c.holds
        ]
        assert not wrong, (step, wrong)
        found = {b.account: b.amount for b in queries.trial_balance(self.exam)}
        assert found["bank"] == self.lines
        assert found["cash"] == self.cash
        assert found["receivable"] == 0
        assert found["centre_bank"] == -found["national"]
        assert found["advance"] <= 0
        assert found["refund_payable"] <= 0
        assert found["provincial"] <= 0
        heard = sum(Order.objects.filter(state="paid").values_list("paid", flat=True), Decimal(0))
        refunded = sum(
            RefundItem.objects.filter(batch__way="gateway", state="sent").values_list("amount", flat=True),
            Decimal(0),
        )
        settled = sum(
            (
                p.amount
                for e in Entry.objects.filter(kind="explained")
                for p in e.postings.filter(account="gateway")
            ),
            Decimal(0),
        )
        assert found["gateway"] == heard - refunded + settled
        # What the gateway took is what it says it took, never more: charged twice is impossible.
        for order in Order.objects.filter(state="paid"):
            truth = self.gateway.books[order.number]
            assert (truth.state, truth.amount) == ("paid", order.paid)
        assert set(PaymentTaken.objects.values_list("registration_id", flat=True)) == self.charged
        # Nobody gets back more than came for them; what was not theirs is not counted.
        for pk in self.people:
            back = sum(
                (r.amount for r in Refund.objects.filter(registration_id=pk, cancelled_at=None)), Decimal(0)
            )
            came = sum((a.amount for a in queries.advances_of(self.exam, pk)), Decimal(0))
            taken = queries.payment_of(self.exam, pk)
            at_counter = taken.national + taken.provincial - taken.advance if taken else Decimal(0)
            assert back <= came + at_counter


def registration_briefs(exam: object, pk: int) -> dict:
    from keju.stages.registration import queries as reading

    return reading.briefs(viewer=SYSTEM, exam=exam, ids=[pk])
