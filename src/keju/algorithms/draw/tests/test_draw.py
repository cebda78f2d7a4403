"""The draw is fixed by its seed, checked by anybody, and fair."""

import hmac
from collections import Counter
from hashlib import sha256
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.draw import commit, draw, permutation, sort_key, verify

SEED = bytes(range(32))
ROOMS = ["001", "002", "003", "004", "005"]
lists = st.lists(st.text(max_size=5), unique=True, max_size=30)


@pytest.mark.rule("V15.3.2")
def test_the_draw_recomputed_by_hand() -> None:
    def key(room: str) -> bytes:
        return hmac.new(SEED, b"keju/order/1\x00" + room.encode(), sha256).digest()

    assert draw(SEED, ROOMS) == sorted(ROOMS, key=key)
    # Never to change: draws already published are recomputed by it.
    assert draw(SEED, ROOMS) == ["003", "005", "002", "001", "004"]
    assert commit(SEED) == sha256(b"keju/draw/1\x00" + SEED).hexdigest()


@pytest.mark.rule("V15.3.2")
def test_only_the_honest_protocol_verifies() -> None:
    order = draw(SEED, ROOMS)
    assert verify(commit(SEED), SEED, ROOMS, order)
    assert verify(commit(SEED), SEED, ROOMS[::-1], order)
    assert not verify(commit(bytes(32)), SEED, ROOMS, order)
    assert not verify(commit(SEED), bytes(32), ROOMS, order)
    assert not verify(commit(SEED), SEED, ROOMS[:-1], order)
    assert not verify(commit(SEED), SEED, ROOMS, order[::-1])
    assert not verify(commit(SEED), SEED, ROOMS, order[:-1])
    assert not verify(commit(SEED), SEED, [*ROOMS, "001"], order)
    assert not verify(commit(SEED), SEED[:15], ROOMS, order)
    assert not verify("é", SEED, ROOMS, order)


@given(lists, st.randoms(use_true_random=False))
def test_the_order_of_the_list_does_not_matter(items: list[str], random: object) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert draw(SEED, shuffled) == draw(SEED, items)
    assert sorted(draw(SEED, items)) == sorted(items)


@given(lists.filter(bool), st.data())
def test_a_withdrawal_moves_nobody_else(items: list[str], data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(items))
    rest = [item for item in items if item != gone]
    assert draw(SEED, rest) == [item for item in draw(SEED, items) if item != gone]


def test_numbers_are_their_digits() -> None:
    assert permutation(SEED, [1, 2, 3]) == [int(text) for text in permutation(SEED, ["1", "2", "3"])]
    assert sort_key(SEED, 12) == sort_key(SEED, "12")


def test_every_order_is_about_as_frequent() -> None:
    rounds = 6000
    seen = Counter(tuple(draw(i.to_bytes(16, "big"), ["a", "b", "c"])) for i in range(rounds))
    expected = rounds / 6
    chi_square = sum((seen[order] - expected) ** 2 / expected for order in permutations("abc"))
    assert (
        chi_square < 20.5
    )  # 5 degrees of freedom: exceeded by one fair generator in a thousand; seeds are fixed


def test_short_seeds_and_doubles_are_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        commit(bytes(15))
    with pytest.raises(ValueError, match="16 bytes"):
        draw(bytes(15), ROOMS)
    with pytest.raises(ValueError, match="twice"):
        draw(SEED, ["a", "a"])
