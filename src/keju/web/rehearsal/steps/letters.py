"""Letters of responsibility made and signed level by level, and the plans that each level has its leader approve."""

from datetime import datetime, timedelta

from keju.kernel.accounts import services as accounts
from keju.kernel.approvals import services as approvals
from keju.kernel.exams import queries as exams
from keju.kernel.files import services as files
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.models import Office
from keju.stages.security.queries import letters as queries
from keju.stages.security.services import letters, planning
from keju.stages.venues import queries as venues
from keju.web.rehearsal.world import CLOCKWORK, World

SCAN = b"%PDF-1.4\n% a page signed in ink\n%%EOF\n"
PLAN = (
    "一、报名和资格审核；二、考场和设备；三、人员和培训；四、试卷交接和保管；五、考试日组织；六、应急和保障。"
)


def run(world: World) -> dict[str, int]:
    """Afterwards every holder of a key post has a letter signed from above and by themself; where the programme asks for
    plans, every region and host has one approved by its leader."""
    at = world.calendar.opened + timedelta(days=5)
    made = 0
    for region in world.regions:
        officer = world.actor("region_officer", region)
        with acting(officer):
            made += letters.make_letters(exam=world.exam, path=region.path, by=officer, at=at).made
    _sign_all(world, world.national("centre_exam"), at)
    for region in world.regions:
        _paper(world, region, {"centre"}, at)
        _sign_all(world, world.actor("region_leader", region), at)
        _paper(world, region, {region.code}, at)
        _paper(world, region, set(), at)
    return {"letters": made, "plans": _plans(world, at)}


def _code(by: Actor, at: datetime) -> str:
    """A code of a fresh sheet: nobody of a rehearsal carries a device."""
    with acting(CLOCKWORK):
        (code,) = accounts.issue_signing_codes(person_id=by.person_id or 0, count=1, by=CLOCKWORK, at=at)
    return code


def _sign_all(world: World, by: Actor, at: datetime) -> None:
    """One signature for everything that waits for this leader."""
    with acting(by):
        rows = list(queries.for_me(world.exam, by))
        if not rows:
            return
        letters.sign_above(
            exam=world.exam,
            letter_ids=[r.pk for r in rows],
            seen=queries.bound(rows),
            code=_code(by, at),
            by=by,
            at=at,
        )


def _paper(world: World, region: Office, above: set[str], at: datetime) -> None:
    """The letters towards these offices (none named: all) that lack a signature were signed on paper."""
    officer = world.actor("region_officer", region)
    with acting(officer):
        found = queries.under(world.exam, region.path).filter(ended_at=None, below_at=None)
        found = found.filter(above_code__in=above) if above else found
        ids = list(found.order_by("pk").values_list("pk", flat=True))
        if ids:
            scan = files.store(
                data=SCAN,
                name="letters.pdf",
                content_type="application/pdf",
                office_path=region.path,
                by=officer,
                at=at,
            )
            letters.sign_on_paper(exam=world.exam, letter_ids=ids, scan=scan, by=officer, at=at)


def _plans(world: World, at: datetime) -> int:
    if "P5.1" not in exams.programme(world.exam).rules:
        return 0
    hosts = set(venues.hosts(world.exam))
    for region in world.regions:
        _plan(world, region, "region_officer", "region_leader", at)
        for point in world.points.get(region.code, ()):
            if point.code in hosts:
                _plan(world, point, "point_manager", "point_leader", at)
    return len(world.regions) + len(hosts)


def _plan(world: World, office: Office, writer: str, leader: str, at: datetime) -> None:
    by, chief = world.actor(writer, office), world.actor(leader, office)
    with acting(by):
        row = planning.save_plan(exam=world.exam, title=f"{office.name_zh}实施方案", text=PLAN, by=by, at=at)
        proposal = planning.propose_plan(exam=world.exam, plan_id=row.pk, version=row.version, by=by, at=at)
    code = _code(chief, at)
    with acting(chief):
        approvals.sign(
            proposal_id=proposal.pk, content_hash=proposal.content_hash, code=code, by=chief, at=at
        )
