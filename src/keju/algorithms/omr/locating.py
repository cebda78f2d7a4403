"""The sheet in the image: four reference squares, which way up, and how straight."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from keju.algorithms.omr.geometry import Geometry, Points, geometry
from keju.algorithms.omr.layout import MARK_INSET, MARK_SIZE, PAGE, CardLayout
from keju.algorithms.omr.raster import GreyImage
from keju.algorithms.omr.refusing import Reason, Refused

REACHES = (25.0, 38.0)  # mm from each corner where a reference mark usually and at worst lies
COARSEST, FINEST = 5.5, 25.0  # pixels per mm: 140 to 635 dpi


@dataclass(frozen=True, eq=False)
class Sheet:
    """An upright image and the map from millimetres of the layout to its pixels."""

    image: GreyImage
    scale: float  # nominal pixels per mm
    to_pixels: NDArray[np.float64]  # 3 × 3
    found: NDArray[np.bool_]  # which of the four marks were seen
    corners: Points  # (4, 2) pixels
    turned: int  # quarter turns that were undone

    @property
    def area(self) -> float:
        """Pixels per square millimetre of the sheet as it lies in the image."""
        diagonals = self.corners[2:] - self.corners[:2]
        inside = abs(float(diagonals[0, 0] * diagonals[1, 1] - diagonals[0, 1] * diagonals[1, 0])) / 2
        return inside / ((PAGE[0] - 2 * MARK_INSET) * (PAGE[1] - 2 * MARK_INSET))

    def pixels(self, points: Points) -> Points:
        """Millimetres (n, 2) to pixels (n, 2)."""
        h = self.to_pixels
        out = points @ h[:2, :2].T + h[:2, 2]
        return np.asarray(out / (points @ h[2, :2] + h[2, 2])[:, None])


def _upright(image: GreyImage) -> tuple[GreyImage, float, int]:
    height, width = image.shape
    turned = 1 if width > height else 0
    if turned:
        image = np.ascontiguousarray(np.rot90(image))
        height, width = width, height
    scale = width / PAGE[0]
    if scale < COARSEST:
        raise Refused(Reason.TOO_COARSE)
    if scale > FINEST or abs(height / width / (PAGE[1] / PAGE[0]) - 1) > 0.06:
        raise Refused(Reason.WRONG_SIZE)
    return image, scale, turned


def _square(crop: GreyImage, scale: float, near: tuple[float, float]) -> tuple[float, float] | None:
    """The centre of the solid square of a corner crop, found at half size and refined at full."""
    half = cv2.resize(crop, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    sample = half[::2, ::2].ravel()
    ordered = np.partition(sample, (sample.size // 120, sample.size // 2))
    dark, paper = int(ordered[sample.size // 120]), int(ordered[sample.size // 2])
    if paper - dark < 40:
        return None
    mask = (half < (dark + paper) // 2).astype(np.uint8)
    count, _, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=4)
    side = MARK_SIZE * scale / 2
    best: tuple[float, tuple[float, float]] | None = None
    for n in range(1, count):
        w, h, area = (int(v) for v in stats[n, 2:5])
        if not (0.65 * side**2 < area < 1.4 * side**2 and 0.75 < w / h < 1.34 and area > 0.7 * w * h):
            continue
        x, y = float(centres[n][0]) * 2 + 0.5, float(centres[n][1]) * 2 + 0.5
        far = (x - near[0]) ** 2 + (y - near[1]) ** 2
        if best is None or far < best[0]:
            best = far, (x, y)
    return None if best is None else _refine(crop, best[1], 0.72 * MARK_SIZE * scale, paper)


def _refine(crop: GreyImage, at: tuple[float, float], reach: float, paper: int) -> tuple[float, float]:
    """Centre of gravity of darkness around `at`."""
    x0, y0 = max(0, round(at[0] - reach)), max(0, round(at[1] - reach))
    patch = crop[y0 : round(at[1] + reach) + 1, x0 : round(at[0] + reach) + 1].astype(np.float64)
    dark = np.clip(0.8 * paper - patch, 0, None)
    total = float(dark.sum())
    ys, xs = np.arange(patch.shape[0]), np.arange(patch.shape[1])
    return x0 + float(dark.sum(0) @ xs) / total, y0 + float(dark.sum(1) @ ys) / total


def _corner(image: GreyImage, scale: float, which: tuple[int, int], reach: int) -> tuple[float, float] | None:
    """The mark in the corner `which` (right, low), looked for within `reach` pixels."""
    height, width = image.shape
    x0, y0 = which[0] * (width - reach), which[1] * (height - reach)
    inset = MARK_INSET * scale
    near = (reach - inset if which[0] else inset, reach - inset if which[1] else inset)
    at = _square(image[y0 : y0 + reach, x0 : x0 + reach], scale, near)
    return None if at is None else (at[0] + x0, at[1] + y0)


def _corners(image: GreyImage, scale: float) -> tuple[Points, NDArray[np.bool_]]:
    out, found = np.zeros((4, 2)), np.zeros(4, bool)
    for n, (right, low) in enumerate(((0, 0), (1, 0), (1, 1), (0, 1))):
        for reach in REACHES:
            at = _corner(image, scale, (right, low), round(reach * scale))
            if at is not None:
                out[n], found[n] = at, True
                break
    if found.sum() < 3:
        raise Refused(Reason.NO_MARKS)
    if not found.all():
        gone = int(np.argmin(found))
        out[gone] = out[(gone + 1) % 4] + out[(gone + 3) % 4] - out[(gone + 2) % 4]
    return out, found


def _matrix(g: Geometry, corners: Points) -> NDArray[np.float64]:
    out = cv2.getPerspectiveTransform(g.marks.astype(np.float32), corners.astype(np.float32))
    return np.asarray(out, dtype=np.float64)


def _is_dark(image: GreyImage, sheet: Sheet, points: Points, side: float) -> bool:
    """Whether a printed square of `side` mm stands at the point: dark against its surroundings."""
    (x, y) = sheet.pixels(points)[0]
    r, far = 0.35 * side * sheet.scale, 1.1 * side * sheet.scale
    inner = image[int(y - r) : int(y + r) + 1, int(x - r) : int(x + r) + 1]
    outer = image[max(0, int(y - far)) : int(y + far), max(0, int(x - far)) : int(x + far)]
    if inner.size == 0 or outer.size == 0:
        return False
    return float(inner.mean()) < 0.7 * float(np.quantile(outer, 0.8))


def locate(image: GreyImage, layout: CardLayout) -> Sheet:
    """The upright sheet. Raises `Refused`: wrong size, fewer than three marks, or unclear orientation."""
    image, scale, turned = _upright(image)
    g = geometry(layout)
    corners, found = _corners(image, scale)
    sheet = Sheet(image, scale, _matrix(g, corners), found, corners, turned)
    over = Sheet(image, scale, _matrix(g, np.roll(corners, 2, axis=0)), found, corners, turned)
    upright = _is_dark(image, sheet, g.orientation, 3.0)
    upside = _is_dark(image, over, g.orientation, 3.0)
    if upright == upside:
        raise Refused(Reason.ORIENTATION)
    if upright:
        return sheet
    height, width = image.shape
    flipped = np.roll(np.array([width - 1.0, height - 1.0]) - corners, 2, axis=0)
    image = np.ascontiguousarray(image[::-1, ::-1])
    return Sheet(image, scale, _matrix(g, flipped), np.roll(found, 2), flipped, turned + 2)


@dataclass(frozen=True)
class Pose:
    """How the sheet lies: degrees, mm of shift, scale and its difference between directions, shear."""

    rotation: float
    shift: float
    scale: float
    aspect: float
    shear: float


def pose(sheet: Sheet, g: Geometry) -> Pose:
    """Best affine map from the four marks, taken apart."""
    a = np.hstack([g.marks, np.ones((4, 1))])
    fit, *_ = np.linalg.lstsq(a, sheet.corners / sheet.scale, rcond=None)
    ex, ey = fit[0], fit[1]
    sx, sy = float(np.hypot(*ex)), float(np.hypot(*ey))
    turn = float(np.arctan2(ex[1], ex[0]) + np.arctan2(-ey[0], ey[1])) / 2
    shear = float(ex @ ey) / (sx * sy)
    middle = np.array([PAGE[0] / 2, PAGE[1] / 2])
    shift = middle @ fit[:2] + fit[2] - middle
    return Pose(float(np.degrees(turn)), float(np.hypot(*shift)), (sx * sy) ** 0.5, sx / sy - 1, shear)
