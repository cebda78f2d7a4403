"""From a painting to a photo's bytes: grain, then the JPEG quality that gives the wanted size."""

import numpy as np
import numpy.typing as npt

from keju.algorithms.photo.fitting import fit_jpeg

Picture = npt.NDArray[np.float32]  # height × width × 3, 0–255
_LOW, _HIGH = 21_000, 40_000  # bytes; inside 20–40 KB whichever KB is meant


def grain(
    picture: Picture, random: np.random.Generator, *, colour: float = 0.8, light: float = 2.2
) -> Picture:
    """The picture with a sensor's noise, σ in grey levels."""
    height, width = picture.shape[:2]
    noisy = picture + np.float32(light) * random.standard_normal((height, width, 1), np.float32)
    if colour:
        noisy += np.float32(colour) * random.standard_normal(picture.shape, np.float32)
    return noisy


def develop(
    picture: Picture,
    random: np.random.Generator,
    *,
    grained: bool = True,
    low: int = _LOW,
    high: int = _HIGH,
) -> bytes:
    """JPEG bytes within `low`…`high`. Raises ValueError if the picture cannot be brought there."""
    if grained:
        picture = grain(picture, random)
    rgb = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    data = fit_jpeg(rgb, low, high)
    if data is None:
        raise ValueError("the picture does not fit into the wanted bytes")
    return data


def padded(data: bytes, wanted: int) -> bytes:
    """The same JPEG, brought to `wanted` bytes by a comment, as cameras do with their notes."""
    missing = wanted - len(data) - 4
    if missing <= 0:
        return data
    return data[:2] + b"\xff\xfe" + (missing + 2).to_bytes(2) + b" " * missing + data[2:]
