"""Sheets that the joint count missed and that are found again: when they may be put into their bag (V15.5.2, V12.5). Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from keju.rulebook import Refusal, rule
from keju.stages.custody.rules.cases import CaseKind
from keju.stages.custody.rules.chain import Counts


@dataclass(frozen=True)
class Found:
    """Sheets found again, by what they are: written on, not written on, torn."""

    used: int = 0
    unused: int = 0
    defective: int = 0

    @property
    def total(self) -> int:
        return self.used + self.unused + self.defective


def counts_after(before: Counts, found: Found) -> Counts:
    """The bag's sheets with the found ones in it: as many fewer are missing, the sum stays."""
    return replace(
        before,
        used=before.used + found.used,
        unused=before.unused + found.unused,
        defective=before.defective + found.defective,
        missing=before.missing - found.total,
    )


@rule("V15.5.2")
def check_sheets(found: Found, missing: int) -> Iterator[Refusal]:
    """At least one sheet, and no more than the bag lacks: what is more belongs to another bag."""
    if min(found.used, found.unused, found.defective) < 0 or not found.total:
        yield Refusal("V15.5.2", "found_none", field="used")
    elif found.total > missing:
        yield Refusal("V15.5.2", "found_too_many", {"found": found.total, "missing": missing}, field="used")


@rule("V12.5", "V11.3.3")
def check_case(
    kind: str, *, is_open: bool, is_named: bool, frozen: bool, instructed: bool
) -> Iterator[Refusal]:
    """An open incident names the bag; if it is frozen, the superior has instructed before its seal is cut."""
    if kind != CaseKind.INCIDENT or not is_open or not is_named:
        yield Refusal("V12.5", "found_no_case")
    elif frozen and not instructed:
        yield Refusal("V11.3.3", "found_uninstructed")


@rule("V15.5.2")
def check_seals(cut: str, stands: str, new: str, used: Collection[str]) -> Iterator[Refusal]:
    """The seal that was cut is the one on record; the new one was on nothing of the site before. `used`: those that were."""
    if not cut or cut != stands:
        yield Refusal("V15.5.2", "found_other_seal", field="seal_cut")
    if not new:
        yield Refusal("V15.5.2", "found_no_seal", field="seal_new")
    elif new in used or new == stands:
        yield Refusal("V15.5.2", "custody_seal_used", {"seals": new}, field="seal_new")


@rule("V15.5.2")
def check_words(where: str, reason: str) -> Iterator[Refusal]:
    """It says where the sheets lay, and why they were not there at the count."""
    for field, words in (("where", where), ("reason", reason)):
        if not words.strip():
            yield Refusal("V15.5.2", "found_no_words", field=field)


@rule("V15.5.2")
def check_people(
    officer: int, two: Sequence[int], *, officers: Collection[int], others: Collection[int]
) -> Iterator[Refusal]:
    """The confidential officer and two more of the point, three different people in force."""
    if len({officer, *two}) < 3:
        yield Refusal("V15.5.2", "found_same_person", field="second")
    elif officer not in officers or not set(two) <= set(others):
        yield Refusal("V15.5.2", "found_not_in_force", field="first")
