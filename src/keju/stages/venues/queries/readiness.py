"""What stands against the report of a site, and the board of all sites: green, amber, red, with what is missing."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import Refusal
from keju.rulebook.model import CheckItem
from keju.rulebook.words import Words, t
from keju.stages.registration import queries as registration
from keju.stages.venues import rules
from keju.stages.venues.models import Room, Site
from keju.stages.venues.params import Params
from keju.stages.venues.queries.checking import (
    Last,
    Span,
    items,
    last_entries,
    outcome,
    settled_items,
    spans,
)
from keju.stages.venues.queries.hosting import NATION, assignment, expected
from keju.stages.venues.queries.siting import rooms, sizes, under

REPORT = t("上报考区", "Report to the region")
PLACES = t(
    "上报后考生增加，考场还差{n}个座位。请考区退回考点增加考场，或改派考生",
    "More candidates since the report: {n:place is|places are} lacking. The region gives the site back for more rooms, or "
    "sends candidates elsewhere",
)
SURROUNDINGS = t("填写交通、餐饮、住宿", "Tell transport, food and lodging")


@dataclass(frozen=True)
class Readiness:
    """A site before its report: what must be mended."""

    refusals: list[Refusal]

    @property
    def ready(self) -> bool:
        return not self.refusals


def readiness(exam: Exam, site: Site) -> Readiness:
    """Everything that stands against reporting the site (V14.2, V14.5, V14.7.1), nobody having looked at it included."""
    params = exams.params(exam, Params)
    mine = [r.facts for r in rooms(site)]
    programme = exams.programme(exam)
    enforced = {clause.id for clause in programme.rules.values() if clause.kind == "enforce"}
    found = [refusal for r in mine for refusal in rules.check_room(r, site.standard, params)]
    found += rules.check_support(mine, params)
    every = list(Site.objects.filter(exam=exam, point_code=site.point_code))
    found += rules.check_seen(items(exam), settled_items(exam, site), enforced)
    found += rules.check_capacity(expected(exam, site.point_code), sizes(every), mix=params.mix_categories)
    return Readiness(found)


def short_hosts(exam: Exam, point_codes: Collection[str]) -> dict[str, int]:
    """Of these hosts those whose exam rooms do not hold everybody assigned to them now, with the places that they lack.

    A report is closed with rooms enough (V6.3); it is not opened by itself when hosts are decided anew or more candidates
    are confirmed, so somebody has to be told. One look at each table, however many hosts.
    """
    if not point_codes:
        return {}
    counts = {p: {c.code: 0 for c in exams.programme(exam).categories} for p in point_codes}
    desks: dict[str, dict[tuple[str, int], list[int]]] = {p: {} for p in point_codes}
    with acting(NATION):
        host_of = assignment(exam)
        for (point, category), n in registration.confirmed_counts(viewer=NATION, exam=exam).items():
            if (host := host_of.get(point)) in counts:
                counts[host][category] = counts[host].get(category, 0) + n
        rooms_there = Room.objects.filter(exam=exam, kind=rules.EXAM, site__point_code__in=point_codes)
        fields = ("site__point_code", "site__code", "site__standard", "columns", "rows")
        ordered = rooms_there.order_by("site__code", "number").values_list(*fields)
        for point, code, standard, columns, in_each in ordered:
            desks[point].setdefault((code, standard), []).append(columns * in_each)
    mix = exams.params(exam, Params).mix_categories
    found = {}
    for point in sorted(point_codes):
        sizes_there = [rules.SiteSize(standard, mine) for (_, standard), mine in desks[point].items()]
        short = rules.shortfall(counts[point], sizes_there, mix=mix)
        if short is not None:
            found[point] = short.missing_in_all
    return found


@dataclass(frozen=True)
class Open:
    """Something still open at a site: what, under which clause, how urgent, in how many rooms."""

    code: str
    rule: str
    words: Words
    state: rules.State
    rooms: int = 0


@dataclass(frozen=True)
class Standing:
    """A site on the board: its colour, what is open, and what stands against its report (where that was asked)."""

    site: Site
    state: rules.State
    open: list[Open]
    refusals: list[Refusal]


def board(
    exam: Exam, *, viewer: Actor, at: datetime, region_code: str = "", with_refusals: bool = False
) -> list[Standing]:
    """The hosts' sites of the viewer's scope (or of one region of it) in code order, each with what is open.

    One look at each table whatever the number of sites; `with_refusals` adds a few for every site not yet reported.
    """
    hosting = set(assignment(exam, region_code).values())
    found_sites = Site.objects.filter(exam=exam, point_code__startswith=region_code, **under(viewer))
    sites = list(found_sites.filter(point_code__in=hosting).order_by("code"))
    short = short_hosts(exam, {site.point_code for site in sites if site.reported_at is not None})
    last, desks, wanted = last_entries(exam, sites), _desks(exam, sites), items(exam)
    terms = spans(exam, {site.point_code for site in sites})
    found = []
    for site in sites:
        term = terms[site.point_code]
        asked = [_asked(i, site, desks.get(site.pk, []), last, term[i.by], at) for i in wanted]
        asked += _entered(site, term["report"], at)
        if site.point_code in short and site.reported_at is not None:
            asked.append(Open("places", "V14.7.1", PLACES.format(n=short[site.point_code]), "late"))
        refusals = readiness(exam, site).refusals if with_refusals and site.reported_at is None else []
        waiting = [a for a in asked if a.state in ("soon", "late")]
        found.append(Standing(site, rules.worst([a.state for a in asked]), waiting, refusals))
    return found


def colours(found: list[Standing]) -> Counter[str]:
    """How many sites are in each state."""
    return Counter(standing.state for standing in found)


def _desks(exam: Exam, sites: list[Site]) -> dict[int, list[int]]:
    """Site id → its rooms with desks for candidates."""
    found: dict[int, list[int]] = {}
    rows = Room.objects.filter(exam=exam, kind__in=rules.SEATING_KINDS, site__in=[s.pk for s in sites])
    for site_id, pk in rows.values_list("site_id", "pk"):
        found.setdefault(site_id, []).append(pk)
    return found


def _asked(item: CheckItem, site: Site, desks: list[int], last: Last, when: Span, at: datetime) -> Open:
    things: list[int | None] = [*desks] if item.of == "room" else [None]
    seen = [outcome(last.get((site.pk, item.code, thing))) for thing in things]
    state = rules.standing(seen, opens=when[0], due=when[1], at=at)
    return Open(item.code, item.rule, item.words, state, sum(not s for s in seen) if item.of == "room" else 0)


def _entered(site: Site, when: Span, at: datetime) -> Iterator[Open]:
    """What the host enters besides its checklist: how candidates get there, and the report itself."""
    for code, clause, words, is_done in (
        ("surroundings", "V14.3", SURROUNDINGS, bool(site.whereabouts)),
        ("report", "V6.3", REPORT, site.reported_at is not None),
    ):
        state = rules.standing([True if is_done else None], opens=when[0], due=when[1], at=at)
        yield Open(code, clause, words, state)
