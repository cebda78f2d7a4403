"""Spare papers: one bag of five for each site, used with the head's consent, all back to the centre (V15.6, V16.2.2). Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from keju.rulebook import Refusal, rule
from keju.stages.custody.rules.chain import Counts


class Defect(StrEnum):
    """What is wrong with a paper. The last is the candidate's own doing and gets no spare."""

    MISSING_PAGES = "missing_pages"
    MISPRINT = "misprint"
    DAMAGED = "damaged"
    BY_CANDIDATE = "by_candidate"


@dataclass(frozen=True)
class Range:
    """A bag's serials."""

    code: str
    first: int
    last: int

    def has(self, serial: int) -> bool:
        return self.first <= serial <= self.last


@rule("V15.6")
def check_use(
    *,
    defect: str,
    ticket: str,
    seated: Collection[str],
    defective: int,
    room_bag: Range | None,
    spare: int,
    spare_bag: Range | None,
    used: Collection[int],
    replaced: Collection[int],
    left: int,
    is_here: bool = True,
) -> Iterator[Refusal]:
    """A spare replaces one paper of the room that was printed or bound wrongly or damaged, not by the candidate.

    `seated`: tickets of the room; `used`, `replaced`: spare and defective serials in the book already; `left`: spares inside;
    `is_here`: their bag is in the seal room.
    """
    if not is_here:
        yield Refusal("V15.6", "spare_not_here", field="spare_serial")
    if defect == Defect.BY_CANDIDATE:
        yield Refusal("V15.6", "spare_by_candidate", field="defect")
    if ticket not in seated:
        yield Refusal("V15.6", "spare_other_candidate", {"ticket": ticket}, field="ticket")
    if room_bag is None or not room_bag.has(defective):
        yield Refusal("V15.6", "spare_other_serial", {"serial": defective}, field="defective_serial")
    if defective in replaced:
        yield Refusal("V15.6", "spare_replaced_already", {"serial": defective}, field="defective_serial")
    if spare_bag is None or not spare_bag.has(spare):
        yield Refusal("V15.6", "spare_not_in_bag", {"serial": spare}, field="spare_serial")
    elif spare in used:
        yield Refusal("V15.6", "spare_used_already", {"serial": spare}, field="spare_serial")
    elif left < 1:
        yield Refusal("V15.6", "spare_none_left")


@rule("V15.6", "V16.2.2")
def short(counts: Counts) -> int:
    """How many of a spare bag's papers are not in it: handed out and not back, or lost. 0 when all are there again."""
    return counts.out + counts.missing


@rule("V16.2.2")
def check_return(bags: Mapping[str, Counts], per_bag: int, sealed: Collection[str]) -> Iterator[Refusal]:
    """Every spare bag goes back with all its papers, opened or not, and under seal. `bags`: code → counts."""
    lacking = sorted(code for code, counts in bags.items() if counts.total - short(counts) != per_bag)
    if lacking:
        yield Refusal(
            "V16.2.2", "spare_bag_short", {"containers": "、".join(lacking[:5]), "per_bag": per_bag}
        )
    unsealed = sorted(set(bags) - set(sealed))
    if unsealed:
        yield Refusal("V16.2.2", "spare_bag_open", {"containers": "、".join(unsealed[:5])})


@rule("V15.6")
def check_whole(
    bags: Mapping[str, Counts], seals: Collection[str], used: Collection[str] = ()
) -> Iterator[Refusal]:
    """An opened spare bag is sealed again when all that was handed out is back in it, each under a seal of its own that was on
    nothing before (`used`: those that were)."""
    lacking = sorted(code for code, counts in bags.items() if counts.out)
    if lacking:
        yield Refusal("V15.6", "spare_still_out", {"containers": "、".join(lacking)})
    if not all(seal.strip() for seal in seals) or len(set(seals)) < len(list(seals)):
        yield Refusal("V15.6", "spare_no_seal", field="seal")
    if used:
        yield Refusal("V15.6", "custody_seal_used", {"seals": "、".join(sorted(used))}, field="seal")
