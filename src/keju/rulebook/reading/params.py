"""Reads ``params/<stage>.yaml``: the dated numbers of the law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from keju.rulebook.errors import NotInForce, Problem
from keju.rulebook.reading.form import Form, day_of
from keju.rulebook.words import Words
from keju.rulebook.yamls import Spot, read_yaml


@dataclass(frozen=True)
class Entry:
    """One parameter: its clause, its unit, and its values by the day from which each holds (ascending).

    `title` is its name for readers; None where the programme gives none.
    """

    name: str
    clause: str
    unit: Words | str
    note: Words | str | None
    values: tuple[tuple[date, Spot], ...]
    title: Words | None = None

    def spot_on(self, as_of: date) -> Spot:
        """The value in force on that day. NotInForce if the first came later."""
        current = [spot for start, spot in self.values if start <= as_of]
        if not current:
            raise NotInForce(self.name, as_of, self.values[0][0])
        return current[-1]


def read_params(folder: Path, part: str, problems: list[Problem]) -> dict[str, Entry]:
    """The parameters of a stage (or kernel part) by name; empty if the programme has no such file."""
    path = folder / "params" / f"{part}.yaml"
    if not path.exists():
        return {}
    spot = read_yaml(path, f"params/{part}.yaml", problems)
    if spot is None:
        return {}
    if not isinstance(spot.value, dict):
        Form(spot, problems)
        return {}
    entries = (_entry(name, inner, problems) for name, inner in spot.value.items())
    return {entry.name: entry for entry in entries if entry is not None}


def _entry(name: str, spot: Spot, problems: list[Problem]) -> Entry | None:
    form = Form(spot, problems)
    if not name.isidentifier() or name != name.lower():
        zh, en = (
            "参数名只能用小写字母、数字和下划线",
            "a parameter is named with small letters, digits and underscores",
        )
        form.complain(spot, zh, en)
    title = form.both(form.take("name"), "name") if form.has("name") else None
    clause, unit = form.clause("clause"), _words(form, "unit")
    note = _words(form, "note") if form.has("note") else None
    values = _values(form)
    form.close()
    return Entry(name, clause, unit, note, values, title) if values else None


def _words(form: Form, key: str) -> Words | str:
    """In both languages, or one word for both."""
    written = form.take(key)
    return form.both(written, key) if isinstance(written.value, dict) else form.text(key)


def _values(form: Form) -> tuple[tuple[date, Spot], ...]:
    spot = form.take("values")
    found: list[tuple[date, Spot]] = []
    if spot.value is None:
        return ()
    if not isinstance(spot.value, dict) or not spot.value:
        zh = "values应写作“生效日期: 值”，如2011-01-01: 20"
        form.complain(spot, zh, "“values” is written “day: value”, like 2011-01-01: 20")
        return ()
    for text, value in spot.value.items():
        day = day_of(text)
        if day is None:
            zh, en = "“{text}”不是日期（如2011-01-01）", "“{text}” is no day (one looks like 2011-01-01)"
            form.complain(value, zh, en, text=text)
        elif value.value is None:
            form.complain(value, "此日期没有写值", "there is no value for this day")
        else:
            found.append((day, value))
    return tuple(sorted(found, key=lambda pair: pair[0]))
