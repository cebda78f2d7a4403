"""The seal room: seals looked at, bags issued room by room, and leaving when all are out (V15.3.1, V15.3.4). Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from keju.rulebook import Refusal, rule
from keju.stages.custody.rules.containers import read_code

NAMED = 8
SIGNERS = 2  # V15.3.2: both invigilators of a room


@dataclass(frozen=True)
class Seen:
    """A bag's seal as it was read: code and number; "" where the seal is broken or gone."""

    code: str
    seal: str


@dataclass(frozen=True)
class Paired:
    """What was scanned in pairs. `odd`: what could not be read as a code with a seal after it, as typed."""

    seen: list[Seen]
    odd: list[str]


BROKEN = frozenset({"0", "BROKEN", "破", "破损"})


@rule("V15.3.1")
def paired(scanned: str) -> Paired:
    """The seals of many bags, scanned one after the other: the bag's label, then its seal; "0" for a broken one."""
    seen: list[Seen] = []
    odd: list[str] = []
    waiting: str | None = None
    for word in scanned.split():
        as_code = read_code(word)
        if as_code is not None:
            if waiting is not None:
                odd.append(waiting)
            waiting = as_code
        elif waiting is None:
            odd.append(word)
        else:
            seen.append(Seen(waiting, "" if word.upper() in BROKEN else word))
            waiting = None
    return Paired(seen, odd + ([waiting] if waiting is not None else []))


@rule("V15.3.1")
def is_intact(on_record: str, seen: str) -> bool:
    """Whether the seal that was read is the one that was put on."""
    return on_record != "" and _plain(on_record) == _plain(seen)


@rule("V15.3.1")
def groups(rooms: Sequence[int], most: int) -> list[list[int]]:
    """The rooms, in order, by distribution group: as few groups as hold `most` rooms each, as even as can be."""
    ordered = sorted(rooms)
    count = -(-len(ordered) // most)
    return [
        ordered[k * len(ordered) // count : (k + 1) * len(ordered) // count] for k in range(count)
    ]  # fmt: skip


@rule("V15.3.1")
def check_known(unknown: Collection[str], odd: Collection[str]) -> Iterator[Refusal]:
    """Only this session's bags are checked; what is not understood is said, not skipped."""
    if odd:
        yield Refusal("V15.3.1", "seal_scan_odd", {"scanned": _named(odd)}, field="scanned")
    if unknown:
        yield Refusal("V15.3.1", "seal_scan_unknown", {"containers": _named(unknown)}, field="scanned")


@dataclass(frozen=True)
class Ready:
    """A bag as it lies in the seal room before issue."""

    code: str
    is_here: bool
    is_checked: bool
    is_intact: bool


@rule("V15.3.4")
def check_issue(
    bags: Sequence[Ready], scanned: Collection[str], invigilators: Collection[int], issued_already: bool
) -> Iterator[Refusal]:
    """A room's bags go out when each seal was found whole, the right ones are in hand, and both invigilators sign.

    `scanned`: codes held up to the reader; empty where a form lists many rooms and the seals' check stands for it.
    """
    if issued_already:
        yield Refusal("V15.3.4", "issue_done_already")
        return
    if not bags:
        yield Refusal("V15.3.4", "issue_no_bags")
    away = [bag.code for bag in bags if not bag.is_here]
    if away:
        yield Refusal("V15.3.4", "issue_not_here", {"containers": _named(away)})
    unchecked = [bag.code for bag in bags if bag.is_here and not bag.is_checked]
    if unchecked:
        yield Refusal("V15.3.1", "issue_unchecked", {"containers": _named(unchecked)})
    broken = [bag.code for bag in bags if bag.is_checked and not bag.is_intact]
    if broken:
        yield Refusal("V12.6.1", "issue_broken", {"containers": _named(broken)})
    if scanned and set(scanned) != {bag.code for bag in bags}:
        wrong = sorted(set(scanned) ^ {bag.code for bag in bags})
        yield Refusal("V15.3.4", "issue_other_bag", {"containers": _named(wrong)}, field="bags")
    if len(set(invigilators)) < SIGNERS:
        yield Refusal("V15.3.4", "issue_few_invigilators", {"least": SIGNERS}, field="second")


@rule("V15.3.4")
def check_invigilators(
    chosen: Collection[int], on_duty: Collection[int], elsewhere: Collection[int]
) -> Iterator[Refusal]:
    """They are invigilators of the site, in force, and none of them has taken another room's papers. Persons by id."""
    if set(chosen) - set(on_duty):
        yield Refusal("V15.3.4", "issue_not_invigilators", field="first")
    if set(chosen) & set(elsewhere):
        yield Refusal("V15.3.4", "issue_other_room", field="first")


@rule("V15.3.4")
def check_leave(left: Collection[str]) -> Iterator[Refusal]:
    """Head and confidential officer stay until every bag of the session is issued. `left`: codes of those that are not."""
    if left:
        yield Refusal("V15.3.4", "seal_room_bags_left", {"n": len(left), "containers": _named(left)})


def _plain(seal: str) -> str:
    return "".join(c for c in seal.upper() if c.isalnum())


def _named(codes: Collection[str]) -> str:
    more = f" … ({len(codes)})" if len(codes) > NAMED else ""
    return "、".join(sorted(codes)[:NAMED]) + more
