"""Photographs of a page as people take and send them, made from its picture; everything random comes from the generator."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Rng = np.random.Generator


@dataclass(frozen=True)
class Shot:
    """How a page was photographed. Lengths in pixels of the photo unless said otherwise.

    `long_side` of the photo; `tilt`: how far the corners are off, as share of the page; `turn` in degrees; `crop`: the share
    of the page's height and width that is seen (1: all of it); `blur`: Gaussian, `shake`: length of a straight smear; `light`
    and `shade`: brightness of the paper and how much of it a shadow takes; `noise`: standard deviation; `jpeg`: quality;
    `bend`: how far a curled page deviates, as share of its width.
    """

    long_side: int = 3000
    tilt: float = 0.0
    turn: float = 0.0
    crop: float = 1.0
    blur: float = 0.5
    shake: float = 0.0
    light: float = 0.85
    shade: float = 0.0
    noise: float = 3.0
    jpeg: int = 80
    bend: float = 0.0


def some(kind: str, rng: Rng) -> Shot:
    """A shot of the kind, one of `KINDS`; KeyError for any other."""
    turn = float(rng.normal(0, 6)) if rng.random() < 0.6 else float(rng.uniform(-180, 180))
    usual = Shot(
        long_side=int(rng.integers(2600, 4000)), tilt=float(rng.uniform(0, 0.06)), turn=turn,
        blur=float(rng.uniform(0.4, 1.1)), light=float(rng.uniform(0.6, 1.0)), shade=float(rng.uniform(0, 0.3)),
        noise=float(rng.uniform(2, 6)), jpeg=int(rng.integers(65, 92)), bend=float(rng.uniform(0, 0.008)),
    )  # fmt: skip
    return replace(usual, **KINDS[kind](rng))


KINDS: dict[str, Callable[[Rng], dict[str, Any]]] = {
    "usual": lambda r: {},
    "turned": lambda r: {"turn": float(r.uniform(-180, 180))},
    "steep": lambda r: {"tilt": float(r.uniform(0.08, 0.14))},
    "curled": lambda r: {"bend": float(r.uniform(0.015, 0.03))},
    "part": lambda r: {"crop": float(r.uniform(0.4, 0.55)), "long_side": int(r.integers(1600, 3200))},
    "shadow": lambda r: {"shade": float(r.uniform(0.45, 0.75)), "light": float(r.uniform(0.5, 0.8))},
    "dim": lambda r: {"light": float(r.uniform(0.2, 0.4)), "noise": float(r.uniform(8, 14))},
    "blurred": lambda r: {"blur": float(r.uniform(2.0, 3.2))},
    "shaken": lambda r: {"shake": float(r.uniform(4, 8))},
    "sent on": lambda r: {"long_side": int(r.integers(1280, 1600)), "jpeg": int(r.integers(40, 65))},
    "sent twice": lambda r: {"long_side": int(r.integers(960, 1100)), "jpeg": int(r.integers(25, 45))},
}


def photograph(page: Grey, shot: Shot, rng: Rng) -> bytes:
    """JPEG bytes of the page so photographed, on a dark table."""
    seen = _part(page, shot, rng)
    height, width = seen.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    moved = corners + rng.uniform(-1, 1, (4, 2)) * shot.tilt * np.array([width, height])
    angle = np.radians(shot.turn)
    moved = moved @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    moved -= moved.min(axis=0)
    edge = 0.03 * shot.long_side
    moved = moved * (shot.long_side - 2 * edge) / moved.max() + edge
    size = tuple(int(v) for v in moved.max(axis=0) + edge)
    shrunk = min(1.0, shot.long_side / max(height, width))
    finest = max(0.3, 0.45 / shrunk)  # or lines would alias where it gets smaller
    soft = cv2.GaussianBlur(seen, (0, 0), finest)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), moved.astype(np.float32))
    image = np.asarray(
        cv2.warpPerspective(soft, matrix, size, flags=cv2.INTER_LINEAR, borderValue=70), np.uint8
    )
    return _camera(_bent(image, shot, rng), shot, rng)


def _part(page: Grey, shot: Shot, rng: Rng) -> Grey:
    if shot.crop >= 1:
        return page
    height, width = page.shape
    h, w = round(height * shot.crop), width
    top = int(rng.integers(0, height - h + 1))
    if rng.random() < 0.5:  # one side only is seen
        w = round(width * max(shot.crop, 0.5))
    left = 0 if rng.random() < 0.5 else width - w
    return page[top : top + h, left : left + w]


def _bent(image: Grey, shot: Shot, rng: Rng) -> Grey:
    if not shot.bend:
        return image
    height, width = image.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    phase, waves = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(0.5, 1.2))
    off = (shot.bend * width * np.sin(2 * np.pi * waves * x / width + phase)).astype(np.float32)
    return np.asarray(cv2.remap(image, x, y + off, cv2.INTER_LINEAR, borderValue=70), np.uint8)


def _camera(image: Grey, shot: Shot, rng: Rng) -> bytes:
    if shot.shake >= 1:
        reach = round(shot.shake)
        kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
        angle = float(rng.uniform(0, np.pi))
        ends = [
            (round(reach + s * np.cos(angle) * reach / 2), round(reach + s * np.sin(angle) * reach / 2))
            for s in (-1, 1)
        ]
        cv2.line(kernel, ends[0], ends[1], 1.0, 1)
        image = np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.uint8)
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), max(shot.blur, 0.2)), np.uint8)
    height, width = image.shape
    across = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    angle, edge = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(0.3, 0.7))
    ramp = (across - 0.5) * np.cos(angle) + (down - 0.5) * np.sin(angle) + 0.5
    dark = 1 / (1 + np.exp(-(ramp - edge) * 14))  # a soft edge, as of a hand or a telephone
    lit = image * (shot.light * (1 - shot.shade * dark))
    lit += rng.standard_normal(image.shape, np.float32) * shot.noise
    done = np.clip(lit, 0, 255).astype(np.uint8)
    return bytes(cv2.imencode(".jpg", done, [cv2.IMWRITE_JPEG_QUALITY, shot.jpeg])[1])
