"""Many at once on real connections: one signature per person, one use per approval; without the guards both go wrong."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, connections

from keju.kernel.approvals import services
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.needing import Need
from keju.kernel.approvals.tests.world import AT, SYSTEM, proposed, signed, someone, tree
from keju.kernel.offices import acting

pytestmark = pytest.mark.django_db(transaction=True)
WAYS = [24, pytest.param(200, marks=pytest.mark.nightly)]
AT_ONCE = 20  # connections; the server has a hundred
GUARDS = (
    ("approvals_proposal", "approvals_proposal_guard"),
    ("approvals_signature", "approvals_signature_guard"),
    ("approvals_proposal", "approvals_approved_by_humans"),
    ("approvals_signature", "approvals_distinct_humans"),
)


def at_once(call: Callable[[int], object], ways: int) -> list[object]:
    """What each of so many calls answered, begun together in batches of as many connections as the server bears."""
    answers: list[object] = [None] * ways

    def run(n: int, gate: threading.Barrier) -> None:
        try:
            connection.ensure_connection()
            gate.wait(30)
            answers[n] = call(n)
        except Exception as error:
            answers[n] = type(error).__name__
        finally:
            connections.close_all()

    for begin in range(0, ways, AT_ONCE):
        batch = range(begin, min(ways, begin + AT_ONCE))
        gate = threading.Barrier(len(batch))
        threads = [threading.Thread(target=run, args=(n, gate)) for n in batch]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    return answers


def use(row: Proposal) -> str:
    with acting(SYSTEM):
        services.consume(
            proposal_id=row.pk,
            kind=row.kind,
            subject=row.subject,
            content_hash=row.content_hash,
            by=SYSTEM,
            at=AT,
        )
    return "used"


def counted(row: Proposal) -> tuple[str, int, int]:
    """The state, the distinct people who signed, and the signatures."""
    with acting(SYSTEM):
        row.refresh_from_db()
        people = row.signatures.values_list("person_id", flat=True)
        return row.state, len(set(people)), len(people)


@contextmanager
def unguarded(owner, monkeypatch) -> Iterator[None]:
    """The same services without the lock, and the tables without their guards."""
    for table, trigger in GUARDS:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    owner.execute("ALTER TABLE approvals_signature DROP CONSTRAINT approvals_person_once")
    owner.execute("ALTER TABLE approvals_signature DROP CONSTRAINT approvals_signature_need_id_key")
    together = threading.Barrier(8)

    def unlocked(proposal_id: int) -> Proposal:
        row = Proposal.objects.select_related("exam").get(pk=proposal_id)
        together.wait(30)  # all have read before anybody writes: what a lock would prevent
        return row

    monkeypatch.setattr(services, "_locked", unlocked)
    monkeypatch.setattr(services, "_own_entries", lambda person_id: [person_id])
    yield


def ready(ways: int):
    """A proposal that needs two of the region, one who has plenty of codes, and the proposer."""
    tree()
    proposer = someone("p", "region_officer", "13")
    row = proposed(proposer.actor, "A", Need("region", 2))
    return row, someone("q", "region_officer", "13", codes=ways)


def approved() -> Proposal:
    row, one = ready(1)
    assert signed(row, one) and signed(row, someone("r", "region_finance", "13", codes=1))
    return row


@pytest.mark.parametrize("ways", WAYS)
def test_one_person_at_once_on_many_devices_counts_once(ways):
    row, one = ready(ways)
    codes = list(one.codes)
    answers = at_once(lambda n: signed(row, one, codes[n]), ways)
    assert answers.count(True) == 1
    assert answers.count("RuleRefused") == ways - 1
    assert counted(row) == ("open", 1, 1)


@pytest.mark.parametrize("ways", WAYS)
def test_an_approval_is_used_once(ways):
    row = approved()
    answers = at_once(lambda n: use(row), ways)
    assert answers.count("used") == 1 and answers.count("RuleRefused") == ways - 1
    assert counted(row)[0] == "used"


@pytest.mark.parametrize("ways", WAYS)
def test_more_signers_than_places_leave_two(ways):
    row, _ = ready(1)
    people = [someone(f"s{n}", "region_officer", "13", codes=1) for n in range(ways)]
    codes = [one.codes[0] for one in people]
    answers = at_once(lambda n: signed(row, people[n], codes[n]), ways)
    assert answers.count(True) == 2
    assert counted(row) == ("approved", 2, 2)


def test_without_the_guards_one_person_signs_for_several(owner_connection, monkeypatch):
    """The harness sees the fault when there is one."""
    row, one = ready(8)
    codes = list(one.codes)
    with unguarded(owner_connection, monkeypatch):
        answers = at_once(lambda n: signed(row, one, codes[n]), 8)
    _, people, signatures = counted(row)
    assert answers.count(True) == signatures > 1 == people


def test_without_the_guards_an_approval_is_used_several_times(owner_connection, monkeypatch):
    row = approved()
    with unguarded(owner_connection, monkeypatch):
        answers = at_once(lambda n: use(row), 8)
    assert answers.count("used") > 1
