"""The law's numbers as a frozen dataclass of the stage that uses them, as they stood on a given day.

A name on one side only does not load: neither code without law nor law without code goes unnoticed.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, time
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from keju.rulebook.errors import Problem, ProgrammeError
from keju.rulebook.model import DueSpec, DutySpec, Programme
from keju.rulebook.programmes import param_entries
from keju.rulebook.reading.form import day_of
from keju.rulebook.reading.params import Entry
from keju.rulebook.words import Words, t
from keju.rulebook.yamls import Spot

P = TypeVar("P")

_HOME = re.compile(r"keju\.(?:stages|kernel)\.([a-z_]+)\.params(?:\..*)?")


class _Mismatch(Exception):
    """A value is not of the type that the code expects."""

    def __init__(self, wanted: Words) -> None:
        self.wanted = wanted


def load_params(cls: type[P], *, programme: str, as_of: date) -> P:
    """The parameters of the stage that ``cls`` belongs to, with the values in force on ``as_of``.

    ``cls`` is a frozen dataclass in ``keju.stages.<stage>.params`` (or ``keju.kernel.<part>.params``).
    NotInForce if a value came into force only later; ProgrammeError if file and class do not agree.
    """
    return cast(P, _load_once(cast(Any, cls), programme, as_of))


@cache
def _load_once(cls: type[Any], programme: str, as_of: date) -> object:
    home = _HOME.fullmatch(cls.__module__)
    if home is None:
        raise TypeError(f"{cls.__module__}.{cls.__qualname__} does not live in keju.stages.<stage>.params")
    part = home.group(1)
    found = build(cls, param_entries(programme, part), as_of=as_of, file=f"{programme}/params/{part}.yaml")
    return cast(object, found)


def build(cls: type[P], entries: Mapping[str, Entry], *, as_of: date, file: str) -> P:
    """An instance of ``cls`` from the entries. ProgrammeError names every disagreement at once."""
    if not is_dataclass(cls):
        raise TypeError(f"{cls.__qualname__} is no dataclass")
    hints = get_type_hints(cls)
    names = [field.name for field in fields(cls)]
    problems = [_missing(file, name) for name in names if name not in entries]
    problems += [_unused(entry, file) for name, entry in entries.items() if name not in names]
    values: dict[str, Any] = {}
    for name in names:
        if name not in entries:
            continue
        spot = entries[name].spot_on(as_of)
        try:
            values[name] = convert(spot, hints[name])
        except _Mismatch as mismatch:
            zh, en = "“{name}”应为{wanted}", "“{name}” must be {wanted}"
            problems.append(replace(spot.problem(zh, en, name=name, wanted=mismatch.wanted), file=file))
    if problems:
        raise ProgrammeError(problems)
    return cls(**values)


def value_of(param: str, *, programme: str, as_of: date) -> Any:
    """The plain value of "stage.name" on that day. ProgrammeError if there is no such parameter."""
    part, _, name = param.partition(".")
    entry = param_entries(programme, part).get(name)
    if entry is None:
        raise ProgrammeError([_missing(f"{programme}/params/{part}.yaml", name)])
    return _plain(entry.spot_on(as_of))


def duties_on(programme: Programme, as_of: date) -> tuple[DutySpec, ...]:
    """The duties of the programme with the figures in force on that day. NotInForce if one had none yet."""

    def dated(duty: DutySpec) -> DutySpec:
        if not isinstance(duty.due, DueSpec) or duty.due.param is None:
            return duty
        n = value_of(duty.due.param, programme=programme.code, as_of=as_of)
        return replace(duty, due=replace(duty.due, n=n))

    return tuple(dated(duty) for duty in programme.duties)


def _missing(file: str, name: str) -> Problem:
    words = t("程序需要参数“{name}”，文件里没有", "the program needs “{name}”, but the file does not give it")
    return Problem(file, 0, name, words.format(name=name))


def _unused(entry: Entry, file: str) -> Problem:
    words = t(
        "程序不认识参数“{name}”（是否写错？）", "the program does not know “{name}” (a slip of the pen?)"
    )
    return Problem(file, entry.values[0][1].line, entry.name, words.format(name=entry.name))


def convert(spot: Spot, wanted: Any) -> Any:
    """The value of the spot as the type ``wanted``; lists become tuples, nothing is rounded or guessed."""
    value = spot.value
    origin, args = get_origin(wanted), get_args(wanted)
    if origin in (Union, types.UnionType):
        return convert(spot, next(arg for arg in args if arg is not type(None)))
    if origin is Literal:
        return value if value in args else _no(t("{a}之一", "one of {a}").format(a=args))
    if origin in (tuple, list, frozenset, set):
        return _collection(spot, origin, args)
    if origin is not None:
        if not isinstance(value, dict):
            _no(t("“名称: 值”的列表，如{x: 1}", "a list of “name: value”, like {x: 1}"))
        return {key: convert(inner, args[1]) for key, inner in value.items()}
    return _scalar(value, wanted)


def _collection(spot: Spot, origin: Any, args: tuple[Any, ...]) -> Any:
    if not isinstance(spot.value, list):
        _no(t("列表，如[30, 25]", "a list, like [30, 25]"))
    items: list[Spot] = spot.value
    if origin is tuple and args[-1] is not Ellipsis:
        if len(items) != len(args):
            _no(t("{n}个值的列表", "a list of {n} values").format(n=len(args)))
        return tuple(convert(item, arg) for item, arg in zip(items, args, strict=True))
    found = [convert(item, args[0]) for item in items]
    return frozenset(found) if origin in (frozenset, set) else tuple(found)


def _scalar(value: Any, wanted: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if wanted is int:
        return value if number and isinstance(value, int) else _no(t("整数", "a whole number"))
    if wanted is float:
        return float(value) if number else _no(t("数", "a number"))
    if wanted is Decimal:
        if number or isinstance(value, str):
            try:
                return Decimal(str(value))
            except InvalidOperation:
                pass
        return _no(t("数", "a number"))
    if wanted is bool:
        return value if isinstance(value, bool) else _no(t("true或false", "true or false"))
    if wanted is str:
        return value if isinstance(value, str) else _no(t("文字", "text"))
    if wanted is date:
        return day_of(value) or _no(t("日期，如2009-01-01", "a day, like 2009-01-01"))
    if wanted is time:
        try:
            return time.fromisoformat(value)
        except (TypeError, ValueError):
            return _no(t("时间，如16:00", "a time, like 16:00"))
    raise TypeError(f"parameters cannot be of type {wanted!r}")


def _no(wanted: Words) -> Any:
    raise _Mismatch(wanted)


def _plain(spot: Spot) -> Any:
    if isinstance(spot.value, list):
        return tuple(_plain(item) for item in spot.value)
    if isinstance(spot.value, dict):
        return {key: _plain(item) for key, item in spot.value.items()}
    return spot.value
