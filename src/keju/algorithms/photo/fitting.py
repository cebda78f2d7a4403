"""The JPEG quality at which a picture takes up a given number of bytes."""

import numpy as np
import simplejpeg

from keju.algorithms.photo.pixels import Pixels

_SUBSAMPLINGS = ("420", "444")  # the second only when even quality 100 of the first stays too small


def fit_jpeg(rgb: Pixels, low: int, high: int) -> bytes | None:
    """The JPEG of `rgb` that is nearest to the middle of `low`…`high` bytes; None if there is none within.

    The size grows with the quality all but monotonically, so a bisection finds it in seven encodings.
    """
    wanted = (low + high) // 2
    for subsampling in _SUBSAMPLINGS:
        best = _nearest(np.ascontiguousarray(rgb), wanted, subsampling)
        if low <= len(best) <= high:
            return best
        if len(best) > high:
            return None
    return None


def _nearest(rgb: Pixels, wanted: int, subsampling: str) -> bytes:
    least, most, best = 1, 100, b""
    while least <= most:
        quality = (least + most) // 2
        data = simplejpeg.encode_jpeg(rgb, quality, "RGB", subsampling)
        if not best or abs(len(data) - wanted) < abs(len(best) - wanted):
            best = data
        if len(data) < wanted:
            least = quality + 1
        else:
            most = quality - 1
    return best
