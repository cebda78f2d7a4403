"""From JPEG bytes to upright pixels, never more of them than asked for."""

import io
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import simplejpeg
from PIL import Image

from keju.algorithms.photo.container import BrokenJpeg, Structure

Pixels = npt.NDArray[np.uint8]  # height × width × 3, RGB
Grey = npt.NDArray[np.uint8]  # height × width
Floats = npt.NDArray[np.float32]


def decode(data: bytes, structure: Structure, *, at_least: tuple[int, int] = (0, 0)) -> Pixels:
    """Upright RGB pixels; a large photo is decoded at the smallest scale that keeps `at_least` (w, h).

    Raises BrokenJpeg("undecodable") when the decoder objects, also to what it could paper over.
    """
    whole = data[: structure.end or len(data)]
    width, height = at_least if structure.orientation < 5 else at_least[::-1]
    try:
        if structure.components == 4:
            pixels = _decode_four(whole, width, height)
        else:
            pixels = simplejpeg.decode_jpeg(whole, "RGB", min_width=width, min_height=height)
    except (ValueError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise BrokenJpeg("undecodable") from error
    return turn(pixels, structure.orientation)


def _decode_four(data: bytes, width: int, height: int) -> Pixels:
    """CMYK and YCCK, with Adobe's inversion, to RGB."""
    with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        warnings.simplefilter("ignore")
        if width and height:
            image.draft(None, (width, height))
        return np.asarray(image.convert("RGB"), dtype=np.uint8)


def turn(pixels: npt.NDArray[Any], orientation: int) -> Pixels:
    """The stored picture as EXIF orientation 1–8 wants it seen."""
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
