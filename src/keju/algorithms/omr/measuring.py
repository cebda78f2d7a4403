"""How dark every bubble is, against the paper beside it: one integral image, box sums taken by index."""

import threading
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from keju.algorithms.omr.geometry import Points, geometry
from keju.algorithms.omr.layout import CardLayout
from keju.algorithms.omr.locating import Sheet
from keju.algorithms.omr.tracking import Track, place

Values = NDArray[np.float64]
INNER = (2.9, 1.7)  # mm of a bubble that are measured: inside its outline
CELLS = (6, 4)  # columns and rows of cells in it; two by two they make overlapping windows of about 1 mm
PROBE = (0.5, 1.7)  # mm of bare paper between bubbles
GAUGE_USUAL, GAUGE_MOST = 0.283, 1.7  # darkness of the darker gauge patch, and the most that is believed
STANDS_OUT = 0.035  # more than printed letters differ from each other (0.02, on a dark copy 0.03)


@dataclass(frozen=True, eq=False)
class Ink:
    """Darkness from 0 (paper) to 1 (black), printed letters subtracted.

    `mean`, `peak`, `low` (questions, options): whole bubble, darkest and lightest cell. `digits` (places, 10),
    `staff` (2, 2: mean, peak), `gauge` (2). `paper` per group of questions in grey values, `bare`
    (questions, options + 1) the probes relative to it.
    """

    mean: Values
    peak: Values
    low: Values
    digits: Values
    staff: Values
    gauge: Values
    paper: Values
    bare: Values

    @property
    def contrast(self) -> float:
        """How much darker than usual the grey gauge came out: a dark copy darkens pencil and letters alike."""
        return min(max(1.0, float(self.gauge[1]) / GAUGE_USUAL), GAUGE_MOST)

    @property
    def dirt(self) -> float:
        """Share of bubbles without a mark in which one cell stands out: specks."""
        free = self.mean < 0.06
        return float((self.peak[free] > 0.09 * self.contrast).mean()) if free.any() else 1.0

    @property
    def stained(self) -> float:
        """Share of probes darker than paper although no bubble beside them is marked: stains."""
        marked = np.pad(self.mean > 0.12, ((0, 0), (1, 1)))
        free = ~(marked[:, :-1] | marked[:, 1:])
        return float((self.bare[free] < 0.955).mean()) if free.any() else 1.0


_own = threading.local()


class Boxes:
    """Box means around given points by the integral of the part of the image that holds them.

    A thread uses one at a time: they share their memory.
    """

    def __init__(self, image: NDArray[np.uint8], scale: float, points: list[Points]) -> None:
        every = np.concatenate(points)
        margin = 4 * scale
        self._x, self._y = (max(0, int(v - margin)) for v in every.min(axis=0))
        right, low = (int(v + margin) for v in every.max(axis=0))
        part = image[self._y : low, self._x : right]
        self._height, self._width = part.shape
        shape = (self._height + 1, self._width + 1)
        buffer = getattr(_own, "sums", None)  # fresh pages for 16 MB cost more than the sums themselves
        if buffer is None or buffer.size < shape[0] * shape[1]:
            buffer = _own.sums = np.empty((shape[0] + 64) * (shape[1] + 64), np.int32)
        room = buffer[: shape[0] * shape[1]].reshape(shape)
        self._sums = np.asarray(cv2.integral(part, sum=room, sdepth=cv2.CV_32S)).ravel()
        self._scale = scale

    def means(self, centres: Points, size: tuple[float, float], cells: tuple[int, int] = (1, 1)) -> Values:
        """Mean grey of `cells` (columns, rows) cells of boxes of `size` mm: (n, rows × columns)."""
        ex = self._edges(centres[:, 0:1] - self._x, size[0], cells[0]).clip(0, self._width)
        ey = self._edges(centres[:, 1:2] - self._y, size[1], cells[1]).clip(0, self._height)
        corner = self._sums.take((ey * (self._width + 1))[:, :, None] + ex[:, None, :])
        across = corner[:, :, 1:] - corner[:, :, :-1]
        sums = across[:, 1:] - across[:, :-1]
        area = (ey[:, 1:] - ey[:, :-1])[:, :, None] * (ex[:, 1:] - ex[:, :-1])[:, None, :]
        return np.asarray((sums / np.maximum(area, 1)).reshape(len(centres), -1))

    def _edges(self, middle: Points, size: float, cells: int) -> NDArray[np.int64]:
        half = size * self._scale / 2
        steps = np.arange(cells + 1) * (2 * half / cells) - half + 0.5
        return np.rint(middle + steps[None, :]).astype(np.int64)


