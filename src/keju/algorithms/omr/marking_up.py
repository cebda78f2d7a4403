"""Pencil on paper: marks a rasterised card as candidates and invigilators do. For rehearsals."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from keju.algorithms.omr.layout import Box, CardLayout
from keju.algorithms.omr.raster import GreyImage

STYLES = ("fill", "overflow", "tick", "stroke", "cross", "dot", "scribble", "part")
VARIANTS = 12


@dataclass(frozen=True)
class Pencil:
    """How one person marks: grey (0 black), covered share of the bubble, style weights, wander in mm."""

    grey: tuple[float, float] = (45.0, 105.0)
    coverage: tuple[float, float] = (0.75, 1.15)
    styles: tuple[tuple[str, float], ...] = (("fill", 1.0),)
    residue: tuple[float, float] = (215.0, 235.0)
    wander: float = 0.12


@dataclass(frozen=True)
class Marks:
    """What is on one card: chosen options per question, erased ones, and the invigilator's two bubbles."""

    answers: tuple[tuple[int, ...], ...]
    erased: tuple[tuple[int, ...], ...] = ()
    absent: bool = False
    violation: bool = False

    def truth(self, options: str) -> tuple[str, ...]:
        """The answers as a reader should report them."""
        return tuple("".join(options[o] for o in sorted(chosen)) for chosen in self.answers)


def as_marks(answers: Sequence[int | Sequence[int] | None], **rest: bool) -> Marks:
    """Marks from a list of option index, None or several indices."""
    return Marks(
        tuple(() if a is None else (a,) if isinstance(a, int) else tuple(a) for a in answers), **rest
    )


def random_marks(
    layout: CardLayout,
    rng: np.random.Generator,
    *,
    blank: float = 0.01,
    double: float = 0.005,
    erased: float = 0.03,
) -> Marks:
    """Random answers with the given shares of blanks, doubles and erased first choices."""
    n, k = layout.questions, len(layout.options)
    first = rng.integers(0, k, n)
    other = (first + rng.integers(1, k, n)) % k
    kind = rng.random(n)
    rubbed = rng.random(n) < erased
    answers, residues = [], []
    for q in range(n):
        a, b = int(first[q]), int(other[q])
        pair = kind[q] < blank + double
        answers.append(() if kind[q] < blank else (min(a, b), max(a, b)) if pair else (a,))
        residues.append((b,) if rubbed[q] and not pair else ())
    return Marks(tuple(answers), tuple(residues))


def _capsule(h: int, w: int, width: float, height: float, dx: float = 0.0) -> NDArray[np.float32]:
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    x = np.abs(x - (w - 1) / 2 - dx)
    y = np.abs(y - (h - 1) / 2)
    r = min(width, height) / 2
    outside = np.hypot(np.maximum(x - (width / 2 - r), 0), np.maximum(y - (height / 2 - r), 0)) - r
    return np.clip(0.5 - outside, 0, 1).astype(np.float32)


def _strokes(h: int, w: int, lines: NDArray[np.float64], thick: float) -> NDArray[np.float32]:
    """Line segments (x0, y0, x1, y1 in pixels from the middle) drawn smoothly."""
    canvas = np.zeros((h, w), np.uint8)
    shifted = (lines + np.array([w, h, w, h]) / 2) * 16
    for x0, y0, x1, y1 in shifted.astype(int).tolist():
        cv2.line(canvas, (x0, y0), (x1, y1), 255, max(1, round(thick)), cv2.LINE_AA, 4)
    return canvas.astype(np.float32) / 255


