"""Layout → PDF → raster → pencil → reading, and back to the same answers."""

import numpy as np
import pytest
import simplejpeg

from keju.algorithms.omr import (
    CardLayout,
    Degradation,
    GreyImage,
    State,
    Status,
    card_layout,
    degrade,
    fade,
    harsh,
    mark_up,
    print_cards,
    random_marks,
    rasterise,
    read_card,
    reading_hash,
    scan,
)
from keju.algorithms.omr.tests.conftest import face


def jpeg(image: GreyImage, quality: int = 80) -> bytes:
    return bytes(
        simplejpeg.encode_jpeg(np.ascontiguousarray(image)[:, :, None], quality=quality, colorspace="GRAY")
    )


def test_marked_card_reads_back(layout: CardLayout, sheet: GreyImage) -> None:
    rng = np.random.default_rng(7)
    marks = random_marks(layout, rng, blank=0.05, double=0.05)
    reading = read_card(jpeg(mark_up(sheet, layout, marks, rng)), layout)
    assert reading.status is Status.OK, reading.reasons
    assert tuple(a.answer for a in reading.answers) == marks.truth("ABCDE")
    assert reading.ticket == reading.ticket_bubbles == "1132012345"
    assert {a.state for a in reading.answers} == {State.CLEAR, State.BLANK, State.DOUBLE}


@pytest.mark.parametrize("questions", [100, 137, 150, 200])
@pytest.mark.parametrize("options", ["ABCD", "ABCDE"])
def test_every_template_reads_back(questions: int, options: str) -> None:
    layout = card_layout(questions, options, 12)
    image = fade(next(rasterise(print_cards(layout, [face("113201234567")]))))
    rng = np.random.default_rng(questions)
    marks = random_marks(layout, rng)
    reading = read_card(jpeg(mark_up(image, layout, marks, rng)), layout)
    assert reading.status is Status.OK, reading.reasons
    assert tuple(a.answer for a in reading.answers) == marks.truth(options)


@pytest.mark.rule("V17.1.0")
def test_two_runs_agree_bit_by_bit(layout: CardLayout, sheet: GreyImage) -> None:
    rng = np.random.default_rng(3)
    data = jpeg(mark_up(sheet, layout, random_marks(layout, rng), rng))
    other = jpeg(mark_up(sheet, layout, random_marks(layout, rng), rng))
    first, second = read_card(data, layout), read_card(data, layout)
    assert first == second
    assert reading_hash(first) == reading_hash(second)
    assert reading_hash(first) != reading_hash(read_card(other, layout))


@pytest.mark.parametrize("dpi", [150, 300])
def test_other_resolutions(layout: CardLayout, dpi: int) -> None:
    rng = np.random.default_rng(dpi)
    image = fade(next(rasterise(print_cards(layout, [face()]), dpi=dpi)))
    marks = random_marks(layout, rng)
    scanned = degrade(mark_up(image, layout, marks, rng), Degradation(rotation=1.0, noise=3.0, blur=0.5), rng)
    reading = read_card(jpeg(scanned), layout)
    assert reading.status is Status.OK, reading.reasons
    assert tuple(a.answer for a in reading.answers) == marks.truth("ABCDE")


def test_equal_seeds_give_equal_scans(layout: CardLayout, sheet: GreyImage) -> None:
    def make(seed: int) -> bytes:
        rng = np.random.default_rng(seed)
        fault, pencil = harsh(rng)
        return scan(sheet, layout, random_marks(layout, rng), rng, fault, pencil)

    assert make(4) == make(4)
    assert make(4) != make(5)
