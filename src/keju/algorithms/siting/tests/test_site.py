"""Small questions against every answer there is; what is proven, and what is said when nothing is possible."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keju.algorithms.siting import (
    Impossible,
    OutOfTime,
    Point,
    Terms,
    Wishes,
    cost_of,
    kilometres,
    search,
    site,
)

TERMS = Terms(minimum=300, most=9999, host_km=10_000, small_km=50_000, missing_km=100)
NAMES = ("1301", "1302", "1303", "1304", "1305")
AMPLE = 60.0


@st.composite
def regions(draw: st.DrawFn) -> list[Point]:
    size = draw(st.integers(1, 5))
    return [
        Point(
            code,
            draw(st.integers(0, 700)),
            draw(st.integers(1000, 1040)) / 10,
            draw(st.integers(300, 330)) / 10,
            draw(st.none() | st.integers(0, 1500)),
        )
        for code in draw(st.permutations(NAMES[:size]))
    ]


@st.composite
def wishes(draw: st.DrawFn) -> Wishes:
    some = st.frozensets(st.sampled_from(NAMES[:3]), max_size=1)
    return Wishes(
        draw(some),
        draw(some),
        draw(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(NAMES), max_size=1)),
    )


terms = st.builds(
    Terms,
    minimum=st.sampled_from((0, 300)),
    most=st.sampled_from((800, 9999)),
    host_km=st.sampled_from((0, 5_000, 20_000)),
    small_km=st.sampled_from((0, 50_000)),
    missing_km=st.sampled_from((0, 100, 1_000)),
)


def every(points: Sequence[Point], most: int, wished: Wishes) -> Iterator[dict[str, str]]:
    """All assignments that keep to the limits, by trying all."""
    peopled = {p.code: p.candidates for p in points if p.candidates}
    known = {p.code: p for p in points}
    if not wished.must <= set(known):
        return
    taking_part = sorted(set(peopled) | wished.must | {wished.sent[p] for p in peopled if p in wished.sent})
    if not set(taking_part) <= set(known):
        return
    for tos in product(taking_part, repeat=len(taking_part)):
        host = dict(zip(taking_part, tos, strict=True))
        hosts = set(tos)
        kept = all(host[h] == h for h in hosts) and wished.must <= hosts and not wished.barred & hosts
        kept = kept and all(host[p] == to for p, to in wished.sent.items() if p in host)
        # A point without candidates takes part only as a host that is wanted.
        if kept and all(_received(host, h, peopled) <= min(most, _seats(known[h])) for h in hosts):
            yield host


def past(points: Sequence[Point], most: int, wished: Wishes, host: Mapping[str, str]) -> bool:
    """Whether somebody is sent past a nearer host that cannot be full."""
    known = {p.code: p for p in points}
    own = sorted(known)
    km = kilometres([known[code] for code in own])
    way = {(a, b): km[n, m] for n, a in enumerate(own) for m, b in enumerate(own)}
    return any(
        way[p, nearer] < way[p, to]
        for p, to in host.items()
        if p != to and p not in wished.sent
        for nearer in set(host.values())
        if _seats(known[nearer]) >= most
    )


def _seats(point: Point) -> int:
    return 10**9 if point.seats is None else point.seats


def _received(host: Mapping[str, str], at: str, counts: Mapping[str, int]) -> int:
    return sum(counts.get(p, 0) for p, to in host.items() if to == at)


@settings(max_examples=60)
@given(regions(), terms, wishes())
def test_nothing_is_cheaper(points: list[Point], asked: Terms, wished: Wishes) -> None:
    known = {p.code for p in points}
    wished = Wishes(
        wished.must & known, wished.barred, {p: h for p, h in wished.sent.items() if {p, h} <= known}
    )
    possible = list(every(points, asked.most, wished))
    possible = [host for host in possible if not past(points, asked.most, wished, host)] or possible
    best = min((cost_of(points, host, asked).total for host in possible), default=None)
    try:
        found = site(points, asked, wished, seconds=AMPLE)
    except Impossible as impossible:
        assert best is None
        assert all(n > 0 for n in impossible.lacking.values())
        return
    assert found.cost.total == best == found.bound and found.optimal and found.gap == 0
    assert found.host in possible
    assert found.cost == cost_of(points, found.host, asked)
    assert site(list(reversed(points)), asked, wished, seconds=AMPLE) == found


@settings(max_examples=25)
@given(regions(), terms)
def test_leaving_arcs_out_changes_nothing_that_is_proven(points: list[Point], asked: Terms) -> None:
    """With one near host for each point instead of all: the bound still holds for every assignment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "WHOLE", 0)
        patch.setattr(search, "NEAR", 1)
        try:
            found = site(points, asked, seconds=AMPLE)
        except Impossible:
            assert not list(every(points, asked.most, Wishes()))
            return
        patch.setattr(search, "MOST_ARCS", 0)
        coarse = site(points, asked, seconds=AMPLE)
    best = min(
        (cost_of(points, host, asked).total for host in every(points, asked.most, Wishes())), default=0
    )
    assert found.bound == best == found.cost.total
    assert coarse.bound <= best <= coarse.cost.total


