"""Files made to hurt: bombs, cut and mutated ones, other things in a JPEG's clothes. Nothing raises."""

import random
import struct
import time
import tracemalloc

import numpy as np
import pytest
import simplejpeg
from hypothesis import given, settings
from hypothesis import strategies as st

from keju.algorithms.photo import (
    CannotRecompress,
    Criterion,
    PhotoLimits,
    examine,
    recompress,
    strip_metadata,
)
from keju.algorithms.photo.container import NotJpeg, read_structure
from keju.algorithms.photo.exif import orientation
from keju.algorithms.photo.limits import MAX_FILE_BYTES, MAX_SCANS
from keju.algorithms.synthetic.faces import photo_pool

LIMITS = PhotoLimits(1.46, 0.05, 189, (230, 334), 20, 40)
GOOD = photo_pool(5, 1, 0)[0].jpeg


def refused(data: bytes) -> dict[Criterion, float | str]:
    return {f.criterion: f.value for f in examine(data, limits=LIMITS).findings if not f.passed}


def with_size(data: bytes, width: int, height: int) -> bytes:
    """The same file claiming other dimensions in its frame header."""
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


@pytest.mark.rule("V5.2.2")
@pytest.mark.parametrize("size", [(65_500, 65_500), (5_001, 5_000), (10_001, 200)])
def test_a_bomb_is_refused_from_its_header(size: tuple[int, int]) -> None:
    bomb = with_size(GOOD, *size)
    tracemalloc.start()
    found = examine(bomb, limits=LIMITS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert Criterion.SAFE in {f.criterion for f in found.refused_measured}
    assert Criterion.COLOUR in found.unexamined
    assert peak < 2_000_000
    with pytest.raises(CannotRecompress, match="too_large"):
        recompress(bomb, limits=LIMITS)


@pytest.mark.rule("V5.2.2")
def test_a_file_above_the_bound_is_not_even_walked() -> None:
    data = GOOD + bytes(MAX_FILE_BYTES)
    assert set(refused(data)) == {Criterion.SAFE}
    with pytest.raises(CannotRecompress, match="too_large"):
        recompress(data, limits=LIMITS)


@pytest.mark.rule("V5.2.2")
@pytest.mark.parametrize(
    ("head", "name"),
    [(b"\x89PNG\r\n\x1a\n", "png"), (b"GIF89a", "gif"), (b"%PDF-1.7", "pdf"), (b"PK\x03\x04", "zip"),
     (b"\0\0\0\x18ftypheic", "heic"), (b"", "unknown"), (b"\xff\xd8", "unknown")],
)  # fmt: skip
def test_what_is_no_jpeg_is_named(head: bytes, name: str) -> None:
    assert refused(head + bytes(64) if head else b"") == {Criterion.FORMAT: name}


@pytest.mark.rule("V5.2.2")
def test_every_cut_is_noticed() -> None:
    for end in (3, 4, 20, 200, 700, len(GOOD) // 2, len(GOOD) - 2, len(GOOD) - 1):
        assert refused(GOOD[:end])[Criterion.INTACT] == "truncated", end
    hollow = GOOD[: len(GOOD) // 2] + b"\xff\xd9"
    assert refused(hollow)[Criterion.INTACT] == "undecodable"


@pytest.mark.rule("V5.2.2")
def test_a_polyglot_is_noticed_and_mended() -> None:
    polyglot = GOOD + b"<script>alert(1)</script>"
    assert refused(polyglot) == {Criterion.CLEAN: 25}
    assert b"script" not in strip_metadata(polyglot)
    assert refused(recompress(polyglot, limits=LIMITS)) == {}


def test_a_flood_of_scans_or_segments_is_not_decoded() -> None:
    start = GOOD.index(b"\xff\xda")
    header = GOOD[start : start + 2 + int.from_bytes(GOOD[start + 2 : start + 4])]
    scans = GOOD[:start] + header * (MAX_SCANS + 1) + b"\xff\xd9"
    assert refused(scans)[Criterion.INTACT] == "unsupported"
    comments = GOOD[:2] + b"\xff\xfe\x00\x02" * 2_000_000 + GOOD[2:]
    begun = time.process_time()
    assert refused(comments)[Criterion.INTACT] == "malformed"
    assert time.process_time() - begun < 0.5


def test_worst_entropy_data_is_walked_in_linear_time() -> None:
    start = GOOD.index(b"\xff\xda")
    header = GOOD[start : start + 2 + int.from_bytes(GOOD[start + 2 : start + 4])]
    begun = time.process_time()
    for filler in (b"\xff\x00", b"\xff\xd0", b"\xff"):
        long = GOOD[:start] + header + filler * (8_000_000 // len(filler))
        assert refused(long)[Criterion.INTACT] == "truncated"
    assert time.process_time() - begun < 2


@given(st.binary(max_size=600))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_answered(data: bytes) -> None:
    assert not examine(data, limits=LIMITS).passed
    assert not examine(b"\xff\xd8\xff" + data, limits=LIMITS).passed


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_exif_is_answered(body: bytes) -> None:
    for order in (b"II*\x00", b"MM\x00*", b""):
        assert 1 <= orientation(b"Exif\x00\x00" + order + body) <= 8


def test_mutated_photos_never_raise_and_end_in_bounded_time() -> None:
    chance = random.Random(3)
    for _ in range(150):
        data = bytearray(GOOD)
        for _ in range(chance.choice((1, 3, 30))):
            where = chance.randrange(700 if chance.random() < 0.6 else len(data))
            data[where] = chance.choice((0, 0xFF, 0xD9, 0xDA, 0xC2, chance.randrange(256)))
        if chance.random() < 0.2:
            data = data[: chance.randrange(len(data))]
        begun = time.process_time()
        examine(bytes(data), limits=LIMITS)
        try:
            mended = recompress(bytes(data), limits=LIMITS)
            assert not examine(mended, limits=LIMITS).refused_measured or b"\xff\xc0" in mended
        except CannotRecompress:
            pass
        assert time.process_time() - begun < 1.5


def test_a_walk_of_a_sound_file_tells_what_a_decoder_would() -> None:
    found = read_structure(GOOD)
    height, width, *_ = simplejpeg.decode_jpeg_header(GOOD)
    assert (found.width, found.height, found.fault, found.end) == (width, height, "", len(GOOD))
    with pytest.raises(NotJpeg):
        read_structure(b"\xff\xd8")


def test_a_ribbon_is_not_searched_for_faces() -> None:
    ribbon = simplejpeg.encode_jpeg(np.zeros((9_000, 8, 3), np.uint8), 40)
    assert Criterion.ONE_FACE in examine(ribbon, limits=LIMITS).unexamined
