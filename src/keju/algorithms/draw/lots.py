"""Drawing by lot so that nobody need trust the machine (V15.3.2).

Beforehand the seed is drawn from real randomness, its commitment published and the list fixed. At the draw
the seed is opened; whoever has the commitment, the seed and the list recomputes the result. The list must be
fixed before the seed is known to anybody: who knows the seed could leave out items until he likes the order.
"""

from collections.abc import Sequence
from hashlib import sha256
from hmac import compare_digest

from keju.algorithms.draw.permutation import Id, permutation

MIN_SEED_BYTES = 16
"""Fewer could be guessed by trying them against the published commitment."""

_PREFIX = b"keju/draw/1\x00"


def commit(seed: bytes) -> str:
    """What is published before the draw: 64 hex digits that fix the seed and do not tell it.

    Raises ValueError for a seed shorter than 16 bytes.
    """
    if len(seed) < MIN_SEED_BYTES:
        raise ValueError(f"the seed of a draw has at least {MIN_SEED_BYTES} bytes")
    return sha256(_PREFIX + seed).hexdigest()


def draw(seed: bytes, items: Sequence[Id]) -> list[Id]:
    """The items in the order in which the lot takes them; the same for any order in which they were listed.

    Raises ValueError for a short seed or an item that stands twice.
    """
    commit(seed)
    return permutation(seed, items)


def verify(commitment: str, seed: bytes, items: Sequence[Id], order: Sequence[Id]) -> bool:
    """True only if the seed is the one committed to and gives exactly this order of exactly these items."""
    try:
        opened, drawn = commit(seed), draw(seed, items)
    except ValueError:
        return False
    return compare_digest(opened.encode(), commitment.encode()) and drawn == list(order)
