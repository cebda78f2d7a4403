"""Formal handovers: who must be there, what is counted, who signs, what is frozen, who is told (chapter 11)."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from PIL import Image

from keju.kernel.accounts.models import Person, SigningSheet
from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.tests.world import someone
from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Notice, Receipt
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody import queries
from keju.stages.custody.models import (
    Attempt,
    Container,
    CustodyException,
    Handover,
    HandoverItem,
    HandoverScan,
    Operation,
)
from keju.stages.custody.queries import alarms
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.rules.containers import Kind, code
from keju.stages.custody.rules.handovers import Named, Scan
from keju.stages.custody.services import handovers
from keju.stages.custody.tests import hands
from keju.stages.custody.tests.hands import DAY, Cast, arranged, boxes, done, holding, on_the_way
from keju.stages.custody.tests.world import CENTRE_PAPERS, REGION_PAPERS, key, papers
from keju.stages.staffing.models import Appointment


@pytest.fixture
def who(exam: Exam) -> Cast:
    papers(exam)
    return hands.cast(exam)


def photo() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), "grey").save(buffer, "PNG")
    return buffer.getvalue()


def refused(call: object) -> set[str]:
    with pytest.raises(RuleRefused) as error, transaction.atomic():
        call()  # type: ignore[operator]
    return {r.code for r in error.value.refusals}


def scanned(row: Handover, *found: Scan, name: str = "scan", at: object = DAY) -> list[tuple[str, str]]:
    with acting(CENTRE_PAPERS):
        outcomes = handovers.scan(
            exam=row.exam, handover_id=row.pk, key=key(name), found=list(found), by=CENTRE_PAPERS, at=at,  # type: ignore[arg-type]
        )  # fmt: skip
    return [(o.verdict, o.seen) for o in outcomes]


def codes(row: Handover) -> list[str]:
    with acting(CENTRE_PAPERS):
        return list(row.items.values_list("code", flat=True))


def counted(row: Handover, *, missing: bool = False) -> Proposal:
    with acting(CENTRE_PAPERS):
        return handovers.finish_count(
            exam=row.exam, handover_id=row.pk, declare_missing=missing, by=CENTRE_PAPERS, at=DAY
        )


def signs(row: Handover, person: int, given: str, proposal: Proposal) -> handovers.Signed:
    with acting(CENTRE_PAPERS):
        return handovers.sign(
            exam=row.exam, handover_id=row.pk, person_id=person, code=given, content_hash=proposal.content_hash,
            by=CENTRE_PAPERS, at=DAY,
        )  # fmt: skip


def to_carrier(who: Cast, **facts: object) -> Handover:
    return arranged(who, "centre_to_carrier", boxes(who.exam), "journey:1", **facts)  # type: ignore[arg-type]


def events(kind: str) -> int:
    with acting(hands.SYSTEM):
        return Event.objects.filter(kind=kind).count()


@pytest.mark.rule("V11.1", "V10.1")
def test_it_closes_with_every_container_scanned_and_every_named_persons_own_signature(who: Cast) -> None:
    row = to_carrier(who)
    box = boxes(who.exam)[0]
    with acting(CENTRE_PAPERS):
        named = reads.people(row)
    assert [p.role for p in named] == ["sender", "confidential_officer", "escort", "escort"]
    assert [p.role for p in named if p.answers] == ["sender", "escort"]
    assert refused(lambda: counted(row)) == {"handover_state"}
    assert scanned(row, Scan(codes(row)[0])) == [("expected", "intact")]
    proposal = counted(row)
    first = named[0].person_id
    assert not signs(row, first, "00 WRONG", proposal).stands
    with acting(hands.SYSTEM):
        SigningSheet.objects.filter(person_id=first).update(failures=0, failed_at=None)  # the wait is over
    assert signs(row, first, who.code(first), proposal).stands
    again = signs(row, first, who.code(first), proposal)
    assert [r.code for r in again.refusals] == ["approval_twice"] and events("custody.handover.refused") == 2
    for person in named[1:]:
        assert holding(box).place == "printing_house"
        last = signs(row, person.person_id, who.code(person.person_id), proposal)
    assert last.closed
    now = holding(box)
    assert (now.place, now.custodian, now.holder_id) == ("journey:1", "centre", named[2].person_id)
    assert (events("custody.handover.closed"), events("custody.chain.handed_over")) == (1, 1)
    with acting(CENTRE_PAPERS):
        row.refresh_from_db()
        assert row.state == "closed" and row.operation is not None and row.operation.subject == row.subject
        with pytest.raises(DatabaseError), transaction.atomic():
            Handover.objects.filter(pk=row.pk).update(reason="x")


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


@pytest.mark.rule("V11.3.3")
def test_what_is_abnormal_is_told_and_frozen_until_the_superior_instructs(who: Cast) -> None:
    ids = on_the_way(who)
    row = arranged(who, "carrier_to_region_mail", ids, "mail_room:13", sides=hands.REGION_SIDES)
    (box,) = codes(row)
    assert refused(lambda: scanned(row, Scan(box, state="broken"))) == {"handover_photo"}
    stray = code(Kind.BAG, 4_000_000)
    with acting(hands.SYSTEM):
        bag = Container.objects.filter(kind=Kind.BAG)[0]
    found = scanned(row, Scan(box, state="broken", photo=photo()), Scan(stray), Scan(bag.code), Scan("123"))
    assert found == [("expected", "broken"), ("unknown", ""), ("extra", ""), ("misread", "")]
    assert scanned(row, Scan(box), name="healed") == [("again", "broken")]
    assert scanned(row, Scan(box, state="duplicate"), name="two") == [("expected", "broken")]
    now = holding(ids[0])
    assert now.frozen and now.seal == "" and holding(bag.pk).frozen
    with acting(hands.SYSTEM):
        kept = {e.kind: e for e in CustodyException.objects.all()}
        assert set(kept) == {"broken", "unknown", "extra", "duplicate"} and kept["broken"].photo
        assert kept["broken"].told == ["13", "centre"]
        told = set(Receipt.objects.filter(notice__kind="custody").values_list("office_code", flat=True))
        assert told == {"13", "centre"}
    proposal = counted(row)
    with acting(CENTRE_PAPERS):
        for person in reads.people(row):
            signs(row, person.person_id, who.code(person.person_id), proposal)
        row.refresh_from_db()
    assert row.state == "closed" and row.operation is None and holding(ids[0]).place == "journey:1"

    def instruct(by: object, exception: CustodyException) -> CustodyException:
        with acting(by):  # type: ignore[arg-type]
            return handovers.instruct(
                exam=who.exam, exception_id=exception.pk, instruction="核对后放行", lifts=True, by=by, at=DAY,  # type: ignore[arg-type]
            )  # fmt: skip

    assert refused(lambda: instruct(REGION_PAPERS, kept["broken"])) == {"handover_instruct_above"}
    assert refused(lambda: instruct(CENTRE_PAPERS, kept["broken"])) == {"handover_instruct_above"}
    above = replace(someone("上级", "centre_custody", "centre").actor, permissions=CENTRE_PAPERS.permissions)
    instruct(above, kept["broken"])
    assert holding(ids[0]).frozen
    instruct(above, kept["duplicate"])
    assert not holding(ids[0]).frozen
    with pytest.raises(Stale):
        instruct(above, kept["broken"])
    assert events("custody.exception.instructed") == 2 and events("custody.exception.reported") >= 2


@pytest.mark.rule("V11.1")
def test_another_seal_number_a_missing_box_and_a_code_read_twice(who: Cast) -> None:
    row = to_carrier(who)
    (box,) = codes(row)
    assert scanned(row, Scan(box, seal=holding(boxes(who.exam)[0]).seal)) == [("expected", "intact")]
    assert scanned(row, Scan(box), name="2") == [("again", "intact")]
    assert refused(lambda: counted(row)) == {"handover_repeats"}
    assert scanned(row, Scan(box, state="same"), name="3") == [("expected", "intact")]
    other = scanned(row, Scan(box, seal="999-1", photo=photo()), name="4")
    assert other == [("rejudged", "other_seal")]
    with acting(CENTRE_PAPERS):
        handovers.break_off(exam=row.exam, handover_id=row.pk, reason="改期", by=CENTRE_PAPERS, at=DAY)
        assert HandoverItem.objects.get(handover=row).living is False
    assert refused(lambda: to_carrier(who, name="anew")) == {"custody_frozen"}


@pytest.mark.rule("V11.1", "V11.3.3")
def test_what_is_not_scanned_is_declared_missing_and_stays_with_the_sender(who: Cast) -> None:
    row = to_carrier(who)
    assert scanned(row, Scan("nothing")) == [("misread", "")]
    assert refused(lambda: counted(row)) == {"handover_uncounted"}
    counted(row, missing=True)
    with acting(CENTRE_PAPERS):
        assert CustodyException.objects.get().kind == "missing"
    assert holding(boxes(who.exam)[0]).frozen
    assert refused(lambda: scanned(row, Scan("nothing"), name="late")) == {"handover_state"}


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


@pytest.mark.rule("V11.2.1", "V10.2.1", "V11.2.2")
def test_by_post_two_handovers_chain_and_the_signed_sheet_goes_to_the_centre_at_once(who: Cast) -> None:
    ids = on_the_way(who)
    at = DAY + timedelta(hours=30)
    done(
        who, "carrier_to_region_mail", ids, "mail_room:13", sides=hands.REGION_SIDES, by=REGION_PAPERS, at=at
    )
    assert (holding(ids[0]).place, holding(ids[0]).custodian) == ("mail_room:13", "13")
    later = at + timedelta(hours=1)
    row = done(who, "region_mail_to_store", ids, "store:1", sides=("13", "13"), by=REGION_PAPERS, at=later)
    assert (row.receipt_to, row.receipt_at) == ("centre", later) and holding(ids[0]).place == "store:1"
    with acting(hands.SYSTEM):
        head = row.people.get(role="head")
        assert head.answers and holding(ids[0]).holder_id == head.person_id
        assert Notice.objects.filter(title_zh__contains="交接单").count() == 1
    assert events("custody.receipt.sent") == 1


@pytest.mark.rule("V11.2.1")
def test_whoever_receives_next_is_told_at_once_what_the_mail_room_has_signed_for(who: Cast) -> None:
    """The notice names sheet, number, people and what to do, the event its clause; an hour later there is an alarm."""
    ids = on_the_way(who)
    assert events("custody.receiver.informed") == 0
    mail = done(
        who, "carrier_to_region_mail", ids, "mail_room:13", sides=hands.REGION_SIDES, by=REGION_PAPERS, at=DAY
    )

    def waiting(after: timedelta) -> list[tuple[str, str]]:
        with acting(hands.SYSTEM):
            found = alarms.alarms(who.exam, "/", DAY + after)
        return [(a.rule, a.subject) for a in found if a.kind == "mail_waiting"]

    with acting(hands.SYSTEM):
        (receipt,) = Receipt.objects.select_related("notice").filter(notice__title_zh__contains="接收")
        said = receipt.notice
        (event,) = Event.objects.filter(kind="custody.receiver.informed")
        called = Person.objects.filter(pk__in=event.data["people"])
        names = {person.name for person in called}
    assert receipt.office_code == "13" and f"有{len(ids)}件" in said.title_zh
    assert f"交接单{mail.pk}号" in said.body_zh and "“考区收发室向接收人移交入库”" in said.body_zh
    assert names and all(name in said.body_zh and name in said.body_en for name in names)
    assert event.rules == ["V11.2.1"] and event.subject == mail.subject and event.data["to"] == "13"
    assert set(event.data["people"]) == {
        *who.posts["13", "region_paper_receiver"], *who.posts["13", "region_leader"],
    }  # fmt: skip
    assert waiting(timedelta(minutes=60)) == []
    assert waiting(timedelta(minutes=61)) == [("V11.2.1", mail.subject)]
    arranged(who, "region_mail_to_store", ids, "store:1", sides=("13", "13"), by=REGION_PAPERS)
    assert waiting(timedelta(minutes=61)) == []


@pytest.mark.rule("V11.3.3")
def test_what_is_frozen_is_shown_before_anybody_signs_and_stays_with_the_sender(who: Cast) -> None:
    """A bag's own label was read in its sealed box: the count says so, what changes while signing is counted anew, and the box
    stays where it is when the last has signed."""
    row = to_carrier(who)
    (box,) = boxes(who.exam)
    with acting(hands.SYSTEM):
        inner = queries.contents(who.exam, [box])[box][0].container
    scanned(row, Scan(codes(row)[0]))
    shown = counted(row).content
    assert [list(r) for r in shown.tables[3].rows] == []
    with acting(hands.SYSTEM):
        handovers.report(
            exam=who.exam, key=key("found"), office_path=row.office_path, found=[handovers.Found("extra", inner.code, inner.pk)],
            by=CENTRE_PAPERS, at=DAY,
        )  # fmt: skip
    with acting(CENTRE_PAPERS):
        row.refresh_from_db()
        named = reads.people(row)
        assert row.proposal is not None
        late = signs(row, named[0].person_id, who.code(named[0].person_id), row.proposal)
        assert [r.code for r in late.refusals] == ["handover_frozen_since"]
        handovers.reopen(exam=who.exam, handover_id=row.pk, reason="有一袋冻结", by=CENTRE_PAPERS, at=DAY)
    proposal = counted(row)
    assert [list(r) for r in proposal.content.tables[3].rows] == [[codes(row)[0], inner.code]]
    for person in named:
        last = signs(row, person.person_id, who.code(person.person_id), proposal)
    assert last.closed and holding(box).place == "printing_house"
    with acting(CENTRE_PAPERS):
        row.refresh_from_db()
        assert (row.state, row.operation) == ("closed", None)
        closed = Event.objects.get(kind="custody.handover.closed")
    assert closed.data["handed_over"] == 0


@pytest.mark.rule("V11.2.1")
def test_the_second_of_two_chained_handovers_needs_the_first(who: Cast) -> None:
    ids = on_the_way(who)
    with acting(CENTRE_PAPERS):
        from_journey = Operation.objects.get(act="handed_over")
    assert from_journey.containers == len(ids)
    hands.moved(who.exam, ids, "mail_room:13")
    assert "handover_chain" in refused(
        lambda: arranged(who, "region_mail_to_store", ids, "store:1", sides=("13", "13"), by=REGION_PAPERS)
    )


@pytest.mark.rule("V10.2.1", "V11.3.1", "V11.3.3")
def test_late_receipts_overdue_arrivals_and_short_counts_are_alarms(who: Cast) -> None:
    ids = on_the_way(who)
    sides, by = hands.REGION_SIDES, CENTRE_PAPERS
    row = arranged(who, "escort_to_region_store", ids, "store:1", sides=sides)

    def wrong(at: timedelta) -> set[str]:
        with acting(hands.SYSTEM):
            found = alarms.alarms(who.exam, "/", DAY + at)
            return {a.kind for a in found if a.subject == row.subject}

    with acting(by):
        handovers.announce(
            exam=who.exam, handover_id=row.pk, departs_at=DAY, arrives_at=DAY + timedelta(hours=5), escorts="甲",
            contact="1", by=by, at=DAY,
        )  # fmt: skip
    assert wrong(timedelta(hours=5, minutes=59)) == set()
    assert wrong(timedelta(hours=6, minutes=1)) == {"handover_overdue"}
    scanned(row, Scan("1"))
    assert wrong(timedelta(minutes=59)) == set()
    assert wrong(timedelta(minutes=61)) == {"receipt_late"}  # not counted in its time
    counted(row, missing=True)
    assert wrong(timedelta(minutes=1)) == {"handover_short"}
    with acting(hands.SYSTEM):  # the count took an hour and a half: the sheet is owed from its end on
        Handover.objects.filter(pk=row.pk).update(counted_at=DAY + timedelta(minutes=90))
    assert wrong(timedelta(minutes=149)) == {"handover_short"}
    assert wrong(timedelta(minutes=151)) == {"handover_short", "receipt_late"}
    with acting(CENTRE_PAPERS):  # taken up again, and still owed since then
        handovers.reopen(exam=who.exam, handover_id=row.pk, reason="再看一遍", by=CENTRE_PAPERS, at=DAY)
    assert wrong(timedelta(minutes=151)) == {"handover_short", "receipt_late"}


@pytest.mark.rule("V11.3.1")
def test_an_escort_is_announced_before_anything_is_counted_and_goes_straight_to_the_store(who: Cast) -> None:
    ids = on_the_way(who)
    sides = hands.REGION_SIDES
    assert refused(lambda: arranged(who, "escort_to_region_store", ids, "mail_room:13", sides=sides)) == {
        "handover_to"
    }
    row = arranged(who, "escort_to_region_store", ids, "store:1", sides=sides)
    (box,) = codes(row)
    assert refused(lambda: scanned(row, Scan(box))) == {"handover_unannounced"}

    def announced(arrives: timedelta, contact: str = "010-1") -> None:
        with acting(CENTRE_PAPERS):
            handovers.announce(
                exam=who.exam, handover_id=row.pk, departs_at=DAY, arrives_at=DAY + arrives, escorts="冀A00001",
                contact=contact, by=CENTRE_PAPERS, at=DAY,
            )  # fmt: skip

    assert refused(lambda: announced(timedelta(0))) == {"handover_times"}
    assert refused(lambda: announced(timedelta(hours=5), contact=" ")) == {"handover_advice"}
    announced(timedelta(hours=5))
    with acting(hands.SYSTEM):
        receipt = Receipt.objects.select_related("notice").get(notice__title_zh__contains="将到达")
        coming = {p.person_id: p.name for p in row.people.filter(role="escort")}
        advice = Event.objects.get(kind="custody.handover.announced")
    assert receipt.office_code == "13" and coming
    assert all(
        name in receipt.notice.body_zh for name in coming.values()
    )  # who was named, whatever was typed
    assert "冀A00001" in receipt.notice.body_zh and advice.data["escorts"] == sorted(coming)
    assert advice.rules == ["V11.3.1"]
    assert scanned(row, Scan(box)) == [("expected", "intact")]


@pytest.mark.rule("V11.3.2")
def test_somebody_else_signs_only_by_the_leaders_consent(who: Cast) -> None:
    ids = on_the_way(who)
    row = arranged(who, "carrier_to_region_mail", ids, "mail_room:13", sides=hands.REGION_SIDES)
    scanned(row, *[Scan(c) for c in codes(row)])
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

    def asked(person: int, by: object = REGION_PAPERS) -> Proposal:
        with acting(by):  # type: ignore[arg-type]
            return handovers.ask_change(
                exam=who.exam, handover_id=row.pk, leaves_id=leaves.pk, person_id=person, reason="生病", by=by, at=DAY,  # type: ignore[arg-type]
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


@pytest.mark.rule("V11.1", "V11.3.2", "V11.3.3")
def test_nothing_is_changed_stopped_counted_anew_or_instructed_without_a_reason(who: Cast) -> None:
    row = to_carrier(who)
    (box,) = codes(row)
    facts = {"exam": who.exam, "handover_id": row.pk, "by": CENTRE_PAPERS, "at": DAY}

    def asked(reason: str) -> None:
        with acting(CENTRE_PAPERS):
            leaves = next(p for p in reads.people(row) if p.role == "sender")
            comes = next(p for p in who.posts["centre", "centre_paper_officer"] if p != leaves.person_id)
            handovers.ask_change(leaves_id=leaves.pk, person_id=comes, reason=reason, **facts)  # type: ignore[arg-type]

    def stopped(reason: str) -> None:
        with acting(CENTRE_PAPERS):
            handovers.break_off(reason=reason, **facts)  # type: ignore[arg-type]

    def reopened(reason: str) -> None:
        with acting(CENTRE_PAPERS):
            handovers.reopen(reason=reason, **facts)  # type: ignore[arg-type]

    assert refused(lambda: asked(" ")) == {"handover_change_reason"}
    assert refused(lambda: stopped(" ")) == {"handover_reason"}
    scanned(row, Scan(box))
    counted(row)
    assert refused(lambda: reopened(" ")) == {"handover_reason"}
    assert not Proposal.objects.filter(kind="custody.handover.change").exists()
    assert events("custody.handover.broken_off") == events("custody.handover.reopened") == 0
    stopped("改期")
    with acting(CENTRE_PAPERS):
        row.refresh_from_db()
    assert (row.state, row.reason) == ("broken_off", "改期") and events("custody.handover.broken_off") == 1


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


def test_batches_apply_once_and_a_container_is_in_one_handover(who: Cast) -> None:
    row = to_carrier(who)
    assert to_carrier(who).pk == row.pk
    (box,) = codes(row)
    first = scanned(row, Scan(box))
    assert scanned(row, Scan(box)) == first
    with acting(CENTRE_PAPERS):
        assert HandoverScan.objects.filter(handover=row).count() == 1
    with pytest.raises(Stale):
        scanned(row, Scan("other"))
    assert refused(lambda: to_carrier(who, name="second")) == {"handover_busy"}
    assert refused(lambda: scanned(row, name="none")) == {"handover_scans"}


def test_the_sheet_names_people_proofs_and_containers(who: Cast) -> None:
    on_the_way(who)
    with acting(CENTRE_PAPERS):
        row = Handover.objects.get(state="closed")
        made = handovers.print_sheet(exam=who.exam, handover_id=row.pk, by=CENTRE_PAPERS, at=DAY)
    assert (
        made.pdf.startswith(b"%PDF") and made.record.plan_version and events("custody.handover.printed") == 1
    )


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
