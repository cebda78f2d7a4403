"""What candidates are told of the sites (V14.3): where, how to get there, and in which rooms. Nothing about persons."""

from dataclasses import dataclass

from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.offices import acting
from keju.stages.venues import rules
from keju.stages.venues.models import Assignment, Room, Site
from keju.stages.venues.queries.hosting import NATION, tickets_opened


@dataclass(frozen=True)
class Place:
    """A reported site of a host, and the points whose candidates its host receives."""

    site: Site
    points: list[str]


@dataclass(frozen=True)
class Stretch:
    """Exam rooms on one floor of one building by the same stairway, by number."""

    building: str
    floor: int
    stair: str
    rooms: list[int]


def places(exam: Exam, *, region_code: str = "", text: str = "") -> list[Place]:
    """The reported sites of the hosts of a region, or of the nation, that have every word of `text` in name, address or codes."""
    guests: dict[str, list[str]] = {}
    for point, host in Assignment.objects.filter(exam=exam, current=True).values_list(
        "point_code", "host_code"
    ):
        guests.setdefault(host, []).append(point)
    sites = Site.objects.filter(exam=exam, point_code__startswith=region_code).exclude(reported_at=None)
    words = text.lower().split()
    sites = sites.filter(point_code__in=guests)
    found = [Place(site, sorted(guests[site.point_code])) for site in sites.order_by("code")]
    return [place for place in found if all(word in _all_of(place) for word in words)]


def place(exam: Exam, code: str) -> Place:
    """The reported site; `Site.DoesNotExist` for one that is not, whose point hosts no more, or not there."""
    site = Site.objects.exclude(reported_at=None).get(exam=exam, code=code)
    points = Assignment.objects.filter(exam=exam, current=True, host_code=site.point_code)
    found = sorted(points.values_list("point_code", flat=True))
    if not found:
        raise Site.DoesNotExist
    return Place(site, found)


def distribution(exam: Exam, site: Site) -> list[Stretch]:
    """Which exam rooms are where, once tickets are opened; empty before."""
    if tickets_opened(exam, site.point_code[:2]) is None:
        return []
    with acting(NATION):
        rooms = list(Room.objects.filter(site=site, kind=rules.EXAM).order_by("building", "floor", "number"))
    found: dict[tuple[str, int, str], list[int]] = {}
    for room in rooms:
        found.setdefault((room.building, room.floor, room.stair), []).append(room.number)
    return [Stretch(*where, numbers) for where, numbers in found.items()]


def picture(exam: Exam, code: str) -> bytes | None:
    """The picture that the host uploaded of a reported site; None if there is none."""
    site = place(exam, code).site
    if not site.picture:
        return None
    with acting(NATION):
        return files.read(site.picture, viewer=NATION)


def _all_of(place: Place) -> str:
    site = place.site
    return " ".join((site.code, site.name_zh, site.name_en, site.address, *place.points)).lower()
