"""Who must be there when papers change hands, and who signs in another's place (V2.6, V11.1, V11.3.2)."""

import pytest

from keju.kernel.accounts.models import Person
from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.tests.world import someone
from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.custody.models import (
    Attempt,
    Container,
    Handover,
)
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.rules.handovers import Named, Scan
from keju.stages.custody.services import handovers
from keju.stages.custody.tests import hands
from keju.stages.custody.tests.hands import (
    DAY,
    Cast,
    arranged,
    boxes,
    codes_in,
    counted,
    done,
    events,
    on_the_way,
    refused,
    scanned,
    signs,
    to_carrier,
)
from keju.stages.custody.tests.world import CENTRE_PAPERS, REGION_PAPERS, key
from keju.stages.staffing.models import Appointment


@pytest.mark.rule("V11.1", "V2.9")
def test_too_few_the_same_twice_the_unqualified_and_the_wrong_place_are_refused(who: Cast) -> None:
    people = who.people("centre_to_carrier", "centre", "centre")
    cases = {
        "handover_too_few": people[:-1],
        "handover_twice": [*people[:-1], Named("receiver", "escort", people[0].person_id)],
        "handover_unqualified": [
            *people[:-1],
            Named("receiver", "escort", who.posts["13", "region_leader"][0]),
        ],
        "handover_role": [*people, Named("receiver", "head", who.posts["13", "region_leader"][0])],
    }
    for expected, given in cases.items():
        assert expected in refused(lambda given=given: to_carrier(who, people=given))
    ids = boxes(who.exam)
    assert refused(lambda: arranged(who, "centre_to_carrier", ids, "store:1")) == {"handover_to"}
    wrong = refused(
        lambda: arranged(who, "carrier_to_region_mail", ids, "mail_room:13", sides=hands.REGION_SIDES)
    )
    assert wrong == {"handover_from"}
    with acting(hands.SYSTEM):
        bag = Container.objects.filter(kind=Kind.BAG)[0]
    assert "handover_inside" in refused(lambda: arranged(who, "centre_to_carrier", [bag.pk], "journey:1"))
    with acting(hands.SYSTEM):
        Appointment.objects.filter(member__person_id=people[0].person_id).update(
            state="ended", reason="x", decided_at=DAY
        )
    assert "handover_unqualified" in refused(lambda: to_carrier(who, people=people))
    with pytest.raises(NotPermitted):
        arranged(who, "centre_to_carrier", ids, "journey:1", by=REGION_PAPERS)


@pytest.mark.rule("V2.6")
def test_a_body_without_confidential_officer_moves_no_papers(who: Cast) -> None:
    ids = on_the_way(who)
    officer = who.posts["13", "region_confidential_officer"][0]
    with acting(hands.SYSTEM):
        Appointment.objects.filter(member__person_id=officer).update(
            state="ended", reason="x", decided_at=DAY
        )
    mail = who.posts["13", "region_mail_officer"][0]
    people = [
        Named("sender", "escort", who.posts["centre", "carrier"][0]),
        Named("receiver", "confidential_officer", mail),
    ]
    with pytest.raises(RuleRefused, match=r"V2\.6"):
        arranged(who, "carrier_to_region_mail", ids, "mail_room:13", sides=hands.REGION_SIDES, people=people)


@pytest.mark.rule("V11.1")
def test_the_other_sides_people_sign_too_at_an_office_that_may_not_know_them(who: Cast) -> None:
    row = done(
        who, "carrier_to_region_mail", on_the_way(who), "mail_room:13", sides=hands.REGION_SIDES, by=REGION_PAPERS,
        at=DAY, until="signing",
    )  # fmt: skip
    with acting(REGION_PAPERS):
        proposal, named = row.proposal, reads.people(row)
        assert proposal is not None
        assert [(p.side, p.role) for p in named] == [
            ("sender", "escort"),
            ("receiver", "confidential_officer"),
        ]
        assert not Person.objects.filter(pk=named[0].person_id).exists()
        for person, closes in ((named[1].person_id, False), (named[0].person_id, True)):
            signed = handovers.sign(
                exam=who.exam, handover_id=row.pk, person_id=person, code=who.code(person),
                content_hash=proposal.content_hash, by=REGION_PAPERS, at=DAY,
            )  # fmt: skip
            assert signed.stands and signed.closed == closes


