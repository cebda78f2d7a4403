"""What a programme asks of inspections, emergencies and devices: frozen, plain, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from keju.rulebook.words import Words

InspectedPlace = Literal["region", "point", "site"]
INSPECTED_PLACES: tuple[InspectedPlace, ...] = ("region", "point", "site")
InspectedWhen = Literal["before", "during"]
INSPECTED_WHEN: tuple[InspectedWhen, ...] = ("before", "during")
Severity = Literal["grave", "major", "minor"]
SEVERITIES: tuple[Severity, ...] = ("grave", "major", "minor")
DevicePlace = Literal["room", "entrance", "site"]
DEVICE_PLACES: tuple[DevicePlace, ...] = ("room", "entrance", "site")


@dataclass(frozen=True)
class InspectionItem:
    """What an inspector looks at; `severity` is what a finding of it usually is."""

    code: str
    words: Words
    rule: str
    severity: Severity


@dataclass(frozen=True)
class InspectionList:
    """A checklist of inspectors, in a `version` that an inspection keeps once it has begun.

    `at`: the kinds of office that it is for. `when`: before the exam or while it goes on. `systematic`: carried out, it
    is the systematic secrecy inspection of that office. `by_itself`: an office may go through it at its own place; else
    another office does.
    """

    code: str
    version: int
    name: Words
    rule: str
    at: tuple[InspectedPlace, ...]
    when: InspectedWhen
    systematic: bool
    by_itself: bool
    items: tuple[InspectionItem, ...]


@dataclass(frozen=True)
class Partner:
    """An authority that helps in an emergency."""

    code: str
    name: Words


@dataclass(frozen=True)
class EmergencyKind:
    """A class of emergency for which each office of the kinds `at` has a plan, with these partners."""

    code: str
    name: Words
    rule: str
    at: tuple[InspectedPlace, ...]
    partners: tuple[str, ...]
    outline: Words


@dataclass(frozen=True)
class DeviceKind:
    """A kind of device. `per`: what it is counted by; `param`: the dated figure, how many of these one device serves
    (2: one to two rooms begun; 0: none asked). Without `param` it is only kept in the inventory.
    """

    code: str
    name: Words
    rule: str
    per: DevicePlace
    param: str | None = None


@dataclass(frozen=True)
class Precautions:
    """All of it. Empty where a programme writes none."""

    inspections: tuple[InspectionList, ...] = ()
    partners: tuple[Partner, ...] = ()
    emergencies: tuple[EmergencyKind, ...] = ()
    devices: tuple[DeviceKind, ...] = ()
