"""Shapes that pencils leave in a bubble, as masks of coverage with a margin around the bubble."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.float32]
Lines = NDArray[np.float64]
STYLES = ("fill", "overflow", "tick", "stroke", "cross", "dot", "scribble", "part")
VARIANTS = 12


def _capsule(size: tuple[int, int], width: float, height: float, dx: float = 0.0) -> Mask:
    h, w = size
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    x = np.abs(x - (w - 1) / 2 - dx)
    y = np.abs(y - (h - 1) / 2)
    r = min(width, height) / 2
    outside = np.hypot(np.maximum(x - (width / 2 - r), 0), np.maximum(y - (height / 2 - r), 0)) - r
    return np.asarray(np.clip(0.5 - outside, 0, 1), dtype=np.float32)


def _strokes(size: tuple[int, int], lines: Lines, thick: float) -> Mask:
    """Line segments (x0, y0, x1, y1 in pixels from the middle) drawn smoothly."""
    h, w = size
    canvas = np.zeros((h, w), np.uint8)
    shifted = (lines + np.array([w, h, w, h]) / 2) * 16
    for x0, y0, x1, y1 in shifted.astype(int).tolist():
        cv2.line(canvas, (x0, y0), (x1, y1), 255, max(1, round(thick)), cv2.LINE_AA, 4)
    return np.asarray(canvas / 255, dtype=np.float32)


def _lines(style: str, w: float, h: float, rng: np.random.Generator) -> Lines | None:
    """The strokes of the styles that are drawn as lines, in pixels from the middle of the bubble."""
    jitter = rng.normal(0, 0.05 * w, (2, 4))
    if style == "tick":
        return (
            np.array([[-0.35 * w, 0, -0.1 * w, 0.35 * h], [-0.1 * w, 0.35 * h, 0.45 * w, -0.6 * h]]) + jitter
        )
    if style == "stroke":
        return np.array([[-0.45 * w, 0, 0.45 * w, 0]]) + jitter[:1]
    if style == "cross":
        a, b = 0.38 * w, 0.45 * h
        return np.array([[-a, -b, a, b], [-a, b, a, -b]]) + jitter
    if style == "scribble":
        x = np.linspace(-0.62 * w, 0.62 * w, 12)
        y = np.where(np.arange(12) % 2, 0.7 * h, -0.7 * h) + rng.normal(0, 0.06 * h, 12)
        return np.stack([x[:-1], y[:-1], x[1:], y[1:]], 1)
    return None


def _shape(
    style: str, *, share: float, bubble: tuple[int, int], size: tuple[int, int], rng: np.random.Generator
) -> Mask:
    """One mask of a style; `bubble` is (width, height), `size` (rows, columns)."""
    w, h = bubble
    lines = _lines(style, w, h, rng)
    if lines is not None:
        return _strokes(size, lines, 0.11 * w)
    if style == "dot":
        return _capsule(size, 0.2 * w, 0.2 * w, float(rng.normal(0, 0.05 * w)))
    if style == "part":
        return _capsule(size, w * share, h * 0.95, float(rng.choice([-1, 1])) * w * (1 - share) / 2)
    grow = float(np.sqrt(share)) * (1.2 if style == "overflow" else 1.0)
    return _capsule(size, w * grow, h * grow)


@lru_cache(maxsize=512)
def textures(style: str, tenth: int, w: int, h: int) -> tuple[Mask, ...]:
    """Coverage masks of one style, 0 to 1, a bubble in the middle with a margin around it."""
    rng = np.random.default_rng([STYLES.index(style), tenth, w, h])
    size = (h + 2 * (h // 2) + 1, w + 2 * (w // 3) + 1)
    out = []
    for _ in range(VARIANTS):
        mask = _shape(style, share=tenth / 10, bubble=(w, h), size=size, rng=rng)
        grain = cv2.GaussianBlur(rng.normal(0, 1, size).astype(np.float32), (0, 0), 1.0)
        out.append(np.asarray(np.clip(mask * np.clip(0.93 + 0.14 * grain, 0.55, 1.0), 0, 1), np.float32))
    return tuple(out)
