"""CPU seconds to hash a log of a million events, and milliseconds to prove and to verify in one of ten million.

    python bench/merkle.py

Ends with 1 if ten million events would take more than 120 s, or a proof more than 1 ms.
"""

import os
import platform
import statistics
import time
from collections.abc import Callable

from keju.algorithms.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)

EVENTS = 1_000_000
KEPT = 100_000
EVENT = bytes(300)
FAR = 9_999_999
PROOFS = 2_000


def hashed() -> float:
    """CPU seconds to hash EVENTS events of 300 bytes into a log, reporting every node."""
    frontier = Frontier()
    started = time.process_time()
    for _ in range(EVENTS):
        frontier.append(leaf_hash(EVENT))
    return time.process_time() - started


def kept() -> tuple[bytes, dict[tuple[int, int], bytes]]:
    """The root of a log of KEPT events and its nodes."""
    frontier = Frontier()
    nodes = frontier.extend(leaf_hash(EVENT) for _ in range(KEPT))
    return frontier.root(), {(level, index): digest for level, index, digest in nodes}


def milliseconds(act: Callable[[int], object]) -> float:
    """The median of one act, for numbers spread over the log."""
    times = []
    for i in range(PROOFS):
        started = time.perf_counter()
        act(1 + i * 7919 % (KEPT - 1))
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def main() -> int:
    print(f"{platform.platform()} · {os.cpu_count()} cores · Python {platform.python_version()}")
    seconds = hashed()
    root, store = kept()
    ten_million = seconds * 10
    print(f"hash 1,000,000 events: {seconds:.2f} CPU s; ten million: {ten_million:.0f} s")

    def stored(level: int, index: int) -> bytes:
        return store[level, index]

    def checked_inclusion(index: int) -> None:
        proof = inclusion_proof(index, KEPT, stored)
        leaf = leaf_hash(EVENT)
        assert verify_inclusion(index=index, size=KEPT, leaf=leaf, proof=proof, root=root)

    def checked_consistency(size: int) -> None:
        proof = consistency_proof(size, KEPT, stored)
        assert not verify_consistency(size1=size, size2=KEPT, root1=bytes(32), root2=root, proof=proof)

    acts: dict[str, Callable[[int], object]] = {
        "inclusion proof in ten million": lambda i: inclusion_proof(i, FAR, lambda level, index: EVENT[:32]),
        "consistency proof in ten million": lambda i: consistency_proof(
            i, FAR, lambda level, index: EVENT[:32]
        ),
        "inclusion, made and verified": checked_inclusion,
        "consistency, made and judged": checked_consistency,
    }
    slowest = 0.0
    for name, act in acts.items():
        taken = milliseconds(act)
        slowest = max(slowest, taken)
        print(f"{name}: {taken:.3f} ms")
    return int(ten_million > 120 or slowest > 1)


if __name__ == "__main__":
    raise SystemExit(main())
