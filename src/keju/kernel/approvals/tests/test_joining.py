"""One human with two entries is one person to everything that needs several (ADR 19)."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from keju.algorithms.identity import compose
from keju.kernel.accounts import queries as accounts
from keju.kernel.accounts import services as people
from keju.kernel.accounts.models import Joining, Person
from keju.kernel.accounts.queries import identity_index
from keju.kernel.approvals import services
from keju.kernel.approvals.joining import identify
from keju.kernel.approvals.models import Proposal, Signature
from keju.kernel.approvals.needing import Need
from keju.kernel.approvals.tests.test_race import at_once, counted
from keju.kernel.approvals.tests.world import AT, SYSTEM, Someone, proposed, signed, someone, tree
from keju.kernel.audit.models import Event
from keju.kernel.offices import acting
from keju.kernel.offices.queries import office
from keju.rulebook import RuleRefused

NUMBER = compose("130102", date(1970, 5, 6), 11)
TWO = Need("region", 2)
GUARDS = (
    ("approvals_signature", "approvals_distinct_humans"),
    ("approvals_proposal", "approvals_approved_by_humans"),
    ("accounts_person", "approvals_joined_apart"),
)


def twice(name: str = "王某") -> tuple[Someone, Someone]:
    """One human: an entry that signs in, whose number nobody recorded, and one in a registry, known by the number."""
    one, other = (someone(name, "region_officer", "13", codes=3) for _ in range(2))
    with acting(SYSTEM):
        Person.objects.filter(pk=other.person.pk).update(identity_index=identity_index(NUMBER))
    return one, other


def join(one: Someone, **facts):
    with acting(SYSTEM):
        return identify(
            person_id=one.person.pk,
            **{"identity": NUMBER, "seen": "居民身份证", "by": SYSTEM, "at": AT, **facts},
        )


def ask(subject: str = "bag:1", *needs: Need) -> Proposal:
    return proposed(someone("提请人", "region_officer", "13").actor, "A", *(needs or (TWO,)), subject=subject)


@pytest.mark.django_db
def test_joined_entries_sign_once_and_nothing_of_the_past_is_rewritten():
    tree()
    one, other = twice()
    before = ask("bag:0", Need("region"))
    assert signed(before, one)
    assert join(one).joined == (other.person.pk,)
    row = ask()
    assert signed(row, one)
    with pytest.raises(RuleRefused) as caught, transaction.atomic():
        signed(row, other)
    assert caught.value.refusals[0].code == "approval_twice"
    own = proposed(one.actor, "A", TWO, subject="bag:2")
    with pytest.raises(RuleRefused) as caught, transaction.atomic():
        signed(own, other)
    assert caught.value.refusals[0].code == "approval_own"
    assert signed(row, someone("乙", "region_officer", "13", codes=1))
    assert counted(row) == ("approved", 2, 2)
    with acting(SYSTEM):
        assert Signature.objects.get(proposal=before).person_id == one.person.pk
        event = Event.objects.get(kind="accounts.people.joined")
        assert event.data["with"] == other.person.pk and NUMBER not in str(event.data)
        assert Joining.objects.get().seen == "居民身份证"


@pytest.mark.django_db
def test_two_who_have_a_part_in_a_living_proposal_are_joined_when_it_is_over():
    tree()
    one, other = twice()
    row = ask("bag:1", Need("region", 3))
    assert signed(row, one) and signed(row, other)
    with pytest.raises(ValidationError), transaction.atomic():
        join(one)
    with acting(SYSTEM), pytest.raises(DatabaseError), transaction.atomic():
        Person.objects.filter(pk=other.person.pk).update(human=one.person.pk)
    with acting(SYSTEM):
        maker = replace(one.actor, ref=row.proposed_by, person_id=row.proposer_id)
        services.withdraw(proposal_id=row.pk, reason="重来", by=maker, at=AT)
    done = join(one)
    assert done.both_signed == (row.pk,)
    with acting(SYSTEM):
        assert Event.objects.get(kind="accounts.people.joined").data["both_signed"] == [row.pk]


@pytest.mark.django_db
def test_who_is_joined_is_never_parted_nor_joined_by_half():
    tree()
    one, other = twice()
    third = someone("王某", "region_officer", "13")
    join(one)
    for change in ({"human": None}, {"human": third.person.pk}):
        with acting(SYSTEM), pytest.raises(DatabaseError), transaction.atomic():
            Person.objects.filter(pk=max(one.person.pk, other.person.pk)).update(**change)
    assert accounts.is_same_human(one.person.pk, other.person.pk)
    assert not accounts.is_same_human(one.person.pk, third.person.pk)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [({"identity": NUMBER[:17] + "0"}, "identity"), ({"seen": " "}, "seen")],
)
def test_without_evidence_nobody_is_joined(change, field):
    tree()
    one, _ = twice()
    with pytest.raises(ValidationError) as caught, transaction.atomic():
        join(one, **change)
    assert field in caught.value.message_dict


@pytest.mark.django_db
def test_another_name_or_another_number_is_refused():
    tree()
    _, other = twice()
    with pytest.raises(ValidationError):
        join(someone("李某", "region_officer", "13"))
    with pytest.raises(ValidationError):
        join(other, identity=compose("130102", date(1970, 5, 6), 12))
    with acting(SYSTEM):
        assert not Joining.objects.exists()


def added(username: str, identity: str) -> Person:
    return people.add_person(
        name="王某",
        username=username,
        password="correct horse battery",
        office=office("13"),
        identity=identity,
        by=SYSTEM,
        at=AT,
    )


@pytest.mark.django_db
def test_of_two_sign_ins_one_is_closed_with_its_roles():
    tree()
    region = office("13")
    with acting(SYSTEM):
        first, second = added("wang1", NUMBER), added("wang2", "")
        people.post(
            person=second, office=region, role="region_finance", starts_on=AT.date(), by=SYSTEM, at=AT
        )
        with pytest.raises(ValidationError), transaction.atomic():  # one human has one sign-in
            added("wang3", NUMBER)
    mine = Someone(second, someone("x", "region_officer", "13").actor)
    with pytest.raises(ValidationError) as caught, transaction.atomic():
        join(mine)
    assert "close" in caught.value.message_dict
    join(mine, close=True)
    with acting(SYSTEM):
        second = Person.objects.select_related("login").get(pk=second.pk)
        assert second.login is not None and not second.login.is_active
        assert second.postings.get().ends_on == AT.date()
        assert Person.objects.select_related("login").get(pk=first.pk).login.is_active


@pytest.mark.django_db(transaction=True)
def test_a_joining_and_a_signature_at_once_see_each_other():
    tree()
    one, other = twice()
    row = ask()
    assert signed(row, one)
    calls = [lambda: signed(row, other), lambda: join(one)]
    answers = at_once(lambda n: calls[n]() and "done", 2)
    assert answers.count("done") == 1, answers
    assert set(answers) - {"done"} <= {"RuleRefused", "ValidationError"}


@pytest.mark.django_db(transaction=True)
def test_without_the_guards_one_human_approves_alone(owner_connection, monkeypatch):
    """The cheat works where entries are compared instead of humans: this is what is prevented."""
    tree()
    one, other = twice()
    join(one)
    row = ask()
    for table, trigger in GUARDS:
        owner_connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    assert signed(row, one)
    monkeypatch.setattr(services.people, "own_ids", lambda person_id: [person_id])
    assert signed(row, other)
    assert counted(row) == ("approved", 2, 2)
    owner_connection.execute("ALTER TABLE approvals_signature ENABLE TRIGGER approvals_distinct_humans")
    again = ask("bag:9")
    assert signed(again, one)
    with pytest.raises(DatabaseError):  # the database alone refuses it
        signed(again, other)
