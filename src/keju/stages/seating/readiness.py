"""Seats on the readiness board: a site's candidates all have one."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.readiness import AMBER, GREEN, GREY, MUST, RED, Row, provides
from keju.rulebook.words import t
from keju.stages.seating import queries
from keju.stages.venues import queries as venues

UNPLANNED = t("座位还没有编排", "Seats are not planned yet")
EVE = timedelta(days=1)


@provides("V14.7.3", strength=MUST, title=t("座位编排", "Seats are planned"))
def planned(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Each reported site of a host has a frozen plan; red from the eve of the exam, grey before the report."""
    sites = venues.sites_of_hosts(exam, path)
    done = queries.planned_sites(exam, path)
    days = exams.milestone_by_office(exam, "exam_day", [site.office_path for site in sites])
    for site in sites:
        if site.pk in done:
            yield Row(site.office_path, GREEN, None, "seating-plan", {"site": site.code})
        elif site.reported_at is None:
            yield Row(site.office_path, GREY)
        else:
            day = days.get(site.office_path)
            state = RED if day is not None and at >= day - EVE else AMBER
            yield Row(
                site.office_path, state, UNPLANNED, "seating-home", mends="seating:plan:make", lacking=1
            )
