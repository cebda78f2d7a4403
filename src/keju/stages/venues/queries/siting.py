"""Sites and rooms: their offices' own, and public once reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.rulebook import value_of
from keju.stages.venues import rules
from keju.stages.venues.models import Room, Site
from keju.stages.venues.params import Params
from keju.stages.venues.queries.hosting import NATION, hosts


class Hall(NamedTuple):
    """A room as seats are planned in it; `id` is its row's."""

    id: int
    site_id: int
    site_code: str
    point_code: str
    standard: int
    number: int
    columns: int
    rows: int
    kind: str
    step_free: bool
    door: str


def sites(exam: Exam, *, viewer: Actor, point_code: str = "", region_code: str = "") -> QuerySet[Site]:
    """Sites in the viewer's scope in code order, with `room_count` exam rooms."""
    found = Site.objects.filter(exam=exam, **under(viewer)).order_by("code")
    if point_code or region_code:
        found = found.filter(point_code__startswith=point_code or region_code)
    return found.annotate(room_count=Count("rooms", filter=Q(rooms__kind=rules.EXAM)))


def site_codes() -> list[str]:
    """The codes of every site that the scope shows, of whatever exam, in order."""
    return list(Site.objects.order_by("code").values_list("code", flat=True).distinct())


def site(exam: Exam, code: str, *, viewer: Actor) -> Site:
    """The site; `Site.DoesNotExist` outside the viewer's scope."""
    return Site.objects.get(exam=exam, code=code, **under(viewer))


def site_facts(exam: Exam, code: str) -> Site:
    """The site for whoever holds a ticket for it: name, address and surroundings are no secret (V14.3)."""
    with acting(NATION):
        return Site.objects.get(exam=exam, code=code)


def room_facts(exam: Exam, room_id: int) -> Room:
    """As `site_facts`, for a room."""
    with acting(NATION):
        return Room.objects.get(exam=exam, pk=room_id)


def rooms(site: Site, kind: str = "") -> list[Room]:
    """The site's rooms by number, of one kind or all."""
    found = Room.objects.filter(site=site).order_by("number")
    return list(found.filter(kind=kind) if kind else found)


def halls(exam: Exam, region_code: str) -> list[Hall]:
    """The region's exam rooms and rooms for candidates with a need of their own, at reported sites, in the order in which
    they are filled."""
    kinds = (rules.EXAM, rules.SEPARATE)
    fields = (
        "pk",
        "site_id",
        "site__code",
        "site__point_code",
        "site__standard",
        "number",
        "columns",
        "rows",
    )
    found = Room.objects.filter(exam=exam, kind__in=kinds, site__point_code__startswith=region_code)
    found = found.exclude(site__reported_at=None).order_by("site__code", "number")
    return [Hall(*row) for row in found.values_list(*fields, "kind", "step_free", "door")]


def sites_of_rooms(exam: Exam, room_ids: Sequence[int]) -> list[int]:
    """The ids of the sites that the rooms belong to, in the viewer's scope."""
    found = Room.objects.filter(exam=exam, pk__in=room_ids)
    return sorted(set(found.values_list("site_id", flat=True)))


def room(exam: Exam, room_id: int, *, viewer: Actor) -> Room:
    """The room; `Room.DoesNotExist` outside the viewer's scope."""
    return Room.objects.select_related("site").get(exam=exam, pk=room_id, **under(viewer))


def sizes(sites: Sequence[Site]) -> list[rules.SiteSize]:
    """What the sites hold, in the order in which they are filled."""
    found = []
    for s in sorted(sites, key=lambda s: s.code):
        found.append(rules.SiteSize(s.standard, [r.columns * r.rows for r in rooms(s, rules.EXAM)]))
    return found


def standards(exam: Exam) -> tuple[int, ...]:
    """The sizes that a site may choose (V14.7.1)."""
    return tuple(value_of("seating.room_sizes", programme=exam.programme, as_of=exam.rules_as_of))


def may_mix(exam: Exam) -> bool:
    """Whether two categories may share a room."""
    return exams.params(exam, Params).mix_categories


@dataclass(frozen=True)
class Figures:
    """How far the viewer's offices are."""

    hosts: int
    sites: int
    reported: int
    exam_rooms: int


def figures(exam: Exam, *, viewer: Actor) -> Figures:
    mine = sites(exam, viewer=viewer)
    return Figures(
        len([h for h in hosts(exam) if path_of(h).startswith(viewer.office_path)]),
        len(mine),
        sum(s.reported_at is not None for s in mine),
        sum(s.room_count for s in mine),
    )


def under(viewer: Actor) -> dict[str, str]:
    return {"office_path__gte": viewer.office_path, "office_path__lt": viewer.office_path + "~"}
