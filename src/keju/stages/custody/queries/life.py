"""What became of a container from its making on, and which open ones nobody watched."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Protocol

from django.db import connection

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.custody.models import Container, Operation, Step
from keju.stages.custody.queries.chain import history
from keju.stages.custody.rules.places import Spot, read
from keju.stages.custody.rules.watch import Span, merged, uncovered

MOST = 100_000  # open spans that are looked at


@dataclass(frozen=True)
class Moment:
    """A step of the container itself, or (`outer`) one of what it lay in then. `before`: the step before it of the same.

    `operation` None: it was an office's above, whose papers the viewer does not see.
    """

    step: Step
    outer: Container | None
    before: Step | None
    operation: Operation | None = None


def life(container: Container) -> list[Moment]:
    """Everything that was done with it and with what it lay in meanwhile, the first first."""
    own = list(history(container))
    found = [Moment(s, None, before) for before, s in zip([None, *own], own, strict=False)]
    for n, into in enumerate(own):
        if into.parent is None or (n and own[n - 1].parent_id == into.parent_id):
            continue
        out = next((s for s in own[n:] if s.parent_id != into.parent_id), None)
        outer = list(history(into.parent))
        found += [
            Moment(s, into.parent, before)
            for before, s in zip([None, *outer], outer, strict=False)
            if s.operation_id > into.operation_id and (out is None or s.operation_id < out.operation_id)
        ]
    seen = Operation.objects.in_bulk({m.step.operation_id for m in found})
    found = [replace(m, operation=seen.get(m.step.operation_id)) for m in found]
    return sorted(found, key=lambda m: (m.step.operation_id, m.outer is not None))


@dataclass(frozen=True)
class Unwatched:
    """A bag that was neither under seal nor under watch in the spans."""

    code: str
    kind: str
    site: str
    office_path: str
    place: str
    custodian: str
    spans: tuple[Span, ...]


class Covers(Protocol):
    """Place → the spans in which somebody answered for what stood open there, of places of one kind, in one look."""

    def __call__(self, exam: Exam, places: Collection[str], during: Span) -> Mapping[str, list[Span]]: ...


_covers: dict[str, Covers] = {}


def covers(spot: Spot) -> Callable[[Covers], Covers]:
    """Register `fn(exam, places, during)` as what knows when places of this kind were watched: guards, crews, sittings."""

    def register(fn: Covers) -> Covers:
        if _covers.setdefault(spot, fn) is not fn:
            raise ValueError(f"two sources of watch for {spot}")
        return fn

    return register


# The open states of bags that touch the span, each to the next step of the bag; inside an outer one that one is open too.
OPEN = """
SELECT c.code, c.kind, c.site_code, c.office_path, coalesce(o.place, s.place), coalesce(o.custodian, s.custodian),
  greatest(s.at, o.at, %(since)s), least(n.at, onext.at, %(until)s)
FROM custody_step s
JOIN custody_container c ON c.id = s.container_id AND c.kind IN ('bag', 'spare_bag', 'card_bag')
LEFT JOIN custody_step n ON n.container_id = s.container_id AND n.number = s.number + 1
LEFT JOIN custody_step o ON o.container_id = s.parent_id AND o.seal = ''
LEFT JOIN custody_step onext ON onext.container_id = o.container_id AND onext.number = o.number + 1
WHERE s.exam_id = %(exam)s AND s.seal = '' AND s.place <> 'destroyed' AND s.at < %(until)s
  AND s.office_path >= %(path)s AND s.office_path < %(path)s || '~'
  AND (n.at IS NULL OR n.at > %(since)s)
  AND (s.parent_id IS NULL OR (o.id IS NOT NULL AND o.at < coalesce(n.at, %(until)s)
    AND coalesce(onext.at, %(until)s) > s.at))
  AND greatest(s.at, o.at, %(since)s) < least(n.at, onext.at, %(until)s)
ORDER BY c.id, 7
LIMIT %(most)s
"""


def unwatched(exam: Exam, during: Span, *, viewer: Actor) -> list[Unwatched]:
    """Bags that at some time in the span were neither under seal nor under watch, in order of their making.

    One statement, and one for each kind of place that knows its watch; a place that nobody vouches for is not watched.
    """
    asked = {
        "exam": exam.pk, "path": viewer.office_path or "-", "since": during.since, "until": during.until, "most": MOST,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(OPEN, asked)
        rows = cursor.fetchall()
    watch = watched(exam, {row[4] for row in rows}, during)
    found: dict[tuple[str, ...], list[Span]] = {}
    for facts, states in groupby(rows, itemgetter(slice(0, 6))):
        for span in merged([Span(*state[6:]) for state in states]):
            if left := list(uncovered(span, watch.get(facts[4], ()))):
                found.setdefault(facts, []).extend(left)
    return [Unwatched(*facts, tuple(spans)) for facts, spans in found.items()]


def watched(exam: Exam, places: Iterable[str], during: Span) -> dict[str, list[Span]]:
    """Place → when somebody answered for what stood open there, by what each kind of place knows of its watch."""
    by_spot: dict[str, list[str]] = {}
    for place in places:
        if place:
            by_spot.setdefault(read(place).spot, []).append(place)
    found: dict[str, list[Span]] = {}
    for spot, mine in by_spot.items():
        if spot in _covers:
            found |= {p: merged(spans) for p, spans in _covers[spot](exam, mine, during).items()}
    return found
