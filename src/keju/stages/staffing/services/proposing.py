"""A roster proposed by the program: who is fit, fairly, with rest; and what cannot be covered, with the reason."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.algorithms.rosters import Hole, Span, Terms, Worker, cut, propose
from keju.kernel.audit import write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.staffing.models import Roster
from keju.stages.staffing.params import Params
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.queries.rosters import Eligible, Made
from keju.stages.staffing.rules import rosters as rules
from keju.stages.staffing.rules.rosters import Hours
from keju.stages.staffing.services.rostering import Change, NewShift, change_rosters

SEEDS = 1000


@dataclass(frozen=True)
class Open:
    """Hours that nobody can take. `why`: "busy", "rest", "long" → how many people each hinders; nobody there: empty."""

    hours: Hours
    place: str
    why: Mapping[str, int]


@dataclass(frozen=True)
class Proposed:
    """A proposal for one roster. `names`: who has which shifts, in order of time; `minutes`: of everybody fit, over all rosters.

    `unfit`: reason → how many of the people there may not stand. `proven`: hours cannot lie closer together.
    """

    made: Made
    put: tuple[NewShift, ...]
    people: Mapping[int, Eligible]
    minutes: Mapping[int, int]
    holes: tuple[Open, ...]
    unfit: Mapping[str, int]
    proven: bool

    @property
    def difference(self) -> int:
        """Minutes between who stands longest and who stands least."""
        return max(self.minutes.values(), default=0) - min(self.minutes.values(), default=0)


def proposals(exam: Exam, found: Sequence[Made], *, seed: int, afresh: bool) -> list[Proposed]:
    """For each roster, who could take what is not covered (`afresh`: everything, whatever stands there now).

    The same for the same rosters, people and seed. Where several rosters share people, the later ones know the earlier.
    """
    params = exams.params(exam, Params)
    terms = Terms(params.rest_hours * 60, params.longest_shift_hours * 60)
    people = queries.eligible(exam, [made.roster for made in found])
    members = {p.member_id for mine in people.values() for p in mine if not p.unfit}
    busy = queries.elsewhere(exam, members, [made.roster.pk for made in found])
    result = []
    for made in found:
        if not afresh:
            for line in made.lines:
                busy.setdefault(line.row.member_id, []).append(line.standing.span)
        one = _proposal(exam, made, people[made.roster.pk], busy, terms, seed, afresh)
        for new in one.put:
            busy.setdefault(new.member_id, []).append(rules.span_of((new.starts_at, new.ends_at)))
        result.append(one)
    return result


def _proposal(
    exam: Exam,
    made: Made,
    people: Sequence[Eligible],
    busy: Mapping[int, Sequence[Span]],
    terms: Terms,
    seed: int,
    afresh: bool,
) -> Proposed:
    kind, roster = made.kind, made.roster
    fit = {p.member_id: p for p in people if not p.unfit}
    wanted = rules.gaps(
        kind, made.wanted, [] if afresh else [line.standing for line in made.lines], made.floors
    )
    by_place: dict[str, list[Span]] = defaultdict(list)
    for gap in wanted:
        pieces = cut(rules.span_of((gap.starts_at, gap.ends_at)), kind.shift_minutes)
        by_place[gap.place] += [piece for piece in pieces for _ in range(gap.short)]
    work = {pk: list(busy.get(pk, ())) for pk in fit}
    put, holes, proven, minutes = (
        [],
        [],
        True,
        {pk: sum(s.minutes for s in spans) for pk, spans in work.items()},
    )
    for place, slots in sorted(by_place.items()):
        mine = [p for p in fit.values() if not place or p.place in ("", place)]
        workers = [Worker(str(p.member_id), tuple(work[p.member_id])) for p in mine]
        done = propose(slots, workers, terms, _seed(exam, roster, place, seed))
        proven = proven and done.proven
        for slot, who in zip(slots, done.given, strict=True):
            if who is not None:
                work[int(who)].append(slot)
                minutes[int(who)] += slot.minutes
                put.append(NewShift(int(who), *rules.hours_of(slot), place))
        holes += _open(slots, done.holes, place)
    put.sort(key=lambda n: (n.starts_at, n.place, n.member_id))
    unfit = Counter(p.unfit for p in people if p.unfit)
    return Proposed(made, tuple(put), fit, minutes, tuple(holes), unfit, proven and len(by_place) < 2)


def _open(slots: Sequence[Span], holes: Sequence[Hole], place: str) -> list[Open]:
    return [Open(rules.hours_of(slots[hole.slot]), place, dict(hole.why)) for hole in holes]


def _seed(exam: Exam, roster: Roster, place: str, seed: int) -> bytes:
    return hashlib.sha256(f"{exam.slug}/{roster.kind}/{roster.office_code}/{place}/{seed}".encode()).digest()


@write("staffing:roster:make")
def take_proposals(
    *,
    exam: Exam,
    roster_ids: Sequence[int],
    seed: int,
    afresh: bool,
    expected: Mapping[int, int] | None = None,
    by: Actor,
    at: datetime,
) -> int:
    """Every roster stands as the program proposes it with this seed: the very shifts that `proposals` shows. How many were put.

    Hours that nobody can take stay open and are seen on the roster. `expected`: roster → version that the page showed.
    """
    found = queries.made(exam, [queries.roster(exam, pk, viewer=by) for pk in roster_ids])
    changes = [
        Change(one.made.roster.pk, one.put, (), afresh, (expected or {}).get(one.made.roster.pk))
        for one in proposals(exam, found, seed=seed, afresh=afresh)
    ]
    return change_rosters(exam=exam, changes=changes, by=by, at=at)
