"""Arithmetic closure: what was printed is accounted for, at every level. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum

from keju.rulebook import rule
from keju.stages.custody.rules.chain import Counts


class Verdict(StrEnum):
    CLOSED = "closed"  # nothing is missing and nothing is out
    UNDER_WAY = "under_way"  # sheets are out with candidates, or what is missing has a case
    WRONG = "wrong"  # sheets are missing and no case says why, or more or fewer were made than ordered


@dataclass(frozen=True)
class Sums:
    """Sheets of one kind at one place. `ordered`: as the region confirmed, None where that is not known so finely;
    `in_cases`: those of the missing that an open case names."""

    printed: int
    ordered: int | None
    counts: Counts
    in_cases: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        both = Counts(
            **{f.name: getattr(self.counts, f.name) + getattr(other.counts, f.name) for f in fields(Counts)}
        )
        ordered = None if self.ordered is None or other.ordered is None else self.ordered + other.ordered
        return Sums(self.printed + other.printed, ordered, both, self.in_cases + other.in_cases)


@rule("V11.2.2", "V16.2.1")
def verdict(sums: Sums) -> Verdict:
    """Whether printed = inside + out + used + unused + defective + missing + destroyed, with nothing unexplained."""
    if any(_breaks(sums)):
        return Verdict.WRONG
    return Verdict.UNDER_WAY if sums.counts.out or sums.counts.missing else Verdict.CLOSED


def _breaks(sums: Sums) -> Iterator[bool]:
    yield sums.printed != sums.counts.total
    yield sums.ordered is not None and sums.ordered != sums.printed
    yield sums.counts.missing > sums.in_cases
