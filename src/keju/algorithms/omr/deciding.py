"""What each question says. The band between paper and ink belongs to a person, never to a guess."""

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from keju.algorithms.omr.measuring import Ink, Values

# Darkness is relative: 0 is the paper beside the bubble, 1 is black.
MARK = 0.28  # no mark is lighter than this …
MARK_OF_INK = 0.40  # … nor than this share of the sheet's own usual mark
FULL = 0.30  # a mark's lightest part has at least this share of its mean; a tick or a stroke has not
BARE, BARE_PEAK = (
    0.022,
    (0.066, 0.12),
)  # a bubble that nobody touched: 99.5 % of them are below 0.013 and 0.04
RUBBED, RUBBED_PEAK = 0.125, 0.17  # what a rubber leaves, beside a firm mark: faint …
EVEN, EVEN_MORE = 1.6, 0.02  # … and even: peak at most 1.6 × mean + 0.02
USUAL_PEAKS = 2.8  # what printed letters leave after subtraction: this many times the sheet's median, at most
TOUCHED, TOUCHED_PEAK = 0.045, 0.22  # a small speck, beside a firm mark
WELL_ABOVE = 1.15  # and both are this much darker than the lightest mark: the rim of a stain is not
SOLID = 0.50  # in a double both marks are filled more evenly than a stray line
EQUALS = 0.60  # two marks count as a double only if the lighter has this share of the darker
USUAL = 0.55  # usual mark where a sheet has too few to tell


class State(StrEnum):
    """How sure a question is."""

    CLEAR = "clear"
    BLANK = "blank"
    DOUBLE = "double"
    DOUBTFUL = "doubtful"


class Answer(NamedTuple):
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
    firm = (ink.mean >= mark) & (ink.low >= FULL * ink.mean)
    print_rest = min(max(USUAL_PEAKS * float(np.median(ink.peak)), BARE_PEAK[0]), BARE_PEAK[1])
    bare = (ink.mean <= BARE) & (ink.peak <= print_rest)
    mean, peak = ink.mean / ink.contrast, ink.peak / ink.contrast
    rubbed = (mean <= RUBBED) & (peak <= np.minimum(RUBBED_PEAK, EVEN * mean + EVEN_MORE))
    rest = bare | rubbed | ((mean <= TOUCHED) & (peak <= TOUCHED_PEAK))
    count = firm.sum(axis=1)
    settled = (firm | rest).all(axis=1) & (ink.bare.max(axis=1) > 0.90)
    darkest = ink.mean.max(axis=1)
    lightest = np.where(firm, ink.mean, np.inf).min(axis=1)
    blank = bare.all(axis=1) & (ink.bare.max(axis=1) > 0.90)
    clear = settled & (count == 1)
    solid = (~firm | (ink.low >= SOLID * ink.mean)).all(axis=1)
    alike = (lightest >= EQUALS * darkest) & (lightest >= WELL_ABOVE * mark)
    double = settled & (count >= 2) & solid & alike
    states = np.full(len(count), 3)
    states[double], states[clear], states[blank] = 2, 1, 0
    letters = _letters(firm, options)
    likely = [options[o] for o in ink.mean.argmax(axis=1).tolist()]
    sure = np.where(states == 3, 0.0, _confidence(ink, firm, mark).round(3)).tolist()
    return tuple(
        Answer(chosen if chosen or not state else guess, _STATES[state], confidence)
        for chosen, guess, state, confidence in zip(letters, likely, states.tolist(), sure)
    )


_STATES = (State.BLANK, State.CLEAR, State.DOUBLE, State.DOUBTFUL)


def _letters(firm: NDArray[np.bool_], options: str) -> list[str]:
    """The letters of every row's firm marks."""
    words = ["".join(o for n, o in enumerate(options) if code >> n & 1) for code in range(2 ** len(options))]
    codes = firm @ (1 << np.arange(len(options)))
    return [words[code] for code in codes.tolist()]


def _confidence(ink: Ink, firm: NDArray[np.bool_], mark: float) -> Values:
    """The smallest distance of any bubble of the row to the line that it must not cross, as a share of it."""
    above = np.where(firm, (ink.mean - mark) / mark, np.inf).min(axis=1)
    below = np.where(firm, np.inf, (mark - ink.mean) / mark).min(axis=1)
    return np.asarray(np.minimum(above, below).clip(0, 1))
