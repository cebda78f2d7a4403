"""The choice as a mixed integer programme for HiGHS: one host for each point, chosen and bounded from below.

Single-source capacitated facility location (Cornuéjols, Nemhauser, Wolsey: The uncapacitated facility location problem, in
Mirchandani and Francis, Discrete Location Theory, Wiley 1990; Holmberg, Rönnqvist, Yuan: An exact algorithm for the
capacitated facility location problems with single sourcing, EJOR 113, 1999), strong formulation: a link x ≤ y for every arc
instead of one for every host. Three things are added: a host serves itself (x_jj is y_j), what a host lacks of the minimum
costs instead of being forbidden, and nobody is sent past a nearer host to fill a farther one.

Columns: y for every point that may host, for those with too few candidates of their own z (hosts too few) and s (how many
it lacks), x for every arc to another point. The solver is HiGHS (Huangfu and Hall, Mathematical Programming
Computation 10, 2018).
"""

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from keju.algorithms.siting.problem import Terms

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
INFINITE = highspy.kHighsInf
NOTHING = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
TIE = 0.25
"""All that the preference for lower codes may add to the cost, which is whole: it decides between equals only."""


@dataclass(frozen=True)
class Given:
    """Arrays over n points in code order. `km` (n, n); `limit`: places of each as a host; `known`: whether they are fewer
    than serials, so that it may be full; `may`: may host; `must`: hosts; `to`: where it is sent, -1 if free."""

    codes: tuple[str, ...]
    candidates: Ints
    km: Ints
    limit: Ints
    known: NDArray[np.bool_]
    may: NDArray[np.bool_]
    must: NDArray[np.bool_]
    to: Ints
    terms: Terms

    @property
    def size(self) -> int:
        return len(self.candidates)

    def allowed(self, *, within: bool = True) -> NDArray[np.bool_]:
        """Arcs (n, n) to others that are not ruled out beforehand, `within` the places of the host or not."""
        arcs = np.broadcast_to(self.may, (self.size, self.size)) & ~self.must[:, None]
        if within:
            arcs = arcs & (self.candidates[:, None] + self.candidates <= self.limit)
        sent = self.to >= 0
        arcs[sent] &= np.arange(self.size) == self.to[sent, None]
        np.fill_diagonal(arcs, False)
        return arcs


@dataclass(frozen=True)
class Arcs:
    """Pairs that the programme may use: `point` is sent to `host`, both as places in code order."""

    point: Ints
    host: Ints

    @staticmethod
    def of(allowed: NDArray[np.bool_]) -> "Arcs":
        point, host = np.nonzero(allowed)
        return Arcs(point.astype(np.int64), host.astype(np.int64))


@dataclass(frozen=True)
class Answer:
    """`to` (n,): the host of each point, empty if none was found; what it costs, the preference for lower codes included.
    `bound`: nothing over these arcs costs less, infinite if nothing is possible over them. `over` (n,): places that each
    host lacks, where that was asked."""

    to: Ints
    cost: float
    bound: float
    over: Ints


@dataclass(frozen=True)
class Prices:
    """A relaxation: its `cost`, a bound from below over its arcs, and what each arc (n, n), left out or not, would at
    least add to it."""

    cost: float
    adds: Floats


