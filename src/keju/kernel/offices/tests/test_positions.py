"""Every point has a place on the map, and a place that can be its own."""

from statistics import median

import pytest

from keju.kernel.offices.divisions import points, regions
from keju.kernel.offices.positions import FILE, position

CAPITALS = {
    "1101": (116.4, 39.9), "3101": (121.5, 31.2), "4401": (113.3, 23.1), "5101": (104.1, 30.7),
    "5401": (91.1, 29.7), "6501": (87.6, 43.8), "2301": (126.6, 45.8), "4601": (110.3, 20.0),
}  # fmt: skip
#: degrees that the farthest point may lie from the middle of its region, where the region is wide
FAR = {"54": 12, "15": 10, "65": 9.7, "23": 6, "62": 5.5}


def test_every_point_has_one_position_in_china_and_no_two_the_same() -> None:
    codes = [p.code for p in points()]
    found = [position(code) for code in codes]
    assert FILE.read_text(encoding="utf-8").splitlines()[1:] == [
        f"{code},{p.longitude:.2f},{p.latitude:.2f}" for code, p in zip(codes, found, strict=True)
    ]
    assert len(set(found)) == len(codes) == 337
    assert all(73.5 < p.longitude < 135.1 and 16.5 < p.latitude < 53.6 for p in found)
    with pytest.raises(KeyError):
        position("9999")


@pytest.mark.parametrize("code", CAPITALS)
def test_a_few_that_everybody_knows(code: str) -> None:
    east, north = CAPITALS[code]
    p = position(code)
    assert abs(p.longitude - east) < 0.2 and abs(p.latitude - north) < 0.2


def test_every_point_lies_with_its_region() -> None:
    """Near the middle of its region; two digits that changed places would throw a point out."""
    for region in regions():
        own = [position(p.code) for p in points() if p.parent == region.code]
        middle = median(p.longitude for p in own), median(p.latitude for p in own)
        reach = max(max(abs(p.longitude - middle[0]), abs(p.latitude - middle[1])) for p in own)
        assert reach < FAR.get(region.code, 4.5), region
