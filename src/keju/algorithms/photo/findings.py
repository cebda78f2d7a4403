"""What an examination says: one finding per criterion, and a verdict that follows from them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

CHECKER_VERSION = "photo-2"

Kind = Literal["measured", "judged"]
Box = tuple[int, int, int, int]  # left, top, width, height in pixels of the upright photo


class Criterion(StrEnum):
    """Everything that is looked at; the values are stable and may be stored."""

    SAFE = "safe"  # within what this program is willing to decode
    FORMAT = "format"  # JPEG by its bytes
    INTACT = "intact"  # complete and decodable
    CLEAN = "clean"  # nothing behind the end of the picture
    RATIO = "ratio"
    HEIGHT = "height"
    FILE_SIZE = "file_size"
    COLOUR = "colour"
    ONE_FACE = "one_face"
    FRONTAL = "frontal"
    BARE_HEAD = "bare_head"
    BACKGROUND_PLAIN = "background_plain"
    BACKGROUND_DARK = "background_dark"
    SHARP = "sharp"
    EXPOSURE = "exposure"


MEASURED = frozenset(
    {
        Criterion.SAFE,
        Criterion.FORMAT,
        Criterion.INTACT,
        Criterion.CLEAN,
        Criterion.RATIO,
        Criterion.HEIGHT,
        Criterion.FILE_SIZE,
        Criterion.COLOUR,
    }
)


@dataclass(frozen=True, slots=True)
class Limit:
    """The allowed range, ends included; None is open."""

    low: float | None = None
    high: float | None = None

    def holds(self, value: float) -> bool:
        """True if `value` lies within the range."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion: what was found, what is allowed, and where in the photo it was found.

    `value` is a number in the unit of the limit, or a short code such as `truncated`.
    """

    criterion: Criterion
    passed: bool
    value: float | str
    limit: Limit | str
    box: Box | None = None

    @property
    def kind(self) -> Kind:
        """`measured` is final; `judged` may be overruled by a person."""
        return "measured" if self.criterion in MEASURED else "judged"


@dataclass(frozen=True, slots=True)
class PhotoExamination:
    """The findings in a fixed order; a criterion that could not be looked at has no finding.

    `width` and `height` are those of the upright photo in pixels, 0 if the file has none.
    `turned` is true when only the EXIF orientation makes it upright.
    """

    findings: tuple[Finding, ...]
    width: int
    height: int
    bytes: int
    sha256: str
    turned: bool = False
    checker_version: str = CHECKER_VERSION

    @property
    def refused_measured(self) -> tuple[Finding, ...]:
        """Findings that nobody can overrule."""
        return tuple(f for f in self.findings if not f.passed and f.kind == "measured")

    @property
    def refused_judged(self) -> tuple[Finding, ...]:
        """Findings that a person may overrule."""
        return tuple(f for f in self.findings if not f.passed and f.kind == "judged")

    @property
    def passed(self) -> bool:
        """True if nothing was refused."""
        return all(f.passed for f in self.findings)

    @property
    def unexamined(self) -> tuple[Criterion, ...]:
        """Criteria without a finding, because an earlier one left nothing to look at."""
        seen = {f.criterion for f in self.findings}
        return tuple(c for c in Criterion if c not in seen)
