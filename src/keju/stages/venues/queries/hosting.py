"""Who hosts: counts of candidates, the proposal, the decision. Decisions are public."""

from dataclasses import dataclass
from datetime import datetime

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam, Milestone
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.looking import once_for_all
from keju.kernel.offices.queries import path_of, points
from keju.stages.registration import queries as registration
from keju.stages.venues.models import Assignment, HostDecision, HostProposal, Site

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


def counts(exam: Exam, region_code: str) -> dict[str, int]:
    """Confirmed candidates per point of the region."""
    found: dict[str, int] = {}
    with acting(Actor.system("venues", path_of(region_code))):
        for (point, _), n in registration.confirmed_counts(viewer=NATION, exam=exam).items():
            found[point] = found.get(point, 0) + n
    return found


def decision(exam: Exam, region_code: str) -> HostDecision | None:
    """The decision in force."""
    return HostDecision.objects.filter(exam=exam, region_code=region_code, superseded_at=None).first()


@once_for_all
def assignment(exam: Exam, region_code: str = "") -> dict[str, str]:
    """Point → host as decided, of a region or of the nation."""
    found = Assignment.objects.filter(exam=exam, current=True, point_code__startswith=region_code)
    return dict(found.order_by("point_code").values_list("point_code", "host_code"))


def hosts(exam: Exam, region_code: str = "") -> list[str]:
    """Codes of the host points in order."""
    found = assignment(exam, region_code) if region_code else assignment(exam)
    return sorted(set(found.values()))


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
    """Every point of the region that has candidates or takes part; proposed is what the newest proposal says."""
    n, decided = counts(exam, region_code), assignment(exam, region_code)
    newest = HostProposal.objects.filter(exam=exam, region_code=region_code, by_hand=False)
    kept = newest.order_by("-version").first()
    proposed = kept.assignment if kept else {}
    taking_part = {o.office_id for o in exams.openings(exam, "point")} | set(n)
    return [
        PointRow(p.code, p.name, n.get(p.code, 0), proposed.get(p.code, ""), decided.get(p.code, ""))
        for p in points(region_code)
        if p.code in taking_part
    ]


def unreported_hosts(exam: Exam, region_code: str) -> list[str]:
    """Hosts of the region without a site, or with one that is not reported yet."""
    with acting(Actor.system("venues", path_of(region_code))):
        states: dict[str, bool] = {}
        for point, at in Site.objects.filter(exam=exam, point_code__startswith=region_code).values_list(
            "point_code", "reported_at"
        ):
            states[point] = states.get(point, True) and at is not None
    return [host for host in hosts(exam, region_code) if not states.get(host, False)]


def tickets_opened(exam: Exam, region_code: str) -> datetime | None:
    """Since when candidates of this region hold tickets: the region's own milestone, not the nation's."""
    found = Milestone.objects.filter(exam=exam, key="tickets_opened", office_path=path_of(region_code))
    return found.values_list("at", flat=True).first()
