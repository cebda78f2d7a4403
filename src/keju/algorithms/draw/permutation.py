"""A random order that follows from a seed alone, today and in ten years, with nothing but HMAC-SHA256.

Every id gets the key HMAC-SHA256(seed, "keju/order/1" 0x00 id), of which the first eight bytes count,
big-endian; ids stand in the order of their keys, equal keys (one chance in 37 million among a million ids)
in the order of their bytes. An id is the UTF-8 of its text; a number is its decimal digits. The order
depends neither on the order in which the ids arrive nor on the version of any random generator, and adding
or withdrawing one id leaves the others as they stood to each other.
"""

import hmac
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import TypeVar

PREFIX = b"keju/order/1\x00"
KEY_BYTES = 8

Id = TypeVar("Id", int, str)


def encoded(ident: int | str) -> bytes:
    """The bytes of an id."""
    return str(ident).encode()


def sort_key(seed: bytes, ident: int | str) -> int:
    """The id's place among 2**64 possible ones, under this seed."""
    return int.from_bytes(hmac.digest(seed, PREFIX + encoded(ident), "sha256")[:KEY_BYTES], "big")


def digests(key: bytes, messages: Iterable[bytes]) -> list[bytes]:
    """HMAC-SHA256 of every message: what `hmac.digest` gives, with the key worked in once instead of each time (RFC 2104)."""
    padded = (key if len(key) <= 64 else sha256(key).digest()).ljust(64, b"\0")
    inner, outer = (sha256(bytes(byte ^ pad for byte in padded)).copy for pad in (0x36, 0x5C))
    found = []
    for message in messages:
        within, around = inner(), outer()
        within.update(message)
        around.update(within.digest())
        found.append(around.digest())
    return found


def permutation(seed: bytes, ids: Sequence[Id]) -> list[Id]:
    """The ids in the order that the seed gives them. Raises ValueError if one stands twice."""
    if len({encoded(ident) for ident in ids}) != len(ids):
        raise ValueError("an id stands twice in the list to be put in order")
    return sorted(ids, key=lambda ident: (sort_key(seed, ident), encoded(ident)))
