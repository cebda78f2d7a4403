"""From points to a proposal: all arcs for a region, for a nation the near ones and those that could still matter.

Leaving arcs out is safe because they are priced. The relaxation over the arcs that are in has a cost Z and adds at least r to
it for an arc that is out (its reduced cost). A better assignment than the one in hand, of cost U, uses no arc with Z + r ≥ U;
so the arcs below that are taken in, and what is then proven is proven for all arcs. Where they would be too many, what is
proven over the arcs that are in counts only up to Z + the smallest r outside.
"""

import time
from collections.abc import Callable, Sequence
from math import ceil, isinf

import numpy as np
from numpy.typing import NDArray

from keju.algorithms.siting.model import TIE, Answer, Arcs, Given, Ints, Prices, Programme
from keju.algorithms.siting.problem import (
    Impossible,
    Point,
    Siting,
    Terms,
    Wishes,
    cost_of,
    kilometres,
    ordered,
)

WHOLE = 64
"""Up to so many points all arcs are in from the start."""
NEAR = 16
"""Otherwise so many nearest hosts of each point."""
MOST_ARCS = 60_000
EXPLAINING = 2.0
"""Seconds for finding out where places lack, when there are too few."""


class OutOfTime(Exception):
    """Nothing was found within the time allowed."""


def site(
    points: Sequence[Point],
    terms: Terms,
    wishes: Wishes | None = None,
    *,
    seconds: float,
    gap: float = 0.0,
    clock: Callable[[], float] = time.monotonic,
) -> Siting:
    """Everybody's host at the least cost that was found, with a bound that holds for every assignment there is.

    A point hosts itself or goes to one host; a host has places for all whom it receives (its `seats`, never more than
    `terms.most`); `wishes` are kept. Nobody is sent past a nearer host, unless that has known `seats` and may be full, or
    nothing else is possible; nations, of more than `WHOLE` points, are spared that rule. Points without candidates stay
    out unless they must host. Of equal costs the one with the lower codes; the same question has the same answer whenever
    it was answered before `seconds` were over. `gap`: a share of the cost with which to be content. Raises `Impossible`,
    `OutOfTime`.
    """
    wishes = wishes or Wishes()
    peopled = {p.code for p in points if p.candidates > 0}
    wanted = peopled | wishes.must | {to for point, to in wishes.sent.items() if point in peopled}
    own = [p for p in ordered(points) if p.code in wanted]
    if not own:
        return Siting({}, cost_of(own, {}, terms), 0)
    given = _given(own, terms, wishes)
    until = clock() + seconds
    found, bound = _search(given, until, gap, clock)
    host = {p.code: own[to].code for p, to in zip(own, found.tolist(), strict=True)}
    cost = cost_of(own, host, terms)
    # Costs are whole; the solver's bound is good to a millionth and holds for costs with the preference for low codes.
    proven = cost.total if isinf(bound) else ceil(bound - TIE - 1e-6 * max(1.0, abs(bound)))
    return Siting(host, cost, max(0, min(proven, cost.total)))


def _given(own: Sequence[Point], terms: Terms, wishes: Wishes) -> Given:
    place = {p.code: n for n, p in enumerate(own)}
    targets = {to for point, to in wishes.sent.items() if point in place}
    must = {code for code in wishes.must | targets if code in place}
    away = {point for point, to in wishes.sent.items() if point != to and point in place}
    away_or_barred = wishes.barred | away
    if must & away_or_barred or not targets <= set(place) or away_or_barred >= set(place):
        raise Impossible({})
    to = np.full(len(own), -1)
    for point in away:
        to[place[point]] = place[wishes.sent[point]]
    return Given(
        tuple(p.code for p in own),
        np.array([p.candidates for p in own], np.int64),
        kilometres(own),
        np.array([min(terms.most, terms.most if p.seats is None else p.seats) for p in own], np.int64),
        np.array([p.seats is not None and p.seats < terms.most for p in own]),
        np.array([p.code not in away_or_barred for p in own]),
        np.array([p.code in must for p in own]),
        to,
        terms,
    )


def _search(given: Given, until: float, gap: float, clock: Callable[[], float]) -> tuple[Ints, float]:
    """The hosts found, and the bound over all arcs."""
    allowed = given.allowed()
    if given.size <= WHOLE:
        arcs = Arcs.of(allowed)
        answer = Programme(given, arcs, nearest=True).solve(seconds=until - clock(), gap=gap)
        if isinf(answer.bound) and answer.bound > 0:  # limits and wishes leave no such one
            answer = Programme(given, arcs).solve(seconds=until - clock(), gap=gap)
        return _checked(given, answer).to, answer.bound
    near = NEAR
    while True:
        inside, prices = _priced(given, allowed, near, until, clock)
        answer = Programme(given, Arcs.of(inside)).solve(seconds=(until - clock()) / 2, gap=gap)
        if answer.bound < np.inf or (inside == allowed).all():
            break
        near *= 4  # no room over these arcs says nothing of the others
    answer = _checked(given, answer)
    if prices is None:
        return answer.to, -np.inf
    slack = answer.cost + TIE - prices.cost
    further = inside | (allowed & (prices.adds < slack))
    if further.sum() <= MOST_ARCS and (further != inside).any():
        inside = further
        wider = Programme(given, Arcs.of(inside)).solve(seconds=until - clock(), gap=gap, start=answer.to)
        if len(wider.to):
            answer = wider
    outside = prices.adds[allowed & ~inside]
    return answer.to, min(answer.bound, prices.cost + outside.min() if len(outside) else np.inf)


def _priced(
    given: Given, allowed: NDArray[np.bool_], near: int, until: float, clock: Callable[[], float]
) -> tuple[NDArray[np.bool_], Prices | None]:
    """The `near` nearest hosts of each point, and arcs such that none outside would make the relaxation cheaper. None for
    prices if there was no time for them, or no room over these arcs."""
    nearest = np.argsort(np.where(allowed, given.km, given.km.max() + 1), axis=1, kind="stable")[:, :near]
    inside = np.zeros_like(allowed)
    np.put_along_axis(inside, nearest, True, axis=1)
    inside &= allowed
    while True:
        prices = Programme(given, Arcs.of(inside)).relax(seconds=until - clock())
        if prices is None:
            return inside, None
        cheaper = allowed & ~inside & (prices.adds < -1e-6)
        if not cheaper.any():
            return inside, prices
        inside = inside | cheaper


def _checked(given: Given, answer: Answer) -> Answer:
    """The answer, or why there is none."""
    if len(answer.to):
        return answer
    if answer.bound < np.inf:
        raise OutOfTime
    arcs = Arcs.of(given.allowed(within=False))
    nearest = Programme(given, arcs, over=True).solve(seconds=EXPLAINING)
    raise Impossible({given.codes[n]: int(nearest.over[n]) for n in np.flatnonzero(nearest.over)})
