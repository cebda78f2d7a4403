"""The value in force on a day; disagreement between law and code in either direction does not load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.rulebook import NotInForce, ProgrammeError, load_params, value_of
from keju.rulebook.parameters import build
from keju.rulebook.programmes import param_entries
from keju.rulebook.reading.params import Entry, read_params
from keju.rulebook.yamls import Spot

DAY = date(2011, 6, 1)


def entries(folder: Path, text: str) -> Mapping[str, Entry]:
    """The entries of a parameter file with this text."""
    (folder / "params").mkdir(exist_ok=True)
    (folder / "params" / "fees.yaml").write_text(text, encoding="utf-8")
    problems: list[Any] = []
    found = read_params(folder, "fees", problems)
    assert problems == []
    return found


def entry(values: dict[date, Any]) -> Entry:
    """A parameter with these values by their first day."""
    dated = tuple((day, Spot(value, "f", 1)) for day, value in sorted(values.items()))
    return Entry("n", "V8.3", "days", None, dated)


days = st.dates(date(1990, 1, 1), date(2100, 1, 1))


@given(st.dictionaries(days, st.integers(), min_size=1, max_size=6), days)
def test_the_value_in_force_is_the_latest_not_after_the_day(values: dict[date, int], as_of: date) -> None:
    begun = [day for day in values if day <= as_of]
    if begun:
        assert entry(values).spot_on(as_of).value == values[max(begun)]
    else:
        with pytest.raises(NotInForce) as caught:
            entry(values).spot_on(as_of)
        assert caught.value.first == min(values)


@given(days, st.integers())
def test_a_value_holds_from_its_first_day_on_and_not_the_day_before(start: date, value: int) -> None:
    param = entry({start: value})
    assert param.spot_on(start).value == value
    with pytest.raises(NotInForce):
        param.spot_on(start - timedelta(days=1))


@dataclass(frozen=True)
class Params:
    """One field of every type that the law needs."""

    whole: int
    decimal: Decimal
    ratio: float
    flag: bool
    text: str
    day: date
    at: time
    sizes: tuple[int, ...]
    pair: tuple[int, int]
    names: frozenset[str]
    table: Mapping[str, int]
    mode: Literal["a", "b"]
    maybe: int | None


GOOD = {
    "whole": "20",
    "decimal": "0.10",
    "ratio": "1.46",
    "flag": "false",
    "text": "jpeg",
    "day": "2009-01-01",
    "at": '"16:00"',
    "sizes": "[30, 25]",
    "pair": "[230, 334]",
    "names": "[b, a]",
    "table": "{x: 1}",
    "mode": "a",
    "maybe": "7",
}


def file_of(values: Mapping[str, str]) -> str:
    """A parameter file with these values from 2011 on."""
    rows = (f"{name}: {{clause: V8.3, unit: u, values: {{2011-01-01: {v}}}}}" for name, v in values.items())
    return "\n".join(rows) + "\n"


def test_every_type(tmp_path: Path) -> None:
    params = build(Params, entries(tmp_path, file_of(GOOD)), as_of=DAY, file="f")
    assert params == Params(
        whole=20,
        decimal=Decimal("0.1"),
        ratio=1.46,
        flag=False,
        text="jpeg",
        day=date(2009, 1, 1),
        at=time(16),
        sizes=(30, 25),
        pair=(230, 334),
        names=frozenset("ab"),
        table={"x": 1},
        mode="a",
        maybe=7,
    )


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("whole", "20.5"),
        ("whole", "twenty"),
        ("whole", "true"),
        ("whole", '"20"'),
        ("ratio", "wide"),
        ("decimal", "[1]"),
        ("flag", "1"),
        ("text", "5"),
        ("day", "2009-02-30"),
        ("day", "2009"),
        ("at", '"25:00"'),
        ("at", "16"),
        ("sizes", "30"),
        ("sizes", "[30, x]"),
        ("pair", "[230]"),
        ("names", "[1]"),
        ("table", "{x: z}"),
        ("table", "5"),
        ("mode", "c"),
        ("maybe", "x"),
    ],
)
def test_a_value_of_another_type_is_named(tmp_path: Path, name: str, written: str) -> None:
    with pytest.raises(ProgrammeError) as caught:
        build(Params, entries(tmp_path, file_of({**GOOD, name: written})), as_of=DAY, file="f")
    (problem,) = caught.value.problems
    assert name in problem.place and name in problem.words.en and "must be" in problem.words.en


def test_a_name_on_one_side_only_does_not_load(tmp_path: Path) -> None:
    without = {name: value for name, value in GOOD.items() if name != "whole"}
    with pytest.raises(ProgrammeError) as caught:
        build(Params, entries(tmp_path, file_of({**without, "hole": "20"})), as_of=DAY, file="f")
    said = {problem.place: problem.words.en for problem in caught.value.problems}
    assert set(said) == {"whole", "hole"}
    assert "does not give" in said["whole"] and "does not know" in said["hole"]


def test_before_the_law_there_is_no_value(tmp_path: Path) -> None:
    with pytest.raises(NotInForce, match="2010"):
        build(Params, entries(tmp_path, file_of(GOOD)), as_of=date(2010, 12, 31), file="f")


def test_an_old_exam_keeps_its_value(tmp_path: Path) -> None:
    text = "most: {clause: V8.3, unit: u, values: {2013-07-01: 30, 2011-01-01: 22}}\n"
    most = entries(tmp_path, text)["most"]
    assert [most.spot_on(day).value for day in (DAY, date(2013, 6, 30), date(2013, 7, 1))] == [22, 22, 30]


def test_the_stage_is_read_from_where_the_class_lives() -> None:
    stranger: type[Any] = dataclass(frozen=True)(
        type("Params", (), {"__annotations__": {"room_sizes": tuple[int, ...]}})
    )
    with pytest.raises(TypeError, match=r"keju\.stages"):
        load_params(stranger, programme="veterinarian", as_of=DAY)
    at_home: type[Any] = type("Params", (), {"__annotations__": {"room_sizes": tuple[int, ...]}})
    at_home.__module__ = "keju.stages.seating.params"
    at_home = dataclass(frozen=True)(at_home)
    params = load_params(at_home, programme="physician", as_of=DAY)
    assert params.room_sizes == (30, 25)
    assert load_params(at_home, programme="physician", as_of=DAY) is params


def test_plain_values() -> None:
    assert value_of("seating.room_sizes", programme="physician", as_of=DAY) == (30, 25)
    with pytest.raises(ProgrammeError, match=r"fees\.yaml: bribes: the program needs"):
        value_of("fees.bribes", programme="veterinarian", as_of=DAY)


def test_an_adopting_programme_sees_the_adopted_numbers() -> None:
    assert param_entries("physician", "fees") == param_entries("veterinarian", "fees") != {}
    assert param_entries("physician", "itembank") == {}
