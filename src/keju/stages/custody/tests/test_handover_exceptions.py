"""What is abnormal when papers change hands: told, frozen, raised, and never passed on (V11.1, V11.3.3)."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image

from keju.kernel.approvals.tests.world import someone
from keju.kernel.audit import Stale
from keju.kernel.audit.models import Event
from keju.kernel.notices.models import Receipt
from keju.kernel.offices import Actor, acting
from keju.stages.custody import queries
from keju.stages.custody.models import (
    Container,
    CustodyException,
    Handover,
    HandoverItem,
)
from keju.stages.custody.queries import alarms
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.rules.containers import Kind, code
from keju.stages.custody.rules.handovers import Scan
from keju.stages.custody.services import handovers
from keju.stages.custody.tests import hands
from keju.stages.custody.tests.hands import (
    DAY,
    Cast,
    arranged,
    boxes,
    codes_in,
    counted,
    events,
    holding,
    on_the_way,
    refused,
    scanned,
    signs,
    to_carrier,
)
from keju.stages.custody.tests.world import CENTRE_PAPERS, REGION_PAPERS, key


def photo() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), "grey").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.rule("V11.3.3")
def test_what_is_abnormal_is_told_and_frozen_until_the_superior_instructs(who: Cast) -> None:
    ids = on_the_way(who)
    row = arranged(who, "carrier_to_region_mail", ids, "mail_room:13", sides=hands.REGION_SIDES)
    (box,) = codes_in(row)
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

    def instruct(by: Actor, exception: CustodyException) -> CustodyException:
        with acting(by):
            return handovers.instruct(
                exam=who.exam, exception_id=exception.pk, instruction="核对后放行", lifts=True, by=by, at=DAY,
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
    (box,) = codes_in(row)
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


@pytest.mark.rule("V11.3.3")
def test_what_is_frozen_is_shown_before_anybody_signs_and_stays_with_the_sender(who: Cast) -> None:
    """A bag's own label was read in its sealed box: the count says so, what changes while signing is counted anew, and the box
    stays where it is when the last has signed."""
    row = to_carrier(who)
    (box,) = boxes(who.exam)
    with acting(hands.SYSTEM):
        inner = queries.contents(who.exam, [box])[box][0].container
    scanned(row, Scan(codes_in(row)[0]))
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
    assert [list(r) for r in proposal.content.tables[3].rows] == [[codes_in(row)[0], inner.code]]
    for person in named:
        last = signs(row, person.person_id, who.code(person.person_id), proposal)
    assert last.closed and holding(box).place == "printing_house"
    with acting(CENTRE_PAPERS):
        row.refresh_from_db()
        assert (row.state, row.operation) == ("closed", None)
        closed = Event.objects.get(kind="custody.handover.closed")
    assert closed.data["handed_over"] == 0


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
