"""A photo as large as paper needs it: a print shop gains nothing from more, and thousands of them are one file."""

import cv2
import numpy as np
import simplejpeg

from keju.algorithms.photo.container import BrokenJpeg, NotJpeg, read_structure
from keju.algorithms.photo.pixels import decode

QUALITY = 70
LEAST = 6_000
"""Bytes below which a photo of that size gains nothing from being made again."""


def for_print(data: bytes, height: int) -> bytes:
    """A JPEG of at most `height` pixels, upright, the same bytes for the same photo.

    A small one, or one that cannot be decoded, comes back as it is: whoever prints it sees what is wrong.
    """
    if len(data) <= LEAST:
        return data
    try:
        structure = read_structure(data)
        wide = max(1, round(structure.width * height / max(1, structure.height)))
        pixels = decode(data, structure, at_least=(wide, height))
    except (NotJpeg, BrokenJpeg):
        return data
    if pixels.shape[0] > height:
        width = max(1, round(pixels.shape[1] * height / pixels.shape[0]))
        pixels = np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    made: bytes = simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), QUALITY, "RGB", "420")
    return made if len(made) < len(data) else data
