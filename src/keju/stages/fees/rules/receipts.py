"""V5.1.2: stamped receipts run through their ranges, one by one. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from keju.rulebook import Refusal, rule


@rule("V5.1.2")
def check_range(first: int, last: int, known: Iterable[tuple[int, int]]) -> Iterator[Refusal]:
    """Numbers of receipts run upwards and belong to one range only."""
    if not 0 < first <= last:
        yield Refusal("V5.1.2", "fees_range_empty", field="last")
        return
    for other_first, other_last in known:
        if first <= other_last and other_first <= last:
            yield Refusal(
                "V5.1.2", "fees_range_overlap", {"first": other_first, "last": other_last}, field="first"
            )


@rule("V5.1.2")
def check_receipts(wanted: int, left: int, region: str) -> Iterator[Refusal]:
    """Each payment takes the next number of a registered range; none is invented."""
    if left < wanted:
        yield Refusal("V5.1.2", "fees_receipts_used_up", {"left": left, "wanted": wanted, "region": region})


@rule("V5.1.2")
def receipt_flaws(first: int, following: int, used: Sequence[int]) -> tuple[list[int], list[int]]:
    """(missing, doubled) numbers of a range whose next number is `following`; both empty when all is well."""
    times = Counter(used)
    return [n for n in range(first, following) if n not in times], sorted(n for n in times if times[n] > 1)