def line(*facts: tuple[str, int, float], seats: Mapping[str, int] | None = None) -> list[Point]:
    """Points on the equator, so that a degree is 111 km."""
    return [Point(code, n, east, 0.0, (seats or {}).get(code)) for code, n, east in facts]


@pytest.mark.rule("V6.1")
@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (line(("1301", 300, 0), ("1302", 299, 0.2)), {"1301": "1301", "1302": "1301"}),
        (line(("1301", 150, 0), ("1302", 150, 1)), {"1301": "1301", "1302": "1301"}),  # equal: the lower code
        (line(("1301", 150, 0), ("1302", 160, 1)), {"1301": "1302", "1302": "1302"}),
        (line(("1301", 5000, 0), ("1302", 250, 2)), {"1301": "1301", "1302": "1301"}),  # 222 km
        (line(("1301", 5000, 0), ("1302", 250, 3)), {"1301": "1301", "1302": "1302"}),  # 334 km: in principle only
        (line(("1301", 5000, 0), ("1302", 100, 7)), {"1301": "1301", "1302": "1301"}),
        (line(("1301", 0, 0), ("1302", 5, 1)), {"1302": "1302"}),
        (line(("1301", 400, 0), ("1302", 299, 1), ("1303", 400, 1.5)), {"1301": "1301", "1302": "1303", "1303": "1303"}),
    ],
)  # fmt: skip
def test_small_points_go_where_it_is_near_unless_it_is_far(
    points: list[Point], expected: dict[str, str]
) -> None:
    assert site(points, TERMS, seconds=AMPLE).host == expected


@pytest.mark.rule("V6.1")
def test_nobody_is_sent_past_a_host_to_fill_a_farther_one() -> None:
    """Without the rule the few of 1302 would go 222 km to bring 1304 to the minimum, past 1301 and 1303."""
    points = line(("1301", 2000, 0), ("1302", 10, 1), ("1303", 2000, 1.5), ("1304", 295, 3))
    found = site(points, TERMS, seconds=AMPLE)
    assert found.host["1302"] == "1303" and found.host["1304"] == "1303" and found.optimal
    full = [*points[:2], Point("1303", 2000, 1.5, 0.0, 2000), points[3]]
    assert site(full, TERMS, seconds=AMPLE).host["1302"] != "1303"


@pytest.mark.rule("V7.2")
def test_no_host_takes_the_ten_thousandth() -> None:
    points = line(("1301", 6000, 0), ("1302", 4000, 0.1), ("1303", 100, 0.2))
    found = site(points, TERMS, seconds=AMPLE)
    assert found.host == {"1301": "1301", "1302": "1302", "1303": "1302"}
    with pytest.raises(Impossible) as none:
        site(line(("1301", 10_000, 0)), TERMS, seconds=AMPLE)
    assert none.value.lacking == {"1301": 1}


def test_what_lacks_is_named_where_it_lacks() -> None:
    points = line(("1301", 500, 0), ("1302", 400, 0.1), seats={"1301": 450, "1302": 400})
    with pytest.raises(Impossible) as none:
        site(points, TERMS, seconds=AMPLE)
    assert none.value.lacking == {"1301": 50}


def test_wishes_are_kept_and_contradictions_are_no_answer() -> None:
    points = line(("1301", 500, 0), ("1302", 400, 0.1), ("1303", 0, 0.2))
    assert site(points, TERMS, seconds=AMPLE).host == {"1301": "1301", "1302": "1301"}
    must = site(points, TERMS, Wishes(must=frozenset({"1303"})), seconds=AMPLE)
    assert must.host["1303"] == "1303"
    sent = site(points, TERMS, Wishes(sent={"1301": "1302"}), seconds=AMPLE)
    assert sent.host == {"1301": "1302", "1302": "1302"}
    for wish in (
        Wishes(must=frozenset({"1301"}), barred=frozenset({"1301"})),
        Wishes(sent={"1301": "1302", "1302": "1303"}),
        Wishes(barred=frozenset({"1301", "1302"})),
        Wishes(sent={"1301": "9999"}),
    ):
        with pytest.raises(Impossible):
            site(points, TERMS, wish, seconds=AMPLE)


def test_no_time_is_no_answer_and_nobody_is_an_empty_one() -> None:
    assert site([], TERMS, seconds=AMPLE).host == {}
    points = line(*((f"13{n:02d}", 200 + n, n / 7) for n in range(60)))
    with pytest.raises(OutOfTime):
        site(points, TERMS, seconds=0)
