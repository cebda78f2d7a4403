"""Repacking by point: totals are conserved or it is refused, only in the own store, once, and every bag's way stays known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody import queries, services
from keju.stages.custody.models import Container, Holding, Step
from keju.stages.custody.queries import home, life
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.services.packing import repack
from keju.stages.custody.tests.test_home import text, url
from keju.stages.custody.tests.world import CENTRE_PAPERS, MADE_AT, REGION_PAPERS, key, papers

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


def packed(exam: Exam, box: Container, scanned: Sequence[str], name: str = "repack") -> list[Container]:
    with acting(REGION_PAPERS):
        return repack(
            exam=exam, box_codes=[box.code], scanned=scanned, key=key(name), by=REGION_PAPERS, at=LATER
        )


@pytest.mark.rule("V11.2.2", "V15.2")
def test_bags_go_into_packs_by_point_and_half_day_and_their_way_stays_known(exam: Exam) -> None:
    box, bags = received(exam)
    before = sum(c.copies for c in bags)
    pack, other = packed(exam, box, [c.code.lower() for c in bags])
    assert (pack.kind, pack.office_path) == ("pack", "/13/1301/")
    assert [c.pk for c in packed(exam, box, [c.code for c in bags])] == [
        pack.pk,
        other.pk,
    ]  # arrived twice, done once
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
        assert event.data == {"boxes": 1, "bags": 16, "packs": 2}


@pytest.mark.rule("V11.2.2")
def test_what_does_not_match_or_is_elsewhere_is_refused_and_nothing_moves(exam: Exam) -> None:
    box, bags = received(exam)
    codes = [c.code for c in bags]
    with acting(REGION_PAPERS):
        steps = Step.objects.count()
    for refusal, scanned in (
        ("custody_scan_missing", codes[1:]),
        ("custody_scan_unknown", [*codes, box.code]),
        ("custody_scan_twice", [*codes, codes[0]]),
    ):
        with pytest.raises(RuleRefused, match=refusal):
            packed(exam, box, scanned)
    centre = replace(CENTRE_PAPERS, office_path="/")
    with pytest.raises(RuleRefused, match="custody_open_elsewhere"), acting(centre):
        repack(exam=exam, box_codes=[box.code], scanned=codes, key=key("x"), by=centre, at=LATER)
    with acting(REGION_PAPERS):
        assert Step.objects.count() == steps


def test_the_page_repacks_what_was_scanned(exam: Exam) -> None:
    region = Client()
    signed_in(region, "13", "region_custody")
    assert "没有待拆的箱" in text(region.get(url("packing")))
    box, bags = received(exam)
    page = region.get(url("packing"))
    assert box.code in text(page) and "16 袋" in text(page)
    facts = {"key": str(page.context["form"].initial["key"]), "boxes": [box.code]}
    short = region.post(url("packing"), {**facts, "scanned": "\n".join(c.code for c in bags[:-1])})
    assert short.status_code == 422 and bags[-1].code in text(short)
    done = region.post(url("packing"), {**facts, "scanned": "\n".join(c.code for c in bags)}, follow=True)
    assert "共 2 包" in text(done) and "试卷包" in text(done)
