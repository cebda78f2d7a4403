"""Sites of earlier exams that a host may set up again."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal
from keju.stages.venues import rules
from keju.stages.venues.models import Site
from keju.stages.venues.params import Params
from keju.stages.venues.queries.siting import rooms, standards, under

DEPTH_OF_POINT = 3
"""Slashes in the path of a point."""


@dataclass(frozen=True)
class CopyPlan:
    """What would be copied: the site, the rooms that this year's rules allow, and what stands against the others."""

    site: Site
    fit: list[rules.NewRoom]
    refusals: list[Refusal]


def earlier_sites(exam: Exam, *, viewer: Actor) -> QuerySet[Site]:
    """The viewer's own sites in earlier years of the same programme, newest first; a rehearsal's only for a rehearsal.

    None for a site's officer: what had that number in another year may be another school.
    """
    found = Site.objects.filter(exam__programme=exam.programme, exam__year__lt=exam.year, **under(viewer))
    if viewer.office_path.count("/") > DEPTH_OF_POINT:
        return found.none()
    if not exam.is_rehearsal:
        found = found.filter(exam__is_rehearsal=False)
    found = found.select_related("exam").annotate(room_count=Count("rooms", filter=Q(rooms__kind=rules.EXAM)))
    return found.order_by("-exam__year", "code")


def copy_plan(exam: Exam, site_id: int, *, viewer: Actor) -> CopyPlan | None:
    """What copying that site means under this exam's rules; None if it is not among `earlier_sites`."""
    site = earlier_sites(exam, viewer=viewer).filter(pk=site_id).first()
    if site is None:
        return None
    params = exams.params(exam, Params)
    fit, refusals = [], list(rules.check_standard(site.standard, standards(exam)))
    against: list[Refusal] = []
    for room in rooms(site):
        wrong = list(rules.check_room(room.facts, site.standard, params))
        against += wrong
        if not wrong:
            fit.append(room.facts)
    return CopyPlan(site, fit, [*against, *refusals])
