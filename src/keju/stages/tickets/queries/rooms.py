"""The rooms that are sat in, as the database keeps count of them (kernel.offices.tallies): nothing here counts tickets.

A nation has tens of thousands of rooms, so they are added up, sorted and cut to a page where they lie.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.stages.tickets.models import Generation, Opening

TALLY = "tickets"
# (path, room, number, valid tickets, all tickets) of every room with a ticket; the key is room/number/state.
ROOMS = f"""
SELECT office_path AS path, split_part(key, '/', 1)::bigint AS room, split_part(key, '/', 2)::int AS number,
  sum(CASE WHEN split_part(key, '/', 3) = 'valid' THEN n ELSE 0 END)::bigint AS valid, sum(n)::bigint AS whole
FROM offices_tally
WHERE exam_id = %(exam)s AND subject = '{TALLY}' AND office_path >= %(path)s AND office_path < %(path)s || '~'
GROUP BY 1, 2, 3 HAVING sum(n) > 0
"""  # noqa: S608  fixed parts only
IN_USE = f"SELECT room, number, path, valid FROM ({ROOMS}) r WHERE valid > 0 ORDER BY path, number"  # noqa: S608
PAGE_IN_USE = f"""
SELECT room, number, path, valid, count(*) OVER () FROM ({ROOMS}) r
WHERE valid > 0 AND path >= %(site)s AND path < %(site)s || '~'
ORDER BY path, number OFFSET %(start)s LIMIT %(size)s
"""  # noqa: S608
SITES_IN_USE = f"SELECT DISTINCT path FROM ({ROOMS}) r WHERE valid > 0 ORDER BY 1"  # noqa: S608
ADDED = f"SELECT count(*) FILTER (WHERE valid > 0), sum(valid)::bigint, sum(whole)::bigint FROM ({ROOMS}) r"  # noqa: S608
SITE_ROWS = f"""
SELECT path, count(*), sum(whole)::bigint,
  (SELECT number FROM tickets_ticket WHERE exam_id = %(exam)s AND site_code = site ORDER BY number LIMIT 1),
  (SELECT number FROM tickets_ticket WHERE exam_id = %(exam)s AND site_code = site ORDER BY number DESC LIMIT 1)
FROM (SELECT path, whole, (split_part(path, '/', 3) || '-' || split_part(path, '/', 4)) COLLATE "default" AS site
      FROM ({ROOMS}) r) s
GROUP BY path, site ORDER BY path
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class RoomInUse:
    """A room that somebody has a ticket for."""

    room_id: int
    room_number: int
    site_code: str
    office_path: str
    tickets: int


@dataclass(frozen=True, slots=True)
class InUse:
    """How many rooms somebody has a valid ticket for, and for how many tickets."""

    rooms: int
    tickets: int


@dataclass(frozen=True)
class Figures:
    """Tickets in the viewer's scope and regions done."""

    tickets: int
    generated: int
    opened: int
    regions: int


def rooms_in_use(*, viewer: Actor, exam: Exam) -> list[RoomInUse]:
    """Every room of the viewer's scope that somebody has a valid ticket for, by site and number."""
    return [_room(row) for row in _found(IN_USE, viewer, exam)]


def rooms_page(*, viewer: Actor, exam: Exam, site: str, start: int, size: int) -> tuple[list[RoomInUse], int]:
    """So many of `rooms_in_use` from the place `start`, of sites whose code begins with `site`; and how many there are."""
    found = _found(PAGE_IN_USE, viewer, exam, site=_site_path(site), start=start, size=size)
    return [_room(row) for row in found], found[0][4] if found else 0


def in_use(*, viewer: Actor, exam: Exam) -> InUse:
    """The rooms of the viewer's scope in use, added up."""
    rooms, tickets, _ = _found(ADDED, viewer, exam)[0]
    return InUse(rooms, tickets or 0)


def sites_in_use(*, viewer: Actor, exam: Exam) -> list[str]:
    """The codes of the sites with such rooms, in order."""
    return [_site_code(path) for (path,) in _found(SITES_IN_USE, viewer, exam)]


def site_rows(exam: Exam, *, viewer: Actor) -> list[tuple[str, int, int, str, str]]:
    """(site code, rooms in use, tickets, first number, last number) in the viewer's scope."""
    return [(_site_code(path), *row) for path, *row in _found(SITE_ROWS, viewer, exam)]


def figures(exam: Exam, *, viewer: Actor) -> Figures:
    mine = [o.office_id for o in exams.openings(exam, "region") if _related(viewer, o.office_id)]
    counts = Generation.objects.filter(exam=exam).aggregate(n=Count("pk"))
    opened = Opening.objects.filter(exam=exam, region_code__in=mine).count()
    (_, _, tickets) = _found(ADDED, viewer, exam)[0]
    return Figures(tickets or 0, int(counts["n"]), opened, len(mine))


def _found(sql: str, viewer: Actor, exam: Exam, **more: object) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"exam": exam.pk, "path": viewer.office_path or "-", **more})
        return list(cursor.fetchall())


def _room(row: Sequence[Any]) -> RoomInUse:
    room, number, path, tickets = row[:4]
    return RoomInUse(room, number, _site_code(path), path, tickets)


def _site_code(office_path: str) -> str:
    _, _, point, site, _ = office_path.split("/")
    return f"{point}-{site}"


def _site_path(beginning: str) -> str:
    """What the path of a site begins with whose code (`3701-01`) begins so."""
    point, dash, site = beginning.partition("-")
    if len(point) <= 2 and not dash:
        return f"/{point}"
    return f"/{point[:2]}/{point}/{site}" if dash else f"/{point[:2]}/{point}"


def _related(viewer: Actor, region_code: str) -> bool:
    return viewer.office_path == "/" or viewer.office_path.startswith(path_of(region_code))
