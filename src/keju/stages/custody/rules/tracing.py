"""Whose copy is this? What stands at the foot of every page of a paper, and how it is read back. Pure."""

import re
from dataclasses import dataclass

from keju.stages.custody.rules.containers import read_code

SERIAL_DIGITS = 6
MARK = re.compile(r"[A-HJ-NP-Z2-9]{6}")
WHOLE = re.compile(r"(B|S)[0-9]{7}[0-9A-Z]-[0-9]{1,9}-[A-HJ-NP-Z2-9]{6}")


@dataclass(frozen=True)
class PaperCode:
    """What was read: the bag's code, the paper's serial, the bag's mark; what was not readable is "" or 0."""

    bag: str = ""
    serial: int = 0
    mark: str = ""


def paper_code(bag: str, serial: int, mark: str) -> str:
    """The text at the foot of each page, also in its QR code: "B0000017X-000012-K7MPQ4"."""
    return f"{bag}-{serial:0{SERIAL_DIGITS}d}-{mark}"


def read_paper(typed: str) -> PaperCode | None:
    """What somebody typed or photographed: the whole text, a bag's code, or its mark alone; None for anything else."""
    plain = "".join(typed.upper().split())
    if WHOLE.fullmatch(plain):
        bag, serial, mark = plain.split("-")
        return PaperCode(bag, int(serial), mark) if read_code(bag) else None
    if MARK.fullmatch(plain):
        return PaperCode(mark=plain)
    code = read_code(plain)
    return PaperCode(bag=code) if code else None
