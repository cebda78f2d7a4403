"""Who takes which shift, so that hours differ as little as may be: a proposal that anybody can recompute.

Slots are filled in the order of time by whoever has worked least (list scheduling; Graham, "Bounds on multiprocessing
timing anomalies", SIAM J. Appl. Math. 17, 1969), holes are mended by chains of exchange, and then single slots are moved
or swapped while the hours come closer. A bounded search afterwards finds what is better or proves that nothing is. No
clock and no random generator has a say: equals stand in the order of HMAC-SHA256 under the seed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from keju.algorithms.draw import permutation
from keju.algorithms.rosters.spans import Span, merged, stretches

Hindrance = Literal["busy", "rest", "long"]
NODES = 20_000
"""Steps of the search before it gives up proving; some tenths of a second."""
DEEPEST = 500
"""Slots beyond which it does not begin: each is one call deeper."""


@dataclass(frozen=True)
class Worker:
    """Somebody who may be given slots. `busy`: shifts elsewhere that stand; their hours count."""

    key: str
    busy: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Terms:
    """A stretch of work lasts `longest` minutes at most, breaks shorter than `rest` included."""

    rest: int
    longest: int


@dataclass(frozen=True)
class Hole:
    """Nobody can take the slot at this place of the list; `why`: how many people each thing hinders."""

    slot: int
    why: Mapping[Hindrance, int] = field(hash=False)


@dataclass(frozen=True)
class Proposal:
    """`given[n]`: who has slot n, None where there is a hole. `minutes`: of everybody, with those elsewhere.

    `proven`: no proposal leaves fewer minutes open, nor as few with hours closer together.
    """

    given: tuple[str | None, ...]
    holes: tuple[Hole, ...]
    minutes: Mapping[str, int] = field(hash=False)
    proven: bool

    @property
    def difference(self) -> int:
        """Minutes between who works most and who works least; 0 of nobody."""
        return max(self.minutes.values(), default=0) - min(self.minutes.values(), default=0)


def hindrance(spans: Sequence[Span], new: Span, terms: Terms) -> Hindrance | None:
    """Why somebody with these shifts cannot take the new one; None if they can. Old faults among `spans` do not count."""
    if any(span.overlaps(new) for span in spans):
        return "busy"
    mine = next(s for s in stretches([*spans, new], terms.rest) if s.overlaps(new))
    if mine.minutes <= terms.longest:
        return None
    straight = next(s for s in merged([*spans, new]) if s.overlaps(new))
    return "long" if straight.minutes > terms.longest else "rest"


def propose(slots: Sequence[Span], workers: Sequence[Worker], terms: Terms, seed: bytes) -> Proposal:
    """Every slot to one worker who can take it: as few minutes open as was found, then hours as close as was found.

    The same for the same slots, workers, terms and seed (16 bytes or more), in whatever order the workers come.
    ValueError for two workers of the same key.
    """
    table = _Table(slots, _in_order(workers, seed), terms)
    for n in table.order:
        table.fill(n)
    for n in table.order:
        if table.given[n] is None:
            table.mend(n)
    table.even_out()
    proven = table.at_bound() or table.search()
    given = tuple(None if w is None else table.keys[w] for w in table.given)
    holes = tuple(table.hole(n) for n, w in enumerate(table.given) if w is None)
    return Proposal(given, holes, dict(zip(table.keys, table.loads, strict=True)), proven)


def _in_order(workers: Sequence[Worker], seed: bytes) -> list[Worker]:
    by_key = {worker.key: worker for worker in workers}
    if len(by_key) < len(workers):
        raise ValueError("two workers have the same key")
    return [by_key[key] for key in permutation(seed, sorted(by_key))]


class _Table:
    """Slots, workers by number, and who has which slot at the moment."""

    def __init__(self, slots: Sequence[Span], workers: Sequence[Worker], terms: Terms) -> None:
        self.slots, self.terms = list(slots), terms
        self.keys = [worker.key for worker in workers]
        self.work = [list(worker.busy) for worker in workers]
        self.loads = [sum(span.minutes for span in worker.busy) for worker in workers]
        self.order = sorted(range(len(slots)), key=lambda n: (slots[n], n))
        self.given: list[int | None] = [None] * len(slots)

    def can(self, w: int, n: int) -> bool:
        return hindrance(self.work[w], self.slots[n], self.terms) is None

    def give(self, n: int, w: int) -> None:
        self.given[n] = w
        self.work[w].append(self.slots[n])
        self.loads[w] += self.slots[n].minutes

    def take(self, n: int) -> int:
        w = self.given[n]
        assert w is not None
        self.given[n] = None
        self.work[w].remove(self.slots[n])
        self.loads[w] -= self.slots[n].minutes
        return w

    def by_load(self) -> list[int]:
        return sorted(range(len(self.keys)), key=lambda w: (self.loads[w], w))

    def fill(self, n: int) -> bool:
        """The slot goes to whoever has worked least and can take it."""
        for w in self.by_load():
            if self.can(w, n):
                self.give(n, w)
                return True
        return False

    def mend(self, n: int) -> bool:
        """Somebody takes the slot after handing one of theirs to another."""
        for w in self.by_load():
            mine = [m for m, owner in enumerate(self.given) if owner == w]
            for m in mine:
                self.take(m)
                if self.can(w, n):
                    self.give(n, w)
                    if self.fill(m):
                        return True
                    self.take(n)
                self.give(m, w)
        return False

    def even_out(self) -> None:
        """Moves and swaps while the sum of the squares of the hours falls; each step lowers it, so it ends."""
        while self._move() or self._swap():
            pass

    def _move(self) -> bool:
        for n in self.order:
            w, size = self.given[n], self.slots[n].minutes
            if w is None:
                continue
            for v in self.by_load():
                if self.loads[v] + size >= self.loads[w]:
                    break
                if self.can(v, n):
                    self.take(n)
                    self.give(n, v)
                    return True
        return False

    def _swap(self) -> bool:
        for n in self.order:
            for m in self.order:
                w, v = self.given[n], self.given[m]
                more = self.slots[n].minutes - self.slots[m].minutes
                if w is None or v is None or more <= 0 or self.loads[v] + more >= self.loads[w]:
                    continue
                self.take(n)
                self.take(m)
                if self.can(v, n) and self.can(w, m):
                    self.give(n, v)
                    self.give(m, w)
                    return True
                self.give(n, w)
                self.give(m, v)
        return False

    def worth(self) -> tuple[int, int]:
        """(minutes open, minutes between most and least): less is better."""
        left = sum(self.slots[n].minutes for n, w in enumerate(self.given) if w is None)
        return left, max(self.loads, default=0) - min(self.loads, default=0)

    def at_bound(self) -> bool:
        """Whether nothing is open and slots of one length could not be shared out more evenly, whoever could take them."""
        sizes = {slot.minutes for slot in self.slots}
        left, difference = self.worth()
        if left or len(sizes) > 1 or not self.keys:
            return not self.slots
        loads = [load - _held(self, w) for w, load in enumerate(self.loads)]
        for _ in self.slots:
            least = min(range(len(loads)), key=loads.__getitem__)
            loads[least] += next(iter(sizes))
        return difference <= max(loads) - min(loads)

    def search(self) -> bool:
        """Depth first through every proposal; the best found stays. False if the steps ran out before the end."""
        if len(self.slots) > DEEPEST:
            return False
        search = _Search(self)
        done = search.run()
        self._restore(search.best)
        return done

    def _restore(self, given: Sequence[int | None]) -> None:
        for n in self.order:
            if self.given[n] is not None:
                self.take(n)
        for n, w in enumerate(given):
            if w is not None:
                self.give(n, w)

    def hole(self, n: int) -> Hole:
        found = Counter(hindrance(work, self.slots[n], self.terms) for work in self.work)
        return Hole(n, {why: count for why, count in sorted(found.items(), key=str) if why is not None})


def _held(table: _Table, w: int) -> int:
    return sum(table.slots[n].minutes for n, owner in enumerate(table.given) if owner == w)


class _Search:
    """Branch and bound over the slots in the order of time. Workers who stand alike are tried once."""

    def __init__(self, table: _Table) -> None:
        self.table, self.steps = table, 0
        self.best, self.worth = list(table.given), table.worth()
        self.left = [0] * (len(table.slots) + 1)
        for place in range(len(table.slots) - 1, -1, -1):
            self.left[place] = self.left[place + 1] + table.slots[table.order[place]].minutes

    def run(self) -> bool:
        for n in self.table.order:
            if self.table.given[n] is not None:
                self.table.take(n)
        return self._descend(0, 0)

    def _descend(self, place: int, open_: int) -> bool:
        self.steps += 1
        if self.steps > NODES:
            return False
        table = self.table
        if place == len(table.order):
            worth = (open_, max(table.loads, default=0) - min(table.loads, default=0))
            if worth < self.worth:
                self.best, self.worth = list(table.given), worth
            return True
        if (open_, self._least_difference(place)) >= self.worth:
            return True
        n, tried = table.order[place], set()
        for w in table.by_load():
            alike = tuple(sorted(table.work[w]))
            if alike in tried or not table.can(w, n):
                continue
            tried.add(alike)
            table.give(n, w)
            done = self._descend(place + 1, open_)
            table.take(n)
            if not done:
                return False
        return self._descend(place + 1, open_ + table.slots[n].minutes)

    def _least_difference(self, place: int) -> int:
        """No less can it become: who works most works no less, who works least gets no more than all that is left."""
        loads = self.table.loads
        if not loads:
            return 0
        return max(
            0, max(loads) - min(min(loads) + self.left[place], (sum(loads) + self.left[place]) // len(loads))
        )
