"""Whose copy is this? What stands on every page of a paper, how it is read back, and how sure that makes us. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from keju.algorithms.pagemarks import ALPHABET, LENGTH, UNKNOWN
from keju.algorithms.pagemarks.letters import MOST_UNKNOWN
from keju.rulebook import rule
from keju.stages.custody.rules.containers import Kind, code, read_code

SERIAL_DIGITS = 6
_LETTERS = f"[{ALPHABET}]{{{LENGTH}}}"
PRINTED = re.compile(rf"({_LETTERS})([0-9]{{{SERIAL_DIGITS},9}})")
WHOLE = re.compile(rf"([BS][0-9]{{7}}[0-9A-Z])([0-9]{{{SERIAL_DIGITS},9}})({_LETTERS})")
PARTLY = re.compile(rf"[{ALPHABET}{UNKNOWN}]{{{LENGTH}}}")
PAPERS = (Kind.BAG, Kind.SPARE_BAG)
SPECIMEN = 0  # no container has this number: what is printed to show how it must look names nothing


@dataclass(frozen=True)
class PaperCode:
    """What was read: the bag's code, the paper's serial, the bag's letters ("?" for one that was not readable); what was not
    there is "" or 0."""

    bag: str = ""
    serial: int = 0
    mark: str = ""


@dataclass(frozen=True)
class Made:
    """A bag as it was made: its number, code, and the serials of its papers."""

    number: int
    code: str
    first: int
    last: int


class Verdict(StrEnum):
    """`proven`: letters and serial are those of the bag. `likely`: only a part was read and fits this bag, or its code was
    typed, which anybody could know. `several`: what was read fits more than one. `disagrees`: what was read does not belong
    together, so it is forged or misread, and names nobody. `unknown`: no bag of the asker's. `specimen`: a proof page."""

    PROVEN = "proven"
    LIKELY = "likely"
    SEVERAL = "several"
    DISAGREES = "disagrees"
    UNKNOWN = "unknown"
    SPECIMEN = "specimen"


def printed_code(mark: str, serial: int) -> str:
    """What the code on each page says: "K7MPQ4XT000012", short, so that it can be large and still be read from afar."""
    return f"{mark}{serial:0{SERIAL_DIGITS}d}"


def grouped(mark: str) -> str:
    """Letters as people read them: "K7MP-Q4XT"."""
    return f"{mark[:4]}-{mark[4:]}"


def paper_text(bag: str, serial: int, mark: str) -> str:
    """The line at the foot of each page: "B0000017X-000012-K7MP-Q4XT"."""
    return f"{bag}-{serial:0{SERIAL_DIGITS}d}-{grouped(mark)}"


def read_paper(typed: str) -> PaperCode | None:
    """What somebody typed or photographed: a code's text, the line at the foot, the letters alone with "?" for at most two
    that are not readable, or a bag's code; None for anything else. Blanks, dashes and dots do not count."""
    plain = "".join(c for c in typed.upper().replace("？", UNKNOWN) if c.isalnum() or c == UNKNOWN)
    if found := PRINTED.fullmatch(plain):
        return PaperCode(serial=int(found[2]), mark=found[1])
    if found := WHOLE.fullmatch(plain):
        return PaperCode(found[1], int(found[2]), found[3]) if read_code(found[1]) else None
    if PARTLY.fullmatch(plain) and plain.count(UNKNOWN) <= MOST_UNKNOWN:
        return PaperCode(mark=plain)
    bag = read_code(plain)
    return PaperCode(bag=bag) if bag and bag[0] in "BS" else None


def codes_of(number: int) -> list[str]:
    """The codes that a bag of papers with this number may have; none for a number that no code can hold."""
    return [code(kind, number) for kind in PAPERS] if 0 < number < 10_000_000 else []


@rule("V12.5")
def judge(read: PaperCode, numbers: Sequence[int], bags: Sequence[Made]) -> tuple[Verdict, Made | None]:
    """How sure it is, and whose. `numbers`: those whose letters fit what was read (none if no letters were); `bags`: the
    bags of the asker with one of these numbers or with the code that was read.

    Nobody is named on half a proof: where letters, code and serial contradict each other the answer is no bag.
    """
    if read.mark and not read.bag and list(numbers) == [SPECIMEN]:
        return Verdict.SPECIMEN, None
    if read.mark and not numbers:
        return Verdict.DISAGREES, None  # the letters' own check fails
    fitting = [
        bag
        for bag in bags
        if (not read.bag or bag.code == read.bag)
        and (not read.mark or bag.number in numbers)
        and (not read.serial or bag.first <= read.serial <= bag.last)
    ]
    if len(fitting) > 1:
        return Verdict.SEVERAL, None
    if not fitting:
        return (Verdict.DISAGREES if bags else Verdict.UNKNOWN), None
    whole = bool(read.mark) and UNKNOWN not in read.mark
    return (Verdict.PROVEN if whole else Verdict.LIKELY), fitting[0]
