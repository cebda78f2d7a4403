"""Two clerks at once: receipts without gap or duplicate, one payment a candidate; and what each protection prevents."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import psycopg
import pytest
from django.db import IntegrityError, connection, connections, transaction

from keju.kernel.audit import Stale
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.fees import queries, services
from keju.stages.fees.models import Entry, PaymentTaken, Posting, Refund, RefundBatch
from keju.stages.fees.services import payments, receipts
from keju.stages.fees.tests.world import (
    AFTER,
    CLERK,
    DURING,
    FINANCE,
    FINANCE_2,
    SYSTEM,
    World,
    cash,
    make_world,
)
from keju.stages.registration.services import mark_confirmed

Owner = psycopg.Connection[tuple[object, ...]]
THREADS = 8


def race(act: Callable[[int], object], arguments: list[int]) -> int:
    """How many of the simultaneous calls succeeded."""

    def run(argument: int) -> bool:
        try:
            act(argument)
            return True
        except (RuleRefused, Stale, IntegrityError):
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(run, arguments))


def pay(world: World) -> Callable[[int], object]:
    def act(pk: int) -> None:
        with acting(CLERK):
            services.take_payments(exam=world.exam, payments=[cash(pk)], by=CLERK, at=DURING)

    return act


@pytest.mark.rule("V5.1.2")
@pytest.mark.django_db(transaction=True)
def test_simultaneous_clerks_use_receipts_one_by_one() -> None:
    world = make_world(24)
    ids = world.ids["1301"]
    assert race(pay(world), ids) == 24
    with acting(SYSTEM):
        numbers = sorted(PaymentTaken.objects.values_list("receipt_number", flat=True))
        assert numbers == list(range(1, 25))
        assert queries.ledger_sum(world.exam) == 0


@pytest.mark.django_db(transaction=True)
def test_without_lock_and_constraint_a_number_is_given_twice(
    owner_connection: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protection is the region's lock, the row lock before the counter is read, and behind them the unique number."""
    world = make_world(48)
    owner_connection.execute("ALTER TABLE fees_payment DROP CONSTRAINT fees_receipt_once")
    monkeypatch.setattr(receipts, "NEXT", receipts.NEXT.replace("FOR UPDATE", ""))
    monkeypatch.setattr(payments, "lock_regions", lambda *_: None)
    ids = world.ids["1301"] + world.ids["1302"]

    def anywhere(pk: int) -> None:
        with acting(SYSTEM):
            services.take_payments(exam=world.exam, payments=[cash(pk)], by=SYSTEM, at=DURING)

    race(anywhere, ids)
    with acting(SYSTEM):
        numbers = list(PaymentTaken.objects.values_list("receipt_number", flat=True))
        assert len(set(numbers)) < len(numbers)
        assert queries.range_uses(world.exam, "13")[0].doubled  # and it is reported


@pytest.mark.rule("V5.3.2a")
@pytest.mark.django_db(transaction=True)
def test_a_double_click_pays_once() -> None:
    world = make_world(1)
    assert race(pay(world), world.ids["1301"] * 16) == 1
    with acting(SYSTEM):
        assert Entry.objects.count() == 2
        assert queries.ranges(world.exam, "13").get().following == 2


@pytest.mark.rule("V8.3")
@pytest.mark.django_db(transaction=True)
def test_a_double_click_refunds_once() -> None:
    world = make_world(2)
    ids = world.ids["1301"]
    with acting(SYSTEM):
        services.take_payments(exam=world.exam, payments=[cash(pk) for pk in ids], by=SYSTEM, at=DURING)
        services.mark_refundable(exam=world.exam, region_code="13", registration_ids=ids, by=SYSTEM, at=AFTER)

    def propose(_: int) -> None:
        with acting(FINANCE):
            services.propose_batch(exam=world.exam, region_code="13", way="hand", by=FINANCE, at=AFTER)

    assert race(propose, list(range(8))) == 1
    with acting(SYSTEM):
        batch = RefundBatch.objects.get()

    def release(_: int) -> None:
        with acting(FINANCE_2):
            services.release_batch(
                exam=world.exam, batch_id=batch.pk, digest=batch.digest, by=FINANCE_2, at=AFTER
            )

    assert race(release, list(range(16))) == 1
    with acting(SYSTEM):
        assert Entry.objects.filter(kind="refund").count() == 2
        assert Refund.objects.filter(paid_at__isnull=False).count() == 2


