"""Devices of offices, where they are used, and what a site lacks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import value_of
from keju.rulebook.precautions import DeviceKind
from keju.stages.security.models import Device, DeviceTest, DeviceUse, Entrance
from keju.stages.security.queries.inspecting import under
from keju.stages.security.rules import devices as rules
from keju.stages.venues import queries as venues

PAGE = 50
# Rooms with desks, entrances (one at least), by site: what devices are counted by.
THINGS = """
SELECT s.code, s.office_path,
  (SELECT count(*) FROM venues_room r WHERE r.site_id = s.id AND r.kind = ANY(%s)),
  (SELECT count(*) FROM security_entrance e WHERE e.exam_id = s.exam_id AND e.site_code = s.code)
FROM venues_site s WHERE s.exam_id = %s AND s.office_path >= %s AND s.office_path < %s ORDER BY s.code
"""
PLACED = """
SELECT site_code, kind, count(DISTINCT device_id) FILTER (WHERE fit), count(DISTINCT device_id)
FROM security_device_use
WHERE exam_id = %s AND ended_at IS NULL AND from_at <= %s AND until_at >= %s AND office_path >= %s AND office_path < %s
GROUP BY site_code, kind
"""


@dataclass(frozen=True)
class Need:
    """What a site needs of a kind, how many are placed there for the whole exam, and how many of those are fit."""

    site: str
    office_path: str
    kind: DeviceKind
    things: int
    wanted: int
    placed: int
    fit: int

    @property
    def lacking(self) -> int:
        return rules.shortfall(self.wanted, self.fit)


def kinds(exam: Exam) -> tuple[DeviceKind, ...]:
    return exams.programme(exam).precautions.devices


def span(exam: Exam) -> tuple[datetime, datetime] | None:
    """From the first session's start to the last one's end."""
    found = exams.sessions(exam)
    return (min(s.starts_at for s in found), max(s.ends_at for s in found)) if found else None


def per_device(exam: Exam, kind: DeviceKind) -> int:
    """How many of its `per` one device serves; 0: none is asked."""
    if kind.param is None:
        return 0
    return int(value_of(kind.param, programme=exam.programme, as_of=exam.rules_as_of))


def devices(
    *, viewer: Actor, kind: str = "", state: str = "", q: str = "", after: int = 0
) -> QuerySet[Device]:
    """The viewer's inventory, newest first. `state`: fit, broken, untested or retired."""
    found = Device.objects.filter(**under(viewer.office_path)).order_by("-id")
    if kind:
        found = found.filter(kind=kind)
    if state == "retired":
        found = found.exclude(retired_at=None)
    elif state:
        passed = {"fit": True, "broken": False, "untested": None}.get(state)
        found = found.filter(passed=passed, retired_at=None)
    if q:
        found = found.filter(tag__icontains=q)
    return found.filter(pk__lt=after) if after else found


def device(device_id: int, *, viewer: Actor) -> Device:
    """The device; `Device.DoesNotExist` outside the viewer's scope."""
    return Device.objects.get(pk=device_id, **under(viewer.office_path))


def tests(row: Device) -> list[DeviceTest]:
    return list(DeviceTest.objects.filter(device=row).order_by("-id"))


def uses_of(row: Device) -> list[DeviceUse]:
    return list(DeviceUse.objects.filter(device=row).select_related("entrance").order_by("-id"))


def uses(exam: Exam, site_code: str) -> list[DeviceUse]:
    """What is at the site now and later, by kind and number."""
    found = DeviceUse.objects.filter(exam=exam, site_code=site_code, ended_at=None)
    return list(found.select_related("device", "entrance").order_by("kind", "device__tag"))


def entrances(exam: Exam, site_code: str) -> list[Entrance]:
    return list(Entrance.objects.filter(exam=exam, site_code=site_code).order_by("name"))


def free(*, viewer: Actor, from_at: datetime, until_at: datetime, most: int = 500) -> list[Device]:
    """What could be placed in that time, fit ones first."""
    taken = DeviceUse.objects.filter(ended_at=None, from_at__lt=until_at, until_at__gt=from_at).values(
        "device_id"
    )
    found = Device.objects.filter(retired_at=None, **under(viewer.office_path)).exclude(pk__in=taken)
    return sorted(found.order_by("kind", "tag")[:most], key=lambda d: (d.kind, not d.passed, d.tag))


def taken(device_ids: Iterable[int], from_at: datetime, until_at: datetime) -> set[int]:
    """Those that are somewhere in that time, as far as the scope shows it; the database knows of all."""
    found = DeviceUse.objects.filter(
        device_id__in=list(device_ids), ended_at=None, from_at__lt=until_at, until_at__gt=from_at
    )
    return set(found.values_list("device_id", flat=True))


def needs(exam: Exam, path: str) -> list[Need]:
    """What every site at and under the path needs of each kind that is asked: two statements however many sites."""
    asked = [(kind, per_device(exam, kind)) for kind in kinds(exam)]
    times = span(exam)
    if times is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(THINGS, [["exam", "separate"], exam.pk, path, path + "~"])
        sites = cursor.fetchall()
        cursor.execute(PLACED, [exam.pk, *times, path, path + "~"])
        placed = {(site, kind): (fit, all_) for site, kind, fit, all_ in cursor.fetchall()}
    return [
        _need(
            site,
            office_path,
            kind,
            per,
            {"room": rooms, "entrance": max(1, doors), "site": 1}[kind.per],
            placed,
        )
        for site, office_path, rooms, doors in sites
        for kind, per in asked
        if per
    ]


def rooms_of(exam: Exam, site_code: str, *, viewer: Actor) -> Sequence[int]:
    """Numbers of the site's rooms; `Site.DoesNotExist` outside the viewer's scope."""
    return [room.number for room in venues.rooms(venues.site(exam, site_code, viewer=viewer))]


def _need(
    site: str,
    path: str,
    kind: DeviceKind,
    per: int,
    things: int,
    placed: dict[tuple[str, str], tuple[int, int]],
) -> Need:
    fit, all_ = placed.get((site, kind.code), (0, 0))
    return Need(site, path, kind, things, rules.needed(things, per), all_, fit)
