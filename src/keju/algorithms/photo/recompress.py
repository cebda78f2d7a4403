"""Mending what can be mended by itself: frame, size in pixels, size in bytes, metadata."""

import cv2
import numpy as np

from keju.algorithms.photo.container import BrokenJpeg, NotJpeg, Structure, read_structure
from keju.algorithms.photo.faces import frontal_faces
from keju.algorithms.photo.findings import Box
from keju.algorithms.photo.fitting import fit_jpeg
from keju.algorithms.photo.limits import MAX_FILE_BYTES, MAX_PIXELS, MAX_SIDE_PX, PhotoLimits
from keju.algorithms.photo.pixels import Pixels, decode

_SMALLEST_FACE = 0.08  # of the width of the picture that is to be cut
_FACE_SHARE = 0.52  # of the frame's width that the face takes up in a usual identity photo
_FACE_CENTRE = 0.44  # of the frame's height
# A flat picture cannot fill the least file at this size: a faint grain (σ, 0–255) makes the bytes, the
# next stronger one only if the former did not do.
_GRAINS = (1.0, 2.0, 3.5)


class CannotRecompress(ValueError):
    """The bytes are not a photo that can be mended; the argument is a short code."""


def recompress(data: bytes, *, limits: PhotoLimits) -> bytes:
    """A JPEG of the recommended size in pixels, within the allowed bytes, upright, without any metadata.

    The frame is cut around the face if exactly one is found and around the middle if not; nothing is
    stretched. Raises CannotRecompress: too_large, not_jpeg, truncated, malformed, unsupported, undecodable,
    incompressible.
    """
    if len(data) > MAX_FILE_BYTES:
        raise CannotRecompress("too_large")
    try:
        structure = read_structure(data)
        _refuse_huge(structure)
        width, height = limits.recommended
        pixels = decode(data, structure, at_least=(4 * width, 4 * height))
    except NotJpeg as error:
        raise CannotRecompress("not_jpeg") from error
    except BrokenJpeg as error:
        raise CannotRecompress(str(error)) from error
    left, top, wide, tall = _frame(pixels, width / height)
    cut = pixels[top : top + tall, left : left + wide]
    method = cv2.INTER_AREA if wide >= width else cv2.INTER_CUBIC
    return _fit(np.asarray(cv2.resize(cut, (width, height), interpolation=method), np.uint8), limits)


def strip_metadata(data: bytes) -> bytes:
    """The same picture, coefficient for coefficient, without EXIF, GPS, comments and trailing bytes.

    The colour transform marker (Adobe APP14) stays: without it the colours would change. Raises
    CannotRecompress if the markers cannot be followed to the end, and `turned` if the orientation in the
    EXIF data is needed to see the photo upright; `recompress` mends that.
    """
    try:
        structure = read_structure(data)
    except NotJpeg as error:
        raise CannotRecompress("not_jpeg") from error
    if structure.fault:
        raise CannotRecompress(structure.fault)
    if structure.orientation != 1:
        raise CannotRecompress("turned")
    kept, position = bytearray(), 0
    for start, after in structure.metadata:
        if data[start + 1 : start + 2] != b"\xee":
            kept += data[position:start]
            position = after
    return bytes(kept + data[position : structure.end])


def _refuse_huge(structure: Structure) -> None:
    if structure.fault:
        raise BrokenJpeg(structure.fault)
    if (
        max(structure.width, structure.height) > MAX_SIDE_PX
        or structure.width * structure.height > MAX_PIXELS
    ):
        raise BrokenJpeg("too_large")


def _fit(rgb: Pixels, limits: PhotoLimits) -> bytes:
    fitted = fit_jpeg(rgb, limits.min_bytes, limits.max_bytes)
    random = np.random.default_rng(0)  # the same photo always gives the same bytes
    for grain in _GRAINS:
        if fitted is not None:
            break
        noisy = rgb + random.normal(0, grain, rgb.shape[:2])[:, :, None]
        fitted = fit_jpeg(
            np.clip(np.rint(noisy), 0, 255).astype(np.uint8), limits.min_bytes, limits.max_bytes
        )
    if fitted is None:
        raise CannotRecompress("incompressible")
    return fitted


def _frame(pixels: Pixels, ratio: float) -> Box:
    """The largest frame of width : height = `ratio` that has the face where it belongs."""
    height, width = pixels.shape[:2]
    wide = min(width, round(height * ratio))
    centre_x, centre_y = width / 2, height / 2
    face = _face(pixels)
    if face is not None:
        x, y, w, h = face
        wide = min(wide, round(w / _FACE_SHARE))
        centre_x = x + w / 2
        centre_y = y + h / 2 + (0.5 - _FACE_CENTRE) * wide / ratio
    tall = min(height, round(wide / ratio))
    left = min(max(0, round(centre_x - wide / 2)), width - wide)
    top = min(max(0, round(centre_y - tall / 2)), height - tall)
    return left, top, max(1, wide), max(1, tall)


def _face(pixels: Pixels) -> Box | None:
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    faces = frontal_faces(grey, _SMALLEST_FACE)
    return faces[0] if len(faces) == 1 else None
