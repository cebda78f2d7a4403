"""Paying online at a gateway that misbehaves: late, twice, out of order, contradictory, lost; never charged twice, never lost."""

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer

import psycopg
import pytest
from django.db import IntegrityError, connections, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keju.kernel.audit import Stale
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.fees import queries, rules, services
from keju.stages.fees.models import Advance, Entry, Order, OrderNews, Refund
from keju.stages.fees.rules import Said
from keju.stages.fees.services import BadSignature, GatewayDown, orders
from keju.stages.fees.services.gateway import HttpGateway, sign
from keju.stages.fees.services.gateway.practice import KEY, MERCHANT, PracticeGateway
from keju.stages.fees.tests.world import AFTER, CLERK, DURING, SYSTEM, World, as_candidate, cash, make_world
from keju.stages.registration.models import Registration

Owner = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def opened(world: World, gateway: PracticeGateway, pk: int) -> Order:
    with acting(SYSTEM):
        by = as_candidate(pk)
    with acting(by):
        order = services.open_order(exam=world.exam, by=by, at=DURING)
        services.address_of(order, gateway, title="", back="/")
    return order


def heard(gateway: PracticeGateway, said: Said, **more: bytes) -> str:
    body, signature = gateway.notice(said, **more)
    return services.take_notice(gateway=gateway, body=body, signature=signature, at=DURING)


def books(world: World) -> dict[str, Decimal]:
    with acting(SYSTEM):
        assert [c.code for c in queries.checks(world.exam) if not c.holds] == []
        return {b.account: b.amount for b in queries.trial_balance(world.exam) if b.amount}


@pytest.mark.rule("V8.1")
def test_a_payment_online_is_an_advance_until_the_counter_gives_the_receipt(world: World) -> None:
    gateway, pk = PracticeGateway(), world.ids["1301"][0]
    order = opened(world, gateway, pk)
    assert opened(world, gateway, pk).pk == order.pk  # a second click is the same order
    assert heard(gateway, gateway.pay(order.number)) == "pay"
    assert heard(gateway, gateway.books[order.number]) == "leave"
    assert books(world) == {"gateway": 160, "advance": -160}
    with acting(SYSTEM):
        by = as_candidate(pk)
    with acting(by), pytest.raises(RuleRefused) as refused:
        services.open_order(exam=world.exam, by=by, at=DURING)
    assert [r.code for r in refused.value.refusals] == ["fees_order_covered"]
    with acting(CLERK):
        payment = rules.Payment(pk, "prepaid", Decimal(160))
        services.take_payments(exam=world.exam, payments=[payment], by=CLERK, at=DURING)
    assert books(world) == {"gateway": 160, "national_payable": -80, "provincial": -80}


@pytest.mark.rule("V8.1")
def test_a_wrong_signature_or_a_strange_order_is_refused(world: World) -> None:
    gateway, pk = PracticeGateway(), world.ids["1301"][0]
    order = opened(world, gateway, pk)
    said = gateway.pay(order.number)
    for bad in (
        lambda: heard(gateway, said, key=b"else"),
        lambda: heard(gateway, Said("none", "paid", Decimal(1), "x")),
    ):
        with pytest.raises(BadSignature):
            bad()
    body, signature = gateway.notice(said)
    with pytest.raises(BadSignature):
        services.take_notice(gateway=gateway, body=body + b" ", signature=signature, at=DURING)
    assert books(world) == {}


@pytest.mark.rule("V8.1")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"number":1}',
        b"\xff\xfe",
        b"9" * 9000,
        b'{"number":"a","state":"paid","amount":"NaN"}',
    ],
)
def test_nonsense_with_a_right_signature_is_refused(body: bytes) -> None:
    with pytest.raises(BadSignature):
        PracticeGateway().read(body, sign(body, KEY))


@pytest.mark.rule("V8.1")
def test_a_wrong_amount_makes_us_ask_and_what_was_really_paid_is_booked(world: World) -> None:
    gateway = PracticeGateway()
    one, two, _ = world.ids["1301"]
    lied, short = opened(world, gateway, one), opened(world, gateway, two)
    gateway.pay(lied.number)
    assert heard(gateway, Said(lied.number, "paid", Decimal(1), "P")) == "pay"
    gateway.pay(short.number, Decimal(100))
    assert heard(gateway, gateway.books[short.number]) == "pay"
    assert books(world) == {"gateway": 260, "advance": -260}
    with acting(SYSTEM):
        assert dict(Order.objects.values_list("registration_id", "trouble")) == {one: "", two: "amount"}
        assert OrderNews.objects.filter(order=lied).count() == 2


