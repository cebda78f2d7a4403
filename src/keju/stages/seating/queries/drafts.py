"""A plan before it is written: everything follows from the people, the rooms and the seeds. Also asked again afterwards."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from keju.algorithms.seating import (
    Candidates,
    Rooms,
    Table,
    TooMany,
    Unmet,
    allocate,
    permutation_keys,
    table,
)
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal
from keju.stages.registration import queries as registration
from keju.stages.registration.queries import Crowd
from keju.stages.review import queries as review
from keju.stages.seating import rules
from keju.stages.venues import queries as venues
from keju.stages.venues.queries import Hall


@dataclass(frozen=True)
class Draft:
    """Everybody's seat, per hall the pairs of neighbours of one employer or school left and at least unavoidable, and per
    host what was planned from; or refusals and nothing else."""

    halls: list[Hall]
    seats: Table
    pairs: list[int]
    least: list[int]
    inputs: dict[str, str]
    refusals: list[Refusal]


def people(exam: Exam, region_code: str, *, viewer: Actor, groups: bool = True) -> Crowd:
    """Who is to be seated in the region, in columns: passed both reviews. `groups`: with what the planner asks besides."""
    ids = review.eligible_ids(viewer=viewer, exam=exam, region_code=region_code)
    return crowd(exam, ids, viewer=viewer, groups=groups)


def crowd(exam: Exam, ids: Sequence[int], *, viewer: Actor, groups: bool = True) -> Crowd:
    """These people as the planner sees them."""
    return registration.crowd(viewer=viewer, exam=exam, ids=ids, categories=categories(exam), groups=groups)


def categories(exam: Exam) -> list[str]:
    """The programme's categories in their order; a crowd names them by their place here."""
    return [c.code for c in exams.programme(exam).categories]


def per_point(crowd: Crowd) -> Counter[str]:
    """How many of the crowd belong to each point."""
    return Counter({f"{point:04d}": count for point, count in Counter(crowd.point).items()})


def draft(
    exam: Exam,
    crowd: Crowd,
    halls: list[Hall],
    assignment: Mapping[str, str],
    seeds: Mapping[str, bytes],
    *,
    mix: bool,
) -> Draft:
    """The plan that follows from these, the same whenever it is asked for; all of the crowd's points have a host."""
    hosts = {int(point): int(host) for point, host in assignment.items()}
    point = [hosts[one] for one in crowd.point]
    candidates = Candidates.of(
        point, crowd.category, _keys(crowd, point, seeds), crowd.id, crowd.employer, crowd.school, crowd.needs
    )
    rooms = Rooms.of(
        (
            int(h.point_code), order, h.columns * h.rows, h.standard, h.columns, h.rows, h.kind == venues.SEPARATE,
            h.step_free, venues.DOORS.index(h.door),
        )
        for order, h in enumerate(halls)
    )  # fmt: skip
    done = allocate(candidates, rooms, serial_max=exams.programme(exam).ticket.serial_max, mix=mix)
    inputs = {f"{host:04d}": candidates.digest(host) for host in sorted(set(point))}
    refusals = [_refusal(host, why) for host, why in done.refusals]
    seats = table(candidates, done)
    return Draft(halls, seats, done.pairs.tolist(), done.least.tolist(), inputs, refusals)


def _keys(crowd: Crowd, point: Sequence[int], seeds: Mapping[str, bytes]) -> list[int]:
    """The key of everybody's place in the drawn order of their host."""
    by_host: dict[int, list[int]] = {}
    for at, host in enumerate(point):
        by_host.setdefault(host, []).append(at)
    found = [0] * len(point)
    for host, places in by_host.items():
        drawn = permutation_keys(seeds[f"{host:04d}"], [crowd.id[at] for at in places]).tolist()
        for at, key in zip(places, drawn, strict=True):
            found[at] = key
    return found


def _refusal(point: int, why: object) -> Refusal:
    host = f"{point:04d}"
    if isinstance(why, TooMany):
        return rules.too_many(host, why.count, why.limit)
    if isinstance(why, Unmet):
        return rules.need_unmet(host, why.need, why.missing)
    return rules.too_few_rooms(host, why.missing_in_all)  # type: ignore[attr-defined]
