"""The frontier and the proofs against the recursive definitions of RFC 6962."""

import time
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

Store = dict[tuple[int, int], bytes]
leaves_of = st.lists(st.binary(max_size=3), max_size=70)


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def naive(data: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, word for word."""
    if not data:
        return sha256().digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = split(len(data))
    return sha256(b"\x01" + naive(data[:k]) + naive(data[k:])).digest()


def naive_path(m: int, data: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 §2.1.1."""
    if len(data) == 1:
        return []
    k = split(len(data))
    if m < k:
        return [*naive_path(m, data[:k]), naive(data[k:])]
    return [*naive_path(m - k, data[k:]), naive(data[:k])]


def naive_subproof(m: int, data: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962 §2.1.2."""
    if m == len(data):
        return [] if whole else [naive(data)]
    k = split(len(data))
    if m <= k:
        return [*naive_subproof(m, data[:k], whole), naive(data[k:])]
    return [*naive_subproof(m - k, data[k:], False), naive(data[:k])]


def stored(data: list[bytes]) -> tuple[Frontier, Store]:
    frontier = Frontier()
    nodes = frontier.extend(leaf_hash(item) for item in data)
    store = {(level, index): digest for level, index, digest in nodes}
    assert len(store) == len(nodes), "a subtree was reported twice"
    return frontier, store


def numbered(count: int) -> list[bytes]:
    return [str(i).encode() for i in range(count)]


@given(leaves_of)
def test_root_is_the_recursive_definition(data: list[bytes]) -> None:
    frontier, _ = stored(data)
    assert frontier.root() == root(leaf_hash(item) for item in data) == naive(data)
    assert frontier.size == len(data)


def test_empty_tree() -> None:
    assert Frontier().root() == EMPTY_ROOT == sha256(b"").digest()


@given(leaves_of)
def test_reported_nodes_are_exactly_the_complete_subtrees(data: list[bytes]) -> None:
    _, store = stored(data)
    expected = {
        (level, index): naive(data[index << level : (index + 1) << level])
        for level in range(8)
        for index in range(len(data) >> level)
    }
    assert store == expected


@pytest.mark.parametrize("size", [*range(1, 34), 64, 65, 100])
def test_every_inclusion_proof(size: int) -> None:
    data = numbered(size)
    _, store = stored(data + numbered(7))
    head = naive(data)
    for index in range(size):
        proof = inclusion_proof(index, size, lambda level, i: store[level, i])
        assert proof == naive_path(index, data)
        leaf = leaf_hash(data[index])
        assert verify_inclusion(index=index, size=size, leaf=leaf, proof=proof, root=head)
        for wrong in range(-1, size + 1):
            if wrong != index:
                assert not verify_inclusion(index=wrong, size=size, leaf=leaf, proof=proof, root=head)


@pytest.mark.parametrize("size2", [*range(1, 34), 64, 65, 100])
def test_every_consistency_proof(size2: int) -> None:
    data = numbered(size2)
    _, store = stored(data)
    for size1 in range(1, size2 + 1):
        proof = consistency_proof(size1, size2, lambda level, i: store[level, i])
        assert proof == naive_subproof(size1, data, True)
        old, new = naive(data[:size1]), naive(data)

        def accepts(m: int, n: int, first: bytes, second: bytes, path: list[bytes]) -> bool:
            return verify_consistency(size1=m, size2=n, root1=first, root2=second, proof=path)

        assert accepts(size1, size2, old, new, proof)
        assert not accepts(size1, size2, bytes(32), new, proof)
        assert not accepts(size1, size2, old, bytes(32), proof)
        assert not accepts(size1, size2, old, new, [*proof, bytes(32)])
        assert not proof or not accepts(size1, size2, old, new, proof[:-1])
        assert not accepts(0, size2, EMPTY_ROOT, new, proof)


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_a_rewritten_past_has_no_consistency_proof(size1: int, more: int, data: st.DataObject) -> None:
    honest = numbered(size1 + more)
    forged = list(honest)
    forged[data.draw(st.integers(0, size1 - 1))] = b"forged"
    _, store = stored(forged)
    proof = consistency_proof(size1, len(forged), lambda level, i: store[level, i])
    old, new = naive(honest[:size1]), naive(forged)
    assert not verify_consistency(size1=size1, size2=len(forged), root1=old, root2=new, proof=proof)


@given(st.integers(1, 60), st.data())
def test_a_flipped_bit_in_a_proof_is_refused(size: int, data: st.DataObject) -> None:
    items = numbered(size)
    _, store = stored(items)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, lambda level, i: store[level, i])
    parts = [leaf_hash(items[index]), naive(items), *proof]
    place = data.draw(st.integers(0, len(parts) - 1))
    at = data.draw(st.integers(0, 255))
    changed = bytearray(parts[place])
    changed[at // 8] ^= 1 << at % 8
    parts[place] = bytes(changed)
    leaf, head, *path = parts
    assert not verify_inclusion(index=index, size=size, leaf=leaf, proof=path, root=head)


@given(leaves_of, leaves_of)
def test_a_stored_frontier_goes_on_as_if_never_stored(first: list[bytes], second: list[bytes]) -> None:
    frontier, _ = stored(first)
    again = Frontier.from_hex(frontier.size, frontier.to_hex())
    assert again.extend(map(leaf_hash, second)) == frontier.extend(map(leaf_hash, second))
    assert again.root() == naive(first + second)


@pytest.mark.parametrize(
    ("size", "peaks"), [(1, []), (3, ["00" * 32]), (1, ["00" * 31]), (-1, []), (1, ["zz" * 32])]
)
def test_a_damaged_frontier_is_refused(size: int, peaks: list[str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Frontier.from_hex(size, peaks)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_no_inclusion_proof_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="not in a tree"):
        inclusion_proof(index, size, lambda level, i: bytes(32))


@pytest.mark.parametrize(("size1", "size2"), [(0, 3), (4, 3), (-1, 3)])
def test_no_consistency_proof_from_nothing_or_backwards(size1: int, size2: int) -> None:
    with pytest.raises(ValueError, match="no consistency proof"):
        consistency_proof(size1, size2, lambda level, i: bytes(32))


def test_hashes_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        node_hash(b"", bytes(32))
    with pytest.raises(ValueError, match="32 bytes"):
        Frontier().append(b"short")


@given(st.integers(1, 10_000_000), st.data())
def test_proofs_in_a_log_of_ten_million_read_few_nodes_and_take_under_a_millisecond(
    size: int, data: st.DataObject
) -> None:
    asked: list[tuple[int, int]] = []

    def node(level: int, index: int) -> bytes:
        assert (index + 1) << level <= size, "asked for a subtree that is not complete"
        asked.append((level, index))
        return bytes(32)

    index = data.draw(st.integers(0, size - 1))
    best = 1.0
    for _ in range(3):
        started = time.process_time()
        inclusion_proof(index, size, node)
        consistency_proof(index + 1, size, node)
        best = min(best, time.process_time() - started)
    assert len(asked) <= 3 * 2 * 2 * 24
    assert best < 0.001
