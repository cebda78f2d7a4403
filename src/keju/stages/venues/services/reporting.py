"""A host reports its site; the region may give it back (V6.3)."""

from datetime import datetime

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.stages.venues import events, queries, rules
from keju.stages.venues.models import Site
from keju.stages.venues.services.proposing import hold
from keju.stages.venues.services.siting import locked


@write("venues:site:report")
def report_site(*, exam: Exam, site_code: str, by: Actor, at: datetime) -> Site:
    """The site is reported to the region and closed for changes; refused while it is not ready.

    With the host's last site its duty of V6.3 is done; with the region's last host the term of V7.1 begins.
    """
    # Of two that report at once, one sees the other's report: else neither would be the last.
    hold(exam, site_code[:2])
    site = locked(exam, site_code, by)
    enforce(queries.readiness(exam, site).refusals)
    site.reported_at, site.reported_by, site.version = at, by.ref, site.version + 1
    site.save()
    region = site.point_code[:2]
    waiting = queries.unreported_hosts(exam, region)
    if site.point_code not in waiting:
        evidence = f"site:{site.code}"
        duties.discharge(exam=exam, rule="V6.3", owner=site.point_code, evidence=evidence, by=by, at=at)
    if not waiting:
        duties.reach(exam=exam, key="sites_reported", when=at, office_path=path_of(region), by=by, at=at)
    record(
        events.SITE_REPORTED,
        by=by,
        at=at,
        subject=f"site:{site.code}",
        exam=exam.slug,
        office_path=site.office_path,
        rules=["V6.3", "V14.2", "V14.5"],
        data={"rooms": len(queries.rooms(site)), "standard": site.standard, "hosts_waiting": waiting},
    )
    return site


@write("venues:host:decide")
def reopen_site(*, exam: Exam, site_code: str, reason: str, by: Actor, at: datetime) -> Site:
    """The region gives the site back to its host to mend it, until tickets are opened; seats are then planned anew."""
    site = Site.objects.select_for_update().filter(exam=exam, code=site_code).first()
    if site is None or not site.office_path.startswith(by.office_path or "-"):
        raise NotPermitted("venues:host:decide", hidden=True)
    if site.reported_at is None:
        raise Stale
    enforce(rules.check_tickets_closed(queries.tickets_opened(exam, site.point_code[:2]) is not None))
    site.reported_at, site.reported_by, site.version = None, "", site.version + 1
    site.save()
    record(
        events.SITE_REOPENED,
        by=by,
        at=at,
        subject=f"site:{site.code}",
        exam=exam.slug,
        office_path=site.office_path,
        rules=["V6.3"],
        data={"reason": reason},
    )
    return site
