"""Proposals and signatures: row and event, and who is refused why."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from keju.kernel.accounts import services as accounts
from keju.kernel.approvals import effects, queries, services
from keju.kernel.approvals.models import Proposal, Signature
from keju.kernel.approvals.needing import Need
from keju.kernel.approvals.tests.world import (
    AT,
    LEADER,
    OFFICER,
    SYSTEM,
    content,
    proposed,
    signed,
    someone,
    tree,
)
from keju.kernel.audit import Stale
from keju.kernel.audit.models import Event
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused, load_programme, t

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db):
    tree()
    return {
        "proposer": someone("提请人", "region_officer", "13", codes=2),
        "leader": someone("领导", "region_leader", "13", codes=4),
        "one": someone("甲", "region_officer", "13", codes=4),
        "two": someone("乙", "region_finance", "13", codes=2),
        "stranger": someone("外", "region_leader", "11", codes=2),
        "point": someone("考点", "point_leader", "1301", codes=2),
        "nation": someone("中心", "centre_exam", "centre", codes=2),
    }


def refused(call) -> str:
    with pytest.raises(RuleRefused) as error, transaction.atomic():
        call()
    found = error.value.refusals[0]
    words = found.words(load_programme("veterinarian"))
    assert words.zh and words.en and "{" not in words.en
    return found.code


def see(row: Proposal) -> None:
    with acting(SYSTEM):
        row.refresh_from_db()


def count(model, **filters) -> int:
    with acting(SYSTEM):
        return model.objects.filter(**filters).count()


def consumed(row: Proposal, by, at=AT, **change):
    facts = {"kind": row.kind, "subject": row.subject, "content_hash": row.content_hash, **change}
    with acting(by):
        return services.consume(proposal_id=row.pk, **facts, by=by, at=at)


def test_three_distinct_people_approve_and_it_is_used_once(people):
    row = proposed(people["proposer"].actor)
    assert signed(row, people["two"]) and signed(row, people["leader"])
    see(row)
    assert row.state == "open"
    assert refused(lambda: consumed(row, people["proposer"].actor)) == "approval_missing"
    assert signed(row, people["one"])
    see(row)
    assert row.state == "approved"
    with acting(SYSTEM):
        recorded = Event.objects.filter(subject=f"proposal:{row.pk}")
        kinds = list(recorded.values_list("kind", "rules"))
    assert sorted(k for k, _ in kinds) == sorted(
        ["approvals.proposal.made", *["approvals.proposal.signed"] * 3, "approvals.proposal.approved"]
    )
    assert all(rules == ["P5.1"] for _, rules in kinds)
    assert refused(lambda: consumed(row, SYSTEM, content_hash="0" * 64)) == "approval_other"
    assert refused(lambda: consumed(row, SYSTEM, needs=[LEADER])) == "approval_other"
    assert refused(lambda: consumed(row, SYSTEM, at=AT + timedelta(days=10))) == "approval_expired"
    consumed(row, people["proposer"].actor, needs=[OFFICER, LEADER])
    assert refused(lambda: consumed(row, people["proposer"].actor)) == "approval_used"
    assert count(Event, kind="approvals.proposal.used", subject=f"proposal:{row.pk}") == 1


def test_who_may_not_sign(people):
    row = proposed(people["proposer"].actor)
    assert refused(lambda: signed(row, people["proposer"])) == "approval_own"
    with pytest.raises(Proposal.DoesNotExist):
        signed(row, people["stranger"])
    with pytest.raises(Proposal.DoesNotExist):
        signed(row, people["point"])
    assert refused(lambda: signed(row, people["nation"])) == "approval_not_yours"
    assert signed(row, people["one"])
    assert refused(lambda: signed(row, people["one"])) == "approval_twice"
    assert signed(row, people["two"])
    third = someone("丙", "region_officer", "13", codes=1)  # both places of the region are taken
    assert refused(lambda: signed(row, third)) == "approval_not_yours"
    late = AT + timedelta(days=10)
    assert refused(lambda: signed(row, people["leader"], at=late)) == "approval_expired"
    assert count(Signature, proposal=row) == 2


def test_the_role_is_filled_before_the_kind_of_office(people):
    row = proposed(people["proposer"].actor)
    assert signed(row, people["leader"])
    with acting(SYSTEM):
        assert Signature.objects.get(proposal=row).need.what == "region_leader"


def test_a_code_counts_once_and_other_content_is_another_proposal(people):
    row = proposed(people["proposer"].actor)
    code = people["one"].codes[-1]
    assert signed(row, people["one"])
    other = proposed(people["proposer"].actor, "B", subject="bag:2")
    assert not signed(other, people["one"], code)
    with pytest.raises(Stale), transaction.atomic(), acting(people["leader"].actor):
        services.sign(
            proposal_id=row.pk,
            content_hash=other.content_hash,
            code=people["leader"].codes[0],
            by=people["leader"].actor,
            at=AT,
        )
    changed = proposed(people["proposer"].actor, "A, changed")
    see(row)
    assert row.state == "superseded" and changed.pk != row.pk
    assert count(Signature, proposal=changed) == 0
    with pytest.raises(Stale), transaction.atomic():
        signed(row, people["leader"])
    again = proposed(people["proposer"].actor, "A, changed")
    assert again.pk == changed.pk


def test_wrong_codes_slow_down_and_are_recorded(people):
    row = proposed(people["proposer"].actor)
    one = people["one"]
    good = one.codes[-1]
    assert not signed(row, one, f"{good[:2]}-AAAAAA")
    assert not signed(row, one, good), "the wait has not passed"
    assert count(Event, kind="accounts.person.not_proved", subject=f"person:{one.person.pk}") == 2
    assert count(Signature) == 0


def test_who_made_the_codes_takes_no_part_beside_their_owner(people):
    officer, one, two = people["proposer"].actor, people["one"], people["two"]
    with acting(SYSTEM):
        one.codes = accounts.issue_signing_codes(person_id=one.person.pk, count=2, by=officer, at=AT)
        two.codes = accounts.issue_signing_codes(person_id=two.person.pk, count=2, by=one.actor, at=AT)
    row = proposed(officer)
    assert refused(lambda: signed(row, one)) == "approval_code_known"
    row = proposed(people["leader"].actor, "A", OFFICER)
    assert signed(row, two)
    assert refused(lambda: signed(row, one)) == "approval_code_known"


def test_at_the_hands_of_who_made_the_sheet_its_codes_prove_nothing(people):
    """One clerk made both sheets and sits at the screen where both sign: that would be one person."""
    clerk, one, two = people["stranger"].actor, people["one"].person, people["two"].person
    with acting(SYSTEM):
        sheets = [accounts.issue_signing_codes(person_id=p.pk, count=2, by=clerk, at=AT) for p in (one, two)]
        tries = [
            accounts.prove(person_id=p.pk, code=codes[0], by=clerk, at=AT)
            for p, codes in zip((one, two), sheets, strict=True)
        ]
        assert tries == [None, None]
        assert accounts.prove(person_id=one.pk, code=sheets[0][0], by=people["one"].actor, at=AT)
    assert count(Event, kind="accounts.person.not_proved", actor=clerk.ref) == 2


def test_a_new_sheet_and_a_lost_one_end_the_old(people):
    row = proposed(people["proposer"].actor)
    one = people["one"]
    old = one.codes[-1]
    with acting(SYSTEM):
        one.codes = accounts.issue_signing_codes(person_id=one.person.pk, count=1, by=SYSTEM, at=AT)
    assert not signed(row, one, old)
    with acting(SYSTEM):
        accounts.void_signing_codes(person_id=one.person.pk, by=SYSTEM, at=AT)
    assert not signed(row, one)


def test_refusing_and_withdrawing_end_it_with_a_reason(people):
    proposer, leader, nation = (people[n].actor for n in ("proposer", "leader", "nation"))
    row = proposed(proposer)

    def refuse(by, reason):
        with acting(by):
            services.refuse(proposal_id=row.pk, reason=reason, by=by, at=AT)

    assert refused(lambda: refuse(nation, "x")) == "approval_not_yours"
    assert refused(lambda: refuse(proposer, "x")) == "approval_not_yours"
    assert refused(lambda: refuse(leader, " ")) == "approval_reason"
    refuse(leader, "袋号不符")
    see(row)
    assert (row.state, row.reason) == ("refused", "袋号不符")
    with pytest.raises(Stale), transaction.atomic():
        signed(row, people["one"])
    row = proposed(proposer)
    with acting(leader):
        assert (
            refused(lambda: services.withdraw(proposal_id=row.pk, reason="x", by=leader, at=AT))
            == "approval_not_yours"
        )
    with acting(proposer):
        services.withdraw(proposal_id=row.pk, reason="改期", by=proposer, at=AT)
    see(row)
    assert row.state == "withdrawn"


def test_the_inbox_holds_what_waits_for_me(people):
    row = proposed(people["proposer"].actor)

    def waits(name: str) -> bool:
        actor = people[name].actor
        with acting(actor):
            return queries.inbox(viewer=actor, exam=None, at=AT).filter(pk=row.pk).exists()

    assert [n for n in people if waits(n)] == ["leader", "one", "two"]
    assert signed(row, people["one"])
    assert not waits("one") and waits("two")
    with acting(people["point"].actor), pytest.raises(Proposal.DoesNotExist):
        queries.proposal(row.pk, viewer=people["point"].actor, at=AT)
    with acting(people["nation"].actor), pytest.raises(Proposal.DoesNotExist):
        queries.proposal(row.pk, viewer=people["nation"].actor, at=AT)
    with acting(people["one"].actor):
        seen = queries.proposal(row.pk, viewer=people["one"].actor, at=AT)
        assert queries.slot_of(people["one"].actor, seen) is None
    assert [(m.what, m.count) for m in seen.missing] == [("region_leader", 1), ("region", 1)]
    assert seen.proposal.content == content() or seen.proposal.content.title == content().title


def test_several_sign_on_one_telephone(people):
    row = proposed(people["proposer"].actor, "A", Need("post:escort", 2))
    phone = people["one"].actor
    for name in ("two", "point"):
        who = people[name]
        signer = services.Signer(who.person.pk, who.person.name, [services.Capacity("post:escort", "/13/")])
        with acting(phone):
            assert services.sign(
                proposal_id=row.pk,
                content_hash=row.content_hash,
                code=who.codes.pop(),
                signer=signer,
                by=phone,
                at=AT,
            )
    see(row)
    assert row.state == "approved"


def test_the_last_signature_carries_it_out(people, monkeypatch):
    monkeypatch.setitem(effects._kinds, "test.open", None)

    @effects.carries_out("test.open", t("试", "Test"))
    def carry(*, proposal, by, at):
        services.consume(
            proposal_id=proposal.pk,
            kind="test.open",
            subject=proposal.subject,
            content_hash=proposal.content_hash,
            by=by,
            at=at,
        )

    row = proposed(people["proposer"].actor, "A", LEADER)
    assert signed(row, people["leader"])
    see(row)
    assert row.state == "used"


FORGERIES = {
    "approved without signatures": "UPDATE approvals_proposal SET state = 'approved', decided_at = now() WHERE id = {id}",
    "used without approval": "UPDATE approvals_proposal SET state = 'used', decided_at = now() WHERE id = {id}",
    "content changed": "UPDATE approvals_proposal SET content_hash = repeat('0', 64) WHERE id = {id}",
    "less needed": "UPDATE approvals_proposal SET needed = 1 WHERE id = {id}",
    "a need dropped": "DELETE FROM approvals_need WHERE proposal_id = {id} AND number = 1",
    "a need more": "INSERT INTO approvals_need (proposal_id, office_path, number, what, at_path)"
    " VALUES ({id}, '/13/', 4, 'region', '')",
    "proposal deleted": "DELETE FROM approvals_proposal WHERE id = {id}",
    "signature turned to another": "UPDATE approvals_signature SET proposal_id = proposal_id",
    "signature of the proposer": "INSERT INTO approvals_signature (proposal_id, need_id, office_path, person_id,"
    " signer_name, proof_id, content_hash, seen_hash, signed_at) SELECT {id}, n.id, '/13/', p.proposer_id, 'x', 0,"
    " p.content_hash, p.seen_hash, p.proposed_at FROM approvals_need n JOIN approvals_proposal p ON p.id = n.proposal_id"
    " WHERE p.id = {id} AND n.number = 2",
    "the same proof again": "INSERT INTO approvals_signature (proposal_id, need_id, office_path, person_id, signer_name,"
    " proof_id, content_hash, seen_hash, signed_at) SELECT {id}, n.id, '/13/', {two}, 'x', s.proof_id, s.content_hash,"
    " s.seen_hash, s.signed_at FROM approvals_need n, approvals_signature s WHERE n.proposal_id = {id} AND n.number = 2"
    " AND s.proposal_id = {id}",
    "signed for other content": "INSERT INTO approvals_signature (proposal_id, need_id, office_path, person_id,"
    " signer_name, proof_id, content_hash, seen_hash, signed_at) SELECT {id}, n.id, '/13/', {two}, 'x', 0,"
    " repeat('0', 64), p.seen_hash, p.proposed_at FROM approvals_need n JOIN approvals_proposal p ON p.id = n.proposal_id"
    " WHERE p.id = {id} AND n.number = 2",
    "a proof rewritten": "UPDATE accounts_proof SET counter = counter + 1",
    "a code made fresh": "UPDATE accounts_signing_code SET used_at = NULL",
    "a code's hash set": "UPDATE accounts_signing_code SET code_hash = 'x'",
    "failures deleted": "DELETE FROM accounts_signing_sheet",
}


@pytest.mark.parametrize("statement", FORGERIES.values(), ids=FORGERIES)
def test_the_database_refuses_the_applications_own_role(people, statement):
    row = proposed(people["proposer"].actor)
    assert signed(row, people["leader"])
    with acting(SYSTEM), connection.cursor() as cursor:
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(statement.format(id=row.pk, two=people["two"].person.pk))
    see(row)
    assert row.state == "open"
