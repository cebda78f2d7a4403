"""How cells of an evidence file's tables are written."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from keju.rulebook.words import Words, t
from keju.stages.custody.documents.moving import both, moment

Cell = Words | str | dict[str, str]
Row = Sequence[Cell]
Evidence = Mapping[str, Any]

FATES = {
    "inside": t("未发", "in"),
    "out": t("已发", "out"),
    "used": t("已用", "used"),
    "unused": t("未用", "unused"),
    "defective": t("残损", "defective"),
    "missing": t("缺失", "missing"),
    "destroyed": t("已毁", "destroyed"),
}
OPEN, FROZEN = t("未封", "open"), t("封存待查", "frozen")


def section(
    title: Words, widths: Sequence[str], head: Sequence[Words], rows: Sequence[Row]
) -> dict[str, Any]:
    """A table with its title; `widths`: "auto" or "1fr" a column."""
    return {
        "title": both(title),
        "widths": list(widths),
        "head": [both(h) for h in head],
        "rows": [[plain(cell) for cell in row] for row in rows],
    }


def plain(cell: Cell) -> dict[str, str]:
    """A cell in both languages."""
    return {"zh": cell["zh"], "en": cell["en"]} if isinstance(cell, dict) else both(cell)


def said(plain: Mapping[str, str]) -> Words:
    """Words that the file holds as plain data."""
    return t(plain["zh"], plain["en"])


def day(at: str) -> str:
    """An instant of the file in China's time, to the minute; "" for none."""
    return moment(datetime.fromisoformat(at)) if at else ""


def where(m: Mapping[str, Any]) -> Words:
    """Place, custodian, holder; or what it lies in."""
    if m["inside"]:
        return t("在 {code} 内", "inside {code}").format(code=m["inside_code"])
    place, keeper = said(m["place_words"]), said(m["custodian_name"])
    held = t("，责任人{name}", ", held by {name}").format(name=m["holder_name"]) if m["holder_name"] else ""
    return t("{place}（{keeper}{held}）", "{place} ({keeper}{held})").format(
        place=place, keeper=keeper, held=held
    )


def seal(m: Mapping[str, Any]) -> Words:
    """Its seal's number, or that it is open; whether it is frozen."""
    state = t(m["seal"], m["seal"]) if m["seal"] else OPEN
    return t("{a}，{b}", "{a}, {b}").format(a=state, b=FROZEN) if m["frozen"] else state


def sealed_or_open(m: Mapping[str, Any]) -> Words:
    """The same of several: without numbers."""
    state = t("已封", "sealed") if m["seal"] else OPEN
    return t("{a}，{b}", "{a}, {b}").format(a=state, b=FROZEN) if m["frozen"] else state


def sheets(*lot: Mapping[str, Any]) -> Words:
    """The sheets of all of them by fate."""
    said = [(words, n) for fate, words in FATES.items() if (n := sum(m["counts"][fate] for m in lot))]
    return t("、".join(f"{w.zh}{n}" for w, n in said), ", ".join(f"{n} {w.en}" for w, n in said))


def fates(counts: Mapping[str, int]) -> Words:
    """Sheets by fate."""
    return sheets({"counts": {fate: counts.get(fate, 0) for fate in FATES}})


def codes(codes: Sequence[str], most: int = 4) -> Words:
    """The first of them, and how many there are."""
    shown = t("、".join(codes[:most]), ", ".join(codes[:most]))
    if len(codes) <= most:
        return shown
    return t("{codes} 等{n}件", "{codes} … {n} in all").format(codes=shown, n=len(codes))
