"""Repacking by point: totals are conserved or it is refused, only in the own store, once, and every bag's way stays known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from keju.kernel.audit import Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Receipt
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody import queries, services
from keju.stages.custody.models import Container, Holding, Operation, Step
from keju.stages.custody.queries import home, life, todo
from keju.stages.custody.queries import packing as repackings
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.packing import check_day
from keju.stages.custody.services.handovers import break_off
from keju.stages.custody.services.opening import open_packs_now
from keju.stages.custody.services.packing import Hands, Packed, repack
from keju.stages.custody.services.packing_prints import print_record
from keju.stages.custody.tests.day import drawn_at
from keju.stages.custody.tests.hands import SYSTEM, arranged, cast, text_of
from keju.stages.custody.tests.screens import text, url
from keju.stages.custody.tests.world import CENTRE_PAPERS, MADE_AT, POINT_PAPERS, REGION_PAPERS, key, papers

LATER = MADE_AT + timedelta(days=2)
STORED = Change(place="store:1", place_path="/13/", custodian="13")


def received(exam: Exam) -> tuple[Container, list[Container]]:
    """The box in the region's store, and what lies in it."""
    made = papers(exam)
    box = next(c for c in made if c.kind == "box")
    with acting(CENTRE_PAPERS):
        services.carry_out(
            exam=exam, key=key("received"), act=Act.HANDED_OVER, changes={box.pk: STORED}, office_path="/13/",
            by=CENTRE_PAPERS, at=LATER - timedelta(hours=1),
        )  # fmt: skip
    return box, [c for c in made if c.pk != box.pk]


class Store:
    """The region's two receivers and its confidential officer, each with a sheet of codes."""

    def __init__(self, exam: Exam) -> None:
        self.exam, self.who = exam, cast(exam, ["13"])
        self.pair = self.who.posts["13", "region_paper_receiver"]
        (self.officer,) = self.who.posts["13", "region_confidential_officer"]

    def hands(self, *missing: int) -> Hands:
        """Everybody signs but those."""
        codes = {p: self.who.code(p) for p in (*self.pair, self.officer) if p not in missing}
        return Hands(self.pair, self.officer, codes)

    def packed(
        self, box: Container, scanned: Sequence[str], name: str = "repack", hands: Hands | None = None
    ) -> Packed:
        given = self.hands() if hands is None else hands
        with acting(REGION_PAPERS):
            return repack(
                exam=self.exam, box_codes=[box.code], scanned=scanned, key=key(name), hands=given, by=REGION_PAPERS, at=LATER
            )  # fmt: skip


