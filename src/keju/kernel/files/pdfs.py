"""What a PDF from outside holds, found out in a process of its own: bounded in time and memory, and it may crash."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROGRAM = Path(__file__).with_name("first_page.py")
PATIENCE = 8.0
"""Seconds; the program's own bound of processor time strikes before, unless the machine is busy."""


@dataclass(frozen=True)
class Looked:
    """`pages`: 0 if it does not open. `thumb`: its first page as a small JPEG, empty if that could not be drawn in time."""

    pages: int
    thumb: bytes


def look(data: bytes, side: int) -> Looked:
    """How many pages the PDF has, and its first page at most `side` pixels high and wide."""
    command = [sys.executable, "-I", str(PROGRAM), str(side)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=PATIENCE, env={}, check=False)  # noqa: S603
        said, well = done.stdout, done.returncode == 0
    except subprocess.TimeoutExpired as late:
        said, well = late.stdout or b"", False
    count, _, picture = said.partition(b"\n")
    return Looked(int(count) if count.isdigit() else 0, picture if well else b"")
