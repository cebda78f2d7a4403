"""Chapter 9: how many papers are needed where. Pure."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass

from keju.rulebook import Refusal, rule
from keju.stages.custody.params import Params

SPARE_BAGS = 1  # V15.6: one bag of spare papers for each site, and so for each paper that is written there


@dataclass(frozen=True)
class Load:
    """So many candidates of a category sit in a room of a site."""

    site: str
    room: int
    category: str
    candidates: int


@dataclass(frozen=True)
class Bag:
    """A bag serves one room in one session: one paper, of the category that sits there."""

    site: str
    room: int
    session: int
    category: str
    copies: int


@dataclass(frozen=True)
class Line:
    """What a site needs of one paper: of a session, for a category."""

    site: str
    session: int
    category: str
    bags: int
    copies: int
    spare_bags: int
    spare_copies: int

    @property
    def all_copies(self) -> int:
        return self.copies + self.spare_copies


@rule("V9.1")
def bags(loads: Sequence[Load], sessions_of: Mapping[str, Sequence[int]]) -> list[Bag]:
    """One bag for every room, session and category in it, with a copy for everybody seated.

    `sessions_of`: category → numbers of the sessions that it sits. Ordered by site, room, session, category.
    """
    found = [
        Bag(load.site, load.room, session, load.category, load.candidates)
        for load in loads
        if load.candidates
        for session in sessions_of[load.category]
    ]
    return sorted(found, key=lambda bag: (bag.site, bag.room, bag.session, bag.category))


@rule("V9.1")
def quantities(loads: Sequence[Load], sessions_of: Mapping[str, Sequence[int]], params: Params) -> list[Line]:
    """What every site needs of every paper: its bags, and one bag of spare papers (V15.6)."""
    needed: dict[tuple[str, int, str], list[int]] = {}
    for bag in bags(loads, sessions_of):
        needed.setdefault((bag.site, bag.session, bag.category), []).append(bag.copies)
    found = []
    for (site, session, category), copies in sorted(needed.items()):
        found.append(
            Line(site, session, category, len(copies), sum(copies), SPARE_BAGS, params.spares_per_site)
        )
    return found


def totals(lines: Sequence[Line], place: str) -> list[Line]:
    """The lines summed over all sites, by session and category; `place` stands for the site."""
    sums: dict[tuple[int, str], list[int]] = {}
    for line in lines:
        sofar = sums.setdefault((line.session, line.category), [0, 0, 0, 0])
        for n, value in enumerate((line.bags, line.copies, line.spare_bags, line.spare_copies)):
            sofar[n] += value
    return [Line(place, *key, *numbers) for key, numbers in sorted(sums.items())]


def digest(lines: Sequence[Line]) -> str:
    """One hash over the quantities: another plan that needs the same papers has the same."""
    return hashlib.sha256(json.dumps([astuple(line) for line in lines]).encode()).hexdigest()


@rule("V9.1")
def check_known(lines: Sequence[Line]) -> Iterator[Refusal]:
    """Quantities follow from the seats: without a plan there are none."""
    if not lines:
        yield Refusal("V9.1", "custody_not_planned")


@rule("V9.1")
def check_form(receiver: str, address: str, phone: str, has_scan: bool) -> Iterator[Refusal]:
    """The form says who receives the papers and where, and bears the region's stamp."""
    for field, value in (("receiver", receiver), ("address", address), ("phone", phone)):
        if not value.strip():
            yield Refusal("V9.1", "custody_receipt_details", field=field)
    if not has_scan:
        yield Refusal("V9.1", "custody_no_scan", field="scan")