@pytest.mark.rule("V8.2a")
@pytest.mark.django_db(transaction=True)
def test_two_clerks_cannot_together_send_more_than_is_owed() -> None:
    world = make_world(1)
    pk = world.ids["1301"][0]
    pay(world)(pk)
    with acting(SYSTEM):
        mark_confirmed(exam=world.exam, registration_ids=[pk], by=SYSTEM, at=DURING)

    def send(n: int) -> None:
        with acting(FINANCE):
            services.remit(
                exam=world.exam, region_code="13", amount=Decimal(50), reference=f"R{n}", by=FINANCE, at=AFTER
            )

    assert race(send, list(range(8))) == 1


def unbalanced(world: World, *amounts: int) -> None:
    """As the application's role, past the services."""
    with acting(SYSTEM):
        entry = Entry.objects.create(
            exam=world.exam, office_path="/13/", kind="remittance", at=AFTER, by="somebody"
        )
        for line, amount in enumerate(amounts, 1):
            Posting.objects.create(
                entry=entry, line=line, exam=world.exam, office_path="/13/", account="bank", amount=amount
            )


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_an_entry_that_does_not_balance() -> None:
    world = make_world(1)
    for amounts in ((), (100,), (100, -99), (-1, -1)):
        with pytest.raises(IntegrityError, match="does not balance"):
            unbalanced(world, *amounts)
    unbalanced(world, 100, -100)
    with acting(SYSTEM):
        entry = Entry.objects.get()
    # Nor may a balanced entry grow a line later.
    with pytest.raises(IntegrityError, match="after it was closed"), acting(SYSTEM):
        Posting.objects.create(
            entry=entry, line=3, exam=world.exam, office_path="/13/", account="bank", amount=7
        )
    # A line belongs to the office of its entry, an entry to its registration; and no entry is without lines.
    with acting(SYSTEM):
        facts = {"exam": world.exam, "at": AFTER, "by": "x"}
        with pytest.raises(IntegrityError, match="outside its entry"), transaction.atomic():
            entry = Entry.objects.create(office_path="/13/", kind="remittance", **facts)
            Posting.objects.create(
                entry=entry, line=1, exam=world.exam, office_path="/11/", account="bank", amount=7
            )
        with pytest.raises(IntegrityError, match="without its exam or registration"), transaction.atomic():
            Entry.objects.create(office_path="/13/", kind="payment", registration_id=999_999, **facts)
        with pytest.raises(IntegrityError, match="another transaction"), transaction.atomic():
            Entry.objects.create(office_path="/13/", kind="remittance", tx=7, **facts)
    with pytest.raises(IntegrityError, match="does not balance"):
        unbalanced(world)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "after", ["SELECT 1", "DELETE FROM fees_written", "UPDATE fees_written SET highest = 0"]
)
def test_one_of_many_that_does_not_balance_is_found_whatever_is_done_to_the_note(after: str) -> None:
    world = make_world(1)
    facts = {"exam": world.exam, "office_path": "/13/"}
    with pytest.raises(IntegrityError, match="does not balance"), acting(SYSTEM):
        entries = Entry.objects.bulk_create(
            Entry(kind="remittance", at=AFTER, by="somebody", **facts) for _ in range(3)
        )
        Posting.objects.bulk_create(
            Posting(entry=entry, line=line, account="bank", amount=amount, **facts)
            for n, entry in enumerate(entries)
            for line, amount in enumerate((100, -100 if n != 1 else -99), 1)
        )
        with connection.cursor() as cursor:
            cursor.execute(after)
    with acting(SYSTEM):
        assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_without_the_trigger_the_ledger_goes_wrong(owner_connection: Owner) -> None:
    """The protection is the trigger: without it the same lines are taken, and the sum shows it."""
    world = make_world(1)
    owner_connection.execute("DROP TRIGGER fees_written_balances ON fees_written")
    unbalanced(world, 100, -99)
    with acting(SYSTEM):
        assert queries.ledger_sum(world.exam) == 1


@pytest.mark.django_db(transaction=True)
def test_the_trigger_sees_its_rows_when_no_scope_is_set(owner_connection: Owner) -> None:
    """At the end of the transaction the scope is gone; without its own the check would refuse what is right."""
    world = make_world(1)
    owner_connection.execute("ALTER FUNCTION fees_written_balances() RESET ALL")
    # Within a transaction of somebody else's the scope is given back before its end.
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        unbalanced(world, 100, -100)
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('keju.path', true), '')")
        assert cursor.fetchone() == ("",)
