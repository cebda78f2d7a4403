"""Distances between places whose distance is well known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.siting.distance import great_circle_km

places = st.lists(st.tuples(st.floats(73, 135), st.floats(16, 54)), min_size=3, max_size=3)


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        ((0.0, 0.0), (1.0, 0.0), 111),  # a degree of the equator is 111.19 km
        ((0.0, 0.0), (0.0, 90.0), 10_008),  # a quarter of a meridian of the sphere
        ((116.41, 39.90), (121.47, 31.23), 1067),  # Beijing to Shanghai
        ((114.50, 38.05), (118.18, 39.64), 364),  # Shijiazhuang to Tangshan
    ],
)
def test_known_distances(a: tuple[float, float], b: tuple[float, float], km: int) -> None:
    found = great_circle_km(np.array([a[0], b[0]]), np.array([a[1], b[1]]))
    assert found.tolist() == [[0, km], [km, 0]]


@given(places)
def test_there_and_back_are_the_same_and_no_detour_is_shorter(found: list[tuple[float, float]]) -> None:
    km = great_circle_km(*(np.array(column) for column in zip(*found, strict=True)))
    assert (km == km.T).all() and (km >= 0).all() and not km.diagonal().any()
    assert km[0, 1] <= km[0, 2] + km[2, 1] + 1  # each is rounded
