"""Eight letters for a number: different for every number, not to be guessed without the key, a slip of the pen shows.

The number (below 2**34) is put through a Feistel network of eight rounds with HMAC-SHA256 (Luby & Rackoff 1988), so that two
numbers never have the same letters and nothing needs to be stored: whoever has the key turns letters back into the number.
Seven letters of five bits hold the 34 bits and one that is always zero. The eighth is a check over GF(32): one wrong letter
or two neighbours exchanged never fit. Of the 32**8 strings one in 64 is a mark at all.
"""

import hmac
from collections.abc import Iterator
from itertools import product

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without I, O, 0 and 1
LENGTH = 8
UNKNOWN = "?"
MOST_UNKNOWN = 2
HALF, ROUNDS = 17, 8
LIMIT = 1 << (2 * HALF)
_MASK = (1 << HALF) - 1
_VALUE = {letter: n for n, letter in enumerate(ALPHABET)}
_POLYNOMIAL = 0b100101  # x⁵ + x² + 1, primitive


def mark_of(key: bytes, number: int) -> str:
    """The letters of the number. ValueError if it is not below 2**34."""
    if not 0 <= number < LIMIT:
        raise ValueError(f"no letters for {number}")
    left, right = number >> HALF, number & _MASK
    for at in range(ROUNDS):
        left, right = right, left ^ _round(key, at, right)
    mixed = left << HALF | right
    values = [mixed >> 5 * place & 31 for place in range(LENGTH - 1)]
    return "".join(ALPHABET[v] for v in (*values, _check(values)))


def number_of(key: bytes, mark: str) -> int | None:
    """The number whose letters these are; None if they are no mark."""
    values = [_VALUE.get(letter, -1) for letter in mark]
    if len(values) != LENGTH or min(values) < 0 or _check(values[:-1]) != values[-1]:
        return None
    mixed = sum(v << 5 * place for place, v in enumerate(values[:-1]))
    if mixed >= LIMIT:
        return None
    left, right = mixed >> HALF, mixed & _MASK
    for at in reversed(range(ROUNDS)):
        left, right = right ^ _round(key, at, left), left
    return left << HALF | right


def completions(key: bytes, partly: str) -> Iterator[int]:
    """The numbers whose letters fit what could be read, "?" for each letter that could not. ValueError above two of those."""
    gaps = [place for place, letter in enumerate(partly) if letter == UNKNOWN]
    if len(gaps) > MOST_UNKNOWN:
        raise ValueError("too many letters are unknown")
    letters = list(partly)
    for filling in product(ALPHABET, repeat=len(gaps)):
        for place, letter in zip(gaps, filling, strict=True):
            letters[place] = letter
        number = number_of(key, "".join(letters))
        if number is not None:
            yield number


def _round(key: bytes, at: int, half: int) -> int:
    return (
        int.from_bytes(hmac.digest(key, bytes([at]) + half.to_bytes(3, "big"), "sha256")[:3], "big") & _MASK
    )


def _check(values: list[int]) -> int:
    """Such that the sum of α**place · letter over all eight is zero, the check at place 0."""
    total = 0
    for value in reversed(values):
        total = _times_alpha(total ^ value)
    return total


def _times_alpha(value: int) -> int:
    value <<= 1
    return value ^ _POLYNOMIAL if value & 32 else value
