"""Opening a site for the exam: the gate at which the readiness board is asked."""

from collections.abc import Collection
from datetime import datetime

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.kernel.readiness.gates import closed, obstacles, refusal
from keju.kernel.readiness.registry import Gate
from keju.rulebook import enforce
from keju.stages.examday import events, queries, rules
from keju.stages.examday.models import SiteOpening


@write("examday:room:record")
def open_sites(*, exam: Exam, site_codes: Collection[str], by: Actor, at: datetime) -> int:
    """The exam may begin at these sites, all of them or none; sites already open stay. Returns how many opened.

    Refused before the exam day, and while a clause that must hold is red at a site, its point or its region, unless the
    leader of the region has overridden it.
    """
    paths = {code: path_of(code) for code in sorted(set(site_codes))}
    if not all(path.startswith(by.office_path or "-") for path in paths.values()):
        raise NotPermitted(hidden=True)
    first = exams.sessions(exam)[0]
    enforce(rules.check_day(at.astimezone(CHINA).date(), first.starts_at.astimezone(CHINA).date()))
    enforce(rules.check_site_known(paths, queries.sites(viewer=by, exam=exam)))
    done = queries.opened_sites(viewer=by, exam=exam)
    fresh = {code: path for code, path in paths.items() if code not in done}
    found = obstacles(exam, fresh.values(), Gate.EXAM, at)
    enforce(refusal(obstacle) for path in fresh.values() for obstacle in closed(found[path]))
    SiteOpening.objects.bulk_create(
        SiteOpening(
            exam=exam,
            office_path=path,
            site_code=code,
            overridden=[obstacle.rule for obstacle in found[path]],
            opened_by=by.ref,
            opened_at=at,
        )
        for code, path in fresh.items()
    )
    passed = sorted({obstacle.rule for obstacles_ in found.values() for obstacle in obstacles_})
    record(
        events.SITE_OPENED,
        by=by,
        at=at,
        subject=f"site:{next(iter(fresh))}" if len(fresh) == 1 else "sites",
        exam=exam.slug,
        rules=["V15.3.3", *passed],
        data={"sites": sorted(fresh), "overridden": passed},
    )
    return len(fresh)