class Programme:
    """The programme over some arcs. Reused by nobody: build, solve, read."""

    def __init__(self, given: Given, arcs: Arcs, *, over: bool = False, nearest: bool = False) -> None:
        """`over`: hosts may take more than their places, and that alone is what costs. `nearest`: nobody is sent past a
        host, unless that may be full."""
        n = given.candidates
        self.given, self.arcs, self.over = given, arcs, over
        self.host = np.flatnonzero(given.may)
        self.column = np.full(given.size, -1)
        self.column[self.host] = np.arange(len(self.host))
        self.lack = self.host[n[self.host] < given.terms.minimum]
        self.tight = self.host[given.limit[self.host] < n.sum()]
        self.first_z = len(self.host)
        self.first_s = self.first_z + len(self.lack)
        self.first_o = self.first_s + len(self.lack)
        self.first_x = self.first_o + (len(self.tight) if over else 0)
        self.columns = self.first_x + len(arcs.point)
        self.first_size = given.size + len(arcs.point)
        self.first_lack = self.first_size + len(self.tight)
        self.first_small = self.first_lack + len(self.lack)
        self.first_past = self.first_small + len(self.lack)
        self.past = self._past() if nearest else Arcs.of(np.zeros((0, 0), bool))
        self.rows = self.first_past + len(self.past.point)

    def solve(self, *, seconds: float, gap: float = 0.0, start: Ints | None = None) -> Answer:
        """The cheapest assignment found within `seconds`, proven to within `gap` (a share) if there was time."""
        solver = self._solver(seconds, gap)
        model = self._model()
        kinds = [highspy.HighsVarType.kInteger] * self.columns
        kinds[self.first_s : self.first_x] = [highspy.HighsVarType.kContinuous] * (
            self.first_x - self.first_s
        )
        model.integrality_ = kinds
        solver.passModel(model)
        if start is not None:
            first = highspy.HighsSolution()
            first.col_value = self._columns_of(start).tolist()
            solver.setSolution(first)
        solver.run()
        none = np.empty(0, np.int64)
        if solver.getModelStatus() in NOTHING:
            return Answer(none, INFINITE, INFINITE, none)
        info = solver.getInfo()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return Answer(none, INFINITE, -INFINITE, none)
        value = np.array(solver.getSolution().col_value)
        return self._answer(value, info.objective_function_value, info.mip_dual_bound)

    def relax(self, *, seconds: float) -> Prices | None:
        """The linear relaxation with the prices of all arcs; None if there was no time or nothing is possible."""
        given = self.given
        solver = self._solver(seconds, 0.0)
        solver.passModel(self._model())
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        dual = np.array(solver.getSolution().row_dual)
        size, lack = np.zeros(given.size), np.zeros(given.size)
        size[self.tight] = dual[self.first_size : self.first_lack]
        lack[self.lack] = dual[self.first_lack : self.first_small]
        adds = given.candidates[:, None] * (given.km - size) - dual[: given.size, None]
        return Prices(solver.getInfo().objective_function_value, adds - self._brings() * lack)

    def _solver(self, seconds: float, gap: float) -> highspy.Highs:
        """One thread and one seed: the same question gets the same answer, unless time runs out."""
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        options = {"output_flag": False, "threads": 1, "random_seed": 0, "time_limit": max(seconds, 0.01)}
        for name, value in {**options, "mip_rel_gap": gap, "mip_abs_gap": 1e-6}.items():
            solver.setOptionValue(name, value)
        return solver

    def _answer(self, value: Floats, cost: float, bound: float) -> Answer:
        to = np.full(self.given.size, -1)
        hosts = self.host[value[: self.first_z] > 0.5]
        to[hosts] = hosts
        used = value[self.first_x :] > 0.5
        to[self.arcs.point[used]] = self.arcs.host[used]
        over = np.zeros(self.given.size, np.int64)
        if self.over:
            over[self.tight] = np.rint(value[self.first_o : self.first_x])
        return Answer(to, cost, bound, over)

    def _columns_of(self, to: Ints) -> Floats:
        """An assignment as values of the columns."""
        value = np.zeros(self.columns)
        value[: self.first_z] = to[self.host] == self.host
        received = np.bincount(to, self.given.candidates, self.given.size)
        lack = np.maximum(self.given.terms.minimum - received[self.lack], 0) * (to[self.lack] == self.lack)
        value[self.first_z : self.first_s], value[self.first_s : self.first_o] = lack > 0, lack
        value[self.first_x :] = to[self.arcs.point] == self.arcs.host
        return value

    def _past(self) -> Arcs:
        """Pairs of a point that is free to go and a host past which nobody is sent."""
        given = self.given
        pairs = np.broadcast_to(given.may & ~given.known, (given.size, given.size)).copy()
        pairs[given.must | (given.to >= 0)] = False
        np.fill_diagonal(pairs, False)
        return Arcs.of(pairs)

    def _past_entries(self, x: Ints) -> list[tuple[Ints, Ints, Floats]]:
        """A host and all ways past it, of one point: at most one of them (closest assignment; Gerrard and Church, Closest
        assignment constraints and location models, Location Science 4, 1996)."""
        past, arcs, km = self.past, self.arcs, self.given.km
        row = self.first_past + np.arange(len(past.point))
        farther = km[arcs.point, arcs.host] > km[past.point, past.host][:, None]
        which, arc = np.nonzero(farther & (arcs.point == past.point[:, None]))
        hosts = (row, self.column[past.host], np.ones(len(row)))
        return [hosts, (row[which], x[arc], np.ones(len(arc)))]

    def _brings(self) -> Ints:
        """How much of a host's lack each point fills (n, n). What fills the whole lack fills no more of it: the smaller
        coefficient cuts off fractions of hosts."""
        n = self.given.candidates
        return np.minimum(n[:, None], np.maximum(self.given.terms.minimum - n, 0))

    def _model(self) -> highspy.HighsLp:
        given = self.given
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.columns, self.rows
        model.col_cost_ = self._costs()
        lower, upper = np.zeros(self.columns), np.full(self.columns, INFINITE)
        upper[: self.first_s] = upper[self.first_x :] = 1
        lower[: self.first_z] = given.must[self.host]
        model.col_lower_, model.col_upper_ = lower, upper
        row_lower, row_upper = np.full(self.rows, -INFINITE), np.zeros(self.rows)
        row_lower[: given.size] = row_upper[: given.size] = row_upper[self.first_past :] = 1
        row_lower[self.first_lack : self.first_small], row_upper[self.first_lack : self.first_small] = (
            0,
            INFINITE,
        )
        model.row_lower_, model.row_upper_ = row_lower, row_upper
        start, index, value = self._matrix()
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = start, index, value
        return model

    def _costs(self) -> Floats:
        given, arcs = self.given, self.arcs
        rank = np.arange(1, given.size + 1) * (TIE / given.size**2)
        cost = np.zeros(self.columns)
        if self.over:
            cost[self.first_o : self.first_x] = 1
            return cost
        cost[: self.first_z] = given.terms.host_km + rank[self.host]
        cost[self.first_z : self.first_s] = given.terms.small_km
        cost[self.first_s : self.first_o] = given.terms.missing_km
        cost[self.first_x :] = (
            given.candidates[arcs.point] * given.km[arcs.point, arcs.host] + rank[arcs.host]
        )
        return cost

    def _matrix(self) -> tuple[Ints, Ints, Floats]:
        """Compressed columns."""
        given, arcs, host = self.given, self.arcs, self.host
        n, arc = given.candidates, np.arange(len(arcs.point))
        x = self.first_x + arc
        size_row, lack_row = np.full(given.size, -1), np.full(given.size, -1)
        size_row[self.tight] = self.first_size + np.arange(len(self.tight))
        lack_row[self.lack] = self.first_lack + np.arange(len(self.lack))
        lack, z, s = given.terms.minimum - n[self.lack], self.first_z, self.first_s
        each = np.arange(len(self.lack))
        parts = [
            (host, self.column[host], np.ones(len(host))),
            (arcs.point, x, np.ones(len(arc))),
            (given.size + arc, x, np.ones(len(arc))),
            (given.size + arc, self.column[arcs.host], -np.ones(len(arc))),
            (size_row[self.tight], self.column[self.tight], (n - given.limit)[self.tight]),
            (lack_row[self.lack], self.column[self.lack], -lack),
            (lack_row[self.lack], s + each, np.ones(len(each))),
            (self.first_small + each, s + each, np.ones(len(each))),
            (self.first_small + each, z + each, -lack),
        ]
        brings = self._brings()[arcs.point, arcs.host]
        for rows, fills in ((size_row, n[arcs.point]), (lack_row, brings)):
            used = rows[arcs.host] >= 0
            parts.append((rows[arcs.host[used]], x[used], fills[used]))
        parts += self._past_entries(x)
        if self.over:
            o = self.first_o + np.arange(len(self.tight))
            parts.append((size_row[self.tight], o, -np.ones(len(self.tight))))
        row, column, value = (np.concatenate([p[k] for p in parts]) for k in range(3))
        order = np.lexsort((row, column))
        starts = np.searchsorted(column[order], np.arange(self.columns + 1))
        return starts, row[order], value[order].astype(float)
