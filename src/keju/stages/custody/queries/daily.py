"""The day's report of every office: prefilled from the log, as it was sent, and whose is missing (V12.4)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from keju.kernel.calendar import CHINA
from keju.kernel.duties import queries as duties
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.stages.custody.models import Alarm, DailyReport, Entry, Holding, Step, Store
from keju.stages.custody.queries.guards import guards_of
from keju.stages.custody.rules.chain import Act
from keju.stages.custody.rules.daily import Day, StoreDay
from keju.stages.custody.rules.watching import unwatched

DUE = time(16, 0)
RULES = ("V12.4", "V15.9.1")
# What lies in stores, by itself or in another, by kind; an emptied box or pack is none of it.
THERE = """
SELECT coalesce(o.place, h.place), c.kind, count(*), count(*) FILTER (WHERE coalesce(o.seal, '') <> '' OR h.seal <> ''),
  count(*) FILTER (WHERE h.frozen OR o.frozen)
FROM custody_holding h
JOIN custody_container c ON c.id = h.container_id
LEFT JOIN custody_holding o ON o.container_id = h.parent_id
WHERE h.exam_id = %s AND h.office_path >= %s AND h.office_path < %s || '~' AND coalesce(o.place, h.place) = ANY(%s)
  AND (c.kind NOT IN ('box', 'pack') OR EXISTS (SELECT FROM custody_holding i WHERE i.parent_id = h.container_id))
GROUP BY 1, 2
"""
# What came into or left them on a day: outer ones once each.
MOVED = """
SELECT coalesce(sum((s.place = p)::int), 0), coalesce(sum((b.place = p)::int), 0), p
FROM unnest(%s::text[]) AS p
JOIN custody_step s ON s.exam_id = %s AND s.act IN ('handed_over', 'moved') AND s.at >= %s AND s.at < %s
  AND s.office_path >= %s AND s.office_path < %s || '~'
JOIN custody_step b ON b.container_id = s.container_id AND b.number = s.number - 1
WHERE s.place <> b.place AND p IN (s.place, b.place)
GROUP BY p
"""


def today(at: datetime) -> date:
    """The day in China."""
    return at.astimezone(CHINA).date()


def day_span(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight in China."""
    begins = datetime.combine(day, time(), CHINA)
    return begins, begins + timedelta(days=1)


def prefilled(exam: Exam, office_codes: Collection[str], day: date, at: datetime) -> dict[str, Day]:
    """Office → its day as the log has it now; a fixed number of statements however many offices."""
    paths = {code: path_of(code) for code in office_codes}
    rows = list(Store.objects.filter(exam=exam, office_code__in=list(paths)).order_by("pk"))
    found = _store_days(exam, rows, day, at)
    top = _common(list(paths.values()))
    alarms = list(
        Alarm.objects.filter(exam=exam, cleared_at=None, office_path__gte=top, office_path__lt=top + "~")
        .values_list("office_path", "kind")
    )  # fmt: skip
    begins, ends = day_span(day)
    broken = list(
        Step.objects.filter(exam=exam, act=Act.BROKEN, at__gte=begins, at__lt=ends)
        .filter(office_path__gte=top, office_path__lt=top + "~")
        .values_list("office_path", flat=True)
    )  # fmt: skip
    outside = _outside(exam, paths)
    sent, owing = last_sent(exam, day, top), owed_below(exam, list(paths), day)
    return {
        code: Day(
            stores=[found[row.pk] for row in rows if row.office_code == code],
            elsewhere=outside.get(code, 0),
            broken=sum(one.startswith(path) for one in broken),
            alarms=_counted(kind for one, kind in alarms if one.startswith(path)),
            below={lower: sent[lower].said if lower in sent else None for lower in owing.get(code, ())},
        )
        for code, path in paths.items()
    }


@dataclass(frozen=True)
class Lot:
    """So many containers of a kind at a place, by themselves or in others."""

    kind: str
    containers: int
    sealed: int
    frozen: int


