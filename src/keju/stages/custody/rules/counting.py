"""The joint count: what came back from a room against its record (V15.5.2). Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keju.rulebook import Refusal, rule
from keju.stages.custody.rules.chain import Counts


@dataclass(frozen=True)
class Counted:
    """Sheets of one kind as counted by hand at the table."""

    used: int
    unused: int
    defective: int = 0
    missing: int = 0

    @property
    def total(self) -> int:
        return self.used + self.unused + self.defective + self.missing

    def counts(self) -> Counts:
        return Counts(used=self.used, unused=self.unused, defective=self.defective, missing=self.missing)


@dataclass(frozen=True)
class Expected:
    """What the room's record says: `copies` were issued, so many were there and not there; `spares` used in the room."""

    copies: int
    present: int
    absent: int
    spares: int = 0


@dataclass(frozen=True)
class Difference:
    """One number that is not what the record says. `what`: "papers_used" and so on."""

    what: str
    expected: int
    counted: int


@rule("V15.5.2")
def check_count(papers: Counted, cards: Counted, expected: Expected) -> Iterator[Refusal]:
    """Every sheet that was issued is named: written on, not written on, defective or missing. No number is negative."""
    for field, counted in (("papers_used", papers), ("cards_used", cards)):
        if min(counted.used, counted.unused, counted.defective, counted.missing) < 0:
            yield Refusal("V15.5.2", "count_negative", field=field)
        elif counted.total != expected.copies:
            facts = {"counted": counted.total, "copies": expected.copies}
            yield Refusal("V15.5.2", "count_not_all", facts, field=field)


@rule("V15.5.2")
def differences(papers: Counted, cards: Counted, expected: Expected) -> list[Difference]:
    """Where the count is not what the room's record says; empty when all agree.

    A paper that a spare replaced is defective in its own bag; the spare itself comes back into the spare bag.
    """
    wanted = (
        ("papers_used", expected.present - expected.spares, papers.used),
        ("papers_unused", expected.absent, papers.unused),
        ("papers_defective", expected.spares, papers.defective),
        ("papers_missing", 0, papers.missing),
        ("cards_used", expected.present, cards.used),
        ("cards_unused", expected.absent, cards.unused),
        ("cards_defective", 0, cards.defective),
        ("cards_missing", 0, cards.missing),
    )
    return [Difference(what, should, is_) for what, should, is_ in wanted if should != is_]


@rule("V15.5.2")
def check_seals(seals: Sequence[str], used: Collection[str] = ()) -> Iterator[Refusal]:
    """Both bags get a seal of the point, a new one each. `used`: those of them that were put on something before: whoever opens
    a bag between cannot close it as if it had never been open."""
    if not all(seal.strip() for seal in seals):
        yield Refusal("V15.5.2", "count_no_seal", field="card_seal")
    elif len({seal.strip() for seal in seals}) != len(seals):
        yield Refusal("V15.5.2", "count_seal_twice", field="paper_seal")
    if used:
        yield Refusal("V15.5.2", "custody_seal_used", {"seals": "、".join(sorted(used))}, field="paper_seal")


@rule("V15.5.2")
def check_explained(text: str, is_above: bool) -> Iterator[Refusal]:
    """A difference is closed by a finding in writing, never by silence, and not by the point whose count it was."""
    if not is_above:
        yield Refusal("V15.5.2", "count_explained_above")
    if not text.strip():
        yield Refusal("V15.5.2", "count_unexplained", field="finding")


@rule("V16.1.1")
def back_by(ends_at: datetime, minutes: int) -> datetime:
    """When a session's papers and cards must be in the store again."""
    return ends_at + timedelta(minutes=minutes)


@rule("V15.5.2")
def check_counter(counter: int, point_staff: Sequence[int], by: int | None) -> Iterator[Refusal]:
    """Somebody of the point counts with the invigilators and signs, beside the one who holds the telephone."""
    if counter not in point_staff or counter == by:
        yield Refusal("V15.5.2", "count_no_point_staff", field="counter")