@pytest.mark.rule("V11.3.2")
def test_somebody_else_signs_only_by_the_leaders_consent(who: Cast) -> None:
    ids = on_the_way(who)
    row = arranged(who, "carrier_to_region_mail", ids, "mail_room:13", sides=hands.REGION_SIDES)
    scanned(row, *[Scan(c) for c in codes_in(row)])
    proposal = counted(row)
    mail = who.posts["13", "region_mail_officer"][0]
    officer = who.posts["13", "region_confidential_officer"][0]
    with acting(CENTRE_PAPERS):
        (leaves,) = [p for p in reads.people(row) if p.side == "receiver"]
    comes = officer if leaves.person_id == mail else mail
    stranger = signs(row, comes, who.code(comes), proposal)
    assert [r.code for r in stranger.refusals] == ["handover_not_named"]
    assert events("custody.handover.refused") == 1
    leader = someone("组长", "region_leader", "13", codes=2)

    def asked(person: int, by: Actor = REGION_PAPERS) -> Proposal:
        with acting(by):
            return handovers.ask_change(
                exam=who.exam, handover_id=row.pk, leaves_id=leaves.pk, person_id=person, reason="生病", by=by, at=DAY,
            )  # fmt: skip

    assert refused(lambda: asked(who.posts["13", "region_leader"][0])) == {"handover_change_whom"}
    with pytest.raises(NotPermitted):
        asked(comes, CENTRE_PAPERS)
    order = asked(comes)
    with acting(leader.actor):
        approvals.sign(
            proposal_id=order.pk, content_hash=order.content_hash, code=leader.codes.pop(), by=leader.actor, at=DAY
        )  # fmt: skip
    with acting(CENTRE_PAPERS):
        row.refresh_from_db()
        named = {p.person_id: p for p in reads.people(row)}
        assert row.state == "counting" and comes in named and leaves.person_id not in named
        assert named[comes].change_id == order.pk
    proposal = counted(row)
    assert signs(row, comes, who.code(comes), proposal).stands
    assert events("custody.handover.changed") == 1


@pytest.mark.rule("V11.3.2")
def test_at_the_centre_its_leader_consents_and_nobody_else(who: Cast) -> None:
    row = to_carrier(who)
    with acting(CENTRE_PAPERS):
        leaves = next(p for p in reads.people(row) if p.role == "sender")
        comes = next(p for p in who.posts["centre", "centre_paper_officer"] if p != leaves.person_id)
        order = handovers.ask_change(
            exam=who.exam, handover_id=row.pk, leaves_id=leaves.pk, person_id=comes, reason="生病", by=CENTRE_PAPERS, at=DAY
        )  # fmt: skip

    def sign(role: str) -> None:
        one = someone(role, role, "centre", codes=1)
        with acting(one.actor):
            approvals.sign(
                proposal_id=order.pk, content_hash=order.content_hash, code=one.codes.pop(), by=one.actor, at=DAY
            )  # fmt: skip

    assert refused(lambda: sign("centre_exam")) == {"approval_not_yours"}
    sign("centre_leader")
    with acting(CENTRE_PAPERS):
        now = {p.person_id: p.change_id for p in reads.people(row)}
        assert now[comes] == order.pk and leaves.person_id not in now
    assert events("custody.handover.changed") == 1


@pytest.mark.rule("V11.1", "V2.9")
def test_who_is_named_twice_or_is_not_qualified_stands_on_record_though_nothing_was_done(who: Cast) -> None:
    """The same human is refused by either entry; the record outlives the refusal, also where it was one call for all."""
    people, (other,) = who.people("centre_to_carrier", "centre", "centre"), who.posts["13", "region_leader"]
    first, last = people[0].person_id, people[-1].person_id
    with acting(CENTRE_PAPERS):
        Person.objects.filter(pk__in=[first, last]).update(human=first)
        facts = {
            "exam": who.exam, "kind": "centre_to_carrier", "container_ids": boxes(who.exam), "sender_office": "centre",
            "receiver_office": "centre", "place": "journey:1", "by": CENTRE_PAPERS, "at": DAY,
        }  # fmt: skip
        for n, (named, call) in enumerate(
            (
                (people, handovers.prepare),
                (
                    [*people[:-1], Named("receiver", "escort", other)],
                    lambda **f: handovers.in_one(codes={}, **f),
                ),
            )
        ):
            with pytest.raises(RuleRefused):
                call(key=key(f"odd {n}"), people=named, **facts)
        assert not Handover.objects.exists()
        tries = Attempt.objects.order_by("pk")
        assert [(a.kind, a.subject) for a in tries] == [
            ("same_person", "journey:1"),
            ("unqualified_person", "journey:1"),
        ]
        events = Event.objects.filter(kind="custody.attempt.refused")
        assert {e.data["kind"]: e.rules for e in events} == {
            "same_person": ["V11.1"],
            "unqualified_person": ["V2.9"],
        }


@pytest.mark.rule("V11.1")
def test_a_kind_between_other_offices_than_its_own_is_refused(who: Cast) -> None:
    """By the kind of each office, and by whether one stands above the other."""
    ids = boxes(who.exam)
    for sides in (("centre", "13"), ("13", "13")):
        said = refused(
            lambda sides=sides: arranged(
                who, "centre_to_carrier", ids, "journey:1", sides=sides, people=[], by=hands.SYSTEM
            )
        )
        assert "handover_offices" in said
    right = refused(lambda: arranged(who, "centre_to_carrier", ids, "journey:1", people=[]))
    assert right and "handover_offices" not in right
    with acting(hands.SYSTEM):
        assert not Handover.objects.exists()
