"""What each question says. The band between paper and ink belongs to a person, never to a guess."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from keju.algorithms.omr.measuring import Ink, Values

# Darkness is relative: 0 is the paper beside the bubble, 1 is black.
MARK = 0.28  # no mark is lighter than this …
MARK_OF_INK = 0.40  # … nor than this share of the sheet's own usual mark
BARE, BARE_PEAK = 0.05, 0.13  # a bubble that nobody touched, at most
RUBBED, RUBBED_PEAK = 0.14, 0.20  # an even grey that a rubber leaves, beside a firm mark
TOUCHED, TOUCHED_PEAK = 0.07, 0.40  # a small dot or speck, beside a firm mark
EQUALS = 0.60  # two marks count as a double only if the lighter has this share of the darker
USUAL = 0.55  # usual mark where a sheet has too few to tell


class State(StrEnum):
    """How sure a question is."""

    CLEAR = "clear"
    BLANK = "blank"
    DOUBLE = "double"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True)
class Answer:
    """One question: letters ("B", "" blank, "AC" double), state, and confidence from 0 to 1.

    For a doubtful question the letters are only what looks darkest, to help the person who decides.
    """

    answer: str
    state: State
    confidence: float


def ink_level(ink: Ink) -> tuple[float, int]:
    """The sheet's usual mark (median of each row's darkest bubble among firm ones) and how many there are."""
    darkest = ink.mean.max(axis=1)
    firm = darkest[darkest > MARK]
    return (float(np.median(firm)) if len(firm) >= 5 else USUAL), len(firm)


def decide(ink: Ink, options: str) -> tuple[Answer, ...]:
    """One answer per question, relative to the sheet's own ink and the paper beside the bubble."""
    usual, _ = ink_level(ink)
    mark = max(MARK, MARK_OF_INK * usual)
    firm = ink.mean >= mark
    bare = (ink.mean <= BARE) & (ink.peak <= BARE_PEAK)
    rest = (
        bare
        | ((ink.mean <= RUBBED) & (ink.peak <= RUBBED_PEAK))
        | ((ink.mean <= TOUCHED) & (ink.peak <= TOUCHED_PEAK))
    )
    count = firm.sum(axis=1)
    settled = (firm | rest).all(axis=1) & (ink.bare.max(axis=1) > 0.90)
    darkest = ink.mean.max(axis=1)
    lightest = np.where(firm, ink.mean, np.inf).min(axis=1)
    blank = bare.all(axis=1) & (ink.bare.max(axis=1) > 0.90)
    clear = settled & (count == 1)
    double = settled & (count >= 2) & (lightest >= EQUALS * darkest)
    sure = _confidence(ink, firm, mark)
    return tuple(
        _answer(
            options, firm[q], bool(blank[q]), bool(clear[q]), bool(double[q]), float(sure[q]), ink.mean[q]
        )
        for q in range(len(count))
    )


def _confidence(ink: Ink, firm: "np.ndarray", mark: float) -> Values:
    """The smallest distance of any bubble of the row to the line that it must not cross, as a share of it."""
    above = np.where(firm, (ink.mean - mark) / mark, np.inf).min(axis=1)
    below = np.where(firm, np.inf, (mark - ink.mean) / mark).min(axis=1)
    return np.asarray(np.minimum(above, below).clip(0, 1))


def _answer(
    options: str, firm: Values, blank: bool, clear: bool, double: bool, sure: float, mean: Values
) -> Answer:
    if blank:
        return Answer("", State.BLANK, round(sure, 3))
    letters = "".join(o for o, yes in zip(options, firm) if yes)
    if clear or double:
        return Answer(letters, State.CLEAR if clear else State.DOUBLE, round(sure, 3))
    return Answer(letters or options[int(mean.argmax())], State.DOUBTFUL, 0.0)
