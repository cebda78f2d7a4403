"""The half-day: which papers leave the store when, and what may be opened where and when (V15.2, V11.2.3). Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from keju.algorithms.workdays import CHINA
from keju.rulebook import Refusal, rule
from keju.stages.custody.rules.places import Spot, Where, read, seal_room
from keju.stages.custody.rules.seal_room import is_intact

NAMED = 5
NOON = 12


@dataclass(frozen=True)
class Served:
    """A container with papers: the site and the session that it serves."""

    code: str
    site: str
    session: int


@dataclass(frozen=True)
class HalfDay:
    """A day's morning or afternoon."""

    day: date
    is_morning: bool


def subject_of(site: str, session: int) -> str:
    """What is done with the papers of a site in a session is on record under this name."""
    return f"seal_room:{site}/{session}"


def half_day(starts_at: datetime) -> HalfDay:
    """The half-day in which a session begins."""
    local = starts_at.astimezone(CHINA)
    return HalfDay(local.date(), local.hour < NOON)


def sessions_beside(session: int, starts: Mapping[int, datetime]) -> frozenset[int]:
    """The sessions of the same half-day, itself among them. `starts`: session → its beginning."""
    mine = half_day(starts[session])
    return frozenset(number for number, moment in starts.items() if half_day(moment) == mine)


@rule("V15.2")
def drawn_by(starts_at: datetime, minutes: int) -> datetime:
    """When the papers of a session must be in the seal room."""
    return starts_at - timedelta(minutes=minutes)


@rule("V15.2")
def check_withdrawal(
    bags: Sequence[Served], *, site: str, session: int, starts: Mapping[int, datetime], at: datetime
) -> Iterator[Refusal]:
    """Papers leave the store on their own half-day's day, those of the site and of the half-day alone."""
    day = half_day(starts[session]).day
    if at.astimezone(CHINA).date() != day:
        yield Refusal("V15.2", "withdrawal_other_day", {"day": day})
    together = sessions_beside(session, starts)
    other = [bag.code for bag in bags if bag.session not in together]
    if other:
        yield Refusal("V15.2", "withdrawal_other_half_day", {"containers": _named(other)})
    elsewhere = [bag.code for bag in bags if bag.site != site]
    if elsewhere:
        yield Refusal("V15.2", "withdrawal_other_site", {"containers": _named(elsewhere)})


@rule("V15.2")
def check_drawn(unknown: Sequence[str], found: Collection[object]) -> Iterator[Refusal]:
    """Something is drawn, and everything that was scanned is known."""
    if unknown:
        yield Refusal("V15.2", "withdrawal_unknown", {"containers": _named(list(unknown))}, field="scanned")
    elif not found:
        yield Refusal("V15.2", "withdrawal_nothing", field="scanned")


@rule("V15.2")
def check_packing(on_record: Mapping[str, tuple[str, str]], seen: Mapping[str, str]) -> Iterator[Refusal]:
    """It lies in a store, and the packing is whole. `on_record`: code → (place, seal); `seen`: code → seal as read."""
    away = [code for code, (place, _) in on_record.items() if not place or read(place).spot != Spot.STORE]
    if away:
        yield Refusal("V15.2", "withdrawal_not_stored", {"containers": _named(away)}, field="scanned")
    broken = [code for code, (_, seal) in on_record.items() if not is_intact(seal, seen.get(code, ""))]
    if broken:
        yield Refusal("V15.2", "withdrawal_seal_differs", {"containers": _named(broken)}, field="scanned")


@rule("V15.3.1")
def check_head(head: int, heads: Collection[int]) -> Iterator[Refusal]:
    """A head of the point's examination, in force, answers for the seal room."""
    if head not in heads:
        yield Refusal("V15.3.1", "seal_room_no_head", field="head")


@rule("V16.1.1")
def check_back(*, not_back: Sequence[str], open_bags: Sequence[str], bags: int) -> Iterator[Refusal]:
    """Papers and cards go back together, when every room is counted and every bag is sealed."""
    if not_back:
        yield Refusal("V16.1.1", "back_rooms_missing", {"rooms": _named(list(not_back))})
    if open_bags:
        yield Refusal("V16.1.1", "back_bags_open", {"containers": _named(list(open_bags))})
    if not bags:
        yield Refusal("V16.1.1", "back_nothing")


@rule("V15.2", "V16.1.1")
def check_staff(
    clause: str, staff: Collection[int], officers: Collection[int], least: int
) -> Iterator[Refusal]:
    """So many staff besides a confidential officer; nobody counts twice. Persons by id."""
    others = set(staff) - set(officers)
    if len(others) < least:
        yield Refusal(clause, "seal_room_few_staff", {"least": least, "found": len(others)})
    if not officers:
        yield Refusal(clause, "seal_room_no_officer")


@rule("V11.2.3")
def check_packs(
    packs: Mapping[str, str], bags: Sequence[Served], *, site: str, session: int,
    starts: Mapping[int, datetime], at: datetime,
) -> Iterator[Refusal]:  # fmt: skip
    """Packing is opened in the site's seal room on the exam day, for the half-day that is written. `packs`: code → place."""
    elsewhere = [code for code, place in packs.items() if place != str(seal_room(site))]
    if elsewhere:
        yield Refusal("V11.2.3", "packs_elsewhere", {"containers": _named(elsewhere)})
    day = half_day(starts[session]).day
    if at.astimezone(CHINA).date() != day:
        yield Refusal("V11.2.3", "packs_other_day", {"day": day})
    together = sessions_beside(session, starts)
    other = [bag.code for bag in bags if bag.session not in together]
    if other:
        yield Refusal("V15.2", "withdrawal_other_half_day", {"containers": _named(other)})


@rule("V11.2.3")
def check_opening(
    bags: Mapping[str, str], *, rooms: Mapping[str, Where], starts_at: datetime, minutes: int, at: datetime
) -> Iterator[Refusal]:
    """A bag is opened in its room, not before the time. `bags`: code → place; `rooms`: code → where it belongs."""
    opens = starts_at - timedelta(minutes=minutes)
    if at < opens:
        yield Refusal("V11.2.3", "bag_too_early", {"opens": opens, "containers": _named(list(bags))})
    elsewhere = [code for code, place in bags.items() if place != str(rooms[code])]
    if elsewhere:
        yield Refusal("V11.2.3", "bag_elsewhere", {"containers": _named(elsewhere)})


def _named(codes: Sequence[str]) -> str:
    once = sorted(set(codes))
    more = f" … ({len(once)})" if len(once) > NAMED else ""
    return "、".join(once[:NAMED]) + more
