"""The picture for people shows the marks where they are."""

import numpy as np

from keju.algorithms.omr import (
    CardLayout,
    Degradation,
    GreyImage,
    as_marks,
    degrade,
    mark_up,
    overlay,
    to_jpeg,
)


def test_boxes_lie_on_the_marks(layout: CardLayout, sheet: GreyImage) -> None:
    rng = np.random.default_rng(1)
    marks = as_marks([q % 5 for q in range(200)], absent=True)
    fault = Degradation(rotation=2.0, shift=(1.0, -1.0), quarter_turns=2)
    seen = overlay(to_jpeg(degrade(mark_up(sheet, layout, marks, rng), fault, rng)), layout)
    assert seen is not None

    def tone(box: tuple[float, float, float, float]) -> float:
        x, y, w, h = box
        return float(
            seen.image[int(y + h * 0.3) : int(y + h * 0.7), int(x + w * 0.3) : int(x + w * 0.7)].mean()
        )

    for q, boxes in enumerate(seen.bubbles):
        assert min(range(5), key=lambda o: tone(boxes[o])) == q % 5
    assert tone(seen.staff[0]) < 120 < tone(seen.staff[1])
    assert [min(range(10), key=lambda d: tone(place[d])) for place in seen.digits] == [
        1,
        1,
        3,
        2,
        0,
        1,
        2,
        3,
        4,
        5,
    ]


def test_nothing_to_show_of_what_is_no_card(layout: CardLayout) -> None:
    assert overlay(b"no image", layout) is None
