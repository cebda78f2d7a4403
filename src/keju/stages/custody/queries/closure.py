"""Do the papers add up? At every level, from the nation down to a room, and by container where they do not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import connection

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook.words import Words
from keju.stages.custody.models import Container
from keju.stages.custody.queries.quantities import confirmations, lines_of
from keju.stages.custody.rules.chain import Counts
from keju.stages.custody.rules.closure import Sums, Verdict, verdict
from keju.stages.custody.rules.containers import Kind

MOST = 1_000  # differences that are listed
LEVELS = {1: 2, 2: 4, 3: 7}  # slashes of a path → letters of the codes one level below: region, point, site
SUMS = """
SELECT {child}, c.kind, c.session, c.category, sum(c.copies)::int, sum(h.inside)::int, sum(h.out)::int, sum(h.used)::int,
  sum(h.unused)::int, sum(h.defective)::int, sum(h.missing)::int, sum(h.destroyed)::int
FROM custody_holding h JOIN custody_container c ON c.id = h.container_id
WHERE h.exam_id = %s AND h.office_path >= %s AND h.office_path < %s AND c.kind IN ('bag', 'spare_bag', 'card_bag')
GROUP BY 1, 2, 3, 4 ORDER BY 1, 3, 4, 2
"""
# The last step at which nothing was missing, and the one after it: between them to look.
LACKING = """
SELECT c.id, c.code, c.kind, c.office_path, c.site_code, c.room, c.session, h.missing, h.defective, h.out,
  r.number, r.at, r.act, r.place, r.custodian, first.at
FROM custody_holding h
JOIN custody_container c ON c.id = h.container_id
JOIN LATERAL (SELECT s.number, s.at, s.act, s.place, s.custodian FROM custody_step s
  WHERE s.container_id = h.container_id AND s.missing = 0 ORDER BY s.number DESC LIMIT 1) r ON true
JOIN custody_step first ON first.container_id = h.container_id AND first.number = r.number + 1
WHERE h.exam_id = %s AND h.office_path >= %s AND h.office_path < %s AND h.missing > 0
ORDER BY c.id LIMIT %s
"""


@dataclass(frozen=True)
class Line:
    """Sheets of one kind, session and category at one office or (below a site) in one room; `child` its code."""

    child: str
    kind: str
    session: int
    category: str
    sums: Sums

    @property
    def verdict(self) -> Verdict:
        return verdict(self.sums)


@dataclass(frozen=True)
class Difference:
    """A container that lacks sheets. `right_…`: its last step at which none was missing; `found_at`: when it was noticed."""

    id: int
    code: str
    kind: str
    office_path: str
    site: str
    room: int
    session: int
    missing: int
    defective: int
    out: int
    right_number: int
    right_at: datetime
    right_act: str
    right_place: str
    right_custodian: str
    found_at: datetime


@dataclass(frozen=True)
class OpenCase:
    """A case that names a container: how many of its missing sheets it answers for, and where to read it."""

    container_id: int
    sheets: int
    name: Words
    url: str
    args: Mapping[str, object]


class Cases(Protocol):
    """The open cases at and under a path that name containers, in one look."""

    def __call__(self, exam: Exam, path: str) -> Iterable[OpenCase]: ...


_cases: list[Cases] = []


def explains(fn: Cases) -> Cases:
    """Register `fn(exam, path)` as what knows of open cases that answer for missing sheets."""
    if fn not in _cases:
        _cases.append(fn)
    return fn


def cases(exam: Exam, path: str) -> list[OpenCase]:
    """Every open case at and under the path."""
    return [case for fn in _cases for case in fn(exam, path)]


def lines(exam: Exam, path: str, *, viewer: Actor) -> list[Line]:
    """The sums of everything one level below `path` (of a site: its rooms), as far as the viewer sees it."""
    asked = _within(path, viewer)
    depth = asked.count("/")
    child = "c.room::text" if depth > len(LEVELS) else f"split_part(c.office_path, '/', {depth + 1})"
    with connection.cursor() as cursor:
        cursor.execute(SUMS.format(child=child), [exam.pk, asked, asked + "~"])
        rows = cursor.fetchall()
    ordered = {} if depth > len(LEVELS) else _ordered(exam, depth, viewer)
    named = _named(exam, asked, depth)
    found = []
    for code, kind, session, category, printed, *counts in rows:
        key = (_code(asked, code, depth), kind, session, category)
        sums = Sums(printed, ordered.get(key), Counts(*counts), named.get(key, 0))
        found.append(Line(*key, sums))
    return sorted(found, key=lambda line: line.child.zfill(7))  # room 2 stands before room 10


def differences(exam: Exam, path: str, *, viewer: Actor) -> list[Difference]:
    """Every container at and under `path` that lacks sheets, with the last step at which the count was right."""
    asked = _within(path, viewer)
    with connection.cursor() as cursor:
        cursor.execute(LACKING, [exam.pk, asked, asked + "~", MOST])
        return [Difference(*row) for row in cursor.fetchall()]


def _within(path: str, viewer: Actor) -> str:
    own = viewer.office_path or "-"
    return path if path.startswith(own) else own


def _code(path: str, part: str, depth: int) -> str:
    """ "01" below /13/1301/ is the site 1301-01; elsewhere a path's part is the office's code."""
    return f"{path.split('/')[2]}-{part}" if depth == len(LEVELS) else part


def _ordered(exam: Exam, depth: int, viewer: Actor) -> dict[tuple[str, str, int, str], int]:
    """What the regions confirmed, by office one level down; a site's code begins with its point's and that with its region's."""
    letters = LEVELS[depth]
    found: dict[tuple[str, str, int, str], int] = {}
    for row in confirmations(exam, viewer=viewer).values():
        for line in lines_of(row):
            of = (line.site[:letters], line.session, line.category)
            for kind, n in (
                (Kind.BAG, line.copies),
                (Kind.CARD_BAG, line.copies),
                (Kind.SPARE_BAG, line.spare_copies),
            ):
                key = (of[0], str(kind), *of[1:])
                found[key] = found.get(key, 0) + n
    return found


def _named(exam: Exam, path: str, depth: int) -> dict[tuple[str, str, int, str], int]:
    open_ = {case.container_id: case.sheets for case in cases(exam, path)}
    found: dict[tuple[str, str, int, str], int] = {}
    for c in Container.objects.filter(exam=exam, pk__among=list(open_)):
        part = str(c.room) if depth > len(LEVELS) else c.office_path.split("/")[depth]
        key = (_code(c.office_path, part, depth), c.kind, c.session, c.category)
        found[key] = found.get(key, 0) + open_[c.pk]
    return found
