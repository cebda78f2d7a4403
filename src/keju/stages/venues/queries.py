"""Reading hosts, sites and rooms. Decisions are public; sites are their offices', and public once reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam, Milestone
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of, points
from keju.rulebook import Refusal, value_of
from keju.stages.registration import queries as registration
from keju.stages.venues import rules
from keju.stages.venues.models import Assignment, HostDecision, Room, Site
from keju.stages.venues.params import Params

NATION = Actor.system("venues")
"""Counts decide about rooms and name nobody: a host is told those of the points assigned to it."""


@dataclass(frozen=True)
class PointRow:
    """A point of a region: its confirmed candidates, what is proposed, what is decided ("" while nothing is)."""

    code: str
    name: object
    candidates: int
    proposed: str
    decided: str


@dataclass(frozen=True)
class Readiness:
    """A site before its report: what must be mended, and what is still to be attested."""

    refusals: list[Refusal]
    unattested: list[str]

    @property
    def ready(self) -> bool:
        return not self.refusals


ATTESTED = ("V14.1", "V14.4", "V14.7.4")
"""Clauses that the host answers for by a tick: cameras, cordon, empty rooms."""


def counts(exam: Exam, region_code: str) -> dict[str, int]:
    """Confirmed candidates per point of the region."""
    found: dict[str, int] = {}
    with acting(Actor.system("venues", path_of(region_code))):
        for (point, _), n in registration.confirmed_counts(viewer=NATION, exam=exam).items():
            found[point] = found.get(point, 0) + n
    return found


def proposal(exam: Exam, region_code: str) -> dict[str, str]:
    """Point → host as the rule proposes it for the counts of now (V6.1)."""
    return rules.propose_hosts(counts(exam, region_code), exams.params(exam, Params).host_min_candidates)


def decision(exam: Exam, region_code: str) -> HostDecision | None:
    """The decision in force."""
    return HostDecision.objects.filter(exam=exam, region_code=region_code, superseded_at=None).first()


def assignment(exam: Exam, region_code: str = "") -> dict[str, str]:
    """Point → host as decided, of a region or of the nation."""
    found = Assignment.objects.filter(exam=exam, current=True, point_code__startswith=region_code)
    return dict(found.order_by("point_code").values_list("point_code", "host_code"))


def hosts(exam: Exam, region_code: str = "") -> list[str]:
    """Codes of the host points in order."""
    return sorted(set(assignment(exam, region_code).values()))


def host_of(exam: Exam, point_code: str) -> str | None:
    """Where the point's candidates sit the exam; None while nothing is decided."""
    found = Assignment.objects.filter(exam=exam, current=True, point_code=point_code)
    return found.values_list("host_code", flat=True).first()


def is_host(exam: Exam, point_code: str) -> bool:
    return host_of(exam, point_code) == point_code


def guests(exam: Exam, host_code: str) -> list[Assignment]:
    """The points whose candidates the host receives, itself among them, with their counts as decided."""
    return list(
        Assignment.objects.filter(exam=exam, current=True, host_code=host_code).order_by("point_code")
    )


def expected(exam: Exam, host_code: str) -> dict[str, int]:
    """Confirmed candidates per category whom the host receives, in the programme's order of categories."""
    mine = {a.point_code for a in guests(exam, host_code)}
    found = {c.code: 0 for c in exams.programme(exam).categories}
    with acting(Actor.system("venues", path_of(host_code[:2]))):
        for (point, category), n in registration.confirmed_counts(viewer=NATION, exam=exam).items():
            if point in mine:
                found[category] = found.get(category, 0) + n
    return found


def rows(exam: Exam, region_code: str) -> list[PointRow]:
    """Every point of the region that has candidates or takes part."""
    n, proposed, decided = (
        counts(exam, region_code),
        proposal(exam, region_code),
        assignment(exam, region_code),
    )
    taking_part = {o.office_id for o in exams.openings(exam, "point")} | set(n)
    return [
        PointRow(p.code, p.name, n.get(p.code, 0), proposed.get(p.code, ""), decided.get(p.code, ""))
        for p in points(region_code)
        if p.code in taking_part
    ]


