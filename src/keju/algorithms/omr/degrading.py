"""What paper, copiers and scanners do to a card; everything random comes from the generator given."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from keju.algorithms.omr.layout import PAGE
from keju.algorithms.omr.raster import GreyImage
from keju.algorithms.omr.staining import (
    bleed_through,
    dog_ear,
    double_feed,
    holes,
    scrawl,
    specks,
    stain,
    stamp,
    streaks,
    water,
)


@dataclass(frozen=True)
class Degradation:
    """One scan's faults; the defaults do nothing. Lengths in mm on paper, blur in pixels, angles in degrees.

    `stretch` is the amplitude of a smooth bend that moves rows and columns, `fold` the height lost at a
    crease. `covered_marks` paints reference marks over (0–3 clockwise from the top left). `bilevel` is a
    threshold, 0 for none. `toner` and `paper` must act before pencil: see `fade`.
    """

    toner: float = 1.0
    paper: int = 246
    rotation: float = 0.0
    shear: float = 0.0
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    stretch: float = 0.0
    fold: float = 0.0
    fold_at: float = 0.5
    quarter_turns: int = 0
    noise: float = 0.0
    blur: float = 0.0
    shadow: float = 0.0
    gain: float = 1.0
    specks: int = 0
    streaks: int = 0
    coffee: int = 0
    water: int = 0
    holes: int = 0
    dog_ear: float = 0.0
    bleed: float = 0.0
    stamps: int = 0
    scrawls: int = 0
    double_feed: float = 0.0
    covered_marks: tuple[int, ...] = ()
    bilevel: int = 0
    jpeg: int = 80


def fade(image: GreyImage, toner: float = 1.0, paper: int = 246) -> GreyImage:
    """A card printed with that share of the usual toner, on paper of that grey."""
    table = np.rint((255 - (255 - np.arange(256)) * toner) * (paper / 255)).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table), dtype=np.uint8)


def degrade(image: GreyImage, what: Degradation, rng: np.random.Generator) -> GreyImage:
    """The scanned image: dirt, then geometry, then optics. A new array of the same size (or turned)."""
    scale = image.shape[1] / PAGE[0]
    image = _dirt(image.copy(), what, rng, scale)
    image = _bend(image, what, rng, scale)
    image = _optics(image, what, rng)
    if what.quarter_turns % 4:
        image = np.ascontiguousarray(np.rot90(image, what.quarter_turns))
    return image


def to_jpeg(image: GreyImage, quality: int = 80) -> bytes:
    """Grey JPEG bytes."""
    grey = np.ascontiguousarray(image)[:, :, None]
    return bytes(simplejpeg.encode_jpeg(grey, quality=quality, colorspace="GRAY"))


def _dirt(image: GreyImage, what: Degradation, rng: np.random.Generator, scale: float) -> GreyImage:
    for n in what.covered_marks:
        x = 14.0 if n in (0, 3) else PAGE[0] - 14.0
        y = 14.0 if n in (0, 1) else PAGE[1] - 14.0
        r = 4.5 * scale
        image[int(y * scale - r) : int(y * scale + r), int(x * scale - r) : int(x * scale + r)] = 248
    if what.bleed:
        image = bleed_through(image, what.bleed)
    stain(image, what.coffee, rng, scale)
    water(image, what.water, rng, scale)
    stamp(image, what.stamps, rng, scale)
    scrawl(image, what.scrawls, rng, scale)
    specks(image, what.specks, rng)
    holes(image, what.holes, scale)
    dog_ear(image, what.dog_ear, rng, scale)
    if what.double_feed:
        image = double_feed(image, what.double_feed, rng, scale)
    return image


def _affine(what: Degradation, shape: tuple[int, int], scale: float) -> NDArray[np.float64]:
    height, width = shape
    a = np.radians(what.rotation)
    turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    linear = turn @ np.array([[1.0, what.shear], [0.0, 1.0]]) * what.scale
    middle = np.array([width / 2, height / 2])
    offset = middle - linear @ middle + np.array(what.shift) * scale
    return np.hstack([linear, offset[:, None]])


def _bend(image: GreyImage, what: Degradation, rng: np.random.Generator, scale: float) -> GreyImage:
    height, width = image.shape
    matrix = _affine(what, image.shape, scale)
    paper = int(np.median(image[:: height // 40, :: width // 40]))
    if not what.stretch and not what.fold:
        if np.allclose(matrix, [[1, 0, 0], [0, 1, 0]]):
            return image
        return np.asarray(
            cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=paper),
            dtype=np.uint8,
        )
    inverse = cv2.invertAffineTransform(matrix)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    sx = (inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2]).astype(np.float32)
    sy = (inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2]).astype(np.float32)
    if what.stretch:
        phase = float(rng.uniform(0, np.pi))
        bend = np.float32(what.stretch * scale)
        sx, sy = (
            sx + bend * np.sin(2 * np.pi * sx / width + phase, dtype=np.float32),
            sy + bend * np.sin(2 * np.pi * sy / height + phase, dtype=np.float32),
        )
    if what.fold:
        at = np.float32(what.fold_at * height)
        sy = np.where(sy > at, sy + np.float32(what.fold * scale), sy)
        crease = np.abs(sy - at) < 2
    bent = np.asarray(cv2.remap(image, sx, sy, cv2.INTER_LINEAR, borderValue=paper), dtype=np.uint8)
    if what.fold:
        bent[crease] = (bent[crease] * 0.85).astype(np.uint8)
    return bent


@lru_cache(maxsize=1)
def _grain() -> NDArray[np.int8]:
    """A field of normal noise, larger than a page, in units of 1/24 standard deviation: drawn once, cut anew."""
    rng = np.random.default_rng(20110101)
    field = rng.standard_normal((2700, 2700), dtype=np.float32).clip(-5, 5) * 24
    return np.asarray(np.rint(field), dtype=np.int8)


def _optics(image: GreyImage, what: Degradation, rng: np.random.Generator) -> GreyImage:
    height, width = image.shape
    if what.blur:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), what.blur), dtype=np.uint8)
    if what.gain != 1.0:
        table = np.clip(250 - (250 - np.arange(256)) * what.gain, 0, 255).astype(np.uint8)
        image = np.asarray(cv2.LUT(image, table), dtype=np.uint8)
    if what.shadow:
        small = _shade(rng, what.shadow)
        light = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
        image = np.asarray(cv2.multiply(image, light, scale=1 / 255), dtype=np.uint8)
    streaks(image, what.streaks, rng)
    if what.noise:
        grain = _grain()
        y, x = (int(rng.integers(0, max(1, n - m))) for n, m in zip(grain.shape, (height, width)))
        cut = grain[y : y + height, x : x + width]
        if cut.shape != image.shape:
            cut = np.resize(grain, image.shape)
        noisy = cv2.addWeighted(image, 1.0, cut, what.noise / 24, 0.0, dtype=cv2.CV_8U)
        image = np.asarray(noisy, dtype=np.uint8)
    if what.bilevel:
        image = np.where(image < what.bilevel, 0, 255).astype(np.uint8)
    return image


def _shade(rng: np.random.Generator, depth: float) -> GreyImage:
    """A soft darkening towards one side."""
    a = float(rng.uniform(0, 2 * np.pi))
    y, x = np.mgrid[-1:1:12j, -1:1:9j]
    slope = (x * np.cos(a) + y * np.sin(a) + 1.414) / 2.828
    return np.asarray(np.rint(255 * (1 - depth * slope.clip(0, 1) ** 1.5)), dtype=np.uint8)
