"""Rosters: every level on duty from the eve until the evening, sites guarded and patrolled; filed, exchanged, received."""

from dataclasses import replace
from datetime import timedelta

from keju.kernel.offices import Actor, acting
from keju.stages.staffing import services as staffing
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.rules.recusal import NewDeclaration
from keju.stages.staffing.services import NewAppointment, rosters
from keju.stages.staffing.services.recusal import declare
from keju.stages.venues import queries as venues
from keju.web.rehearsal.steps.people import appointed, signed, strangers
from keju.web.rehearsal.world import World

BEFORE_EXAM = timedelta(days=12)
"""After everybody is trained, before the directory is due."""
CENTRE = 4


def run(world: World) -> dict[str, int]:
    """Afterwards every office and site has its rosters in force without a gap, the directory is filed, phones are exchanged."""
    counted = {"rosters": _centre(world), "shifts": 0}
    for region in world.regions:
        officer = world.actor("region_officer", region)
        with acting(officer):
            codes = {
                "region": [region.code],
                "point": venues.hosts(world.exam, region.code),
                "site": [s.code for s in venues.sites(world.exam, viewer=officer)],
            }
            for kind in queries.kinds(world.exam):
                if kind.span.of == "milestones":  # the store is guarded from the day on which the papers come
                    continue
                made, put = _make(world, officer, kind.code, [c for at in kind.at for c in codes.get(at, ())])
                counted["rosters"] += made
                counted["shifts"] += put
            filing = [region.code, *codes["point"]]
            at = world.calendar.exam_day - BEFORE_EXAM
            rosters.file_directory(exam=world.exam, office_codes=filing, by=officer, at=at)
            rosters.exchange_phones(exam=world.exam, office_codes=filing, by=officer, at=at)
    return counted


def _make(world: World, by: Actor, kind: str, codes: list[str]) -> tuple[int, int]:
    """The offices' rosters of the kind, proposed and published. How many rosters and shifts."""
    exam, at = world.exam, world.calendar.exam_day - BEFORE_EXAM
    if not codes:
        return 0, 0
    rows = rosters.open_rosters(exam=exam, kind=kind, office_codes=codes, by=by, at=at)
    ids = [row.pk for row in rows]
    put = rosters.take_proposals(exam=exam, roster_ids=ids, seed=1, afresh=True, by=by, at=at)
    rosters.publish_rosters(exam=exam, roster_ids=ids, by=by, at=at)
    return len(ids), put


def _centre(world: World) -> int:
    """The centre's own people on duty."""
    centre, at = world.national("centre_exam"), world.calendar.exam_day - BEFORE_EXAM
    region = world.regions[0]
    people = [replace(p, employer="考试中心") for p in strangers(world, region, "centre", CENTRE)]
    with acting(centre):
        ids = staffing.add_members(members=people, by=centre, at=at)
        said = [NewDeclaration(pk, True, (), True) for pk in ids]
        declare(exam=world.exam, declarations=said, scan=signed(), by=centre, at=at)
        places = [NewAppointment(pk, "centre_duty_officer", "centre") for pk in ids]
        appointed(world, centre, places, at)
        made, _ = _make(world, centre, "duty", ["centre"])
        rosters.exchange_phones(exam=world.exam, office_codes=["centre"], by=centre, at=at)
    return made
