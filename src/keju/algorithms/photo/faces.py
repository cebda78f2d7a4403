"""Finding faces with the Haar cascades that come with OpenCV 4 (Viola & Jones 2001, Lienhart 2002)."""

import threading
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from keju.algorithms.photo.findings import Box
from keju.algorithms.photo.pixels import Grey, Pixels

# What cv2.data.haarcascades says, which the stubs do not know.
_CASCADES = Path(cv2.__file__).parent / "data"
_FRONTAL = "haarcascade_frontalface_alt2.xml"
_SECOND = "haarcascade_frontalface_alt_tree.xml"
_PROFILE = "haarcascade_profileface.xml"
# The size of the smallest face that is searched, px: the photo is scaled so that it comes out at this. The
# first pass finds a face in nearly every identity photo; the second, at a finer scale and in
# smaller steps between the sizes tried, runs only where the first found none. The last number is how
# many overlapping hits it takes; the finer search hits more often, so it takes more.
# Coarser steps (1.2) save 2 ms and lose one of two faces in 2 of 60 double portraits.
_PASSES = ((_FRONTAL, 20, 1.15, 3), (_SECOND, 32, 1.1, 6))
# The quick look before: for the one large face of a usual portrait, at a third of the cost.
_QUICK = (_FRONTAL, 20, 1.2, 3)
_LARGEST, _LARGE, _SMALL = 0.75, 0.3, 0.22  # shares of the photo's width
_RIBBON = 4  # times as high as wide: no portrait
_UPPER = 0.8  # of the height: no face has its place below
# Skin of any complexion in OpenCV's Cr and Cb (Chai & Ngan 1999), at least so bright as a share of the face that was found.
_SKIN, _DIM = ((133, 77), (173, 127)), 0.55
_PATCH = 0.012  # of the photo's area: a quarter of the smallest face searched

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


def portrait_faces(rgb: Pixels, grey: Grey) -> list[Box]:
    """As `frontal_faces`, for what ought to be a portrait: a large face is looked for first.

    Where that is the only one and nothing of the colour of skin lies beside it, nobody else is searched for.
    """
    name, least, step, neighbours = _QUICK
    upper = grey[: max(1, round(grey.shape[0] * _UPPER))]
    found = _largest_first(_detect(name, upper, least, least / _LARGE, (step, neighbours), flip=False))
    usual = len(found) == 1 and found[0][2] <= _LARGEST * grey.shape[1]
    if usual and not _skin_elsewhere(rgb, found[0]):
        return found
    return frontal_faces(grey)


def _skin_elsewhere(rgb: Pixels, face: Box) -> bool:
    """Whether a patch large enough for another face's skin lies off this face, its ears, neck and hands' width below."""
    x, y, w, h = (side // 2 for side in face)
    small = cv2.cvtColor(np.ascontiguousarray(rgb[::2, ::2]), cv2.COLOR_RGB2YCrCb)
    light = float(small[max(0, y) : y + h, max(0, x) : x + w, 0].mean()) * _DIM
    mask = cv2.inRange(small, np.array((light, *_SKIN[0]), np.float64), np.array((255.0, *_SKIN[1])))
    left, right = max(0, x - w // 4), x + w + w // 4
    mask[max(0, y - h // 3) : y + h + h // 3, left:right] = 0
    mask[y + h :, max(0, x) : x + w] = 0
    solid = cv2.erode(mask, np.ones((3, 3), np.uint8))
    return bool(cv2.countNonZero(solid) > _PATCH * mask.size)


def frontal_faces(grey: Grey, smallest: float = _SMALL) -> list[Box]:
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


def profile_faces(grey: Grey, smallest: float = _SMALL) -> list[Box]:
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
    if grey.shape[0] > _RIBBON * grey.shape[1]:  # scaled to the search's width it would fill the memory
        return []
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
