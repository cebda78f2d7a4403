"""Formal handovers from the first scan to the last signature: what is counted, who signs, who is told (chapter 11)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from keju.kernel.accounts.models import Person, SigningSheet
from keju.kernel.approvals.models import Proposal
from keju.kernel.audit import Stale
from keju.kernel.audit.models import Event
from keju.kernel.notices.models import Notice, Receipt
from keju.kernel.offices import acting
from keju.stages.custody.models import (
    Handover,
    HandoverScan,
    Operation,
)
from keju.stages.custody.queries import alarms
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.handovers import Scan
from keju.stages.custody.services import carry_out, handovers
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
    holding,
    on_the_way,
    refused,
    scanned,
    signs,
    to_carrier,
)
from keju.stages.custody.tests.world import CENTRE_PAPERS, REGION_PAPERS, key


@pytest.mark.rule("V11.1", "V10.1")
def test_it_closes_with_every_container_scanned_and_every_named_persons_own_signature(who: Cast) -> None:
    row = to_carrier(who)
    box = boxes(who.exam)[0]
    with acting(CENTRE_PAPERS):
        named = reads.people(row)
    assert [p.role for p in named] == ["sender", "confidential_officer", "escort", "escort"]
    assert [p.role for p in named if p.answers] == ["sender", "escort"]
    assert refused(lambda: counted(row)) == {"handover_state"}
    assert scanned(row, Scan(codes_in(row)[0])) == [("expected", "intact")]
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


@pytest.mark.rule("V11.1")
def test_what_is_opened_after_the_count_does_not_go_over_with_the_signatures_for_it(who: Cast) -> None:
    """Everybody signs for a sealed box of so many bags: then that, and nothing else, is handed over."""
    row = to_carrier(who)
    (box,) = boxes(who.exam)
    scanned(row, Scan(codes_in(row)[0]))
    proposal = counted(row)
    with acting(hands.SYSTEM):
        assert [r.code for r in reads.check_idle({box: "X"})] == ["handover_busy"]
        named = [p.person_id for p in reads.people(row)]
        carry_out(
            exam=who.exam, key=key("cut"), act=Act.OPENED, changes={box: Change(seal="")}, office_path="/13/",
            by=hands.SYSTEM, at=DAY,
        )  # fmt: skip
    done = [signs(row, person, who.code(person), proposal) for person in named]
    assert [one.stands for one in done] == [True, True, True, False]
    assert [r.code for r in done[-1].refusals] == ["handover_changed"]
    assert (holding(box).place, events("custody.handover.refused")) == ("printing_house", 1)
    with acting(CENTRE_PAPERS):
        row.refresh_from_db()
        assert row.state == "signing"
        handovers.break_off(exam=who.exam, handover_id=row.pk, reason="箱已启封", by=CENTRE_PAPERS, at=DAY)
        assert list(reads.check_idle({box: "X"})) == []


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


@pytest.mark.rule("V11.3.1")
def test_an_escort_is_announced_before_anything_is_counted_and_goes_straight_to_the_store(who: Cast) -> None:
    ids = on_the_way(who)
    sides = hands.REGION_SIDES
    assert refused(lambda: arranged(who, "escort_to_region_store", ids, "mail_room:13", sides=sides)) == {
        "handover_to"
    }
    row = arranged(who, "escort_to_region_store", ids, "store:1", sides=sides)
    (box,) = codes_in(row)
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


@pytest.mark.rule("V11.1", "V11.3.2", "V11.3.3")
def test_nothing_is_changed_stopped_counted_anew_or_instructed_without_a_reason(who: Cast) -> None:
    row = to_carrier(who)
    (box,) = codes_in(row)
    facts: dict[str, Any] = {"exam": who.exam, "handover_id": row.pk, "by": CENTRE_PAPERS, "at": DAY}

    def asked(reason: str) -> None:
        with acting(CENTRE_PAPERS):
            leaves = next(p for p in reads.people(row) if p.role == "sender")
            comes = next(p for p in who.posts["centre", "centre_paper_officer"] if p != leaves.person_id)
            handovers.ask_change(leaves_id=leaves.pk, person_id=comes, reason=reason, **facts)

    def stopped(reason: str) -> None:
        with acting(CENTRE_PAPERS):
            handovers.break_off(reason=reason, **facts)

    def reopened(reason: str) -> None:
        with acting(CENTRE_PAPERS):
            handovers.reopen(reason=reason, **facts)

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


def test_batches_apply_once_and_a_container_is_in_one_handover(who: Cast) -> None:
    row = to_carrier(who)
    assert to_carrier(who).pk == row.pk
    (box,) = codes_in(row)
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
