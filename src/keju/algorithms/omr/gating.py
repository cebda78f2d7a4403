"""What the whole sheet must satisfy before its answers count without a person."""

from collections.abc import Iterator

import numpy as np

from keju.algorithms.omr.deciding import Answer, State, ink_level
from keju.algorithms.omr.geometry import geometry
from keju.algorithms.omr.layout import CardLayout
from keju.algorithms.omr.locating import Sheet, pose
from keju.algorithms.omr.measuring import Ink
from keju.algorithms.omr.refusing import Reason
from keju.algorithms.omr.tracking import Track

MAX_ROTATION = 3.2  # degrees
MAX_SHEAR = 0.0065
MAX_SHIFT = 4.0  # mm
SCALES = (0.955, 1.045)
MAX_ASPECT = 0.008
MAX_RESIDUAL = 0.62  # mm between a bar and its place
MAX_JUMP = 0.95  # mm between neighbouring rows
MAX_RULER = 0.45  # mm across
MIN_BARS = 0.80
MIN_TONER = 0.55
MIN_CORE = 0.82
MIN_GAUGE = (0.06, 0.16)
MAX_NOISE = 8.0  # grey values
MAX_DIRT = 0.018
MAX_STAINED = 0.04
MAX_UNEVEN = 0.18
MIN_INK = 0.38
MIN_QUALITY = 45.0
MAX_DOUBTFUL = 0.12


def geometric(sheet: Sheet, layout: CardLayout, seen: Track) -> Iterator[Reason]:
    """Findings about position and paper."""
    p = pose(sheet, geometry(layout))
    if not sheet.found.all():
        yield Reason.MARK_MISSING
    if abs(p.rotation) > MAX_ROTATION:
        yield Reason.SKEWED
    if abs(p.shear) > MAX_SHEAR:
        yield Reason.SHEARED
    if not SCALES[0] <= p.scale <= SCALES[1] or abs(p.aspect) > MAX_ASPECT:
        yield Reason.SCALED
    if p.shift > MAX_SHIFT:
        yield Reason.SHIFTED
    if seen.found.mean() < MIN_BARS or seen.rulers_found.mean() < MIN_BARS:
        yield Reason.TRACK_LOST
    if seen.jump > MAX_JUMP:
        yield Reason.FOLDED
    if seen.residual > MAX_RESIDUAL or _across(seen) > MAX_RULER:
        yield Reason.STRETCHED


def _across(seen: Track) -> float:
    """The largest sideways offset of a ruler column, the median of its bands."""
    offsets = np.where(seen.rulers_found, np.abs(seen.ruler_offsets[:, 0]), 0.0).reshape(-1, 6)
    return float(np.median(offsets, axis=0).max())


def optical(sheet: Sheet, ink: Ink, seen: Track, quality: float | None) -> Iterator[Reason]:
    """Findings about print, light, noise and compression."""
    if seen.toner < MIN_TONER:
        yield Reason.LIGHT_TONER
    if seen.core < MIN_CORE:
        yield Reason.BLURRED
    if ink.gauge[0] < MIN_GAUGE[0] or ink.gauge[1] < MIN_GAUGE[1]:
        yield Reason.FAINT_LOST
    if quality is not None and quality < MIN_QUALITY:
        yield Reason.COARSE_JPEG
    if noise(sheet) > MAX_NOISE:
        yield Reason.NOISY
    top, low = float(np.max(ink.paper)), float(np.min(ink.paper))
    if low < (1 - MAX_UNEVEN) * top:
        yield Reason.UNEVEN
    if ink.dirt > MAX_DIRT or ink.stained > MAX_STAINED:
        yield Reason.DIRTY
    if streaks(sheet):
        yield Reason.STREAK


def noise(sheet: Sheet) -> float:
    """Grain of the paper in grey values: differences of neighbours on a sparse net, robustly."""
    rows = sheet.image[7::43, :-2].astype(np.int16)
    step = np.abs(rows[:, 2::3] - rows[:, :-2:3][:, : rows[:, 2::3].shape[1]])
    middle = np.partition(step.ravel(), step.size // 2)[step.size // 2]
    return float(middle) / 0.954


def streaks(sheet: Sheet) -> int:
    """Image columns that are darker than their neighbours in every row of a band: scanner streaks."""
    image, scale = sheet.image, sheet.scale
    height, width = image.shape
    edge = round(14 * scale)
    worst = 0
    for band in range(4):
        rows = image[band * height // 4 : (band + 1) * height // 4 : 6, edge : width - edge]
        top = rows.max(axis=0).astype(np.int16)
        near = np.minimum(np.roll(top, 8), np.roll(top, -8))[8:-8]
        worst = max(worst, int((top[8:-8] < near - 18).sum()))
    return worst


def answered(answers: tuple[Answer, ...], ink: Ink, *, absent: bool) -> Iterator[Reason]:
    """Findings about the answers as a whole."""
    doubtful = sum(a.state is State.DOUBTFUL for a in answers)
    blank = sum(a.state is State.BLANK for a in answers)
    usual, firm = ink_level(ink)
    if firm >= 5 and usual < MIN_INK:
        yield Reason.FAINT_PENCIL
    if absent and blank + doubtful < len(answers):
        yield Reason.ABSENT_WITH_ANSWERS
    if not absent and blank + doubtful == len(answers):
        yield Reason.BLANK_CARD
    if doubtful > MAX_DOUBTFUL * len(answers):
        yield Reason.MANY_DOUBTFUL
    elif doubtful:
        yield Reason.DOUBTFUL
