"""The pool: repeatable, of both sexes, every flaw in turn, quick."""

import time

import numpy as np
import simplejpeg

from keju.algorithms.photo import PhotoLimits, examine
from keju.algorithms.synthetic.faces import GOOD, photo_pool, sex_of
from keju.algorithms.synthetic.spoilt import SPOILT

LIMITS = PhotoLimits(1.46, 0.05, 189, (230, 334), 20, 40)


def test_the_pool_is_repeatable_and_its_parts_are_independent() -> None:
    pool = photo_pool(3, 4, 3)
    assert photo_pool(3, 4, 3) == pool
    assert photo_pool(3, 2, 0) == pool[:2]
    assert len({p.jpeg for p in pool}) == len(pool)
    assert photo_pool(4, 1, 0)[0].jpeg != pool[0].jpeg


def test_good_ones_come_first_and_sexes_alternate() -> None:
    pool = photo_pool(3, 3, len(SPOILT))
    assert [p.label for p in pool[:3]] == [GOOD] * 3
    assert [p.label for p in pool[3:]] == list(SPOILT)
    assert [p.sex for p in pool] == [sex_of(i) for i in range(len(pool))]
    assert all(p.failing for p in pool[3:])
    assert not any(p.failing for p in pool[:3])


def test_people_on_the_photos_differ() -> None:
    pixels = [simplejpeg.decode_jpeg(p.jpeg).astype(float) for p in photo_pool(6, 8, 0)]
    for i, one in enumerate(pixels):
        for other in pixels[i + 1 :]:
            assert np.abs(one - other).mean() > 4


def test_a_good_photo_has_one_face_in_its_middle() -> None:
    for photo in photo_pool(9, 6, 0):
        found = examine(photo.jpeg, limits=LIMITS)
        box = next(f.box for f in found.findings if f.box is not None)
        x, y, w, h = box
        assert abs(x + w / 2 - 115) < 12
        assert 115 < y + h / 2 < 190
        assert 80 < w < 170


def test_a_photo_is_drawn_in_a_fraction_of_a_second() -> None:
    photo_pool(1, 1, 0)
    begun = time.process_time()
    photo_pool(2, 8, 0)
    assert (time.process_time() - begun) / 8 < 0.5  # 0.06 s measured; room for a busy machine
