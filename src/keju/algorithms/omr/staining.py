"""Dirt on paper, each as a function that paints into an image (or returns a new one)."""

import cv2
import numpy as np

from keju.algorithms.omr.raster import GreyImage


def _blend(image: GreyImage, mask: GreyImage, keep: float) -> None:
    """Darkens by `keep` where `mask` is 255, softly at its edge."""
    x, y, w, h = cv2.boundingRect(mask)
    if not w:
        return
    soft = cv2.GaussianBlur(mask[y : y + h, x : x + w], (0, 0), 2).astype(np.float32) / 255
    part = image[y : y + h, x : x + w]
    part[:] = (part * (1 - (1 - keep) * soft)).astype(np.uint8)


def _spot(image: GreyImage, rng: np.random.Generator) -> tuple[int, int]:
    height, width = image.shape
    return int(rng.uniform(0.12, 0.88) * width), int(rng.uniform(0.12, 0.95) * height)


def specks(image: GreyImage, count: int, rng: np.random.Generator) -> None:
    """Dark points of one to three pixels."""
    height, width = image.shape
    if not count:
        return
    xs, ys = rng.integers(1, width - 3, count), rng.integers(1, height - 3, count)
    tones = rng.integers(20, 140, count).astype(np.uint8)
    size = rng.integers(1, 4, count)
    for dy in range(3):
        for dx in range(3):
            some = (size > dx) & (size > dy)
            image[ys[some] + dy, xs[some] + dx] = tones[some]


def streaks(image: GreyImage, count: int, rng: np.random.Generator) -> None:
    """Vertical lines over the whole height, as dust on the scanner's glass draws them."""
    for _ in range(count):
        x = int(rng.uniform(0.08, 0.92) * image.shape[1])
        w, tone = int(rng.integers(1, 4)), float(rng.uniform(0.4, 0.8))
        image[:, x : x + w] = (image[:, x : x + w] * tone).astype(np.uint8)


def stain(image: GreyImage, count: int, rng: np.random.Generator, scale: float) -> None:
    """Rings and filled rounds of coffee."""
    for _ in range(count):
        mask = np.zeros_like(image)
        r = int(rng.uniform(12, 35) * scale)
        at = _spot(image, rng)
        cv2.circle(mask, at, r, 90, -1)
        cv2.circle(mask, at, r, 255, int(rng.uniform(1.0, 2.5) * scale))
        _blend(image, mask, float(rng.uniform(0.65, 0.85)))


def water(image: GreyImage, count: int, rng: np.random.Generator, scale: float) -> None:
    """Waved, faint grey areas of drying water with smeared content."""
    for _ in range(count):
        x, y = _spot(image, rng)
        r = int(rng.uniform(6, 14) * scale)
        y0, x0 = max(0, y - r), max(0, x - r)
        part = image[y0 : y + r, x0 : x + r]
        part[:] = cv2.GaussianBlur(part, (0, 0), 2.0)
        mask = np.zeros_like(image)
        cv2.circle(mask, (x, y), r, 255, -1)
        _blend(image, mask, 0.93)


def stamp(image: GreyImage, count: int, rng: np.random.Generator, scale: float) -> None:
    """Round ink stamps with a star, 38 mm across."""
    for _ in range(count):
        mask = np.zeros_like(image)
        x, y = _spot(image, rng)
        r = int(19 * scale)
        cv2.circle(mask, (x, y), r, 255, int(1.2 * scale))
        angles = np.arange(5) * 4 * np.pi / 5 - np.pi / 2
        star = np.stack([x + 0.35 * r * np.cos(angles), y + 0.35 * r * np.sin(angles)], 1).astype(np.int32)
        cv2.fillPoly(mask, [star.reshape(-1, 1, 2)], 255)
        _blend(image, mask, 0.5)


def scrawl(image: GreyImage, count: int, rng: np.random.Generator, scale: float) -> None:
    """Handwriting across the bubbles with a pen."""
    for _ in range(count):
        x, y = _spot(image, rng)
        steps = rng.normal(0, 2.2, (14, 2)) * scale
        steps[:, 0] = np.abs(steps[:, 0]) * 0.9
        points = (np.array([x, y]) + np.cumsum(steps, axis=0)).astype(np.int32)
        cv2.polylines(image, [points.reshape(-1, 1, 2)], False, 60, max(1, round(0.4 * scale)), cv2.LINE_AA)


def holes(image: GreyImage, count: int, scale: float) -> None:
    """Punch holes at the left edge, dark behind, and a staple's line at the corner."""
    for n in range(count):
        y = int(image.shape[0] * (n + 1) / (count + 1))
        cv2.circle(image, (int(7 * scale), y), int(3 * scale), 30, -1)
    if count:
        cv2.line(image, (int(4 * scale), int(22 * scale)), (int(9 * scale), int(27 * scale)), 40, 3)


def dog_ear(image: GreyImage, size: float, rng: np.random.Generator, scale: float) -> None:
    """A corner bent over: the triangle shows the scanner's lid and a shadow line."""
    if not size:
        return
    s = int(size * scale)
    height, width = image.shape
    right, low = bool(rng.integers(2)), bool(rng.integers(2))
    x, y = (width - 1 if right else 0), (height - 1 if low else 0)
    a, b = (x - s if right else x + s, y), (x, y - s if low else y + s)
    cv2.fillPoly(image, [np.array([(x, y), a, b], np.int32)], 225)
    cv2.line(image, a, b, 150, 2)


def bleed_through(image: GreyImage, strength: float) -> GreyImage:
    """The back of the sheet shines through, mirrored and blurred."""
    back = cv2.GaussianBlur(np.ascontiguousarray(image[:, ::-1]), (0, 0), 2.5).astype(np.float32)
    return np.asarray(image * (1 - strength * (1 - back / 255)), dtype=np.uint8)


def double_feed(image: GreyImage, share: float, rng: np.random.Generator, scale: float) -> GreyImage:
    """A second card lies over the lower `share` of this one, shifted by some millimetres."""
    height = image.shape[0]
    start = int(height * (1 - share))
    drop = int(rng.uniform(4, 9) * scale)
    out = image.copy()
    out[start:] = np.roll(image, (drop, int(rng.uniform(-3, 3) * scale)), axis=(0, 1))[start:]
    out[start : start + 4] = 120
    return out
