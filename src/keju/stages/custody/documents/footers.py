"""What stands on every page of a bag's papers, as plain data for `custody/footers`, with the sizes that the print shop needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keju.algorithms.pagemarks import places
from keju.rulebook.words import Words, t

POINTS = {"line": 8.0, "beside": 5.6}
MODULE = places.SIDE / (places.MODULES + 2 * places.QUIET)
PALE_INK = round(100 * (1 - places.PALE.grey))
MEASURES: Sequence[tuple[Words, str]] = (
    (t("成品页", "Trimmed page"), f"{places.PAGE[0]:g} × {places.PAGE[1]:g} mm"),
    (t("二维码", "Code"), f"Data Matrix ECC 200, {places.MODULES} × {places.MODULES}"),
    (t("二维码连同白边", "Code with its white border"), f"{places.SIDE:g} × {places.SIDE:g} mm"),
    (t("一个模块", "One module"), f"{MODULE:.3f} mm"),
    (t("白边", "White border"), f"{places.QUIET} × {MODULE:.3f} mm"),
    (t("码下字母", "Letters below the code"), f"{POINTS['beside']:g} pt"),
    (t("页脚一行", "Line at the foot"), f"{POINTS['line']:g} pt, y = {places.TEXT_Y:g} mm"),
    (t("淡色字母", "Pale letters"), f"{places.PALE.points:g} pt, K {PALE_INK} %, {places.PALE.turn:g}°"),
    (t("版心距左右页边至少", "Text keeps from left and right edge"), f"{places.CLEAR:g} mm"),
    (t("颜色", "Colour"), "K 100 %, ≥ 600 dpi"),
)  # fmt: skip


@dataclass(frozen=True)
class Footer:
    """A copy: `code` is what the Data Matrix says, `line` the text at the foot, `letters` the bag's in two groups."""

    code: str
    line: str
    letters: str


def footers(copies: Sequence[Footer], *, exam: Words, specimen: bool = False) -> dict[str, Any]:
    """Plain data for `custody/footers`; the code of each copy is a file of the name of its text. A page for each copy."""
    pale = places.PALE
    return {
        "exam": {"zh": exam.zh, "en": exam.en},
        "copies": [{"code": c.code, "line": c.line, "letters": c.letters} for c in copies],
        "side": places.SIDE,
        "codes": [list(place) for place in places.CODES],
        "text_y": places.TEXT_Y,
        "clear": places.CLEAR,
        "points": POINTS,
        "pale": {
            "x": pale.step_x,
            "y": pale.step_y,
            "turn": pale.turn,
            "grey": 100 * pale.grey,
            "points": pale.points,
        },
        "specimen": specimen,
        "measures": [[{"zh": w.zh, "en": w.en}, size] for w, size in MEASURES] if specimen else [],
    }
