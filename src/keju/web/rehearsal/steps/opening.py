"""The morning of the exam: every site is opened; where a rule is red, the region's leader has to let it pass."""

from datetime import datetime, timedelta

from keju.kernel.accounts.services import issue_signing_codes
from keju.kernel.exams import queries as exams
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.models import Office
from keju.kernel.offices.queries import path_of
from keju.kernel.readiness.gates import closed, obstacles
from keju.kernel.readiness.registry import Gate
from keju.kernel.readiness.services import override
from keju.stages.examday import queries, services
from keju.web.rehearsal.world import World

CLOCKWORK = Actor.system("rehearsal")
REASON = "演练：带缺项开考，检验特批流程"


def run(world: World) -> dict[str, int]:
    """Afterwards every site where somebody sits the exam is open. `overridden`: how many clauses had to be let pass."""
    counted = {"opened": 0, "overridden": 0}
    for region in world.regions:
        officer = world.actor("region_officer", region)
        with acting(officer):
            sites = queries.sites(viewer=officer, exam=world.exam)
        counted["overridden"] += _let_pass(world, region, sites)
        for host in sorted({site[:4] for site in sites}):
            manager = world.actor("point_manager", Office(code=host, path=path_of(host)))
            mine = [site for site in sites if site.startswith(host)]
            with acting(manager):
                counted["opened"] += services.open_sites(
                    exam=world.exam, site_codes=mine, by=manager, at=_morning(world)
                )
    return counted


def _let_pass(world: World, region: Office, sites: list[str]) -> int:
    """What is red at the region's sites, by site."""
    exam, at, leader = world.exam, _morning(world), world.actor("region_leader", region)
    paths = {path_of(site): site for site in sites}
    red = {path: closed(found) for path, found in obstacles(exam, paths, Gate.EXAM, at).items()}
    wanted = {path: found for path, found in red.items() if found}
    if not wanted:
        return 0
    with acting(leader):
        codes = issue_signing_codes(person_id=leader.person_id or 0, count=len(wanted), by=CLOCKWORK, at=at)
        for code, (path, found) in zip(codes, wanted.items(), strict=True):
            override(
                exam=exam,
                site_code=paths[path],
                clauses=[o.rule for o in found],
                seen=sum(o.lacking for o in found),
                reason=REASON,
                code=code,
                by=leader,
                at=at,
            )
    return sum(len(found) for found in wanted.values())


def _morning(world: World) -> datetime:
    """Before the papers are drawn from the store."""
    return exams.sessions(world.exam)[0].starts_at - timedelta(hours=2)
