"""Finding faces with the Haar cascades that come with OpenCV 4 (Viola & Jones 2001, Lienhart 2002)."""

import threading
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from keju.algorithms.photo.findings import Box
from keju.algorithms.photo.pixels import Grey

_FRONTAL = "haarcascade_frontalface_alt2.xml"
_PROFILE = "haarcascade_profileface.xml"
_SMALLEST_SHARE = 0.17  # of the photo's width; a smaller face in an identity photo is a pattern on a tie
_NEIGHBOURS = 4

# Cascades keep scratch buffers, so each thread has its own; they are loaded once per thread.
_own = threading.local()
# Photos are checked by many workers at once: one thread each is faster than all of them fighting.
cv2.setNumThreads(1)


def _cascade(name: str) -> cv2.CascadeClassifier:
    loaded = cast("cv2.CascadeClassifier | None", getattr(_own, name, None))
    if loaded is None:
        loaded = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / name))
        setattr(_own, name, loaded)
    return loaded


def frontal_faces(grey: Grey) -> list[Box]:
    """Boxes of the faces seen from the front, largest first."""
    return _detect(_FRONTAL, cv2.equalizeHist(grey))


def profile_faces(grey: Grey) -> list[Box]:
    """Boxes of the faces seen from either side, largest first."""
    even = cv2.equalizeHist(grey)
    width = grey.shape[1]
    mirrored = [(width - x - w, y, w, h) for x, y, w, h in _detect(_PROFILE, cv2.flip(even, 1))]
    return _largest_first(_detect(_PROFILE, even) + mirrored)


def _detect(name: str, grey: np.ndarray) -> list[Box]:
    smallest = max(20, round(grey.shape[1] * _SMALLEST_SHARE))
    found = _cascade(name).detectMultiScale(
        grey, scaleFactor=1.1, minNeighbors=_NEIGHBOURS, minSize=(smallest, smallest)
    )
    return _largest_first([(int(x), int(y), int(w), int(h)) for x, y, w, h in found])


def _largest_first(boxes: list[Box]) -> list[Box]:
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda b: (-b[2] * b[3], b)):
        if not any(_centre_within(box, other) for other in kept):
            kept.append(box)
    return kept


def _centre_within(box: Box, other: Box) -> bool:
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return other[0] <= x <= other[0] + other[2] and other[1] <= y <= other[1] + other[3]
