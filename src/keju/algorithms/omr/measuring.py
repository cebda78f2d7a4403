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
CELLS = (3, 2)  # columns and rows of cells in it
PROBE = (0.5, 1.7)  # mm of bare paper between bubbles
STANDS_OUT = 0.035  # more than printed letters differ from each other (0.02, on a dark copy 0.03)


@dataclass(frozen=True, eq=False)
class Ink:
    """Darkness from 0 (paper) to 1 (black), printed letters subtracted.

    `mean` and `peak` (questions, options): whole bubble and its darkest cell. `digits` (places, 10),
    `staff` (2, 2: mean, peak), `gauge` (2). `paper` per group of questions in grey values, `bare`
    (questions, options + 1) the probes relative to it.
    """

    mean: Values
    peak: Values
    digits: Values
    staff: Values
    gauge: Values
    paper: Values
    bare: Values

    @property
    def dirt(self) -> float:
        """Share of bubbles without a mark in which one cell stands out: specks."""
        free = self.mean < 0.06
        contrast = max(1.0, float(self.gauge[1]) / 0.28)  # a copier that darkens print darkens letters too
        return float((self.peak[free] > 0.09 * contrast).mean()) if free.any() else 1.0

    @property
    def stained(self) -> float:
        """Share of probes darker than paper although no bubble beside them is marked: stains."""
        marked = np.pad(self.mean > 0.12, ((0, 0), (1, 1)))
        free = ~(marked[:, :-1] | marked[:, 1:])
        return float((self.bare[free] < 0.955).mean()) if free.any() else 1.0


_own = threading.local()


class Boxes:
    """Box means of an image by its integral. A thread uses one at a time: they share their memory."""

    def __init__(self, image: NDArray[np.uint8], scale: float) -> None:
        self._height, self._width = image.shape
        shape = (self._height + 1, self._width + 1)
        buffer = getattr(_own, "sums", None)  # fresh pages for 16 MB cost more than the sums themselves
        if buffer is None or buffer.shape != shape:
            buffer = _own.sums = np.empty(shape, np.int32)
        self._sums = np.asarray(cv2.integral(image, sum=buffer, sdepth=cv2.CV_32S)).ravel()
        self._scale = scale

    def means(self, centres: Points, size: tuple[float, float], cells: tuple[int, int] = (1, 1)) -> Values:
        """Mean grey of `cells` (columns, rows) cells of boxes of `size` mm: (n, rows × columns)."""
        nx, ny = cells
        half = np.array(size) * self._scale / 2
        ex = np.rint(centres[:, 0:1] + 0.5 + np.linspace(-half[0], half[0], nx + 1)[None, :]).astype(np.int64)
        ey = np.rint(centres[:, 1:2] + 0.5 + np.linspace(-half[1], half[1], ny + 1)[None, :]).astype(np.int64)
        ex, ey = ex.clip(0, self._width), ey.clip(0, self._height)
        corner = self._sums.take(ey[:, :, None] * (self._width + 1) + ex[:, None, :])
        sums = corner[:, 1:, 1:] - corner[:, :-1, 1:] - corner[:, 1:, :-1] + corner[:, :-1, :-1]
        area = np.diff(ey, axis=1)[:, :, None] * np.diff(ex, axis=1)[:, None, :]
        return np.asarray((sums / np.maximum(area, 1)).reshape(len(centres), -1))


def _upper(values: Values, share: float) -> Values:
    at = int(share * (values.shape[1] - 1))
    return np.asarray(np.partition(values, at, axis=1)[:, at])


def _letters(dark: Values) -> Values:
    """The darkness of the printed letter per option and cell, from bubbles that do not stand out in their row.

    Taking it only from such bubbles keeps a sheet on which one option is always chosen from calling its
    marks print.
    """
    _, options, cells = dark.shape
    mean = dark.mean(axis=2)
    top = np.partition(mean, -2, axis=1)
    lesser = (mean < top[:, -1:]) | (top[:, -1:] - top[:, -2:-1] < STANDS_OUT)
    out = np.full((options, cells), np.nan)
    for o in range(options):
        own = dark[lesser[:, o], o]
        if len(own) >= 12:
            at = int(0.4 * len(own))
            out[o] = np.partition(own, at, axis=0)[at]
    if np.isnan(out).all():
        return np.zeros((options, cells))
    pooled = np.nanmin(out, axis=0)
    return np.asarray(np.where(np.isnan(out), pooled, np.minimum(out, pooled + 0.12)).clip(-0.05, 0.25))


def measure(sheet: Sheet, layout: CardLayout, seen: Track) -> Ink:
    """Measures every bubble of the sheet."""
    g = geometry(layout)
    questions, options = layout.questions, len(layout.options)
    boxes = Boxes(sheet.image, sheet.scale)
    probes = boxes.means(place(sheet, layout, seen, "probes"), PROBE).reshape(questions, options + 1)
    paper = _upper(probes[g.groups].reshape(len(g.groups), -1), 0.7)
    own = paper[g.group_of]
    cells = boxes.means(place(sheet, layout, seen, "bubbles"), INNER, CELLS)
    dark = 1 - cells.reshape(questions, options, -1) / own[:, None, None]
    dark = dark - _letters(dark)[None]
    top = float(np.median(paper))
    return Ink(
        mean=dark.mean(axis=2),
        peak=dark.max(axis=2),
        digits=1 - boxes.means(place(sheet, layout, seen, "digits"), INNER).reshape(-1, 10) / top,
        staff=_staff(boxes, place(sheet, layout, seen, "staff"), sheet.scale),
        gauge=1 - boxes.means(place(sheet, layout, seen, "gauge"), (2.0, 2.0))[:, 0] / top,
        paper=paper,
        bare=probes / own[:, None],
    )


def _staff(boxes: Boxes, centres: Points, scale: float) -> Values:
    """Mean and peak darkness of the invigilator's bubbles against the brighter of the strips beside each."""
    beside = np.array([[-2.55 * scale, 0.0], [2.55 * scale, 0.0]])
    paper = np.stack([boxes.means(centres + step, PROBE)[:, 0] for step in beside]).max(axis=0)
    dark = 1 - boxes.means(centres, INNER, CELLS) / np.maximum(paper, 1)[:, None]
    return np.stack([dark.mean(axis=1), dark.max(axis=1)], axis=1)
