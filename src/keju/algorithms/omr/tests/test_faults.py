"""Every class of faults: what must be flagged is flagged, and nothing that is read is read wrongly."""

import numpy as np
import pytest

from keju.algorithms.omr import (
    CardLayout,
    CardReading,
    GreyImage,
    Marks,
    State,
    Status,
    random_marks,
    read_card,
)
from keju.algorithms.omr.refusing import Reason
from keju.algorithms.omr.simulating import CLASSES, FaultClass, Maker, harsh, scan, typical

NAMED = {
    "rotation_far": Reason.SKEWED,
    "shear_far": Reason.SHEARED,
    "stretched": Reason.STRETCHED,
    "scale_far": Reason.SCALED,
    "shift_far": Reason.SHIFTED,
    "mark_gone": Reason.MARK_MISSING,
    "two_marks_gone": Reason.NO_MARKS,
    "fold_far": Reason.STRETCHED,
    "noise_far": Reason.NOISY,
    "blur_far": Reason.BLURRED,
    "jpeg_far": Reason.COARSE_JPEG,
    "toner_far": Reason.LIGHT_TONER,
    "specks_far": Reason.DIRTY,
    "streaks": Reason.STREAK,
    "bilevel": Reason.FAINT_LOST,
    "pencil_faint": Reason.MANY_DOUBTFUL,
}
QUIET = {
    "rotation",
    "shear",
    "scale",
    "shift",
    "upside_down",
    "quarter_turn",
    "noise",
    "blur",
    "jpeg",
    "toner",
}


def silent_errors(reading: CardReading, marks: Marks, options: str) -> list[tuple[int, str, str]]:
    """Questions that the reader settled by itself and wrongly: (number, read, true)."""
    if reading.whole_card:
        return []
    pairs = zip(reading.answers, marks.truth(options), strict=True)
    return [
        (n, a.answer, true)
        for n, (a, true) in enumerate(pairs, 1)
        if a.state is not State.DOUBTFUL and a.answer != true
    ]


def one(layout: CardLayout, sheet: GreyImage, make: Maker, seed: int) -> tuple[CardReading, Marks]:
    rng = np.random.default_rng([17, seed])
    fault, pencil = make(rng)
    marks = random_marks(layout, rng, blank=0.03, double=0.03, erased=0.05)
    return read_card(scan(sheet, layout, marks, rng, fault, pencil), layout), marks


@pytest.mark.parametrize("fault", CLASSES, ids=lambda fault: fault.name)
@pytest.mark.parametrize("seed", [1, 2])
def test_fault(layout: CardLayout, sheet: GreyImage, fault: FaultClass, seed: int) -> None:
    reading, marks = one(layout, sheet, fault.make, seed)
    assert silent_errors(reading, marks, "ABCDE") == []
    assert not (fault.flagged and reading.status is Status.OK)
    assert NAMED.get(fault.name) in {None, *reading.reasons}
    if fault.name in QUIET:
        assert reading.status is Status.OK, reading.reasons
    if reading.ticket is not None:
        assert reading.ticket == "1132012345"


@pytest.mark.parametrize("make", [typical, harsh], ids=["typical", "harsh"])
def test_no_silent_error_in_mixes(layout: CardLayout, sheet: GreyImage, make: Maker) -> None:
    for seed in range(6):
        reading, marks = one(layout, sheet, make, 100 + seed)
        assert silent_errors(reading, marks, "ABCDE") == []


@pytest.mark.nightly
@pytest.mark.parametrize("make", [typical, harsh], ids=["typical", "harsh"])
def test_no_silent_error_in_many(layout: CardLayout, sheet: GreyImage, make: Maker) -> None:
    wrong = []
    for seed in range(1550):
        reading, marks = one(layout, sheet, make, 10_000 + seed)
        wrong += [(seed, *found) for found in silent_errors(reading, marks, "ABCDE")]
    assert wrong == []


def test_the_measure_of_silent_errors_can_fail(layout: CardLayout, sheet: GreyImage) -> None:
    reading, marks = one(layout, sheet, typical, 3)
    other = Marks(tuple(((a[0] + 1) % 5,) if a else (0,) for a in marks.answers))
    assert len(silent_errors(reading, other, "ABCDE")) > 150
