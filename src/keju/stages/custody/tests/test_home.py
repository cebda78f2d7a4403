"""The home of papers, and the pages that list containers."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.kernel.offices.queries import office
from keju.kernel.sheets import read_table
from keju.stages.custody import services
from keju.stages.custody.pages.containers import COLUMNS
from keju.stages.custody.queries import destinations, home, life
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.watch import Span, merged, uncovered
from keju.stages.custody.tests.screens import text, url
from keju.stages.custody.tests.world import CENTRE_PAPERS, MADE_AT, REGION_PAPERS, key, papers


def test_the_home_says_where_the_papers_are_and_that_none_are_made(exam: Exam, region: Client) -> None:
    assert "本单位还没有试卷" in text(region.get(url("home")))
    papers(exam)
    with acting(REGION_PAPERS):
        found = {
            (s.spot, s.kind): (s.containers, s.sealed, s.sheets)
            for s in home.stock(exam, viewer=REGION_PAPERS)
        }
    assert found == {
        ("printing_house", "bag"): (6, 6, 74),
        ("printing_house", "box"): (1, 1, 0),
        ("printing_house", "card_bag"): (6, 6, 74),
        ("printing_house", "spare_bag"): (4, 4, 20),
    }
    with acting(CENTRE_PAPERS):
        assert sum(s.containers for s in home.stock(exam, viewer=CENTRE_PAPERS)) == 17
    shown = text(region.get(url("home")))
    assert "印刷厂" in shown and "没有报警" in shown and "登记本单位的保密室" in shown
    with acting(CENTRE_PAPERS):
        ready = destinations.ready(exam, office("centre"), viewer=CENTRE_PAPERS)
    assert {(r.kind.code, r.sender, r.receiver, r.containers) for r in ready} == {
        ("print_to_centre", "centre", "centre", 1),
        ("centre_to_carrier", "centre", "centre", 1),
    }


def test_containers_are_listed_narrowed_and_found_by_their_code(exam: Exam, region: Client) -> None:
    made = papers(exam)
    bag = next(c for c in made if c.kind == "bag")
    box = next(c for c in made if c.kind == "box")
    whole = region.get(url("containers"))
    assert len(whole.context["rows"]) == 17 and bag.code in text(whole)
    assert (
        len(region.get(url("containers"), {"kind": "spare_bag", "spot": "printing_house"}).context["rows"])
        == 4
    )
    assert len(region.get(url("containers"), {"office": "1301-01", "session": "1"}).context["rows"]) == 8
    for nothing in ({"sealed": "no"}, {"frozen": "yes"}, {"spot": "store"}, {"office": "1302"}, {"q": "B1"}):
        assert region.get(url("containers"), nothing).context["rows"] == []
    led = region.get(url("containers"), {"q": f" {bag.code.lower()} "})
    assert led.url == url("container", container=bag.code)
    sheet = read_table(
        region.get(url("containers-export"), {"kind": "box"}).content, filename="c.xlsx", columns=COLUMNS
    )
    assert [r.values["code"] for r in sheet.rows] == [box.code]


def test_a_containers_page_tells_its_life_with_that_of_its_box(exam: Exam, region: Client) -> None:
    made = papers(exam)
    bag, box = (next(c for c in made if c.kind == kind) for kind in ("bag", "box"))
    with acting(CENTRE_PAPERS):
        services.carry_out(
            exam=exam, key=key("go"), act=Act.MOVED, changes={box.pk: Change(place="centre", place_path="/")},
            office_path="/13/", by=CENTRE_PAPERS, at=MADE_AT + timedelta(hours=2),
        )  # fmt: skip
    page = region.get(
        url("container", container=bag.code), {"at": f"{MADE_AT + timedelta(hours=1):%Y-%m-%dT%H:%M}"}
    )
    assert [(m["step"].act, m["outer"] and m["outer"].code) for m in page.context["moments"]] == [
        ("made", None), ("packed", None), ("sealed", box.code), ("moved", box.code),
    ]  # fmt: skip
    assert (page.context["then"].place, page.context["current"].place) == ("printing_house", "centre")
    assert str(page.context["there"]) == "印刷厂" and page.context["then"].was_sealed
    assert "里面有 16 件" in text(region.get(url("container", container=box.code)))
    point = Client()
    signed_in(point, "1301", "point_custody")
    page = point.get(
        url("container", container=bag.code)
    )  # the box is the region's: the point sees its own part
    assert [m["step"].act for m in page.context["moments"]] == ["made", "packed"] and "上级单位" in text(page)
    other = Client()
    signed_in(other, "23", "region_custody")
    assert other.get(url("container", container=bag.code)).status_code == 404
    answer = region.get(
        f"/api/v1/custody/vet-2011/containers/{bag.code}/position", {"at": "1999-01-01T00:00"}
    )
    assert answer.json() == []
    answer = region.get(f"/api/v1/custody/vet-2011/containers/{bag.code}/position").json()
    assert (answer[0]["place"], answer[0]["inside"], answer[0]["was_sealed"]) == ("centre", box.code, True)


@pytest.mark.rule("V12.2.0")
def test_who_was_open_without_watch_is_found_and_watch_is_taken_off(
    exam: Exam, region: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = papers(exam)
    bag, box = (next(c for c in made if c.kind == kind) for kind in ("bag", "box"))
    t0 = MADE_AT + timedelta(hours=1)
    there = Change(place="centre", place_path="/", custodian="centre")

    def do(act: Act, changes: dict[int, Change], hours: int) -> None:
        with acting(CENTRE_PAPERS):
            services.carry_out(
                exam=exam, key=key(f"{act}{hours}"), act=act, changes=changes, office_path="/13/", by=CENTRE_PAPERS,
                at=t0 + timedelta(hours=hours),
            )  # fmt: skip

    do(Act.MOVED, {box.pk: Change(place="centre", place_path="/")}, 0)
    do(Act.OPENED, {box.pk: Change(seal="")}, 1)
    do(Act.UNPACKED, {bag.pk: Change(parent_id=None, **there)}, 1)
    do(Act.OPENED, {bag.pk: Change(seal="")}, 2)
    do(Act.PACKED, {bag.pk: Change(parent_id=box.pk, place="", place_path="", custodian="")}, 4)
    do(Act.SEALED, {box.pk: Change(seal="x-1")}, 6)

    def asked(since: int, until: int) -> list[tuple[str, str, int, int]]:
        with acting(REGION_PAPERS):
            found = life.unwatched(
                exam, Span(t0 + timedelta(hours=since), t0 + timedelta(hours=until)), viewer=REGION_PAPERS
            )
        return [
            (u.code, u.place, (s.since - t0) // timedelta(hours=1), (s.until - t0) // timedelta(hours=1))
            for u in found
            for s in u.spans
        ]

    assert asked(0, 9) == [(bag.code, "centre", 2, 6)]
    assert asked(3, 5) == [(bag.code, "centre", 3, 5)] and asked(6, 9) == [] and asked(0, 2) == []
    watched = {
        "centre": [Span(t0, t0 + timedelta(hours=3)), Span(t0 + timedelta(hours=5), t0 + timedelta(hours=9))]
    }
    monkeypatch.setitem(life._covers, "centre", lambda exam, places, during: watched)
    assert asked(0, 9) == [(bag.code, "centre", 3, 5)]
    span = {"since": f"{t0:%Y-%m-%dT%H:%M}", "until": f"{t0 + timedelta(hours=9):%Y-%m-%dT%H:%M}"}
    assert bag.code in text(region.get(url("unwatched"), span))


MOMENTS = st.integers(0, 30).map(lambda n: MADE_AT + timedelta(hours=n))
SPANS = st.tuples(MOMENTS, MOMENTS).filter(lambda p: p[0] < p[1]).map(lambda p: Span(*p))


@pytest.mark.rule("V12.2.0")
@given(SPANS, st.lists(SPANS, max_size=6))
def test_every_hour_is_either_covered_or_said_to_be_open(open_: Span, covers: list[Span]) -> None:
    def hours(spans: list[Span]) -> set[datetime]:
        return {
            m for s in spans for n in range(31) if s.since <= (m := MADE_AT + timedelta(hours=n)) < s.until
        }

    left = list(uncovered(open_, covers))
    assert hours(left) == hours([open_]) - hours(covers) and left == merged(left)
