"""How every site of a part of the country stands, counted in the database: for the readiness board."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Min

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.looking import once_a_look
from keju.rulebook import Refusal
from keju.rulebook.model import CheckedBy, CheckItem
from keju.stages.venues import rules
from keju.stages.venues.models import Room, Site
from keju.stages.venues.params import Params
from keju.stages.venues.queries.checking import Span, items, spans
from keju.stages.venues.queries.hosting import assignment

LAST = """
SELECT DISTINCT ON (site_id, item, room_id) site_id, item, room_id, settled FROM venues_attestation
WHERE exam_id = %(exam)s AND office_path >= %(path)s AND office_path < %(path)s || '~'
ORDER BY site_id, item, room_id, id DESC
"""
OF_SITES = "SELECT site_id, item, settled FROM (" + LAST + ") last WHERE room_id IS NULL"  # noqa: S608  constant
OF_ROOMS = f"""
WITH last AS ({LAST})
SELECT r.site_id, i.item, array_agg(r.number ORDER BY r.number), array_agg(last.settled ORDER BY r.number)
FROM venues_room r CROSS JOIN unnest(%(items)s::text[]) AS i(item)
LEFT JOIN last ON last.site_id = r.site_id AND last.item = i.item AND last.room_id = r.id
WHERE r.exam_id = %(exam)s AND r.office_path >= %(path)s AND r.office_path < %(path)s || '~' AND r.kind = ANY(%(kinds)s)
GROUP BY r.site_id, i.item
"""  # noqa: S608  constants


@dataclass(frozen=True)
class Watched:
    """An item of a site's checklist. `seen`: how the last look left each thing, None where nobody looked yet; a thing is a
    room by its number, or the site as a whole (None)."""

    site: Site
    item: CheckItem
    term: Span
    at: datetime
    seen: Mapping[int | None, bool | None]

    def state(self, *outcomes: bool | None) -> rules.State:
        """The state of things that were seen so; of all of them where none is given."""
        kinds = set(outcomes or self.seen.values())
        return rules.standing(list(kinds), opens=self.term[0], due=self.term[1], at=self.at)

    def things(self, outcome: bool | None) -> list[int | None]:
        return [thing for thing, seen in self.seen.items() if seen is outcome]


@dataclass(frozen=True)
class Entered:
    """What stands against a site's rooms as they were entered, by clause; and how urgent that is."""

    site: Site
    state: rules.State
    support: list[Refusal]
    shapes: list[tuple[int, int, Refusal]]
    """(rooms of one shape, the first one's number, what is wrong with each of them)."""


def watched(exam: Exam, path: str, at: datetime) -> list[Watched]:
    """Every item of the hosts' sites under the path. A fixed number of statements whatever their number."""
    sites = sites_of_hosts(exam, path)
    terms = _terms(exam, path)
    wanted = items(exam)
    asked = {"exam": exam.pk, "path": path, "kinds": list(rules.SEATING_KINDS)}
    asked["items"] = [item.code for item in wanted if item.of == "room"]
    with connection.cursor() as cursor:
        cursor.execute(OF_SITES, asked)
        seen: dict[tuple[int, str], dict[int | None, bool | None]] = {
            (site, item): {None: settled} for site, item, settled in cursor.fetchall()
        }
        cursor.execute(OF_ROOMS, asked)
        for site_id, code, numbers, outcomes in cursor.fetchall():
            seen[site_id, code] = dict(zip(numbers, outcomes, strict=True))
    return [
        Watched(
            site,
            item,
            terms[site.point_code][item.by],
            at,
            seen.get((site.pk, item.code), {None: None} if item.of == "site" else {}),
        )
        for site in sites
        for item in wanted
    ]


def entered(exam: Exam, path: str, at: datetime) -> list[Entered]:
    """The hosts' sites under the path against V14.2 and V14.5, rooms of one shape judged once."""
    sites, params = sites_of_hosts(exam, path), exams.params(exam, Params)
    terms = _terms(exam, path)
    rooms = Room.objects.filter(exam=exam, site__in=[site.pk for site in sites])
    shapes: dict[int, list[tuple[rules.NewRoom, int]]] = {}
    for site_id, kind, columns, rows, gap, door, n, first in rooms.values_list(
        "site_id", "kind", "columns", "rows", "gap_cm", "door"
    ).annotate(n=Count("pk"), first=Min("number")):
        room = rules.NewRoom(first, "", 0, columns, rows, gap, kind, door=door)
        shapes.setdefault(site_id, []).append((room, n))
    found = []
    for site in sites:
        mine = shapes.get(site.pk, [])
        count = {kind: sum(n for room, n in mine if room.kind == kind) for kind in rules.KINDS}
        support = list(rules.check_counts(count, params))
        wrong = [
            (n, room.number, refusal)
            for room, n in mine
            for refusal in rules.check_room(room, site.standard, params)
        ]
        found.append(
            Entered(
                site, _urgent(bool(support or wrong), terms[site.point_code]["report"], at), support, wrong
            )
        )
    return found


@once_a_look
def _terms(exam: Exam, path: str) -> dict[str, dict[CheckedBy, Span]]:
    """As `spans`; what belongs to the report is due at the latest when the eve of the exam begins."""
    found = spans(exam, {site.point_code for site in sites_of_hosts(exam, path)})
    return {
        point: {"report": (None, term["report"][1] or term["eve"][0]), "eve": term["eve"]}
        for point, term in found.items()
    }


def _urgent(wrong: bool, term: Span, at: datetime) -> rules.State:
    return rules.standing([None if wrong else True], opens=term[0], due=term[1], at=at)


@once_a_look
def sites_of_hosts(exam: Exam, path: str) -> list[Site]:
    """The sites of hosts in code order: what a former host entered is nobody's business now."""
    hosting = set(assignment(exam).values())
    found = Site.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    return list(found.filter(point_code__in=hosting).order_by("code"))