@pytest.mark.rule("V8.1")
def test_a_lost_notice_is_found_by_asking_and_an_old_order_is_closed(world: World) -> None:
    gateway = PracticeGateway()
    one, two, _ = world.ids["1301"]
    paid, left = opened(world, gateway, one), opened(world, gateway, two)
    gateway.pay(paid.number)
    gateway.down = True
    assert services.ask_all(exam=world.exam, gateway=gateway, at=DURING) == {"down": 2}
    gateway.down = False
    assert services.ask_all(exam=world.exam, gateway=gateway, at=DURING) == {"pay": 1, "leave": 1}
    assert services.ask_all(exam=world.exam, gateway=gateway, at=DURING) == {}
    later = DURING + timedelta(hours=2)
    assert services.ask_all(exam=world.exam, gateway=gateway, at=later) == {"close": 1}
    # It is paid after all, at the last moment: what was paid has a home.
    assert heard(gateway, gateway.pay(left.number)) == "pay"
    assert books(world) == {"gateway": 320, "advance": -320}


@pytest.mark.rule("V8.1", "V8.3")
def test_two_orders_both_paid_or_a_registration_gone_is_owed_back(world: World) -> None:
    gateway = PracticeGateway()
    one, two, _ = world.ids["1301"]
    first = opened(world, gateway, one)
    services.ask_all(exam=world.exam, gateway=gateway, at=DURING + timedelta(hours=2))
    second = opened(world, gateway, one)
    gone = opened(world, gateway, two)
    with acting(SYSTEM):
        Registration.objects.filter(pk=two).update(state="withdrawn")
    for order in (second, first, gone):
        assert heard(gateway, gateway.pay(order.number)) == "pay"
    with acting(SYSTEM):
        assert dict(Refund.objects.values_list("order_id", "amount")) == {first.pk: 160, gone.pk: 160}
    assert books(world) == {"gateway": 480, "advance": -160, "refund_payable": -320}


MESSAGES = ["true", "true", "failed", "open", "wrong", "ask", "ask late", "forged"]


@pytest.mark.rule("V8.1")
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(order=st.permutations(MESSAGES), paid=st.sampled_from([None, Decimal(160), Decimal(30)]))
def test_whatever_order_messages_come_in_the_books_end_the_same(
    world: World, order: list[str], paid: Decimal | None
) -> None:
    with transaction.atomic():
        gateway, pk = PracticeGateway(), world.ids["1301"][0]
        row = opened(world, gateway, pk)
        if paid is not None:
            gateway.pay(row.number, paid)
        for message in [*order, "ask late"]:
            say(world, gateway, row, message)
        found = books(world)
        with acting(SYSTEM):
            state = Order.objects.get(pk=row.pk).state
        transaction.set_rollback(True)
    assert found == ({"gateway": paid, "advance": -paid} if paid else {})
    assert state == ("paid" if paid else "closed")


def say(world: World, gateway: PracticeGateway, row: Order, message: str) -> None:
    truth = gateway.books[row.number]
    if message.startswith("ask"):
        late = timedelta(days=1) if message == "ask late" else timedelta()
        services.ask_all(exam=world.exam, gateway=gateway, at=DURING + late)
    elif message == "true":
        heard(gateway, truth)
    elif message == "forged":
        with pytest.raises(BadSignature):
            heard(gateway, Said(row.number, "paid", row.amount, "P"), key=b"thief")
    elif message == "wrong":
        heard(gateway, Said(row.number, "paid", Decimal("0.01"), "Q"))
    else:
        heard(gateway, Said(row.number, message, row.amount))


def together(act: Callable[[int], object], n: int) -> int:
    def run(argument: int) -> bool:
        try:
            act(argument)
            return True
        except (RuleRefused, Stale, IntegrityError):
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(run, range(n)))


@pytest.mark.rule("V8.1")
@pytest.mark.django_db(transaction=True)
def test_a_notice_heard_sixteen_times_at_once_is_booked_once() -> None:
    world, gateway = make_world(1), PracticeGateway()
    order = opened(world, gateway, world.ids["1301"][0])
    said = gateway.pay(order.number)
    together(lambda _: heard(gateway, said), 16)
    assert books(world) == {"gateway": 160, "advance": -160}


