"""Every flaw is refused for its own reason and for nothing else; the good pool passes whole."""

import hashlib
import io

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from keju.algorithms.photo import CannotRecompress, Criterion, PhotoLimits, examine, restate, strip_metadata
from keju.algorithms.photo.findings import MEASURED
from keju.algorithms.synthetic.faces import SyntheticPhoto, photo_pool
from keju.algorithms.synthetic.spoilt import SPOILT

LIMITS = PhotoLimits(1.46, 0.05, 189, (230, 334), 20, 40)
GOOD = photo_pool(11, 24, 0)
BAD = photo_pool(11, 0, 2 * len(SPOILT))


def failing(data: bytes) -> set[Criterion]:
    return {f.criterion for f in examine(data, limits=LIMITS).findings if not f.passed}


@pytest.mark.rule("V5.2.2")
@pytest.mark.parametrize("photo", GOOD, ids=range(len(GOOD)))
def test_a_good_photo_passes_every_criterion(photo: SyntheticPhoto) -> None:
    found = examine(photo.jpeg, limits=LIMITS)
    assert found.passed
    assert found.unexamined == ()
    assert (found.width, found.height, found.bytes) == (230, 334, len(photo.jpeg))
    assert found.sha256 == hashlib.sha256(photo.jpeg).hexdigest()


@pytest.mark.rule("V5.2.2")
@pytest.mark.parametrize("photo", BAD, ids=[p.label for p in BAD])
def test_a_flaw_is_refused_for_its_own_reason_only(photo: SyntheticPhoto) -> None:
    found = examine(photo.jpeg, limits=LIMITS)
    assert {f.criterion for f in found.findings if not f.passed} == photo.failing
    measured = {f.criterion for f in found.refused_measured}
    assert measured == photo.failing & MEASURED
    assert {f.criterion for f in found.refused_judged} == photo.failing - MEASURED


@pytest.mark.rule("V5.2.2")
def test_limits_come_from_the_caller() -> None:
    other = PhotoLimits(1.0, 0.05, 400, (400, 400), 50, 60)
    refused = {f.criterion for f in examine(GOOD[0].jpeg, limits=other).refused_measured}
    assert refused == {Criterion.RATIO, Criterion.HEIGHT, Criterion.FILE_SIZE}


@pytest.mark.rule("V5.2.2")
@pytest.mark.parametrize(
    ("width", "height", "passes"),
    [(230, 334, True), (200, 302, True), (200, 303, False), (200, 282, True), (200, 281, False)],
)
def test_the_ratio_is_taken_from_the_pixels(width: int, height: int, passes: bool) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)
    assert (Criterion.RATIO not in failing(simplejpeg.encode_jpeg(noise, 50))) is passes


@pytest.mark.rule("V5.2.2")
@pytest.mark.parametrize(("size", "passes"), [(20479, False), (20480, True), (40960, True), (40961, False)])
def test_the_bytes_are_counted_to_the_byte(size: int, passes: bool) -> None:
    small = simplejpeg.encode_jpeg(np.full((334, 230, 3), 99, np.uint8), 30)
    padding = size - len(small) - 4
    data = small[:2] + b"\xff\xfe" + (padding + 2).to_bytes(2) + bytes(padding) + small[2:]
    assert len(data) == size
    assert (Criterion.FILE_SIZE not in failing(data)) is passes


def saved(picture: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", **options)
    return file.getvalue()


@pytest.mark.rule("V5.2.2")
def test_a_photo_turned_by_its_exif_orientation_is_seen_upright() -> None:
    picture = Image.open(io.BytesIO(GOOD[1].jpeg))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    for orientation, transpose in undo.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        found = examine(saved(picture.transpose(transpose), quality=95, exif=exif), limits=LIMITS)
        assert found.passed, orientation
        assert found.turned
        assert (found.width, found.height) == (230, 334)
    lying = saved(picture.transpose(Image.Transpose.ROTATE_90), quality=95)
    assert Criterion.RATIO in failing(lying)


@pytest.mark.rule("V5.2.2")
def test_cmyk_and_progressive_photos_are_seen_as_they_look() -> None:
    picture = Image.open(io.BytesIO(GOOD[0].jpeg))
    assert failing(saved(picture.convert("CMYK"), quality=80)) <= {Criterion.FILE_SIZE}
    assert failing(saved(picture, quality=95, progressive=True)) == set()


@pytest.mark.rule("V5.2.2")
def test_a_larger_photo_is_judged_as_a_small_one_and_its_boxes_are_in_its_own_pixels() -> None:
    small = examine(GOOD[3].jpeg, limits=LIMITS)
    large = Image.open(io.BytesIO(GOOD[3].jpeg)).resize((920, 1336), Image.Resampling.LANCZOS)
    found = examine(saved(large, quality=90), limits=LIMITS)
    assert {f.criterion for f in found.findings if not f.passed} == {Criterion.FILE_SIZE}
    one, other = (
        next(f.box for f in e.findings if f.criterion is Criterion.ONE_FACE) for e in (small, found)
    )
    assert one is not None
    assert other is not None
    assert np.allclose(np.array(one) * 4, other, atol=24)


@pytest.mark.rule("V5.2.2")
def test_the_same_picture_in_other_bytes_is_not_looked_at_twice_and_told_alike() -> None:
    for photo in (*GOOD[:3], *BAD):
        try:
            bare = strip_metadata(photo.jpeg)
        except CannotRecompress:
            continue
        assert restate(examine(photo.jpeg, limits=LIMITS), bare, limits=LIMITS) == examine(
            bare, limits=LIMITS
        )
