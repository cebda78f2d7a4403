"""Pencil on paper: marks a rasterised card as candidates and invigilators do. For rehearsals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keju.algorithms.omr.layout import Box, CardLayout
from keju.algorithms.omr.pencilling import VARIANTS, Mask, textures
from keju.algorithms.omr.raster import GreyImage


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


def as_marks(
    answers: Sequence[int | Sequence[int] | None], *, absent: bool = False, violation: bool = False
) -> Marks:
    """Marks from a list of option index, None or several indices."""
    chosen = tuple(() if a is None else (a,) if isinstance(a, int) else tuple(a) for a in answers)
    return Marks(chosen, absent=absent, violation=violation)


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


def _press(image: GreyImage, at: tuple[float, float], mask: Mask, grey: float) -> None:
    """Darkens towards `grey` under a mask whose middle is `at` (pixels)."""
    h, w = mask.shape
    y, x = round(at[1] - h / 2), round(at[0] - w / 2)
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
    for boxes, erased in zip(layout.bubbles, marks.erased):
        todo += [(boxes[o], True) for o in erased]
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
        bank = textures(style, 11 if rubbed else int(share[i]), w, h)
        tone = residue[i] if rubbed else grey[i]
        x, y = (np.array(box.centre) + offset[i]) * scale
        _press(image, (float(x), float(y)), bank[variant[i]], float(tone))
    for box, told in ((layout.absent, marks.absent), (layout.violation, marks.violation)):
        if told:
            x, y = box.centre
            _press(image, (x * scale, y * scale), textures("fill", 10, w, h)[0], 50.0)
    return image
