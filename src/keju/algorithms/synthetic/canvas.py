"""A small painter: soft-edged polygons, strokes and glows on a float image, drawn large and scaled down."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]  # n × 2, x and y in the units of the pen
Colour = tuple[float, float, float]  # RGB, 0–255
Mask = npt.NDArray[np.float32]  # height × width, 0–1

_OVERSAMPLING = 2
_SHIFT = 4  # fractional bits of cv2's drawing coordinates


class Canvas:
    """`width` × `height` pixels in the end; painted at twice that size."""

    def __init__(self, width: int, height: int, colour: Colour) -> None:
        self.size = (width, height)
        shape = (3, height * _OVERSAMPLING, width * _OVERSAMPLING)
        # Plane by plane, which blends three times as fast as pixel by pixel.
        self.pixels: npt.NDArray[np.float32] = np.empty(shape, np.float32)
        self.pixels[:] = np.array(colour, np.float32)[:, None, None]

    def finished(self) -> npt.NDArray[np.float32]:
        """The painting at its final size, height × width × 3, 0–255."""
        return np.asarray(
            cv2.resize(np.dstack(list(self.pixels)), self.size, interpolation=cv2.INTER_AREA), np.float32
        )


class Pen:
    """Paints in its own units: a point p lands at `origin + scale · p` of the finished picture."""

    def __init__(self, canvas: Canvas, scale: float = 1.0, origin: tuple[float, float] = (0, 0)) -> None:
        self.canvas = canvas
        self.scale = scale * _OVERSAMPLING
        self.origin = np.array(origin) * _OVERSAMPLING

    def moved(self, x: float, y: float) -> "Pen":
        """The same pen with its origin moved by (x, y) of its own units."""
        origin = (self.origin + np.array([x, y]) * self.scale) / _OVERSAMPLING
        return Pen(self.canvas, self.scale / _OVERSAMPLING, (float(origin[0]), float(origin[1])))

    def _place(self, points: Points) -> Points:
        placed: Points = np.asarray(points, np.float64) * self.scale + self.origin
        return placed

    def mask(self, points: Points, feather: float) -> tuple[tuple[slice, slice], Mask]:
        """Coverage of a polygon with an edge softened over `feather`, and where on the canvas it lies."""
        placed = self._place(points)
        sigma = max(feather * self.scale, 0.01)
        margin = int(3 * sigma) + 2
        height, width = self.canvas.pixels.shape[1:]
        left, top = np.maximum(np.floor(placed.min(0)).astype(int) - margin, 0)
        right, bottom = np.minimum(np.ceil(placed.max(0)).astype(int) + margin, (width, height))
        if right <= left or bottom <= top:
            return (slice(0, 0), slice(0, 0)), np.zeros((0, 0), np.float32)
        drawn = np.zeros((bottom - top, right - left), np.uint8)
        corners = np.round((placed - (left, top)) * (1 << _SHIFT)).astype(np.int32)
        cv2.fillPoly(drawn, [corners], 255, cv2.LINE_AA, _SHIFT)
        soft: Mask = (drawn / np.float32(255)).astype(np.float32)
        if sigma > 0.3:
            soft = np.asarray(cv2.GaussianBlur(soft, (0, 0), sigma), np.float32)
        return (slice(top, bottom), slice(left, right)), soft

    def fill(
        self,
        points: Points,
        colour: Colour,
        *,
        feather: float = 0.35,
        alpha: float = 1.0,
        within: Points | None = None,
        texture: Mask | None = None,
    ) -> None:
        """Paint a polygon; `within` clips it, `texture` (of the canvas' size) multiplies its colour."""
        where, cover = self.mask(points, feather)
        if within is not None:
            cover = cover * self._clip(within, where)
        paint = np.array(colour, np.float32)[:, None, None]
        if texture is not None:
            paint = paint * texture[where]
        self._blend(where, cover * np.float32(alpha), paint)

    def glow(
        self,
        centre: tuple[float, float],
        radii: tuple[float, float],
        colour: Colour,
        alpha: float,
        within: Points | None = None,
    ) -> None:
        """A soft elliptic light or shadow, fading to nothing at about twice its radii."""
        (x, y), (rx, ry) = self._place(np.array([centre]))[0], (r * self.scale for r in radii)
        height, width = self.canvas.pixels.shape[1:]
        left, right = max(0, int(x - 2.2 * rx)), min(width, int(x + 2.2 * rx) + 1)
        top, bottom = max(0, int(y - 2.2 * ry)), min(height, int(y + 2.2 * ry) + 1)
        if right <= left or bottom <= top:
            return
        dx = ((np.arange(left, right) - x) / rx) ** 2
        dy = ((np.arange(top, bottom) - y) / ry) ** 2
        cover = np.exp(-(dy[:, None] + dx[None, :])).astype(np.float32)
        where = (slice(top, bottom), slice(left, right))
        if within is not None:
            cover = cover * self._clip(within, where)
        self._blend(where, cover * np.float32(alpha), np.array(colour, np.float32)[:, None, None])

    def stroke(
        self,
        points: Points,
        colour: Colour,
        width: float,
        *,
        taper: float = 1.0,
        feather: float = 0.3,
        alpha: float = 1.0,
        within: Points | None = None,
    ) -> None:
        """A smooth line through the points; `taper` 1 runs out at both ends, 0 keeps its width."""
        line = curve(points)
        along = np.gradient(line, axis=0)
        normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
        profile = np.sin(np.linspace(0.05, np.pi - 0.05, len(line))) ** 0.6
        half = (width / 2 * (1 - taper + taper * profile))[:, None] * normal
        self.fill(
            np.concatenate([line + half, (line - half)[::-1]]),
            colour,
            feather=feather,
            alpha=alpha,
            within=within,
        )

    def _clip(self, within: Points, where: tuple[slice, slice]) -> Mask:
        rows, columns = where
        drawn = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
        corners = np.round((self._place(within) - (columns.start, rows.start)) * (1 << _SHIFT))
        cv2.fillPoly(drawn, [corners.astype(np.int32)], 255, cv2.LINE_AA, _SHIFT)
        return (drawn / np.float32(255)).astype(np.float32)

    def _blend(self, where: tuple[slice, slice], cover: Mask, paint: npt.NDArray[np.float32]) -> None:
        area = self.canvas.pixels[:, *where]
        step = paint - area
        step *= cover
        area += step


def closed(points: Sequence[tuple[float, float]], steps: int = 8) -> Points:
    """A smooth closed outline through the points (Catmull–Rom)."""
    corners = np.asarray(points, np.float64)
    return _spline(np.concatenate([corners[-1:], corners, corners[:2]]), steps)


def curve(points: Points | Sequence[tuple[float, float]], steps: int = 8) -> Points:
    """A smooth open line through the points."""
    corners = np.asarray(points, np.float64)
    first, last = 2 * corners[:1] - corners[1:2], 2 * corners[-1:] - corners[-2:-1]
    return np.concatenate([_spline(np.concatenate([first, corners, last]), steps), corners[-1:]])


def mirrored(half: Sequence[tuple[float, float]], steps: int = 8) -> Points:
    """A symmetric closed outline from its right half, given from top to bottom around x = 0."""
    left = [(-x, y) for x, y in reversed(half) if abs(x) > 1e-6]
    return closed([*half, *left], steps)


def ellipse(centre: tuple[float, float], radii: tuple[float, float], tilt: float = 0.0) -> Points:
    """An ellipse, turned by `tilt` radians."""
    angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    x, y = radii[0] * np.cos(angle), radii[1] * np.sin(angle)
    turned = np.stack([x * np.cos(tilt) - y * np.sin(tilt), x * np.sin(tilt) + y * np.cos(tilt)], axis=1)
    placed: Points = turned + np.array(centre)
    return placed


def _spline(p: Points, steps: int) -> Points:
    t = (np.arange(steps) / steps)[None, :, None]
    a, b, c, d = (p[i : len(p) - 3 + i, None, :] for i in range(4))
    out = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return np.asarray(out.reshape(-1, 2), np.float64)
