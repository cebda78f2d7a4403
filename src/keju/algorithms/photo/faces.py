"""Finding faces with the Haar cascades that come with OpenCV 4 (Viola & Jones 2001, Lienhart 2002)."""

import threading
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from keju.algorithms.photo.findings import Box
from keju.algorithms.photo.pixels import Grey

# What cv2.data.haarcascades says, which the stubs do not know.
_CASCADES = Path(cv2.__file__).parent / "data"
_FRONTAL = "haarcascade_frontalface_alt2.xml"
_SECOND = "haarcascade_frontalface_alt_tree.xml"
_PROFILE = "haarcascade_profileface.xml"
# The size of the smallest face that is searched, px: the photo is scaled so that it comes out at this. The
# first pass is quick and finds a face in nearly every identity photo; the second, at a finer scale and in
# smaller steps between the sizes tried, runs only where the first found none. The last number is how
# many overlapping hits it takes; the finer search hits more often, so it takes more.
# Coarser steps (1.2) save 2 ms and lose one of two faces in 2 of 60 double portraits.
_PASSES = ((_FRONTAL, 20, 1.15, 3), (_SECOND, 32, 1.1, 6))

# Cascades keep scratch buffers, so each thread has its own; they are loaded once per thread.
_own = threading.local()
# Photos are checked by many workers at once: one thread each is faster than all of them fighting.
cv2.setNumThreads(1)


def _cascade(name: str) -> cv2.CascadeClassifier:
    loaded = cast("cv2.CascadeClassifier | None", getattr(_own, name, None))
    if loaded is None:
        loaded = cv2.CascadeClassifier(str(_CASCADES / name))
        setattr(_own, name, loaded)
    return loaded


def frontal_faces(grey: Grey, smallest: float = 0.22) -> list[Box]:
    """Boxes of the faces seen from the front, in pixels of `grey`, largest first.

    Faces below `smallest`, a share of the width, are not searched; in an identity photo they would be a
    pattern on a tie.
    """
    for cascade, least, step, neighbours in _PASSES:
        found = _largest_first(
            _detect(cascade, grey, least, least / smallest, (step, neighbours), flip=False)
        )
        if found:
            return found
    return []


def profile_faces(grey: Grey, smallest: float = 0.22) -> list[Box]:
    """Boxes of the faces seen from either side, in pixels of `grey`, largest first."""
    _, least, step, neighbours = _PASSES[-1]
    either = [
        _detect(_PROFILE, grey, least, least / smallest, (step, neighbours), flip=flip)
        for flip in (False, True)
    ]
    return _largest_first(either[0] + either[1])


def _detect(
    name: str, grey: Grey, least: int, search_width: float, how: tuple[float, int], *, flip: bool
) -> list[Box]:
    width = round(search_width)
    scale = grey.shape[1] / width
    size = (width, max(1, round(grey.shape[0] / scale)))
    small = cv2.equalizeHist(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))
    seen = cv2.flip(small, 1) if flip else small
    found = _cascade(name).detectMultiScale(
        seen, scaleFactor=how[0], minNeighbors=how[1], minSize=(least, least)
    )
    boxes = [(width - x - w if flip else x, y, w, h) for x, y, w, h in np.asarray(found).tolist()]
    return [(round(x * scale), round(y * scale), round(w * scale), round(h * scale)) for x, y, w, h in boxes]


def _largest_first(boxes: list[Box]) -> list[Box]:
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda b: (-b[2] * b[3], b)):
        if not any(_centre_within(box, other) for other in kept):
            kept.append(box)
    return kept


def _centre_within(box: Box, other: Box) -> bool:
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return other[0] <= x <= other[0] + other[2] and other[1] <= y <= other[1] + other[3]
