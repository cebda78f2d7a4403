"""Random steps of random people against a plain model: no approval with fewer than its distinct people, none used twice."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from keju.kernel.accounts import services as accounts
from keju.kernel.approvals import services
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.needing import Need
from keju.kernel.approvals.tests.world import AT, SYSTEM, Someone, proposed, signed, someone, tree
from keju.kernel.audit import Stale
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused

NEEDS = (
    (Need("region_leader"),),
    (Need("region", 2),),
    (Need("region_leader"), Need("region", 2)),
    (Need("region_leader", 2), Need("region_officer"), Need("centre")),
)
UNJUST = """
SELECT p.id FROM approvals_proposal p
LEFT JOIN approvals_signature s ON s.proposal_id = p.id AND s.person_id IS DISTINCT FROM p.proposer_id
  AND s.content_hash = p.content_hash
WHERE p.state IN ('approved', 'used') GROUP BY p.id HAVING count(DISTINCT s.person_id) < p.needed
"""


@dataclass
class Believed:
    """A proposal as the model sees it."""

    row: Proposal
    proposer: int
    free: Counter[str]
    expires: datetime
    state: str = "open"
    signers: set[int] = field(default_factory=set)


class Machine:
    """The world, the model beside it, and one random step at a time."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        tree()
        self.people = [
            someone("a", "region_officer", "13"),
            someone("b", "region_officer", "13"),
            someone("c", "region_finance", "13"),
            someone("d", "region_leader", "13"),
            someone("e", "region_leader", "13"),
            someone("f", "centre_exam", "centre"),
            someone("g", "point_leader", "1301"),
        ]
        self.spent: dict[int, list[str]] = {p.person.pk: [] for p in self.people}
        self.at = AT
        self.believed: list[Believed] = []
        self.outcomes: Counter[str] = Counter()

    def step(self) -> None:
        acts = [self.propose, *[self.sign] * 16, self.refuse, self.withdraw, *[self.consume] * 4, self.forge]
        act = self.chance.choice(acts)
        self.outcomes[f"{act.__name__}: {act()}"] += 1
        if self.chance.random() < 0.02:
            self.at += timedelta(days=self.chance.randint(1, 6))

    def propose(self) -> str:
        who = self.chance.choice(self.people[:6])
        subject, text = f"bag:{self.chance.randint(1, 3)}", self.chance.choice("AB")
        needs = self.chance.choice(NEEDS)
        row = proposed(who.actor, text, *needs, subject=subject, at=self.at)
        if any(b.row.pk == row.pk for b in self.believed):
            return "again"
        for b in self.believed:
            if b.row.subject == subject and b.state in ("open", "approved"):
                b.state = "superseded"
        free = Counter({n.what: n.count for n in needs})
        self.believed.append(Believed(row, who.person.pk, free, self.at + timedelta(days=10)))
        return "made"

    def sign(self) -> str:
        b, who = self._any(), self.chance.choice(self.people)
        if b is None:
            return "nothing"
        code, good = self._code(who)
        shown = b.row
        other = self._any()
        if self.chance.random() < 0.1 and other is not None:
            shown = Proposal(pk=b.row.pk, content_hash=other.row.content_hash)
        expected = self._expected(b, who, shown.content_hash, good)
        try:
            got = "signed" if signed(shown, who, code, at=self.at) else "unproved"
        except (Stale, RuleRefused, Proposal.DoesNotExist) as error:
            got = _name(error)
        assert got == expected, (got, expected)
        if got == "signed":
            self.spent[who.person.pk].append(code)
            self._sign(b, who)
        elif got == "unproved":
            with acting(SYSTEM), connection.cursor() as cursor:  # else the wait would outlast the test
                cursor.execute("UPDATE accounts_signing_sheet SET failures = 0, failed_at = NULL")
        elif good:
            who.codes.append(code)
        return got

    def refuse(self) -> str:
        b, who = self._any(), self.chance.choice(self.people)
        if b is None:
            return "nothing"
        asked = set(b.free) & _is(who)
        may = who.actor.office_path in ("/13/", "/") and who.person.pk != b.proposer and asked
        return self._end(b, who, services.refuse, "refused", bool(may))

    def withdraw(self) -> str:
        b, who = self._any(), self.chance.choice(self.people)
        return (
            "nothing"
            if b is None
            else self._end(b, who, services.withdraw, "withdrawn", who.person.pk == b.proposer)
        )

    def consume(self) -> str:
        b = self._any()
        if b is None:
            return "nothing"
        wrong = self.chance.random() < 0.2
        good = b.state == "approved" and self.at < b.expires and not wrong
        try:
            with acting(SYSTEM):
                services.consume(
                    proposal_id=b.row.pk,
                    kind="test.open",
                    subject="bag:9" if wrong else b.row.subject,
                    content_hash=b.row.content_hash,
                    by=SYSTEM,
                    at=self.at,
                )
        except RuleRefused as error:
            assert not good
            return _name(error)
        assert good
        b.state = "used"
        return "used"

    def forge(self) -> str:
        """The application's own role tries to write what only signatures may."""
        b = self._any()
        if b is None:
            return "nothing"
        state = self.chance.choice(["approved", "used", "open"])
        possible = state == "used" and b.state == "approved" and self.at < b.expires
        if possible or (b.state == "open" and not +b.free):
            return "lawful"
        with (
            acting(SYSTEM),
            connection.cursor() as cursor,
            pytest.raises(DatabaseError),
            transaction.atomic(),
        ):
            cursor.execute(
                "UPDATE approvals_proposal SET state = %s, decided_at = %s WHERE id = %s",
                [state, self.at, b.row.pk],
            )
        return "refused"

    def check(self) -> None:
        with acting(SYSTEM), connection.cursor() as cursor:
            cursor.execute("SELECT id, state FROM approvals_proposal")
            assert dict(cursor.fetchall()) == {b.row.pk: b.state for b in self.believed}
            cursor.execute(UNJUST)
            assert cursor.fetchall() == []
            cursor.execute("SELECT count(*), count(DISTINCT proof_id) FROM approvals_signature")
            signatures, proofs = cursor.fetchone()
            assert signatures == proofs == sum(len(b.signers) for b in self.believed)
            cursor.execute("SELECT subject FROM audit_event WHERE kind = 'approvals.proposal.used'")
            used = Counter(subject for (subject,) in cursor.fetchall())
            assert all(n == 1 for n in used.values())

    def _expected(self, b: Believed, who: Someone, content_hash: str, good: bool) -> str:
        if who.actor.office_path not in ("/13/", "/"):
            return "DoesNotExist"
        if b.state != "open" or content_hash != b.row.content_hash:
            return "Stale"
        if self.at >= b.expires:
            return "approval_expired"
        if who.person.pk == b.proposer:
            return "approval_own"
        if who.person.pk in b.signers:
            return "approval_twice"
        if self._place(b, who) is None:
            return "approval_not_yours"
        return "signed" if good else "unproved"

    def _place(self, b: Believed, who: Someone) -> str | None:
        kind = "region" if who.actor.office_path == "/13/" else "centre"
        return next((w for w in (who.actor.role, kind) if b.free[w] > 0), None)

    def _sign(self, b: Believed, who: Someone) -> None:
        b.free[self._place(b, who) or ""] -= 1
        b.signers.add(who.person.pk)
        if not +b.free:
            b.state = "approved"

    def _end(self, b, who, service, state: str, may: bool) -> str:
        living = b.state in ("open", "approved")
        try:
            with acting(who.actor):
                service(proposal_id=b.row.pk, reason="x", by=who.actor, at=self.at)
        except (Stale, RuleRefused, Proposal.DoesNotExist) as error:
            assert not (living and may)
            return _name(error)
        assert living and may
        b.state = state
        return state

    def _any(self) -> Believed | None:
        """Mostly one of the last, so that living ones are met."""
        if not self.believed:
            return None
        return self.chance.choice(self.believed[-4:] if self.chance.random() < 0.9 else self.believed)

    def _code(self, who: Someone) -> tuple[str, bool]:
        """A code and whether it proves this person."""
        if not who.codes:
            with acting(SYSTEM):
                who.codes = accounts.issue_signing_codes(
                    person_id=who.person.pk, count=20, by=SYSTEM, at=self.at
                )
            self.spent[who.person.pk] = []
        luck = self.chance.random()
        if luck < 0.05:
            return "07-AAAAAA", False
        if luck < 0.15 and self.spent[who.person.pk]:
            return self.chance.choice(self.spent[who.person.pk]), False
        if luck < 0.2:
            other = self.chance.choice([p for p in self.people if p is not who])
            if other.codes:
                return other.codes[-1], False
        return who.codes.pop(), True


def _is(who: Someone) -> set[str]:
    return {who.actor.role, "region" if who.actor.office_path == "/13/" else "centre"}


def _name(error: Exception) -> str:
    return error.refusals[0].code if isinstance(error, RuleRefused) else type(error).__name__


def _run(seed: int, steps: int) -> Counter[str]:
    machine = Machine(seed)
    for n in range(steps):
        machine.step()
        if n % 50 == 0:
            machine.check()
    machine.check()
    return machine.outcomes


@pytest.mark.django_db
def test_random_steps_agree_with_the_model():
    outcomes = _run(seed=5, steps=250)
    assert {"sign: signed", "consume: used", "sign: unproved", "forge: refused"} <= set(outcomes)


@pytest.mark.nightly
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(10))
def test_a_hundred_thousand_random_steps(seed):
    """Ten worlds of ten thousand steps each."""
    outcomes = _run(seed, 10_000)
    assert outcomes["consume: used"] > 50 and outcomes["sign: approval_own"] > 50
