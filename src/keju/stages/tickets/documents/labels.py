"""Sheets of self-adhesive labels as shops sell them, as data: a new format is one line."""

from collections.abc import Mapping
from dataclasses import dataclass

from keju.rulebook.words import Words, t


@dataclass(frozen=True)
class Labels:
    """Lengths in millimetres: the page, how many across and down, one label, where the first one begins, the pitch."""

    name: Words
    page: tuple[float, float]
    across: int
    down: int
    size: tuple[float, float]
    first: tuple[float, float] = (0, 0)
    pitch: tuple[float, float] = (0, 0)

    @property
    def each(self) -> int:
        """Labels on a page."""
        return self.across * self.down

    def pages(self, labels: int) -> int:
        return -(-labels // self.each)

    def data(self) -> dict[str, object]:
        """For a template, in millimetres."""
        return {
            "page": list(self.page),
            "across": self.across,
            "down": self.down,
            "size": list(self.size),
            "first": list(self.first),
            "pitch": list(self.pitch),
        }


LAYOUTS: Mapping[str, Labels] = {
    "a4-3x8": Labels(
        t("A4 不干胶 3×8（70×37毫米）", "A4 labels 3 × 8 (70 × 37 mm)"),
        (210, 297), 3, 8, (70, 37), (0, 0.5), (70, 37),
    ),
    "a4-2x7": Labels(
        t("A4 不干胶 2×7（99×38毫米）", "A4 labels 2 × 7 (99 × 38 mm)"),
        (210, 297), 2, 7, (99.1, 38.1), (4.65, 15.15), (101.6, 38.1),
    ),
    "roll-70x40": Labels(
        t("标签卷 70×40毫米，每张一个", "Roll of labels 70 × 40 mm, one each"), (70, 40), 1, 1, (70, 40),
    ),
}  # fmt: skip
