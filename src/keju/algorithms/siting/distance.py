"""Distances over the ground: great circles on the mean sphere. Not road distances: those are longer, by a fifth to a
half in the plains and by far more across mountains or water, and no list of them is public."""

import numpy as np
from numpy.typing import NDArray

EARTH_KM = 6371.0088
"""Mean radius of the earth (IUGG)."""


def great_circle_km(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole kilometres between every two places, by the haversine formula; positions in decimal degrees, shape (n,).

    Whole, because the positions are no better, and so that costs are whole numbers and compare exactly. Returns an
    array of shape (n, n), symmetric with a zero diagonal.
    """
    east, north = np.radians(longitude), np.radians(latitude)
    half = np.sin((north[:, None] - north) / 2) ** 2
    half += np.cos(north[:, None]) * np.cos(north) * np.sin((east[:, None] - east) / 2) ** 2
    km: NDArray[np.float64] = 2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return np.rint(km).astype(np.int64)