@pytest.mark.django_db(transaction=True)
def test_without_lock_and_constraints_it_is_charged_twice(
    owner_connection: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protection is the region's lock and the order's row; behind them an entry once per source, an advance once."""
    world, gateway = make_world(1), PracticeGateway()
    order = opened(world, gateway, world.ids["1301"][0])
    said = gateway.pay(order.number)
    owner_connection.execute("DROP INDEX fees_entry_once_per_source")
    owner_connection.execute("ALTER TABLE fees_advance DROP CONSTRAINT fees_advance_once")
    monkeypatch.setattr(orders, "lock_regions", lambda *_: None)
    monkeypatch.setattr(Order.objects, "select_for_update", Order.objects.all)
    barrier = threading.Barrier(2, timeout=20)
    judge = rules.judge

    def slowly(*args: object, **kwargs: object) -> object:
        verdict = judge(*args, **kwargs)
        if verdict.act == "pay":
            barrier.wait()  # both have decided before either has written
        return verdict

    monkeypatch.setattr(orders.rules, "judge", slowly)
    together(lambda _: heard(gateway, said), 2)
    with acting(SYSTEM):
        assert Advance.objects.count() == 2
        assert Entry.objects.filter(kind="online").count() == 2
        wrong = {c.code for c in queries.checks(world.exam) if not c.holds}
    assert "online" in wrong  # and the reconciliation names it


@pytest.mark.rule("V8.1")
@pytest.mark.django_db(transaction=True)
def test_two_tabs_open_one_order() -> None:
    world = make_world(1)
    pk = world.ids["1301"][0]
    with acting(SYSTEM):
        by = as_candidate(pk)

    def order(_: int) -> None:
        with acting(by):
            services.open_order(exam=world.exam, by=by, at=DURING)

    together(order, 8)
    with acting(SYSTEM):
        assert Order.objects.count() == 1


class Wire:
    """The practice gateway behind HTTP on the loopback, as an installation meets a real one."""

    def __init__(self) -> None:
        self.inner, wire = PracticeGateway(), self
        self.broken = itertools.repeat("")

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["X-Signature"] == sign(body, KEY)
                status, answer = wire.answer(self.path, json.loads(body))
                fault = next(wire.broken)
                self.send_response(500 if fault == "500" else status)
                signature = "wrong" if fault == "signature" else sign(answer, KEY)
                self.send_header("X-Signature", signature)
                self.end_headers()
                self.wfile.write(answer[: len(answer) // 2] if fault == "cut" else answer)

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, path: str, facts: dict[str, str]) -> tuple[int, bytes]:
        number = facts["number"]
        if path == "/orders":
            self.inner.create(number, Decimal(facts["amount"]), facts["title"], facts["back"])
            return 200, json.dumps({"address": f"{self.url}/pay/{number}"}).encode()
        if path == "/query":
            return 200, self.inner.notice(self.inner.query(number))[0]
        accepted = self.inner.refund(number, facts["refund_number"], Decimal(facts["amount"]))
        return 200, json.dumps({"accepted": accepted}).encode()


@pytest.fixture
def wire() -> Iterator[Wire]:
    found = Wire()
    yield found
    found.server.shutdown()
    found.server.server_close()
    found.thread.join()


def test_the_adapter_speaks_to_a_gateway_over_http(wire: Wire) -> None:
    gateway = HttpGateway(wire.url, MERCHANT, KEY)
    assert gateway.create("N1", Decimal(160), "考试", "/").endswith("/pay/N1")
    assert gateway.query("N1").state == "open"
    wire.inner.pay("N1")
    assert gateway.query("N1") == Said("N1", "paid", Decimal("160.00"), "PN1")
    assert gateway.refund("N1", "KR1", Decimal(160))
    for fault in ("500", "signature", "cut"):
        wire.broken = itertools.repeat(fault)
        with pytest.raises(GatewayDown):
            gateway.query("N1")
    wire.server.server_close()
    with pytest.raises(ValueError, match="https"):
        HttpGateway("http://example.org", MERCHANT, KEY)


@pytest.mark.rule("V8.1")
def test_a_candidate_pays_on_the_page_and_reads_what_happens(
    world: World, client: Client, settings: object, wire: Wire
) -> None:
    from keju.stages.fees.tests.world import set_clock, sign_in_candidate

    set_clock(world.exam, DURING)
    settings.FEES_GATEWAY = {"url": wire.url, "merchant": MERCHANT, "key": KEY.decode()}  # type: ignore[attr-defined]
    pk = world.ids["1301"][0]
    sign_in_candidate(client, pk)
    mine = f"/exams/{world.exam.slug}/fees/mine/"
    page = client.get(mine).content.decode()
    assert "¥160.00" in page
    assert rules.readable(rules.reference(pk)) in page
    there = client.post(f"{mine}pay/")
    # No redirect: browsers hold that of a form to form-action, which is ourselves.
    assert there.status_code == 200
    assert there["Refresh"].startswith(f"0; url={wire.url}/pay/")
    assert f'href="{wire.url}/pay/' in there.content.decode()
    assert "等待结果" in client.get(mine).content.decode()
    with acting(SYSTEM):
        number = Order.objects.get().number
    body, signature = wire.inner.notice(wire.inner.pay(number))
    address = "/api/v1/fees/gateway/notice"
    sent = {"content_type": "application/json", "headers": {"X-Signature": "wrong"}}
    assert client.post(address, body, **sent).status_code == 400
    sent["headers"] = {"X-Signature": signature}
    assert client.post(address, body, **sent).json() == {"heard": "pay"}
    assert client.post(address, body, **sent).json() == {"heard": "leave"}
    assert "费用已到账" in client.get(mine).content.decode()
    assert client.post(f"{mine}pay/").status_code == 409
    assert client.get(f"/api/v1/fees/{world.exam.slug}/own").json()["arrived"] == "160.00"
    with acting(CLERK), pytest.raises(RuleRefused):
        services.take_payments(exam=world.exam, payments=[cash(pk)], by=CLERK, at=AFTER)
    assert Actor.anybody().may("fees:own:pay") is False
