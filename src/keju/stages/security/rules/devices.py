"""Devices: how many a site needs, and which of them count (P2.3). Pure."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from keju.rulebook import Refusal, rule


@rule("P2.3")
def needed(things: int, per_device: int) -> int:
    """Devices for so many rooms, entrances or sites, where one serves `per_device` of them; 0 asks for none."""
    return -(-things // per_device) if per_device else 0


@rule("P2.3")
def shortfall(wanted: int, fit: int) -> int:
    """How many are lacking: broken and untested ones are not among the `fit`."""
    return max(0, wanted - fit)


@rule("P2.3")
def is_fit(passed: bool | None, tested_at: datetime | None, from_at: datetime, days: int) -> bool:
    """Whether the device passed its last test, and was tested for this use: not more than so many days before it."""
    return bool(passed) and tested_at is not None and from_at - tested_at <= timedelta(days=days)


@rule("P2.3")
def check_device(
    kind: str, kinds: Collection[str], tag: str, known_tags: Collection[str]
) -> Iterator[Refusal]:
    """A device is of a known kind and has a number of its own."""
    if kind not in kinds:
        yield Refusal("P2.3", "security_device_kind", {"kind": kind}, field="kind")
    if not tag.strip():
        yield Refusal("P2.3", "security_device_no_tag", field="tag")
    if tag.strip() in known_tags:
        yield Refusal("P2.3", "security_device_tag", {"tag": tag.strip()}, field="tag")


@rule("P2.3")
def check_test(passed: bool, note: str) -> Iterator[Refusal]:
    """Who finds a device broken says what is wrong."""
    if not passed and not note.strip():
        yield Refusal("P2.3", "security_no_evidence", field="note")


@rule("P2.3")
def check_use(
    free: bool, retired: bool, from_at: datetime, until_at: datetime, room: int | None, rooms: Collection[int]
) -> Iterator[Refusal]:
    """A device is at one place at a time, in a room that exists."""
    if until_at <= from_at:
        yield Refusal("P2.3", "security_device_span", field="until_at")
    if not free:
        yield Refusal("P2.3", "security_device_taken", field="devices")
    if retired:
        yield Refusal("P2.3", "security_device_retired", field="devices")
    if room is not None and room not in rooms:
        yield Refusal("P2.3", "security_strange_room", {"room": room}, field="place")