def _upper(values: Values, share: float) -> Values:
    at = int(share * (values.shape[1] - 1))
    return np.asarray(np.partition(values, at, axis=1)[:, at])


def _looks(relative: Values) -> Values:
    """Darkness of a bubble as a whole and of each of its overlapping windows: (…, 1 + windows)."""
    columns, rows = CELLS
    cells = 1 - relative.reshape(*relative.shape[:-1], rows, columns)
    pairs = cells[..., 1:] + cells[..., :-1]
    windows = (pairs[..., 1:, :] + pairs[..., :-1, :]) / 4
    whole = cells.mean(axis=(-1, -2))[..., None]
    return np.concatenate([whole, windows.reshape(*whole.shape[:-1], -1)], axis=-1)


def _letters(looks: Values) -> Values:
    """The darkness of the printed letter per option and look, from bubbles that do not stand out in their row.

    Taking it only from such bubbles keeps a sheet on which one option is always chosen from calling its
    marks print.
    """
    _, options, kinds = looks.shape
    mean = looks[:, :, 0]
    top = np.partition(mean, -2, axis=1)
    lesser = (mean < top[:, -1:]) | (top[:, -1:] - top[:, -2:-1] < STANDS_OUT)
    out = np.full((options, kinds), np.nan)
    for o in range(options):
        own = looks[lesser[:, o], o]
        if len(own) >= 12:
            at = int(0.4 * len(own))
            out[o] = np.partition(own, at, axis=0)[at]
    if np.isnan(out).all():
        return np.zeros((options, kinds))
    pooled = np.nanmin(out, axis=0)
    return np.asarray(np.where(np.isnan(out), pooled, np.minimum(out, pooled + 0.12)).clip(-0.05, 0.25))


def measure(sheet: Sheet, layout: CardLayout, seen: Track) -> Ink:
    """Measures every bubble of the sheet."""
    g = geometry(layout)
    questions, options = layout.questions, len(layout.options)
    at = place(sheet, layout, seen)
    boxes = Boxes(sheet.image, sheet.scale, list(at.values()))
    probes = boxes.means(at["probes"], PROBE).reshape(questions, options + 1)
    paper = _upper(probes[g.groups].reshape(len(g.groups), -1), 0.7)
    own = paper[g.group_of]
    looks = _looks(
        boxes.means(at["bubbles"], INNER, CELLS).reshape(questions, options, -1) / own[:, None, None]
    )
    dark = looks - _letters(looks)[None]
    top = float(np.median(paper))
    return Ink(
        mean=dark[:, :, 0],
        peak=dark[:, :, 1:].max(axis=2),
        low=dark[:, :, 1:].min(axis=2),
        digits=1 - boxes.means(at["digits"], INNER).reshape(-1, 10) / top,
        staff=_staff(boxes, at["staff"], sheet.scale),
        gauge=1 - boxes.means(at["gauge"], (2.0, 2.0))[:, 0] / top,
        paper=paper,
        bare=probes / own[:, None],
    )


def _staff(boxes: Boxes, centres: Points, scale: float) -> Values:
    """Mean and peak darkness of the invigilator's bubbles against the brighter of the strips beside each."""
    beside = np.array([[-2.55 * scale, 0.0], [2.55 * scale, 0.0]])
    paper = np.stack([boxes.means(centres + step, PROBE)[:, 0] for step in beside]).max(axis=0)
    dark = _looks(boxes.means(centres, INNER, CELLS) / np.maximum(paper, 1)[:, None])
    return np.stack([dark[:, 0], dark[:, 1:].max(axis=1)], axis=1)
