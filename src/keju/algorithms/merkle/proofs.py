"""Inclusion and consistency proofs of RFC 6962 §2.1: made from stored subtrees, verified strictly.

Making a proof reads O(log size) stored nodes and never a leaf's content. Verifying follows the walk over
the bits of index and size that RFC 9162 §2.1.3.2 and §2.1.4.2 spell out; whatever is too short, too long,
out of range or not 32 bytes is false, never an exception.
"""

from collections.abc import Callable, Sequence
from hmac import compare_digest

from keju.algorithms.merkle.tree import HASH_BYTES, node_hash

NodeReader = Callable[[int, int], bytes]
"""`(level, index)` → the stored hash of that complete subtree."""


def inclusion_proof(index: int, size: int, node: NodeReader) -> list[bytes]:
    """The audit path of leaf `index` in the tree of the first `size` leaves, from the leaf's sibling upward.

    Raises ValueError if the leaf is not in that tree; what `node` raises passes through.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _left_size(end - start)
        if index < middle:
            path.append(_range_root(middle, end, node))
            end = middle
        else:
            path.append(_range_root(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(size1: int, size2: int, node: NodeReader) -> list[bytes]:
    """Proof that the tree of `size2` leaves begins with the tree of `size1`; empty if the sizes are equal.

    Raises ValueError unless 0 < size1 ≤ size2: nothing can be proved of an empty beginning.
    """
    if not 0 < size1 <= size2:
        raise ValueError(f"no consistency proof from {size1} to {size2}")
    path: list[bytes] = []
    start, end = 0, size2
    while size1 != end:
        middle = start + _left_size(end - start)
        if size1 <= middle:
            path.append(_range_root(middle, end, node))
            end = middle
        else:
            path.append(_range_root(start, middle, node))
            start = middle
    # At start 0 the hash would be the old root itself, which the verifier holds: RFC 6962 leaves it out.
    if start > 0:
        path.append(_range_root(start, end, node))
    return path[::-1]


def verify_inclusion(*, index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """True only if `proof` proves that leaf hash `leaf` is number `index` (from 0) under `root` of `size`."""
    if not 0 <= index < size or not _all_hashes(leaf, root, *proof):
        return False
    position, last, digest = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            digest = node_hash(sibling, digest)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and compare_digest(digest, root)


def verify_consistency(*, size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> bool:
    """True only if `proof` proves that the log of `size2` under `root2` continues that of `size1`.

    From size 0 it is always false, even with an empty proof: an empty log says nothing about what follows,
    and a verifier that accepts it takes any history for a continuation.
    """
    if not 0 < size1 <= size2:
        return False
    if size1 == size2:
        return not proof and compare_digest(root1, root2)
    if not proof or not _all_hashes(root1, root2, *proof):
        return False
    # A power of two is itself a subtree of the later tree: the old root stands for the omitted first hash.
    path = [root1, *proof] if size1 & (size1 - 1) == 0 else list(proof)
    position, last = size1 - 1, size2 - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and compare_digest(old, root1) and compare_digest(new, root2)


def _left_size(count: int) -> int:
    """The largest power of two smaller than `count` (≥ 2): leaves in the left subtree."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_root(start: int, end: int, node: NodeReader) -> bytes:
    """The hash over leaves start…end-1, where `start` is where RFC 6962 would split the tree.

    Such a range is a run of complete subtrees of falling width; at most one range of a proof has several.
    """
    parts: list[bytes] = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(node(level, start >> level))
        start += 1 << level
    digest = parts.pop()
    while parts:
        digest = node_hash(parts.pop(), digest)
    return digest


def _all_hashes(*hashes: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in hashes)