def sites(exam: Exam, *, viewer: Actor, point_code: str = "", region_code: str = "") -> QuerySet[Site]:
    """Sites in the viewer's scope in code order, with `room_count` exam rooms."""
    found = Site.objects.filter(exam=exam, **_under(viewer)).order_by("code")
    if point_code or region_code:
        found = found.filter(point_code__startswith=point_code or region_code)
    return found.annotate(room_count=Count("rooms", filter=Q(rooms__kind=rules.EXAM)))


def site(exam: Exam, code: str, *, viewer: Actor) -> Site:
    """The site; `Site.DoesNotExist` outside the viewer's scope."""
    return Site.objects.get(exam=exam, code=code, **_under(viewer))


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


def exam_rooms(exam: Exam, region_code: str) -> list[tuple[int, int, str, str, int, int, int, int]]:
    """(room id, site id, site code, point code, standard, number, columns, rows) of the region's exam rooms at
    reported sites, in the order in which they are filled."""
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
    found = Room.objects.filter(exam=exam, kind=rules.EXAM, site__point_code__startswith=region_code)
    found = found.exclude(site__reported_at=None).order_by("site__code", "number")
    return list(found.values_list(*fields))


def room(exam: Exam, room_id: int, *, viewer: Actor) -> Room:
    """The room; `Room.DoesNotExist` outside the viewer's scope."""
    return Room.objects.select_related("site").get(exam=exam, pk=room_id, **_under(viewer))


def sizes(sites: Sequence[Site]) -> list[rules.SiteSize]:
    """What the sites hold, in the order in which they are filled."""
    found = []
    for s in sorted(sites, key=lambda s: s.code):
        found.append(rules.SiteSize(s.standard, [r.columns * r.rows for r in rooms(s, rules.EXAM)]))
    return found


def readiness(exam: Exam, site: Site) -> Readiness:
    """Everything that stands against reporting the site (V14.2, V14.5, V14.7.1), and what nobody ticked yet."""
    params = exams.params(exam, Params)
    mine = [r.facts for r in rooms(site)]
    found = [refusal for r in mine for refusal in rules.check_room(r, site.standard, params)]
    found += rules.check_support(mine, params)
    every = list(Site.objects.filter(exam=exam, point_code=site.point_code))
    found += rules.check_capacity(expected(exam, site.point_code), sizes(every), mix=params.mix_categories)
    return Readiness(found, [clause for clause in ATTESTED if clause not in site.attested])


def unreported_hosts(exam: Exam, region_code: str) -> list[str]:
    """Hosts of the region without a site, or with one that is not reported yet."""
    with acting(Actor.system("venues", path_of(region_code))):
        states: dict[str, bool] = {}
        for point, at in Site.objects.filter(exam=exam, point_code__startswith=region_code).values_list(
            "point_code", "reported_at"
        ):
            states[point] = states.get(point, True) and at is not None
    return [host for host in hosts(exam, region_code) if not states.get(host, False)]


def standards(exam: Exam) -> tuple[int, ...]:
    """The sizes that a site may choose (V14.7.1)."""
    return tuple(value_of("seating.room_sizes", programme=exam.programme, as_of=exam.rules_as_of))


def may_mix(exam: Exam) -> bool:
    """Whether two categories may share a room."""
    return exams.params(exam, Params).mix_categories


def tickets_opened(exam: Exam, region_code: str) -> datetime | None:
    """Since when candidates of this region hold tickets: the region's own milestone, not the nation's."""
    found = Milestone.objects.filter(exam=exam, key="tickets_opened", office_path=path_of(region_code))
    return found.values_list("at", flat=True).first()


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


def _under(viewer: Actor) -> dict[str, str]:
    return {"office_path__gte": viewer.office_path, "office_path__lt": viewer.office_path + "~"}
