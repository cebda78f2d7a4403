"""Which faults a season has: drawn from a seed, spread evenly over the kinds, no point twice for one kind. Pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

HALVES = (1, 2)
PACKS = 4
"""Packs of a half-day at a point; a fault of a count takes two of them."""
KINDS: dict[str, tuple[str, ...]] = {
    "missing_receipt": ("counting", "unsigned"),
    "wrong_count": ("short",),
    "broken_seal": ("broken", "other_number"),
    "same_person": ("twice", "two_entries"),
    "unqualified": ("stranger", "untrained", "left_since"),
    "late": ("journey", "unloading", "withdrawal"),
    "wrong_half_day": ("other_half_day", "other_day"),
    "keyholder_on_guard": ("key_to_guard", "behind_its_back"),
    "uncovered_hour": ("ends_early",),
    "unknown_bag": ("no_such_code", "of_another_list"),
    "duplicate_label": ("two_bags",),
    "early_opening": ("packs", "rooms"),
    "count_differs": ("paper_missing", "card_unused"),
}
COUNTED = frozenset(
    {"missing_receipt", "wrong_count", "broken_seal", "unknown_bag", "duplicate_label", "unqualified"}
)
"""These stand on a list of two packs of their own."""


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong: of which kind and in which way, at which point, in which wave of its moment.

    `pair`: which packs of the point it takes, by their places in code order.
    """

    number: int
    kind: str
    variant: str
    point: str
    wave: int
    pair: tuple[int, int] = (0, 1)


def drawn(points: Sequence[str], count: int, *, seed: int, waves: int = 1) -> list[Fault]:
    """So many faults, the kinds and their variants in turn. ValueError if there are not points or packs enough."""
    dice = random.Random(seed)
    left = {kind: dice.sample(list(points), len(points)) for kind in KINDS}
    pairs = {p: [(n, n + 1) for n in range(0, 2 * PACKS, 2)] for p in points}
    done = dict.fromkeys(KINDS, 0)
    found = []
    for number in range(count):
        kind = list(KINDS)[number % len(KINDS)]
        variants = KINDS[kind]
        able = [p for p in left[kind] if kind not in COUNTED or pairs[p]]
        if not able:
            raise ValueError(f"no point is left for {kind}")
        point = max(able, key=lambda p: len(pairs[p])) if kind in COUNTED else able[0]
        left[kind].remove(point)
        pair = pairs[point].pop() if kind in COUNTED else (0, 1)
        found.append(Fault(number, kind, variants[done[kind] % len(variants)], point, number % waves, pair))
        done[kind] += 1
    return found
