"""The bars beside the rows and between the columns: how the paper is bent between its corners."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from keju.algorithms.omr.geometry import Points, geometry, targets
from keju.algorithms.omr.layout import CardLayout
from keju.algorithms.omr.locating import Sheet

WINDOW = 1.7  # mm around the expected place of a bar
INSIDE = 0.75  # share of paper brightness below which a pixel counts as bar


@dataclass(frozen=True, eq=False)
class Track:
    """Offsets in mm of the side bars (rows, 2 sides, 2) and of the rulers, and which were seen."""

    offsets: Points
    found: NDArray[np.bool_]
    ruler_offsets: Points
    rulers_found: NDArray[np.bool_]
    toner: float  # darkness of the bars' cores, 0 to 1
    core: float  # share of a bar's darkness that is full darkness: falls with blur
    correction: Points  # (rows, 2 sides, 2) mm, smoothed, gaps filled

    @property
    def residual(self) -> float:
        """The largest offset in mm after outliers are removed."""
        return float(np.abs(self.correction).max())

    @property
    def jump(self) -> float:
        """The largest vertical step between neighbouring rows in mm: a fold."""
        step = np.diff(self.correction[:, :, 1], axis=0)
        return float(np.abs(step).mean(axis=1).max())


@lru_cache(maxsize=8)
def _moments(half: int) -> NDArray[np.int32]:
    """Weights of a square window's pixels for mass and first moments: (pixels, 3)."""
    span = np.arange(-half, half + 1, dtype=np.int32)
    x, y = np.meshgrid(span, span)
    return np.stack([np.ones(x.size, np.int32), x.ravel(), y.ravel()], axis=1)


def _bars(sheet: Sheet, expected: Points, area: float) -> tuple[Points, NDArray[np.bool_], float, float]:
    """Offsets in mm of bars from their expected pixels, whether seen, their darkness and their crispness."""
    half = round(WINDOW * sheet.scale)
    height, width = sheet.image.shape
    base = np.rint(expected).astype(np.int64)
    base[:, 0] = base[:, 0].clip(half, width - half - 1)
    base[:, 1] = base[:, 1].clip(half, height - half - 1)
    span = np.arange(-half, half + 1)
    window = (span[:, None] * width + span[None, :]).ravel()
    patch = sheet.image.ravel().take((base[:, 1] * width + base[:, 0])[:, None] + window[None, :])
    paper = patch.max(axis=1).astype(np.float32)
    level = (INSIDE * paper).astype(np.int32)
    dark = np.maximum(level[:, None] - patch, 0)
    mass, x, y = (dark @ _moments(half)).T.astype(np.float64)  # integers: the same sums on every machine
    usual = float(np.median(mass))
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = x / mass, y / mass
    found = (mass > 0.55 * usual) & (mass < 1.6 * usual) & (usual > 0)
    centre = base + np.stack([np.where(found, x, 0), np.where(found, y, 0)], axis=1)
    offsets = np.where(found[:, None], (centre - expected) / sheet.scale, 0.0)
    depth = 1 - patch.min(axis=1) / np.maximum(paper, 1)
    toner = float(np.median(depth))
    full = INSIDE * paper * 1.0 - paper * (1 - toner)
    core = float(np.median(mass / np.maximum(full * area * sheet.area, 1)))
    return offsets, found, toner, core


def _smooth(offsets: Points, found: NDArray[np.bool_]) -> Points:
    """Per side: gaps filled from neighbours, single outliers removed by a median of five rows."""
    out = np.zeros_like(offsets)
    rows = np.arange(len(offsets))
    for side in range(2):
        seen = found[:, side]
        if not seen.any():
            continue
        for axis in range(2):
            line = np.interp(rows, rows[seen], offsets[seen, side, axis])
            window = line[(rows[:, None] + np.arange(-2, 3)).clip(0, len(rows) - 1)]
            out[:, side, axis] = np.sort(window, axis=1)[:, 2]
    return out


def track(sheet: Sheet, layout: CardLayout) -> Track:
    """Measures all bars of the sheet."""
    g = geometry(layout)
    box = layout.track[0]
    side, ruler = g.track.reshape(-1, 2), g.rulers.reshape(-1, 2)
    bars = sheet.pixels(np.concatenate([side, ruler]))
    every, seen, toner, core = _bars(sheet, bars, box.w * box.h)
    offsets, rulers = every[: len(side)].reshape(-1, 2, 2), every[len(side) :]
    found, ruled = seen[: len(side)].reshape(-1, 2), seen[len(side) :]
    correction = _smooth(offsets, found)
    expected = _lerp(g.track, correction, ruler, g.rows(ruler))
    return Track(offsets, found, rulers - expected, ruled, toner, core, correction)


def _lerp(bars: Points, correction: Points, points: Points, rows: NDArray[np.int64]) -> Points:
    left, right = bars[0, 0, 0], bars[0, 1, 0]
    t = ((points[:, 0] - left) / (right - left))[:, None]
    return np.asarray(correction[rows, 0] * (1 - t) + correction[rows, 1] * t)


def place(sheet: Sheet, layout: CardLayout, seen: Track) -> dict[str, Points]:
    """Pixels of everything that is measured, corrected by what the bars of their rows say, by name."""
    g = geometry(layout)
    points, rows, slices = targets(layout)
    pixels = sheet.pixels(points) + _lerp(g.track, seen.correction, points, rows) * sheet.scale
    return {name: pixels[part] for name, part in slices.items()}