@pytest.mark.rule("V11.2.2", "V15.2")
def test_bags_go_into_packs_by_point_and_half_day_and_their_way_stays_known(exam: Exam) -> None:
    box, bags = received(exam)
    store, before = Store(exam), sum(c.copies for c in bags)
    pack, other = store.packed(box, [c.code.lower() for c in bags]).packs
    assert (pack.kind, pack.office_path) == ("pack", "/13/1301/")
    again = store.packed(box, [c.code for c in bags])  # arrived twice, done once
    assert [c.pk for c in again.packs] == [pack.pk, other.pk]
    with pytest.raises(Stale):  # by the same key, but not the same bags
        store.packed(box, [c.code for c in bags[1:]])
    with acting(REGION_PAPERS):
        assert not any(s.open for s in home.stock(exam, viewer=REGION_PAPERS))  # an emptied box needs no seal
        row = Holding.objects.get(pk=pack.pk)
        assert (row.place, row.custodian, bool(row.seal)) == ("store:1", "13", True)
        inside = queries.contents(exam, [pack.pk, other.pk, box.pk])
        assert (len(inside[pack.pk]), len(inside[other.pk]), inside[box.pk]) == (8, 8, [])
        assert [{h.container.session for h in inside[p.pk]} for p in (pack, other)] == [{1}, {2}]
        assert sum(h.copies for p in (pack, other) for h in inside[p.pk]) == before
        moments = life.life(bags[0])
        assert [m.step.act for m in moments if m.outer is None] == ["made", "packed", "unpacked", "packed"]
        assert [m.step.parent_id for m in moments if m.outer is None] == [None, box.pk, None, pack.pk]
        assert [(m.step.act, m.outer.code) for m in moments if m.outer] == [
            ("sealed", box.code), ("handed_over", box.code), ("opened", box.code), ("sealed", pack.code),
        ]  # fmt: skip
        event = Event.objects.get(kind="custody.packs.made")
        counts = {"boxes": 1, "bags": 16, "packs": 2}
        assert event.data.items() >= counts.items()
        sent = Event.objects.get(kind="custody.receipt.sent")  # the receipt is with the centre at once
        assert (sent.rules, sent.data) == (["V11.2.2"], {"to": "centre", **counts})
        acts = Operation.objects.filter(proposal_id=event.data["proposal"]).values_list("act", flat=True)
        assert set(acts) == {"opened", "unpacked", "packed", "sealed"}
        done = repackings.record(exam, event.data["operation"], viewer=REGION_PAPERS)
        ways = {bag: (came, into) for bag, came, _, into, _ in done.bags}
        assert len(ways) == 16 and {came for came, _ in ways.values()} == {box.code}
        assert {into for _, into in ways.values()} == {pack.code, other.code}
        made = print_record(exam=exam, operation_id=done.operation.pk, by=REGION_PAPERS, at=LATER)
        assert (
            made.pdf.startswith(b"%PDF") and Event.objects.filter(kind="custody.packs.printed").count() == 1
        )
    with acting(SYSTEM):
        assert Receipt.objects.get(notice__title_zh__contains="拆箱清点回执").office_code == "centre"
    _opened_on_the_day(exam, pack, other)


def _opened_on_the_day(exam: Exam, pack: Container, other: Container) -> None:
    """In the seal room a pack is opened once, however often that is said; of another pack the answer says nothing."""
    place = Change(place="seal_room:1301-01", place_path="/13/1301/01/")
    with acting(SYSTEM):
        services.carry_out(
            exam=exam, key=key("drawn"), act=Act.MOVED, changes={pack.pk: place, other.pk: place}, office_path="/13/1301/",
            by=SYSTEM, at=LATER,
        )  # fmt: skip

    def opened(pk: int, session: int) -> int:
        with acting(POINT_PAPERS):
            return open_packs_now(
                exam=exam, key=key("open"), site_code="1301-01", session=session, container_ids=[pk], by=POINT_PAPERS,
                at=drawn_at(exam),
            )  # fmt: skip

    assert [opened(pack.pk, 1) for _ in range(2)] == [8, 8]
    with pytest.raises(Stale):
        opened(other.pk, 2)


@pytest.mark.rule("V11.2.2", "V11.2.3")
def test_who_unpacks_and_who_watches_sign_each_with_their_own_code(exam: Exam) -> None:
    box, bags = received(exam)
    store, codes = Store(exam), [c.code for c in bags]
    first, second = store.pair

    def why(hands: Hands) -> set[str]:
        with pytest.raises(RuleRefused) as refused:
            store.packed(box, codes, hands=hands)
        return {r.code for r in refused.value.refusals}

    escort = store.who.posts["13", "region_paper_escort"][0]
    assert why(Hands([first], store.officer, {})) == {"custody_pack_receivers"}
    assert why(Hands([first, escort], store.officer, {})) == {"custody_pack_receivers"}
    assert why(Hands([first, second], None, {})) == {"custody_pack_officer"}
    assert why(Hands([first, second], first, {})) == {"custody_pack_officer"}
    half = store.packed(box, codes, hands=store.hands(store.officer))
    assert half.packs == [] and half.signatures and half.signatures.failed == [store.officer]
    with acting(REGION_PAPERS):
        assert (
            Holding.objects.get(pk=box.pk).seal
            and not Operation.objects.filter(act="packed", at=LATER).exists()
        )
    sides = ("13", "13")
    going = arranged(store.who, "region_to_escort", [box.pk], "journey:1", sides=sides, by=REGION_PAPERS)
    assert why(store.hands()) == {"handover_busy"}  # what a handover lists stays as it is until that is over
    with acting(REGION_PAPERS):
        break_off(exam=exam, handover_id=going.pk, reason="先拆箱", by=REGION_PAPERS, at=LATER)
    last = {store.officer: store.who.code(store.officer)}
    assert len(store.packed(box, codes, hands=Hands(store.pair, store.officer, last)).packs) == 2
    assert [r.code for r in check_day("point", LATER.date(), {LATER.date()})] == ["custody_pack_exam_day"]
    assert not list(check_day("region", LATER.date(), {LATER.date()}))


