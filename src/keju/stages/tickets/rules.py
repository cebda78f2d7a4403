"""Chapter 7: numbers without gaps, one opening for all, nobody renumbered afterwards. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from keju.algorithms.draw import digests
from keju.algorithms.seating import Layout, ticket_numbers
from keju.rulebook import Refusal, Words, rule

CODE_FOR = b"keju/ticket/1"


@dataclass(frozen=True)
class RegionState:
    """A region as the gate of opening sees it."""

    code: str
    deferred: bool
    generated: bool
    current: bool
    default: Words | None
    opened: bool

    @property
    def ready(self) -> bool:
        """May be opened now, as far as the region itself is concerned."""
        return self.generated and self.current and self.default is None and not self.opened


@rule("V7.2")
def check_serials(counts: Mapping[str, int], limit: int) -> Iterator[Refusal]:
    """No host point has more candidates than serials; asked before anything is numbered."""
    for point, count in sorted(counts.items()):
        if count > limit:
            yield Refusal("V7.2", "tickets_too_many", {"point": point, "count": count, "limit": limit})


@rule("V7.2")
def numbers_of(year: int, counts: Sequence[tuple[str, int]], layout: Layout, limit: int) -> list[str]:
    """The numbers of every host point in order: serials from 1 without gaps at each.

    The region's digits are the first two of the point's code, the point's are the rest.
    """
    found: list[str] = []
    for point, count in counts:
        found += ticket_numbers(
            year, point[:2], point[2:], first_serial=1, count=count, layout=layout, serial_max=limit
        )
    return found


@rule("V7.1")
def check_renumbering(opened: bool) -> Iterator[Refusal]:
    """Generating is repeated as often as wanted until tickets are opened, and never afterwards."""
    if opened:
        yield Refusal("V7.1", "tickets_opened_already")


@rule("V7.1")
def check_seated(eligible: int, seated: int, missing: int, stray: int) -> Iterator[Refusal]:
    """Everybody eligible is seated at the host of their point, and nobody else."""
    if eligible and not seated:
        yield Refusal("V7.1", "tickets_no_plan", {"count": eligible})
    elif missing or stray:
        yield Refusal("V7.1", "tickets_plan_stale", {"missing": missing, "stray": stray})


@rule("V7.3")
def check_opening(regions: Iterable[RegionState]) -> Iterator[Refusal]:
    """All regions that are not deferred have generated from their present plans; those that have not are named."""
    found = [r for r in regions if not r.deferred and not r.opened]
    if late := [r.code for r in found if not r.generated]:
        yield Refusal("V7.3", "tickets_not_generated", {"regions": late})
    if stale := [r.code for r in found if r.generated and not r.current]:
        yield Refusal("V7.3", "tickets_not_current", {"regions": stale})


@rule("V7.3")
def check_something_to_open(opening: Sequence[str]) -> Iterator[Refusal]:
    """A call that would open nobody says so instead of doing nothing."""
    if not opening:
        yield Refusal("V7.3", "tickets_nothing_to_open")


@rule("V7.3")
def check_may_print(opened: bool, revoked: bool) -> Iterator[Refusal]:
    """A candidate prints their ticket once their region is opened and while the ticket holds."""
    if revoked:
        yield Refusal("V7.3", "tickets_revoked")
    elif not opened:
        yield Refusal("V7.3", "tickets_not_opened")


@rule("V7.3")
def check_may_change(opened: bool) -> Iterator[Refusal]:
    """Single tickets are reissued or revoked once they are out; before, the whole region is numbered again."""
    if not opened:
        yield Refusal("V7.3", "tickets_not_out")


@rule("V7.3")
def printed_code(key: bytes, exam: str, number: str, issue: int) -> str:
    """The 16 letters that tell one issue of a ticket from the next; nobody without the key makes them up."""
    return printed_codes(key, exam, [number], issue)[0]


def printed_codes(key: bytes, exam: str, numbers: Iterable[str], issue: int = 1) -> list[str]:
    """`printed_code` of that issue of every number."""
    texts = [f"{exam}|{number}|{issue}".encode() for number in numbers]
    return [code.hex()[:16] for code in digests(key, [CODE_FOR + b"\0" + text for text in texts])]


STEADY = frozenset(
    {"banner", "blackboard", "room_rules", "signposts", "signs", "timetable", "violation_rules"}
)
"""Papers of a site that name neither people nor seats nor rooms in use: a change of seats leaves them good."""
PLANLESS = STEADY - {"blackboard", "timetable"}
"""Of these, what does not say which category sits in which rooms either: good after a new plan too."""
BY_ROOMS_IN_USE = frozenset({"directions", "site_plan"})
"""Papers that say which rooms are sat in: void as a whole once another room is, or one no longer."""
BY_PEOPLE = frozenset({"allocation", "bag_labels", "room_table"})
"""Papers of all rooms that say who or how many sit in each, but not where: void as a whole once a room has other people."""


@rule("V7.4", "V14.6.2", "V14.6.5", "V14.7.2", "V14.7.3")
def papers_void(
    kind: str, room: int | None, seats: Iterable[int], people: Iterable[int], in_use: bool
) -> str | None:
    """What of a printed paper is void once seats changed in the rooms `seats`, people in the rooms `people`, and (`in_use`)
    other rooms are sat in than before.

    "" all of it, "3,7" these rooms of a file over the whole site, None nothing. `room`: the one it was printed for.
    """
    if kind in STEADY:
        return None
    if kind in BY_ROOMS_IN_USE:
        return "" if in_use else None
    if kind in BY_PEOPLE:
        return "" if set(people) else None
    touched = set(seats)
    if room is not None:
        return "" if room in touched else None
    return ",".join(str(n) for n in sorted(touched)) or None


@rule("V7.2")
def next_numbers(year: int, host: str, taken: int, count: int, layout: Layout, limit: int) -> list[str]:
    """The numbers of `count` late ones at a host with `taken` numbers: the next serials, so that no gap arises."""
    return numbers_of(year, [(host, taken + count)], layout, limit)[taken:]


@rule("V7.3")
def list_version(tickets: Iterable[tuple[int, bool]]) -> int:
    """The version of a list of void tickets from (issue, revoked) of every ticket: each reissue, revocation and
    restoration makes it larger, whatever order they come in."""
    return sum(2 * (issue - 1) + revoked for issue, revoked in tickets)


@rule("V7.4")
def check_listed(
    kinds: Sequence[str], known: Collection[str], layout: str, sold: Collection[str]
) -> Iterator[Refusal]:
    """Papers that there are, on labels that are sold; "" are the labels that each kind is made for."""
    for kind in kinds:
        if kind not in known:
            yield Refusal("V7.4", "tickets_kind", {"kind": kind}, field="kind")
    if layout and layout not in sold:
        yield Refusal("V7.4", "tickets_layout", {"layout": layout}, field="layout")


@rule("V7.4")
def check_numbers_current(current: bool) -> Iterator[Refusal]:
    """Papers are printed of the present plans: not while the region has yet to number them anew."""
    if not current:
        yield Refusal("V7.4", "tickets_papers_stale")


@rule("V7.4")
def check_not_overtaken(overtaken: bool) -> Iterator[Refusal]:
    """Papers whose seats changed while they were being made are handed out to nobody."""
    if overtaken:
        yield Refusal("V7.4", "tickets_papers_overtaken")


@rule("V14.7.4")
def check_phone(needed: bool, phone: str) -> Iterator[Refusal]:
    """Blackboards say the supervision phone number, so somebody must have entered it."""
    if needed and not phone:
        yield Refusal("V14.7.4", "tickets_no_phone", field="phone")
