"""What is mended passes; what is private is gone."""

import io

import numpy as np
import pytest
from PIL import Image

from keju.algorithms.photo import (
    CannotRecompress,
    Criterion,
    PhotoLimits,
    examine,
    recompress,
    strip_metadata,
)
from keju.algorithms.photo.container import read_structure
from keju.algorithms.synthetic.canvas import Canvas
from keju.algorithms.synthetic.faces import photo_pool
from keju.algorithms.synthetic.likeness import draw_likeness
from keju.algorithms.synthetic.portrait import paint_person

LIMITS = PhotoLimits(1.46, 0.05, 189, (230, 334), 20, 40)
GOOD = photo_pool(8, 2, 0)


def snapshot(width: int, height: int, seed: int = 4) -> Image.Image:
    """A camera picture of a person in the middle, taken much too wide."""
    random = np.random.default_rng(seed)
    canvas = Canvas(width, height, (0, 0, 0))
    paint_person(canvas, draw_likeness(random, "F"), random)
    return Image.fromarray(np.clip(np.rint(canvas.finished()), 0, 255).astype(np.uint8))


def saved(picture: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", **options)
    return file.getvalue()


@pytest.mark.rule("V5.2.2")
@pytest.mark.parametrize(("width", "height"), [(800, 600), (600, 800), (1200, 1200), (230, 334), (160, 240)])
def test_a_camera_picture_is_cut_and_fitted(width: int, height: int) -> None:
    mended = examine(recompress(saved(snapshot(width, height), quality=90), limits=LIMITS), limits=LIMITS)
    assert not mended.refused_measured
    assert (mended.width, mended.height) == LIMITS.recommended
    sharp = {Criterion.SHARP} if height < 334 else set()
    assert {f.criterion for f in mended.refused_judged} <= sharp


@pytest.mark.rule("V5.2.2")
def test_the_frame_follows_the_face() -> None:
    wide = Image.new("RGB", (1000, 600), (30, 62, 112))
    wide.paste(snapshot(300, 436), (640, 164))
    mended = examine(recompress(saved(wide, quality=92), limits=LIMITS), limits=LIMITS)
    face = next(f for f in mended.findings if f.criterion is Criterion.ONE_FACE)
    assert face.passed
    assert face.box is not None
    assert 40 < face.box[0] + face.box[2] / 2 < 190


@pytest.mark.rule("V5.2.2")
def test_position_and_camera_leave_no_trace() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secretcam"
    exif.get_ifd(0x8825)[1] = "N"
    data = saved(snapshot(600, 800), quality=90, exif=exif, comment=b"my home")
    assert b"Secretcam" in data
    for clean in (recompress(data, limits=LIMITS), strip_metadata(data)):
        assert b"Secretcam" not in clean
        assert b"my home" not in clean
        assert b"Exif" not in clean
        assert not Image.open(io.BytesIO(clean)).getexif()


def test_stripping_leaves_every_pixel_as_it_was() -> None:
    picture = snapshot(300, 436)
    for data in (saved(picture, quality=80), saved(picture.convert("CMYK"), quality=80)):
        before, after = (np.asarray(Image.open(io.BytesIO(d))) for d in (data, strip_metadata(data)))
        assert np.array_equal(before, after)


def test_stripping_never_lays_a_turned_photo_on_its_side() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = saved(snapshot(334, 230), exif=exif)
    with pytest.raises(CannotRecompress, match="turned"):
        strip_metadata(turned)
    mended = recompress(turned, limits=LIMITS)
    assert read_structure(mended).orientation == 1


def test_a_flat_picture_is_brought_to_the_least_bytes() -> None:
    flat = saved(Image.new("RGB", (500, 500), (30, 62, 112)), quality=30)
    assert LIMITS.min_bytes <= len(recompress(flat, limits=LIMITS)) <= LIMITS.max_bytes


def test_the_same_photo_gives_the_same_bytes() -> None:
    data = saved(snapshot(700, 900), quality=85)
    assert recompress(data, limits=LIMITS) == recompress(data, limits=LIMITS)


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "not_jpeg"), (b"\x89PNG", "not_jpeg"), (GOOD[0].jpeg[:9_000], "truncated")]
)
def test_what_cannot_be_mended_is_said(data: bytes, code: str) -> None:
    with pytest.raises(CannotRecompress, match=code):
        recompress(data, limits=LIMITS)
