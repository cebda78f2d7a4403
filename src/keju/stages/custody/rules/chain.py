"""The chain of custody as a fold: a container's state, the acts that change it, and what each may change. Pure.

A container's state now is its last step's; its first step makes it, each later one names the state after it. Whoever
holds that a rule is broken compares two states, nothing else. The database keeps the same laws (migration `0004_chain`).
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypedDict, Unpack

from keju.rulebook import Refusal, rule


class Act(StrEnum):
    """What is done with containers. One operation is one act."""

    MADE = "made"  # printed, filled, sealed
    PACKED = "packed"  # put into an outer one
    UNPACKED = "unpacked"  # taken out of an outer one
    SEALED = "sealed"  # closed with a numbered seal
    OPENED = "opened"  # the seal is cut by who may
    BROKEN = "broken"  # the seal was found open: damage (V12.6.1)
    HANDED_OVER = "handed_over"  # another custodian (V11.1)
    MOVED = "moved"  # another place, the same custodian
    COUNTED = "counted"  # the sheets in it were counted by fate
    FROZEN = "frozen"  # nothing may happen to it until a superior instructs (V11.3.3)
    RELEASED = "released"  # as instructed
    DESTROYED = "destroyed"  # the sheets exist no more (V16.2.1)


@dataclass(frozen=True)
class Counts:
    """Every sheet of a container, by what became of it. The sum never changes."""

    inside: int = 0  # as printed, not yet issued
    out: int = 0  # outside of the bag: handed to candidates, or a spare in use
    used: int = 0  # back, written on
    unused: int = 0  # back, of who was absent
    defective: int = 0  # back, with missing pages or damage
    missing: int = 0  # not accounted for: a case is open
    destroyed: int = 0

    @property
    def total(self) -> int:
        return sum(getattr(self, f.name) for f in fields(self))


@dataclass(frozen=True)
class State:
    """Where a container is, who has it, how it is closed, and what became of its sheets.

    `place` ("store:15", see `places`), `place_path` and `custodian` (an office's code) are "" exactly where it lies in
    `parent_id`: then they are those of the outer one. `holder_id`: the person answering for it, if one is named.
    `seal`: the seal's number; "" means open.
    """

    number: int
    at: datetime
    place: str
    place_path: str
    custodian: str
    holder_id: int | None
    parent_id: int | None
    seal: str
    frozen: bool
    counts: Counts

    @property
    def is_sealed(self) -> bool:
        return self.seal != ""

    @property
    def is_gone(self) -> bool:
        return self.place == GONE


class Change(TypedDict, total=False):
    """What an act changes; what is not named stays."""

    place: str
    place_path: str
    custodian: str
    holder_id: int | None
    parent_id: int | None
    seal: str
    frozen: bool
    counts: Counts


GONE = "destroyed"
WHERE = frozenset({"place", "place_path", "custodian", "holder_id"})
MAY: Mapping[Act, frozenset[str]] = {
    Act.MADE: frozenset(),
    Act.PACKED: WHERE | {"parent_id"},
    Act.UNPACKED: WHERE | {"parent_id"},
    Act.SEALED: frozenset({"seal"}),
    Act.OPENED: frozenset({"seal"}),
    Act.BROKEN: frozenset({"seal", "frozen"}),
    Act.HANDED_OVER: WHERE,
    Act.MOVED: frozenset({"place", "place_path", "holder_id"}),
    Act.COUNTED: frozenset({"counts"}),
    Act.FROZEN: frozenset({"frozen"}),
    Act.RELEASED: frozenset({"frozen"}),
    Act.DESTROYED: frozenset({"place", "place_path", "counts"}),
}
# what moves everything inside as well
CARRIES = frozenset({Act.HANDED_OVER, Act.MOVED, Act.DESTROYED})
# what may happen to a frozen container: its damage is found, and it is released
WHILE_FROZEN = frozenset({Act.BROKEN, Act.RELEASED})


def following(before: State, at: datetime, **change: Unpack[Change]) -> State:
    """The state after a change."""
    return replace(before, number=before.number + 1, at=at, **change)


@rule("V12.2.0")
def check_step(
    act: Act,
    before: State,
    after: State,
    *,
    outer_before: State | None = None,
    outer_after: State | None = None,
) -> Iterator[Refusal]:
    """Whether a state may follow another by this act. `outer_…`: the state of the container that it lies in, before and after.

    ValueError for what no user can cause: a change that the act does not make.
    """
    changed = {f.name for f in fields(State) if getattr(before, f.name) != getattr(after, f.name)}
    if changed - MAY[act] - {"number", "at"} or after.number != before.number + 1:
        raise ValueError(f"{act} does not change {sorted(changed)}")
    if before.parent_id is None or act in (Act.PACKED, Act.UNPACKED):
        _check_shape(act, before, after)
    if before.is_gone:
        yield Refusal("V16.2.1", "custody_gone")
    if before.frozen and act not in WHILE_FROZEN:
        yield Refusal("V11.3.3", "custody_frozen")
    if after.at < before.at:
        yield Refusal("V12.2.0", "custody_backwards", {"last": before.at})
    if before.counts.total != after.counts.total:
        yield Refusal("V11.2.2", "custody_not_conserved")
    if before.parent_id is not None and act not in (Act.UNPACKED, Act.FROZEN, Act.RELEASED):
        yield Refusal("V12.2.0", "custody_inside")
    yield from _check_packing(act, before, after, outer_before, outer_after)
    yield from _check_seal(act, before)


def _check_shape(act: Act, before: State, after: State) -> None:
    if any((after.parent_id is None) == (own == "") for own in (after.place, after.custodian)):
        raise ValueError(f"{act}: it has a place and a custodian of its own, or lies in another")
    left = after.counts.inside + after.counts.out + after.counts.used + after.counts.unused
    if act is Act.DESTROYED and (left or not after.is_gone):
        raise ValueError("what is destroyed has no place and no whole sheets left")
    if after.is_gone and not before.is_gone and act is not Act.DESTROYED:
        raise ValueError(f"{act} destroys nothing")


@rule("V11.3.3", "V16.2.1")
def check_contents(act: Act, inside: Collection[State]) -> Iterator[Refusal]:
    """Whether an outer container may be treated so with what lies in it: the frozen stay, and what is destroyed is empty."""
    if act in CARRIES and any(state.frozen for state in inside):
        yield Refusal("V11.3.3", "custody_frozen_inside")
    if act is Act.DESTROYED and inside:
        yield Refusal("V16.2.1", "custody_not_empty")


def _check_packing(
    act: Act, before: State, after: State, outer_before: State | None, outer_after: State | None
) -> Iterator[Refusal]:
    """V11.2.2: into and out of an open one only, at its place and with its custodian."""
    for outer in (outer_before, outer_after):
        if outer is not None and outer.frozen and act in (Act.PACKED, Act.UNPACKED):
            yield Refusal("V11.3.3", "custody_frozen")
    if act is Act.PACKED and outer_after is not None:
        if outer_after.is_sealed:
            yield Refusal("V11.2.2", "custody_outer_sealed")
        if (before.place, before.custodian) != (outer_after.place, outer_after.custodian):
            yield Refusal("V11.2.2", "custody_not_together")
    if act is Act.UNPACKED:
        if outer_before is None:
            yield Refusal("V11.2.2", "custody_not_inside")
        elif outer_before.is_sealed:
            yield Refusal("V11.2.2", "custody_outer_sealed")
        elif (after.place, after.custodian) != (outer_before.place, outer_before.custodian):
            yield Refusal("V11.2.2", "custody_not_together")


def _check_seal(act: Act, before: State) -> Iterator[Refusal]:
    if act is Act.SEALED and before.is_sealed:
        yield Refusal("V12.6.2", "custody_sealed_already", {"seal": before.seal})
    if act in (Act.OPENED, Act.BROKEN) and not before.is_sealed:
        yield Refusal("V11.2.3", "custody_open_already")
    if act is Act.COUNTED and before.is_sealed:
        yield Refusal("V15.5.2", "custody_count_sealed")


def digest(states: Mapping[int, State]) -> str:
    """SHA-256 over the states after an operation, by container: what its audit event binds."""
    return sha(written(states))


def sha(text: str) -> str:
    """SHA-256 of a text, in hexadecimals."""
    return hashlib.sha256(text.encode()).hexdigest()


def written(states: Mapping[int, State]) -> str:
    """The text that the digest is over: JSON, a row for each container in order of their ids."""
    return json.dumps([[pk, *_plain(state)] for pk, state in sorted(states.items())])


def read_written(text: str) -> dict[int, State]:
    """The states that `written` wrote, their instants in UTC; ValueError or TypeError for anything else."""
    rows = json.loads(text)
    found = {
        pk: State(number, datetime.fromtimestamp(at, UTC), *facts, Counts(*counts))
        for pk, number, at, *rest in rows
        for facts, counts in [(rest[:7], rest[7:])]
    }
    if written(found) != text:
        raise ValueError("not what is written of states")
    return found


def _plain(state: State) -> list[object]:
    facts = [
        state.number,
        state.at.timestamp(),
        state.place,
        state.place_path,
        state.custodian,
        state.holder_id,
    ]
    return [*facts, state.parent_id, state.seal, state.frozen, *astuple(state.counts)]
