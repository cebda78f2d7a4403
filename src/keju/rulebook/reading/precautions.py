"""Reads ``inspections.yaml``, ``emergencies.yaml`` and ``devices.yaml``: what inspectors, plans and inventories go by."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TypeVar, cast

from keju.rulebook.errors import Problem
from keju.rulebook.precautions import (
    DEVICE_PLACES,
    INSPECTED_PLACES,
    INSPECTED_WHEN,
    SEVERITIES,
    DeviceKind,
    DevicePlace,
    EmergencyKind,
    InspectedPlace,
    InspectedWhen,
    InspectionItem,
    InspectionList,
    Partner,
    Precautions,
    Severity,
)
from keju.rulebook.reading.form import Form
from keju.rulebook.words import places
from keju.rulebook.yamls import Spot, read_yaml

FILES = ("inspections.yaml", "emergencies.yaml", "devices.yaml")
Coded = TypeVar("Coded", InspectionList, InspectionItem, Partner, EmergencyKind, DeviceKind)


def read_precautions(folder: Path, problems: list[Problem]) -> Precautions:
    """What the folder's own files write; an absent file writes nothing."""
    inspections, emergencies, devices = (_opened(folder, name, problems) for name in FILES)
    found = Precautions(
        inspections=_all(inspections, "checklists", _list),
        partners=_all(emergencies, "partners", _partner),
        emergencies=_all(emergencies, "classes", _emergency),
        devices=_all(devices, "kinds", _device),
    )
    for form in (inspections, emergencies, devices):
        if form is not None:
            form.close()
    return found


def ungrounded(
    folder: Path, rules: Collection[str], partners: Collection[str], figures: Collection[str]
) -> Iterator[Problem]:
    """A problem for each clause, partner or figure that is named in these files and that the programme does not have."""
    for name in FILES:
        spot = read_yaml(folder / name, name, []) if (folder / name).exists() else None
        for at, key, value in _named(spot):
            if key == "rule" and value not in rules:
                yield at.problem("rules.yaml中没有条款{id}", "rules.yaml has no clause {id}", id=value)
            if key == "partners" and value not in partners:
                yield at.problem("partners中没有“{code}”", "there is no partner “{code}”", code=value)
            if key == "param" and value.replace(".", "_", 1) not in figures:
                yield at.problem("没有参数“{name}”", "there is no figure “{name}”", name=value)
            if key in ("zh", "en"):
                for figure in sorted(places(value) - set(figures)):
                    yield at.problem("没有参数“{name}”", "there is no figure “{name}”", name=figure)


def _named(spot: Spot | None, key: str = "") -> Iterator[tuple[Spot, str, str]]:
    """Every text with the key under which it stands; items of a list under the key of the list."""
    if spot is None:
        return
    if isinstance(spot.value, dict):
        for name, inner in spot.value.items():
            yield from _named(inner, name)
    elif isinstance(spot.value, list):
        for inner in spot.value:
            yield from _named(inner, key)
    elif isinstance(spot.value, str):
        yield spot, key, spot.value


def _opened(folder: Path, name: str, problems: list[Problem]) -> Form | None:
    spot = read_yaml(folder / name, name, problems) if (folder / name).exists() else None
    return None if spot is None else Form(spot, problems)


def _all(form: Form | None, section: str, read: Callable[[Form], Coded]) -> tuple[Coded, ...]:
    """The entries of a section, each code once."""
    found: dict[str, Coded] = {}
    for entry in form.forms(section, optional=section == "partners") if form else ():
        one = read(entry)
        entry.close()
        if one.code in found:
            entry.complain(entry.spot, "“{code}”重复", "“{code}” is written twice", code=one.code)
        found.setdefault(one.code, one)
    return tuple(found.values())


def _list(form: Form) -> InspectionList:
    return InspectionList(
        code=form.text("code"),
        version=form.number("version", 1, low=1, high=99),
        name=form.words("name"),
        rule=form.clause("rule"),
        at=_places(form),
        when=cast(InspectedWhen, form.one_of("when", INSPECTED_WHEN)),
        systematic=form.flag("systematic"),
        by_itself=form.flag("by_itself"),
        items=_all(form, "items", _item),
    )


def _item(form: Form) -> InspectionItem:
    return InspectionItem(
        code=form.text("code"),
        words=form.words("words"),
        rule=form.clause("rule"),
        severity=cast(Severity, form.one_of("severity", SEVERITIES)),
    )


def _partner(form: Form) -> Partner:
    return Partner(form.text("code"), form.words("name"))


def _emergency(form: Form) -> EmergencyKind:
    return EmergencyKind(
        code=form.text("code"),
        name=form.words("name"),
        rule=form.clause("rule"),
        at=_places(form),
        partners=form.texts("partners", optional=True),
        outline=form.words("outline"),
    )


def _device(form: Form) -> DeviceKind:
    return DeviceKind(
        code=form.text("code"),
        name=form.words("name"),
        rule=form.clause("rule"),
        per=cast(DevicePlace, form.one_of("per", DEVICE_PLACES)),
        param=form.text("param", optional=True) or None,
    )


def _places(form: Form) -> tuple[InspectedPlace, ...]:
    found = []
    for spot in form.items("at"):
        if spot.value in INSPECTED_PLACES:
            found.append(cast(InspectedPlace, spot.value))
        else:
            zh, en = "只能是：{choices}", "can only be one of: {choices}"
            form.complain(spot, zh, en, choices=INSPECTED_PLACES)
    return tuple(found)
