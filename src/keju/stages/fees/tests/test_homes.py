"""Money that came by several ways, twice, or for somebody who moved: it has one home, and goes back by a way that takes it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.fees import jobs, services
from keju.stages.fees.models import Match, Order, Refund, StatementLine
from keju.stages.fees.rules import Payment
from keju.stages.fees.services.advances import Credit, credit
from keju.stages.fees.services.gateway.practice import PracticeGateway
from keju.stages.fees.tests.test_batches import proposed
from keju.stages.fees.tests.test_orders import heard, opened
from keju.stages.fees.tests.test_statements import imported
from keju.stages.fees.tests.world import (
    AFTER,
    CLERK,
    CLERK_1101,
    DURING,
    FINANCE,
    FINANCE_2,
    SYSTEM,
    World,
    csv_statement,
    make_world,
)
from keju.stages.registration.models import Registration

DAY = date(2011, 7, 5)


@pytest.fixture
def world(db: None) -> World:
    return make_world(2)


def came(world: World, region: str, pk: int, amount: int, source: str) -> None:
    with acting(SYSTEM):
        credit(world.exam, region, [Credit(pk, Decimal(amount), source, DAY)], SYSTEM, DURING)


def lapse(world: World, region: str) -> list[Refund]:
    with acting(SYSTEM):
        services.release_lapsed(exam=world.exam, region_codes=[region], by=SYSTEM, at=AFTER)
        return list(Refund.objects.order_by("pk"))


@pytest.mark.rule("V8.3")
def test_what_came_partly_by_the_bank_does_not_go_back_online(world: World) -> None:
    gateway, pk = PracticeGateway(), world.ids["1301"][0]
    came(world, "13", pk, 60, "match:1")
    order = opened(world, gateway, pk)
    heard(gateway, gateway.pay(order.number))
    with acting(SYSTEM):
        Registration.objects.filter(pk=pk).update(state="withdrawn")
    (refund,) = lapse(world, "13")
    assert (order.amount, refund.amount, refund.order_id) == (100, 160, None)


@pytest.mark.rule("V8.3")
def test_who_moved_gets_back_what_the_former_region_has_whatever_the_new_one_took(world: World) -> None:
    pk = world.ids["1301"][0]
    came(world, "13", pk, 160, "match:1")
    with acting(SYSTEM):
        Registration.objects.filter(pk=pk).update(point_code="1101", office_path="/11/1101/")
    came(world, "11", pk, 130, "match:2")
    with acting(CLERK_1101):
        paid = [Payment(pk, "prepaid", Decimal(130))]
        services.take_payments(exam=world.exam, payments=paid, by=CLERK_1101, at=DURING)
    (refund,) = lapse(world, "13")
    assert (refund.amount, refund.office_path) == (160, "/13/")


@pytest.mark.rule("V8.3")
def test_of_two_orders_each_is_given_back_once(world: World) -> None:
    gateway, pk = PracticeGateway(), world.ids["1301"][0]
    first = opened(world, gateway, pk)
    with acting(SYSTEM):
        Order.objects.filter(pk=first.pk).update(state="closed", closed_at=DURING)
    second = opened(world, gateway, pk)
    for order in (first, second):  # the closed one was paid late, and then the other
        heard(gateway, gateway.pay(order.number))
    with acting(CLERK):
        paid = [Payment(pk, "prepaid", Decimal(160))]
        services.take_payments(exam=world.exam, payments=paid, by=CLERK, at=DURING)
    with acting(SYSTEM):
        services.mark_refundable(
            exam=world.exam, region_code="13", registration_ids=[pk], by=SYSTEM, at=AFTER
        )
        given = {r.cause: r.order_id for r in Refund.objects.all()}
    assert given == {"surplus": second.pk, "review": first.pk}


@pytest.mark.rule("V8.3")
def test_nothing_leaves_through_the_gateway_before_the_release_stands(
    world: World, settings: Any, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    settings.FEES_GATEWAY = gateway = PracticeGateway()
    pk = world.ids["1301"][0]
    order = opened(world, gateway, pk)
    heard(gateway, gateway.pay(order.number))
    with acting(SYSTEM):
        Registration.objects.filter(pk=pk).update(state="withdrawn")
    lapse(world, "13")
    batch = proposed(world, "gateway")
    with django_capture_on_commit_callbacks(execute=True):
        with acting(FINANCE_2):
            facts = {"exam": world.exam, "by": FINANCE_2, "at": AFTER}
            services.release_batch(batch_id=batch.pk, digest=batch.digest, **facts)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = %s", [services.SEND_REFUNDS])
        ((args,),) = cursor.fetchall()
    assert gateway.refunds == {}
    gateway.down = True
    with pytest.raises(services.GatewayDown):  # the worker tries again
        jobs.send(**json.loads(args))
    gateway.down = False
    for _ in range(2):
        jobs.send(**json.loads(args))
    assert [number for number, _ in gateway.refunds.values()] == [order.number]


@pytest.mark.rule("V8.1")
def test_one_answer_that_cannot_be_does_not_keep_the_other_orders_waiting(world: World) -> None:
    gateway = PracticeGateway()
    orders = [opened(world, gateway, pk) for pk in (*world.ids["1301"], world.ids["1302"][0])]
    said = [gateway.pay(order.number) for order in orders]
    heard(gateway, said[0])
    gateway.books[orders[1].number] = replace(said[1], gateway_ref=said[0].gateway_ref)
    counts = services.ask_all(exam=world.exam, gateway=gateway, at=AFTER)
    assert counts == {"failed": 1, "pay": 1}
    with acting(SYSTEM):
        assert [Order.objects.get(pk=o.pk).state for o in orders] == ["paid", "open", "paid"]


@pytest.mark.rule("V8.1")
def test_of_one_line_one_part_is_one_registrations_also_later(world: World) -> None:
    one = world.ids["1301"][0]
    imported(world, csv_statement([("S1", Decimal(320), "a", "")]))
    with acting(SYSTEM):
        line = StatementLine.objects.get()
    facts = {"exam": world.exam, "line_id": line.pk, "reason": "电话核实", "at": AFTER}
    part, rest = services.Part("fee", Decimal(160), one), services.Part("stray", Decimal(160))
    with acting(FINANCE):
        services.match_line(parts=[part, rest], by=FINANCE, **facts)
        stray = Match.objects.get(what="stray")
    with acting(FINANCE_2):
        services.undo_matches(match_ids=[stray.pk], by=FINANCE_2, **facts)
    with acting(FINANCE), pytest.raises(RuleRefused) as refused:
        services.match_line(parts=[part], by=FINANCE, **facts)
    assert [r.code for r in refused.value.refusals] == ["fees_line_twice"]
