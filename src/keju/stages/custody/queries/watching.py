"""Which places held papers or cards when, who and what watched them, and what was not covered (P7.2)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from keju.kernel.audit import NotPermitted
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.stages.custody.models import Journey, Store, WatchReview, WatchSpan
from keju.stages.custody.queries.guards import guards_of
from keju.stages.custody.queries.life import covers, watched
from keju.stages.custody.rules.journeys import Mode
from keju.stages.custody.rules.places import Spot, Where, journey, read
from keju.stages.custody.rules.stores import Hours
from keju.stages.custody.rules.watch import Span
from keju.stages.custody.rules.watching import PERSONS, SCORING, VIDEO, joined, unwatched

NATION = Actor.system("custody")
WATCHED = (Spot.STORE, Spot.SEAL_ROOM)
"""Kinds of place whose watch is kept here; a journey's crew is the journey's own."""
MOST = 60  # places of one picture
# When anything lay at these kinds of place within a span, by place.
LAY = """
SELECT s.place, greatest(s.at, %(since)s), least(coalesce(n.at, %(until)s), %(until)s)
FROM custody_step s
LEFT JOIN custody_step n ON n.container_id = s.container_id AND n.number = s.number + 1
WHERE s.exam_id = %(exam)s AND s.office_path >= %(path)s AND s.office_path < %(path)s || '~'
  AND s.place ~ '^(store|seal_room|journey|centre)' AND s.at < %(until)s AND (n.at IS NULL OR n.at > %(since)s)
"""


@dataclass(frozen=True)
class Coverage:
    """A place over a span: when papers or cards lay there, what watched it, and what was not covered."""

    place: str
    lay: list[Hours]
    video: list[Hours]
    persons: list[Hours]
    uncovered: list[Hours]


def clause(exam: Exam) -> str:
    """The clause that watching rests on."""
    return "P7.2" if exams.programme(exam).clause("P7.2") else "V12.2.4"


def coverage(exam: Exam, during: Hours, *, viewer: Actor, path: str = "") -> list[Coverage]:
    """Every place of the office where papers or cards lay in the span, those with something uncovered first.

    A journey counts as under persons' eyes while its crew is heard of; what goes by post, the carrier answers for.
    """
    asked = {
        "exam": exam.pk, "path": path or viewer.office_path or "-", "since": during[0], "until": during[1],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(LAY, asked)
        rows = cursor.fetchall()
    lay: dict[str, list[Hours]] = defaultdict(list)
    for place, since, until in rows:
        lay[place].append((since, until))
    for place in _posted(exam, lay):
        del lay[place]
    video, persons = watch(exam, lay, during)
    crews = watched(exam, _journeys(lay), Span(*during))
    persons |= {place: [(s.since, s.until) for s in spans] for place, spans in crews.items()}
    found = []
    for place, spans in lay.items():
        mine = joined(spans)
        covered = [*video.get(place, ()), *persons.get(place, ())]
        found.append(
            Coverage(place, mine, video.get(place, []), persons.get(place, []), unwatched(mine, covered))
        )
    return sorted(found, key=lambda c: (not c.uncovered, c.place))


def _journeys(places: Iterable[str]) -> list[str]:
    return [place for place in places if place.startswith(f"{Spot.JOURNEY}:")]


def _posted(exam: Exam, places: Iterable[str]) -> list[str]:
    """Those of the places that are journeys by post."""
    ids = [int(read(place).key) for place in _journeys(places)]
    with acting(NATION):
        rows = Journey.objects.filter(exam=exam, pk__in=ids, mode=Mode.POST).values_list("pk", flat=True)
        return [str(journey(pk)) for pk in rows]


def watch(
    exam: Exam, places: Collection[str], during: Hours
) -> tuple[dict[str, list[Hours]], dict[str, list[Hours]]]:
    """(place → stretches under video, place → under persons' eyes) within the span, in few statements."""
    found: dict[str, dict[str, list[Hours]]] = {VIDEO: defaultdict(list), PERSONS: defaultdict(list)}
    ids = [int(read(p).key) for p in places if p.startswith("store:") and read(p).key.isdecimal()]
    asked = {*places, *({SCORING} if "centre" in places else ())}
    with acting(NATION):
        rows = WatchSpan.objects.filter(
            exam=exam, place__in=asked, void_at=None, starts_at__lt=during[1], ends_at__gt=during[0]
        )
        for row in rows:
            place = "centre" if row.place == SCORING else row.place
            found[row.means][place].append((row.starts_at, row.ends_at))
        stores = list(Store.objects.filter(exam=exam, pk__in=ids))
    for pk, guards in guards_of(exam, stores, *during).items():
        found[PERSONS][f"store:{pk}"] += [guard.hours for guard in guards]
    return _within(found[VIDEO], during), _within(found[PERSONS], during)


def _within(found: Mapping[str, list[Hours]], during: Hours) -> dict[str, list[Hours]]:
    return {place: [_cut(one, during) for one in joined(spans)] for place, spans in found.items()}


def _cut(one: Hours, during: Hours) -> Hours:
    return max(one[0], during[0]), min(one[1], during[1])


def _covers(exam: Exam, places: Collection[str], during: Span) -> Mapping[str, list[Span]]:
    """Who answered for what stood open there: guards by their roster, and whatever else was entered."""
    video, persons = watch(exam, places, (during.since, during.until))
    return {p: [Span(*one) for one in (*video.get(p, ()), *persons.get(p, ()))] for p in places}


for _spot in WATCHED:
    covers(_spot)(_covers)


def paths_of(exam: Exam, places: Collection[str]) -> dict[str, str]:
    """Place → the path of the office that answers for it; what is none is not there."""
    found: dict[str, str] = {}
    stores: dict[int, str] = {}
    for place in places:
        if place == SCORING:
            found[place] = "/"
            continue
        try:
            where: Where = read(place)
        except ValueError:
            continue
        if where.spot == Spot.STORE and where.key.isdecimal():
            stores[int(where.key)] = place
        elif where.spot in (Spot.SEAL_ROOM, Spot.ROOM, Spot.MAIL_ROOM):
            found[place] = path_of(where.key.partition("/")[0])
        elif where.spot == Spot.CENTRE:
            found[place] = "/"
    with acting(NATION):
        rows = Store.objects.filter(exam=exam, pk__in=stores).values_list("pk", "office_path")
        return found | {stores[pk]: path for pk, path in rows}


def spans(exam: Exam, *, viewer: Actor, places: Sequence[str] = ()) -> list[WatchSpan]:
    """Stretches that were entered at the viewer's offices, newest first."""
    path = viewer.office_path or "-"
    found = WatchSpan.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    found = found.filter(Q(place__in=places)) if places else found
    return list(found.order_by("-pk")[:200])


def span(exam: Exam, span_id: int, *, viewer: Actor) -> WatchSpan:
    """One of the viewer's; `NotPermitted` (hidden) otherwise."""
    path = viewer.office_path or "-"
    found = WatchSpan.objects.filter(
        exam=exam, pk=span_id, office_path__gte=path, office_path__lt=path + "~"
    ).first()
    if found is None:
        raise NotPermitted(hidden=True)
    return found


def reviews(exam: Exam, *, viewer: Actor) -> list[WatchReview]:
    """Replays of videos of the viewer's places, newest first."""
    path = viewer.office_path or "-"
    found = WatchReview.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    return list(found.select_related("span").order_by("-pk")[:100])
