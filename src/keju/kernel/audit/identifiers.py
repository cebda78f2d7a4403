"""Identifiers that sort by time and cannot be guessed (RFC 9562, version 7)."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

Bits = Callable[[int], int]
#: whoever draws: the operating system, but in a scratch rehearsal
_drawn: list[Bits] = [secrets.randbits]


def uuid7(at: datetime) -> UUID:
    """48 bits of milliseconds, then 74 random bits."""
    draw = _drawn[-1]
    milliseconds = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    value = (milliseconds << 80) | (7 << 76) | (draw(12) << 64) | (2 << 62) | draw(62)
    return UUID(int=value)


@contextmanager
def drawn_from(bits: Bits) -> Iterator[None]:
    """Inside, the random bits of identifiers are `bits(n)`: the same again for the same seed (ADR 7).

    Only for a scratch database with derived keys, which is thrown away: such identifiers can be guessed.
    """
    _drawn.append(bits)
    try:
        yield
    finally:
        _drawn.remove(bits)