@pytest.mark.rule("V11.2.2")
def test_what_does_not_match_or_is_elsewhere_is_refused_and_nothing_moves(exam: Exam) -> None:
    box, bags = received(exam)
    store, codes = Store(exam), [c.code for c in bags]
    with acting(REGION_PAPERS):
        steps = Step.objects.count()
    for refusal, scanned in (
        ("custody_scan_missing", codes[1:]),
        ("custody_scan_unknown", [*codes, box.code]),
        ("custody_scan_twice", [*codes, codes[0]]),
    ):
        with pytest.raises(RuleRefused, match=refusal):
            store.packed(box, scanned, hands=store.hands())
    centre = replace(CENTRE_PAPERS, office_path="/")
    with pytest.raises(RuleRefused, match="custody_open_elsewhere"), acting(centre):
        repack(
            exam=exam,
            box_codes=[box.code],
            scanned=codes,
            key=key("x"),
            hands=store.hands(),
            by=centre,
            at=LATER,
        )
    with acting(REGION_PAPERS):
        assert Step.objects.count() == steps


def waiting(exam: Exam) -> list[str]:
    """What the region's home says of boxes to be opened."""
    with acting(REGION_PAPERS):
        found = todo.todo(exam, viewer=REGION_PAPERS, at=LATER)
    return [one.words.zh for one in found if one.url == "custody-packing"]


def test_the_page_repacks_what_was_scanned(exam: Exam) -> None:
    region = Client()
    signed_in(region, "13", "region_custody")
    assert "没有待拆的箱" in text(region.get(url("packing")))
    box, bags = received(exam)
    page = region.get(url("packing"))
    assert box.code in text(page) and "16 袋" in text(page)
    assert waiting(exam) == ["保密室有 1 箱（包）待拆开清点"]
    store = Store(exam)
    facts = {"key": str(page.context["form"].initial["key"]), "boxes": [box.code], "officer": store.officer}
    facts |= {f"receiver_{n}": p for n, p in enumerate(store.pair, 1)}
    facts |= {f"receiver_{n}_code": store.who.code(p) for n, p in enumerate(store.pair, 1)}
    short = region.post(url("packing"), {**facts, "scanned": "\n".join(c.code for c in bags[:-1])})
    assert short.status_code == 422 and bags[-1].code in text(short)
    whole = {**facts, "scanned": "\n".join(c.code for c in bags)}
    half = region.post(url("packing"), whole)
    assert half.status_code == 422 and "其余签字已保留" in text(half)
    assert "还没有签名" in text(half) and "已签名，不用再输入" in text(
        half
    )  # who is missing is said at their code
    whole |= {f"receiver_{n}_code": "" for n in (1, 2)}
    done = region.post(url("packing"), {**whole, "officer_code": store.who.code(store.officer)}, follow=True)
    assert waiting(exam) == []
    assert "共 2 包" in text(done) and "打印记录" in text(done)
    record = done.context["records"][0][0]
    assert region.post(url("packing-print", operation_id=record.pk)).content.startswith(b"%PDF")
    labels = text_of(region.post(url("packing-labels", operation_id=record.pk)).content)
    with acting(REGION_PAPERS):
        packs = list(Container.objects.filter(kind="pack").values_list("code", flat=True))
        said = Event.objects.get(kind="custody.labels.printed")
    assert (
        len(packs) == 2 and all(pack in labels for pack in packs) and not any(b.code in labels for b in bags)
    )
    assert labels.count("1301-01") == 2 and said.data["labels"] == 2  # of which site and half-day each is
