"""Whatever happens in whatever order: the ledger balances, and every account means what it says."""

from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keju.kernel.audit import Stale
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.fees import queries, rules, services
from keju.stages.fees.rules import Payment
from keju.stages.fees.tests.world import AFTER, CENTRE, DURING, FINANCE, SYSTEM, World, make_world
from keju.stages.registration.services import mark_confirmed

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
    ):
        assert sum((a for _, a in lines), Decimal(0)) == 0
        assert all(a for _, a in lines)


@given(
    national=MONEY.filter(bool),
    provincial=MONEY,
    method=st.sampled_from(rules.METHODS),
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


STEP = st.one_of(
    st.tuples(st.just("pay"), st.integers(0, 5), st.sampled_from(rules.METHODS)),
    st.tuples(st.just("bank"), st.sampled_from(["1301", "1302"])),
    st.tuples(st.just("remit"), st.sampled_from([40, 80, 240])),
    st.tuples(st.just("receive"), st.integers(0, 3)),
    st.tuples(st.just("list"), st.integers(0, 5)),
    st.tuples(st.just("refund"), st.integers(0, 5)),
)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.mark.rule("V8.1", "V8.3")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=14))
def test_any_history_keeps_the_books_right(world: World, steps: list[tuple[object, ...]]) -> None:
    """A model of a few numbers is kept beside the ledger; after each step both say the same."""
    people = world.ids["1301"] + world.ids["1302"]
    model = Model()
    with transaction.atomic():
        for step in steps:
            with acting(SYSTEM):
                do(world, people, model, step)
                check(world, model)
        connection.check_constraints()  # the trigger that waits for the end speaks now
        transaction.set_rollback(True)


class Model:
    """What a careful clerk would have on paper."""

    def __init__(self) -> None:
        self.paid: dict[int, str] = {}
        self.listed: set[int] = set()
        self.refunded: set[int] = set()
        self.cash = {"1301": 0, "1302": 0}
        self.remittances: list[tuple[int, int]] = []
        self.received: set[int] = set()


def do(world: World, people: list[int], model: Model, step: tuple[object, ...]) -> None:
    kind, first, *rest = step
    exam = world.exam
    try:
        if kind == "pay":
            pk = people[int(first)]  # type: ignore[call-overload]
            payment = Payment(pk, str(rest[0]), Decimal(160), "R" if rest[0] == "transfer" else "")
            services.take_payments(exam=exam, payments=[payment], by=SYSTEM, at=DURING)
            mark_confirmed(exam=exam, registration_ids=[pk], by=SYSTEM, at=DURING)
            model.paid[pk] = str(rest[0])
            if rest[0] == "cash":
                model.cash["1301" if pk in world.ids["1301"] else "1302"] += 160
        elif kind == "bank":
            assert (
                services.bank_cash(exam=exam, point_code=str(first), by=SYSTEM, at=DURING)
                == model.cash[str(first)]
            )
            model.cash[str(first)] = 0
        elif kind == "remit":
            amount, n = int(first), len(model.remittances)  # type: ignore[call-overload]
            row = services.remit(
                exam=exam, region_code="13", amount=Decimal(amount), reference=f"R{n}", by=FINANCE, at=AFTER
            )
            model.remittances.append((row.pk, amount))
        elif kind == "receive" and int(first) < len(model.remittances):  # type: ignore[call-overload]
            n = int(first)  # type: ignore[call-overload]
            services.receive_remittance(exam=exam, remittance_id=model.remittances[n][0], by=CENTRE, at=AFTER)
            model.received.add(n)
        elif kind == "list":
            pk = people[int(first)]  # type: ignore[call-overload]
            services.mark_refundable(exam=exam, region_code="13", registration_ids=[pk], by=SYSTEM, at=AFTER)
            if pk in model.paid:
                model.listed.add(pk)
        elif kind == "refund":
            pk = people[int(first)]  # type: ignore[call-overload]
            if pk in model.listed:
                services.refund(exam=exam, registration_ids=[pk], by=FINANCE, at=AFTER)
                model.refunded.add(pk)
    except (RuleRefused, Stale):
        pass


def check(world: World, model: Model) -> None:
    assert queries.ledger_sum(world.exam) == 0
    found = {b.account: b.amount for b in queries.trial_balance(world.exam)}
    sent = sum(amount for _, amount in model.remittances)
    arrived = sum(amount for n, (_, amount) in enumerate(model.remittances) if n in model.received)
    stay = len(model.paid) - len(model.listed)
    assert found["receivable"] == 0
    assert found["cash"] == sum(model.cash.values())
    assert found["in_transit"] == sent - arrived
    assert found["centre_bank"] == arrived == -found["national"]
    assert found["provincial"] == -80 * stay
    assert found["national_payable"] == arrived - 80 * stay
    assert found["refund_payable"] == -160 * (len(model.listed) - len(model.refunded))
    assert sum(found.values()) == 0
    assert not any(use.missing or use.doubled for use in queries.range_uses(world.exam))