def lying(exam: Exam, places: Collection[str], path: str) -> dict[str, list[Lot]]:
    """Place → what lies there, of the containers at and under the path; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(THERE, [exam.pk, path, path, list(places)])
        rows = cursor.fetchall()
    found: dict[str, list[Lot]] = {}
    for place, *facts in sorted(rows):
        found.setdefault(place, []).append(Lot(*facts))
    return found


def _store_days(exam: Exam, rows: Sequence[Store], day: date, at: datetime) -> dict[int, StoreDay]:
    begins, ends = day_span(day)
    places, top = [row.place for row in rows], _common([row.office_path for row in rows] or ["/"])
    there = lying(exam, places, top)
    with connection.cursor() as cursor:
        cursor.execute(MOVED, [places, exam.pk, begins, ends, top, top])
        moved = {place: (int(came), int(left)) for came, left, place in cursor.fetchall()}
    entries = dict(_entries(rows, begins, ends))
    inside = dict(
        Entry.objects.filter(store__in=rows, admitted=True, ended=None)
        .values_list("store")
        .annotate(n=Count("pk"))
    )
    guards, first = guards_of(exam, rows, begins, ends), first_receipts(exam, places)
    result = {}
    for row in rows:
        mine, until = there.get(row.place, []), min(ends, at)
        total = sum(lot.containers for lot in mine)
        since = max(first.get(row.place, until), begins)
        gaps = unwatched([(since, until)], [g.hours for g in guards[row.pk]]) if total else []
        sealed = sum(lot.sealed for lot in mine)
        came, left = moved.get(row.place, (0, 0))
        all_, refused = entries.get(row.pk, (0, 0))
        result[row.pk] = StoreDay(
            store=row.pk, name=row.name, containers=total, by_kind={lot.kind: lot.containers for lot in mine}, sealed=sealed,
            open=total - sealed, frozen=sum(lot.frozen for lot in mine), came=came, left=left,
            guards=len({g.human for g in guards[row.pk]}), unguarded=sum((b - a) // timedelta(minutes=1) for a, b in gaps),
            entries=all_ - refused, refused=refused, inside=inside.get(row.pk, 0),
        )  # fmt: skip
    return result


def _entries(rows: Sequence[Store], begins: datetime, ends: datetime) -> list[tuple[int, tuple[int, int]]]:
    found = Entry.objects.filter(store__in=rows, at__gte=begins, at__lt=ends).values("store")
    counted = found.annotate(n=Count("pk"), refused=Count("pk", filter=Q(admitted=False)))
    return [(row["store"], (row["n"], row["refused"])) for row in counted]


def first_receipts(exam: Exam, places: Collection[str]) -> dict[str, datetime]:
    """Place → when the first container came there; as far as the scope shows it."""
    statement = """SELECT p, (SELECT min(at) FROM custody_step s WHERE s.exam_id = %s AND s.place = p)
      FROM unnest(%s::text[]) AS p"""
    with connection.cursor() as cursor:
        cursor.execute(statement, [exam.pk, list(places)])
        return {place: when for place, when in cursor.fetchall() if when is not None}


def _outside(exam: Exam, paths: Mapping[str, str]) -> dict[str, int]:
    """Office → containers in its custody that lie in no store: on the way, in a mail room, a seal room, a room."""
    rows = Holding.objects.filter(exam=exam, custodian__in=list(paths), parent=None).exclude(
        Q(place__startswith="store:") | Q(place="destroyed")
    )
    return dict(rows.values_list("custodian").annotate(n=Count("pk")))


def owed_below(exam: Exam, office_codes: Collection[str], day: date) -> dict[str, list[str]]:
    """Office → the offices that owe it a report of that day (V12.4, V15.9.1)."""
    found: dict[str, list[str]] = defaultdict(list)
    for owner, creditor in duties.owed_on(exam=exam, rules=RULES, creditors=office_codes, day=day):
        found[creditor].append(owner)
    return found


@dataclass(frozen=True)
class Sent:
    """A report as lists show it: the last one of an office on a day."""

    row: DailyReport

    @property
    def said(self) -> list[object]:
        """What the report of the office above carries of it."""
        return [self.containers, self.row.safe]

    @property
    def containers(self) -> int:
        return sum(int(store["containers"]) for store in self.row.facts["stores"])


def last_sent(exam: Exam, day: date, path: str) -> dict[str, Sent]:
    """Office at or under the path → its last report of that day."""
    rows = DailyReport.objects.filter(exam=exam, day=day, office_path__gte=path, office_path__lt=path + "~")
    found = rows.order_by("office_code", "-number").distinct("office_code")
    return {row.office_code: Sent(row) for row in found}


def reports(exam: Exam, office_code: str, *, viewer: Actor) -> list[DailyReport]:
    """Everything that the office has sent, newest first."""
    path = viewer.office_path or "-"
    found = DailyReport.objects.filter(
        exam=exam, office_code=office_code, office_path__gte=path, office_path__lt=path + "~"
    )
    return list(found.order_by("-day", "-number")[:200])


def _counted(kinds: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for kind in kinds:
        found[kind] = found.get(kind, 0) + 1
    return found


def _common(paths: Sequence[str]) -> str:
    """The nearest office above all of them."""
    first, last = min(paths), max(paths)
    same = next(
        (n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
    )
    return first[: first[:same].rfind("/") + 1] or "/"
