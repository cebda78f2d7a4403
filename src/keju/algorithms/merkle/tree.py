"""Merkle tree hashing of RFC 6962 §2.1 with SHA-256, and the frontier of a growing tree.

A *complete subtree* `(level, index)` covers the leaves `index << level` to `((index + 1) << level) - 1`;
level 0 holds the leaf hashes. Once complete it never changes, so whoever stores these nodes can prove
anything about any past size without reading a leaf again.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Self

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


Node = tuple[int, int, bytes]
"""One complete subtree: its level (0 = leaf), its index in that level, its hash of 32 bytes."""


def leaf_hash(data: bytes) -> bytes:
    """SHA-256 over 0x00 and the leaf's bytes: no leaf can be passed off as an inner node."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 over 0x01 and both children. Both must be 32 bytes, else two trees could share a hash."""
    if len(left) != HASH_BYTES or len(right) != HASH_BYTES:
        raise ValueError("a child hash is not 32 bytes long")
    return sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The tree head over these leaf hashes in order; of no leaves, the SHA-256 of nothing."""
    frontier = Frontier()
    for leaf in leaf_hashes:
        frontier.append(leaf)
    return frontier.root()


class Frontier:
    """The right edge of a tree of `size` leaves: one hash per set bit of the size, widest first.

    Enough to append for ever and to give the root at any moment, in O(log size) memory.
    """

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees that make up the tree, widest first."""
        return tuple(self._peaks)

    def append(self, leaf: bytes) -> list[Node]:
        """Add one leaf hash. Returns every subtree that this completes, lowest first, to be stored.

        The first is always the leaf itself. Raises ValueError if the leaf hash is not 32 bytes.
        """
        if len(leaf) != HASH_BYTES:
            raise ValueError("a leaf hash is not 32 bytes long")
        level, index, digest = 0, self.size, leaf
        completed = [(0, index, digest)]
        while index & 1:
            digest = sha256(b"\x01" + self._peaks.pop() + digest).digest()
            level += 1
            index >>= 1
            completed.append((level, index, digest))
        self._peaks.append(digest)
        self.size += 1
        return completed

    def extend(self, leaves: Iterable[bytes]) -> list[Node]:
        """Add leaf hashes in order. Returns every subtree that they complete, in order of completion."""
        completed: list[Node] = []
        for leaf in leaves:
            completed += self.append(leaf)
        return completed

    def root(self) -> bytes:
        """The tree head at the present size."""
        if not self._peaks:
            return EMPTY_ROOT
        digest = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            digest = sha256(b"\x01" + peak + digest).digest()
        return digest

    def to_hex(self) -> list[str]:
        """The peaks as hex, for storing beside the size. `from_hex(size, …)` gives the same frontier."""
        return [peak.hex() for peak in self._peaks]

    @classmethod
    def from_hex(cls, size: int, peaks: Sequence[str]) -> Self:
        """The frontier stored as `size` and `to_hex()`.

        Raises ValueError unless there is exactly one hash of 32 bytes per set bit of the size.
        """
        if size < 0 or size.bit_count() != len(peaks):
            raise ValueError(f"a tree of {size} leaves does not have {len(peaks)} peaks")
        decoded = [bytes.fromhex(peak) for peak in peaks]
        if any(len(peak) != HASH_BYTES for peak in decoded):
            raise ValueError("a peak is not 32 bytes long")
        frontier = cls()
        frontier.size = size
        frontier._peaks = decoded
        return frontier
