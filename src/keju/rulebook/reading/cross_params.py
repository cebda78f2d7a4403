"""Whether the parameters of a programme are those that the program reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from keju.rulebook.errors import Problem
from keju.rulebook.model import KERNEL_PARTS, STAGES, Programme
from keju.rulebook.programmes import HOME, programme_codes
from keju.rulebook.reading.params import Entry, read_params
from keju.rulebook.words import t
from keju.rulebook.yamls import Spot


def check_params(programme: Programme, folder: Path) -> Iterator[Problem]:
    """Own parameters: sound, of known clauses, and of the names and kinds that the house programmes have."""
    for part in (*STAGES, *KERNEL_PARTS):
        found: list[Problem] = []
        own = read_params(folder, part, found)
        yield from found
        known = _known_params(part)
        for name, entry in own.items():
            yield from _param(programme, entry, known.get(name))
        if programme.adopts is None and not found:
            yield from _lacking(part, set(known) - set(own))


def _param(programme: Programme, entry: Entry, known: Entry | None) -> Iterator[Problem]:
    first = entry.values[0][1]
    if entry.clause not in programme.rules:
        zh, en = "“{name}”引用的条款{id}不存在", "“{name}” cites clause {id}, which does not exist"
        yield first.problem(zh, en, name=entry.name, id=entry.clause)
    if known is None:
        zh, en = (
            "程序不认识参数“{name}”（是否写错？）",
            "the program does not know “{name}” (a slip of the pen?)",
        )
        yield first.problem(zh, en, name=entry.name)
        return
    wanted = _kind(known.values[0][1])
    for _, spot in entry.values:
        if _kind(spot) != wanted:
            zh, en = "“{name}”的值与其他项目的种类不同（{kind}）", "“{name}” must be of another kind ({kind})"
            yield spot.problem(zh, en, name=entry.name, kind=_KINDS[wanted])


def _known_params(part: str) -> dict[str, Entry]:
    """The parameters that the code reads: those of every programme in the house.

    Code and house programmes always agree, or the stage would not load.
    """
    known: dict[str, Entry] = {}
    for code in programme_codes():
        known.update(read_params(HOME / code, part, []))
    return known


def _lacking(part: str, names: set[str]) -> Iterator[Problem]:
    for name in sorted(names):
        words = t(
            "程序需要参数“{name}”，文件里没有", "the program needs “{name}”, but the file does not give it"
        )
        yield Problem(f"params/{part}.yaml", 0, name, words.format(name=name))


_KINDS = {
    "bool": t("true或false", "true or false"),
    "number": t("数", "a number"),
    "text": t("文字", "text"),
    "list": t("列表", "a list"),
    "dict": t("“名称: 值”的列表", "a list of “name: value”"),
}


def _kind(spot: Spot) -> str:
    if isinstance(spot.value, bool):
        return "bool"
    if isinstance(spot.value, int | float):
        return "number"
    if isinstance(spot.value, str):
        return "text"
    return "list" if isinstance(spot.value, list) else "dict"