def _shape(style: str, share: float, w: float, h: float, size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:  # fmt: skip
    rows, columns = size
    thick = 0.11 * w
    jitter = rng.normal(0, 0.05 * w, 8)
    if style == "tick":
        points = [[-0.35 * w, 0, -0.1 * w, 0.35 * h], [-0.1 * w, 0.35 * h, 0.45 * w, -0.6 * h]]
        return _strokes(rows, columns, np.array(points) + jitter.reshape(2, 4), thick)
    if style == "stroke":
        return _strokes(rows, columns, np.array([[-0.45 * w, 0, 0.45 * w, 0]]) + jitter[:4], thick)
    if style == "cross":
        a, b = 0.38 * w, 0.45 * h
        return _strokes(
            rows, columns, np.array([[-a, -b, a, b], [-a, b, a, -b]]) + jitter.reshape(2, 4), thick
        )
    if style == "dot":
        return _capsule(rows, columns, 0.2 * w, 0.2 * w, float(jitter[0]))
    if style == "scribble":
        x = np.linspace(-0.62 * w, 0.62 * w, 12)
        y = np.where(np.arange(12) % 2, 0.7 * h, -0.7 * h) + rng.normal(0, 0.06 * h, 12)
        return _strokes(rows, columns, np.stack([x[:-1], y[:-1], x[1:], y[1:]], 1), thick)
    if style == "part":
        return _capsule(rows, columns, w * share, h * 0.95, float(rng.choice([-1, 1])) * w * (1 - share) / 2)
    grow = float(np.sqrt(share)) * (1.2 if style == "overflow" else 1.0)
    return _capsule(rows, columns, w * grow, h * grow)


@lru_cache(maxsize=512)
def _textures(style: str, tenth: int, w: int, h: int) -> tuple[NDArray[np.float32], ...]:
    """Coverage masks of one style, 0 to 1, a bubble in the middle with a margin around it."""
    rng = np.random.default_rng([STYLES.index(style), tenth, w, h])
    size = (h + 2 * (h // 2) + 1, w + 2 * (w // 3) + 1)
    out = []
    for _ in range(VARIANTS):
        mask = _shape(style, tenth / 10, w, h, size, rng)
        grain = cv2.GaussianBlur(rng.normal(0, 1, size).astype(np.float32), (0, 0), 1.0)
        out.append(np.clip(mask * np.clip(0.93 + 0.14 * grain, 0.55, 1.0), 0, 1))
    return tuple(out)


def _press(image: GreyImage, box: Box, mask: NDArray[np.float32], grey: float, scale: float, off: tuple[float, float]) -> None:  # fmt: skip
    h, w = mask.shape
    y = round((box.y + box.h / 2 + off[1]) * scale - h / 2)
    x = round((box.x + box.w / 2 + off[0]) * scale - w / 2)
    y, x = max(0, min(y, image.shape[0] - h)), max(0, min(x, image.shape[1] - w))
    patch = image[y : y + h, x : x + w]
    pencil = patch + (np.minimum(grey, patch) - patch) * mask
    image[y : y + h, x : x + w] = pencil.astype(np.uint8)


def mark_up(
    image: GreyImage, layout: CardLayout, marks: Marks, rng: np.random.Generator, pencil: Pencil | None = None
) -> GreyImage:
    """A copy of a rasterised card with `marks` on it; everything random comes from `rng`."""
    pencil = pencil or Pencil()
    image = image.copy()
    scale = image.shape[1] / 210.0
    todo: list[tuple[Box, bool]] = []
    for boxes, rubbed in zip(layout.bubbles, marks.erased):
        todo += [(boxes[o], True) for o in rubbed]
    for boxes, chosen in zip(layout.bubbles, marks.answers):
        todo += [(boxes[o], False) for o in chosen]
    n = len(todo)
    w, h = round(layout.absent.w * scale), round(layout.absent.h * scale)
    names = [name for name, _ in pencil.styles]
    weights = np.array([weight for _, weight in pencil.styles])
    styles = rng.choice(len(names), n, p=weights / weights.sum())
    share = np.rint(rng.uniform(*pencil.coverage, n) * 10).astype(int)
    grey = rng.uniform(*pencil.grey, n)
    residue = rng.uniform(*pencil.residue, n)
    variant = rng.integers(0, VARIANTS, n)
    offset = rng.normal(0, pencil.wander, (n, 2)).clip(-0.4, 0.4)
    for i, (box, rubbed) in enumerate(todo):
        style = "fill" if rubbed else names[styles[i]]
        bank = _textures(style, 11 if rubbed else int(share[i]), w, h)
        tone = residue[i] if rubbed else grey[i]
        _press(image, box, bank[variant[i]], float(tone), scale, (float(offset[i, 0]), float(offset[i, 1])))
    for box, wanted in ((layout.absent, marks.absent), (layout.violation, marks.violation)):
        if wanted:
            _press(image, box, _textures("fill", 10, w, h)[0], 50.0, scale, (0.0, 0.0))
    return image
