"""Chapter 6: the proposal of host points, and what an assignment costs, proposed or made by hand. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from keju.algorithms.siting import Impossible, Point, Siting, Terms, Wishes, cost_of, kilometres, site
from keju.rulebook import Refusal, rule
from keju.stages.venues.rules.hosting import per_host


@dataclass(frozen=True)
class Question:
    """What a proposal answers: the region's points with their candidates, what is weighed, what the region settled."""

    points: tuple[Point, ...]
    terms: Terms
    wishes: Wishes = field(default_factory=Wishes)

    @property
    def counts(self) -> dict[str, int]:
        return {p.code: p.candidates for p in self.points}

    @property
    def seats(self) -> dict[str, int]:
        """Places at the points where the region knows or estimates them."""
        return {p.code: p.seats for p in self.points if p.seats is not None}


@rule("V6.1")
def propose_hosts(question: Question, *, seconds: float) -> Siting:
    """Point → host with the least travel and the fewest hosts, and how far that is proven. Points without candidates stay
    out. A host below the minimum is left only where everything else is dearer. Raises as `site` does."""
    return site(question.points, question.terms, question.wishes, seconds=seconds)


@rule("V6.1")
def check_question(question: Question) -> Iterator[Refusal]:
    """What is settled beforehand does not contradict itself, and no point has more candidates than serials (V7.2)."""
    known, wishes = set(question.counts), question.wishes
    named = wishes.must | wishes.barred | set(wishes.sent) | set(wishes.sent.values())
    for point in sorted(named - known):
        yield Refusal("V6.1", "venues_point_elsewhere", {"point": point}, field="wishes")
    for point, n in sorted(question.counts.items()):
        if n > question.terms.most:
            facts = {"host": point, "count": n, "most": question.terms.most}
            yield Refusal("V7.2", "venues_host_full", facts)
    away = {point for point, to in wishes.sent.items() if point != to}
    for point in sorted(wishes.must & (wishes.barred | away)):
        yield Refusal("V6.1", "venues_wish_both", {"point": point}, field="wishes")
    for point, to in sorted(wishes.sent.items()):
        if to in wishes.barred | away:
            yield Refusal("V6.1", "venues_wish_target", {"point": point, "host": to}, field="wishes")
    if known and not known - wishes.barred - away:
        yield Refusal("V6.1", "venues_wish_nobody", field="wishes")


@rule("V6.1")
def impossible(none: Impossible) -> Iterator[Refusal]:
    """Why there is no assignment: where as few places as can be are lacking."""
    for host, n in sorted(none.lacking.items()):
        yield Refusal("V6.1", "venues_places_lacking", {"host": host, "missing": n}, field="seats")
    if not none.lacking:
        yield Refusal("V6.1", "venues_no_assignment", field="wishes")


@dataclass(frozen=True)
class Costs:
    """What an assignment means for candidates and for the region. Distances in km, as the crow flies and one way.

    `km`: travelled by all candidates; `longest`: the farthest that anybody goes, from `farthest`; `small`: hosts below
    the minimum; `weighed`: all with what hosts cost, in km, as the proposal weighs it.
    """

    km: int
    candidates: int
    longest: int
    farthest: str
    hosts: tuple[str, ...]
    small: tuple[str, ...]
    weighed: int

    @property
    def average(self) -> float:
        return self.km / self.candidates if self.candidates else 0.0


@rule("V6.1")
def costs_of(question: Question, assignment: Mapping[str, str]) -> Costs:
    """What the assignment costs for the question's candidates. Points or hosts that are unknown count for nothing."""
    known = {p.code: p for p in question.points}
    counted = {p: h for p, h in assignment.items() if p in known and h in known}
    cost = cost_of(question.points, counted, question.terms)
    km = distances(question, counted)
    sizes = per_host(counted, question.counts)
    travelling = [p for p in counted if known[p].candidates]
    farthest = max(travelling, key=lambda p: (km[p], p), default="")
    return Costs(
        cost.km,
        sum(known[p].candidates for p in counted),
        km.get(farthest, 0),
        farthest,
        tuple(sorted(sizes)),
        tuple(sorted(h for h, n in sizes.items() if n < question.terms.minimum)),
        cost.total,
    )


def distances(question: Question, assignment: Mapping[str, str]) -> dict[str, int]:
    """Whole km from each point to its host."""
    place = {p.code: n for n, p in enumerate(question.points)}
    km = kilometres(question.points)
    return {p: int(km[place[p], place[h]]) for p, h in assignment.items() if p in place and h in place}
