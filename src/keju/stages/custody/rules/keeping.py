"""V12.2.4: keys that lie apart, guards without an uncovered hour, and who may enter before whom. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.rulebook import Refusal, rule
from keju.stages.custody.rules.stores import RECEIVER, RESPONSIBLE

DOOR_A, DOOR_B, CABINET = "door_a", "door_b", "cabinet"
LOCKS = (DOOR_A, DOOR_B, CABINET)
DOOR = (DOOR_A, DOOR_B)
ISSUED, PASSED, RETURNED, LOST = "issued", "handed_over", "returned", "lost"
KEY_ACTS = (ISSUED, PASSED, RETURNED, LOST)
HELD = (ISSUED, PASSED)
"""After these somebody has the key."""
RECEIVE, TAKE, INSPECT, UPKEEP = "receive", "withdraw", "inspect", "other"
PURPOSES = (RECEIVE, TAKE, INSPECT, UPKEEP)


@dataclass(frozen=True)
class KeyNow:
    """Where a key is: its last step. `human` is None where nobody has it."""

    lock: str
    label: str
    act: str
    human: int | None


@rule("V12.2.4")
def check_key(
    lock: str,
    label: str,
    act: str,
    human: int | None,
    name: str,
    *,
    keys: Sequence[KeyNow],
    roles: Mapping[str, int],
    officers: Collection[int],
    guards: Collection[int],
    note: str = "",
) -> Iterator[Refusal]:
    """Who is given a key may have it: of the door the responsible person and the receiver, each of one lock; of a cabinet
    a confidential officer; never a guard. A key is where its last step says. `keys`: of this store; `roles`: role → human.
    """
    if lock not in LOCKS or act not in KEY_ACTS:
        raise ValueError(f"{act} {lock}")
    mine = next((k for k in keys if (k.lock, k.label) == (lock, label)), None)
    facts = {"name": name, "label": label}
    out = mine is not None and mine.human is not None
    if act == ISSUED and out:
        yield Refusal("V12.2.4", "stores_key_out", facts, field="label")
    if act != ISSUED and not out:
        yield Refusal("V12.2.4", "stores_key_in", facts, field="label")
    if act == ISSUED and mine is not None and mine.act == LOST:
        yield Refusal("V12.2.4", "stores_key_lost", facts, field="label")
    if act == LOST and not note.strip():
        yield Refusal("V12.2.4", "stores_key_note", field="note")
    if act not in HELD:
        return
    if human is None:
        yield Refusal("V12.2.4", "stores_key_nobody", field="person")
        return
    if human in guards:
        yield Refusal("V12.2.4", "stores_is_guard", facts, field="person")
    if lock == CABINET and human not in officers:
        yield Refusal("V12.2.4", "stores_cabinet_officer", facts, field="person")
    if lock in DOOR:
        if human not in {roles.get(RESPONSIBLE), roles.get(RECEIVER)}:
            yield Refusal("V12.2.4", "stores_key_stranger", facts, field="person")
        elif any(k.human == human and k.lock in DOOR and k.lock != lock for k in keys):
            yield Refusal("V12.2.4", "stores_both_keys", facts, field="person")


@dataclass(frozen=True)
class Visitor:
    """Somebody at the door. `may_enter`: a confidential officer, the responsible person, or of a handover."""

    human: int
    name: str
    may_enter: bool
    is_inside: bool = False


@rule("V12.2.4")
def check_admission(
    visitors: Sequence[Visitor],
    *,
    purpose: str,
    door: tuple[Collection[int], Collection[int]],
    present: Collection[int],
) -> Iterator[Refusal]:
    """Nobody enters but whom the rule names, and only before both keyholders. `present`: humans who proved themselves.

    `door`: the humans who have keys of the one and the other lock.
    """
    if purpose not in PURPOSES:
        raise ValueError(purpose)
    if not visitors:
        yield Refusal("V12.2.4", "stores_entry_nobody", field="people")
    for one in visitors:
        if not one.may_enter:
            yield Refusal("V12.2.4", "stores_entry_stranger", {"name": one.name}, field="people")
        if one.is_inside:
            yield Refusal("V12.2.4", "stores_entry_inside", {"name": one.name}, field="people")
    first, second = (set(holders) & set(present) for holders in door)
    if not first or not second or len(first | second) < 2:
        yield Refusal("V12.2.4", "stores_entry_keyholders")


@rule("V12.2.4")
def check_leaving(entered: datetime, at: datetime, ended: bool) -> Iterator[Refusal]:
    """Out once, and not before in."""
    if ended:
        yield Refusal("V12.2.4", "stores_out_already")
    elif at < entered:
        yield Refusal("V12.2.4", "stores_out_before_in", {"when": entered}, field="at")
