"""Ticket numbers: ten digits, gapless, and the ten-thousandth refused by name of the point."""

import pytest

from keju.algorithms.seating import SerialsExhausted, plan_hash, ticket_numbers
from keju.algorithms.seating.tickets import Layout

LAYOUT: Layout = [("year", 2), ("region", 2), ("point", 2), ("serial", 4)]


@pytest.mark.rule("V7.2")
def test_ten_digits_without_gaps() -> None:
    numbers = ticket_numbers(2011, "11", "01", first_serial=1, count=9999, layout=LAYOUT)
    assert numbers[:2] == ["1111010001", "1111010002"]
    assert numbers[-1] == "1111019999"
    assert [int(number[6:]) for number in numbers] == list(range(1, 10_000))
    assert {number[:6] for number in numbers} == {"111101"}
    assert ticket_numbers(2011, "11", "01", first_serial=31, count=1, layout=LAYOUT) == ["1111010031"]
    assert ticket_numbers(2011, "11", "01", first_serial=9999, count=0, layout=LAYOUT) == []


@pytest.mark.rule("V7.2")
@pytest.mark.parametrize(("first", "count"), [(1, 10_000), (9_999, 2), (10_000, 1)])
def test_the_ten_thousandth_is_refused_and_the_point_named(first: int, count: int) -> None:
    with pytest.raises(SerialsExhausted, match="point 01 of region 11: serial 10000 exceeds 9999") as caught:
        ticket_numbers(2011, "11", "01", first_serial=first, count=count, layout=LAYOUT)
    assert (caught.value.region, caught.value.point, caught.value.limit) == ("11", "01", 9999)


def test_another_layout_and_a_smaller_limit() -> None:
    twelve: Layout = [("region", 2), ("point", 2), ("year", 4), ("serial", 4)]
    assert ticket_numbers(2012, "44", "03", first_serial=7, count=1, layout=twelve) == ["440320120007"]
    with pytest.raises(SerialsExhausted, match="serial 301 exceeds 300"):
        ticket_numbers(2012, "44", "03", first_serial=1, count=301, layout=twelve, serial_max=300)
    assert ticket_numbers(2009, "44", "03", first_serial=1, count=1, layout=LAYOUT) == ["0944030001"]


@pytest.mark.parametrize(
    ("region", "point", "first", "count", "layout"),
    [
        ("1", "01", 1, 1, LAYOUT),
        ("11", "001", 1, 1, LAYOUT),
        ("1a", "01", 1, 1, LAYOUT),
        ("１１", "01", 1, 1, LAYOUT),
        ("11", "01", 0, 1, LAYOUT),
        ("11", "01", 1, -1, LAYOUT),
        ("11", "01", 1, 1, LAYOUT[:-1]),
        ("11", "01", 1, 1, [*LAYOUT, ("serial", 4)]),
        ("11", "01", 1, 1, [("year", 0), *LAYOUT[1:]]),
    ],
)
def test_what_does_not_fit_the_layout(
    region: str, point: str, first: int, count: int, layout: Layout
) -> None:
    with pytest.raises(ValueError, match=r"digits|each once|from 1"):
        ticket_numbers(2011, region, point, first_serial=first, count=count, layout=layout)


def test_plan_hash_knows_content_not_order() -> None:
    rows = [("1111010001", 17, "R01", 1), ("1111010002", 4, "R01", 2), ("1111010003", None, "考场", 3)]
    assert plan_hash(rows) == plan_hash(reversed(rows))
    # sha256 of the three lines as any other program would write them.
    assert plan_hash(rows[:1]) == "f57b2252e42610cb4167a2eab13ad2b7aef4bee3b94a7d979a8313daf377d949"
    for other in (rows[:2], [*rows, rows[0]], [("1111010001", "17", "R01", 1), *rows[1:]], []):
        assert plan_hash(other) != plan_hash(rows)


def test_plan_hash_refuses_what_can_be_spelled_in_two_ways() -> None:
    with pytest.raises(ValueError, match="numbers and texts"):
        plan_hash([(1.0,)])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="numbers and texts"):
        plan_hash([(True,)])
