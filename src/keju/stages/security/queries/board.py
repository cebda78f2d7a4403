"""Figures for the readiness board: a few statements for a whole region or the nation."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Count, Q

from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.looking import once_a_look
from keju.kernel.offices.queries import path_of
from keju.stages.security.models import Finding, Inspection
from keju.stages.security.queries.inspecting import exam_days, under
from keju.stages.venues import queries as venues


@dataclass(frozen=True)
class Places:
    """Codes of the regions taking part, of the hosts, and of the hosts' sites, at and under a path."""

    regions: list[str]
    hosts: list[str]
    sites: list[str]


@dataclass(frozen=True)
class Unclosed:
    """What is not closed at an office, and how much of it is late."""

    code: str
    open: int
    late: int


@once_a_look
def places(exam: Exam, path: str) -> Places:
    """Where precautions are looked at, in order of code."""
    hosts = [
        code
        for code in venues.hosts(exam)
        if path_of(code).startswith(path) or path.startswith(path_of(code))
    ]
    regions = [o.office_id for o in exams.openings_under(exam, path, "region")]
    sites = [site.code for site in venues.sites_of_hosts(exam, path)]
    return Places(regions, [code for code in hosts if path_of(code).startswith(path)], sites)


def inspected(exam: Exam, path: str, **facts: object) -> dict[str, bool]:
    """Office → whether an inspection of this kind is done there (False: only planned)."""
    found = Inspection.objects.filter(exam=exam, **under(path), **facts).exclude(state="cancelled")
    rows = found.values("office_code").annotate(done=Count("id", filter=Q(state="done")))
    return {row["office_code"]: row["done"] > 0 for row in rows}


def unclosed(exam: Exam, path: str, today: date) -> Iterator[Unclosed]:
    """Every office at and under the path with findings that are not closed."""
    found = Finding.objects.filter(exam=exam, **under(path)).exclude(state="closed").values("office_code")
    for row in found.annotate(n=Count("id"), late=Count("id", filter=Q(due_on__lt=today))).order_by(
        "office_code"
    ):
        yield Unclosed(row["office_code"], row["n"], row["late"])


def has_begun(exam: Exam, at: datetime) -> bool:
    """Whether the first day of the exam has come."""
    days = exam_days(exam)
    return days is not None and at >= datetime.combine(days[0], time(), CHINA)
