"""After the exam: cards and spare papers go up to the centre, all other papers are destroyed by order (V16.1.2, V16.2)."""

from collections import Counter
from datetime import timedelta

from keju.kernel.approvals import services as approvals
from keju.kernel.calendar import CHINA
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.models import Office
from keju.kernel.offices.queries import office
from keju.stages.custody import queries
from keju.stages.custody.queries import people
from keju.stages.custody.queries.returns import endings
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.rules.journeys import Crew, Duty, Leg, Mode, Plan, Vehicle
from keju.stages.custody.services import ending
from keju.stages.custody.services.returns import settle_returns
from keju.stages.venues import queries as venues
from keju.web.rehearsal.steps.carrying import CENTRE, Way, holders
from keju.web.rehearsal.world import CLOCKWORK

UP = (Kind.CARD_BAG, Kind.SPARE_BAG)
TO_REGION, TO_CENTRE, ORDERED, DESTROYED = (timedelta(days=n) for n in (1, 3, 9, 10))  # from the last day
TRIP = timedelta(hours=5)


def run(way: Way) -> dict[str, int]:
    """Afterwards every card bag and spare bag is at the centre, and no paper is left at a point."""
    counted: Counter[str] = Counter()
    for region in way.world.regions:
        for code in venues.hosts(way.world.exam, region.code):
            counted["returned"] += _up(way, office(code), region.code)
        counted["at the centre"] += _to_centre(way, region)
        for code in venues.hosts(way.world.exam, region.code):
            counted["destroyed"] += _destroy(way, office(code))
    return dict(counted)


def _up(way: Way, point: Office, region: str) -> int:
    """The point's card and spare bags, by road into its region's store."""
    keeper, receiver = (
        way.world.actor("point_custody", point),
        way.world.actor("region_custody", office(region)),
    )
    ids = _mine(way, keeper, point.code)
    if ids:
        plan = _plan(way, (point.code, region), "paper_escort", way.kept[region].place, TO_REGION)
        sides = (point.code, region)
        way.travel(sides, plan, "point_to_escort", ids, keeper)
        way.hand("return_to_region", ids, sides, way.kept[region].place, receiver, plan.arrive_at)
        settle_returns(exam=way.world.exam, by=CLOCKWORK, at=plan.arrive_at)
    return len(ids)


def _to_centre(way: Way, region: Office) -> int:
    """What came from its points, by road to the centre; the duties of V16.1.2 are done."""
    keeper, centre = way.world.actor("region_custody", region), way.world.national("centre_custody")
    ids = _mine(way, keeper, region.code)
    if ids:
        sides = (region.code, CENTRE)
        plan = _plan(way, sides, "region_paper_escort", CENTRE, TO_CENTRE)
        way.travel(sides, plan, "region_to_escort", ids, keeper)
        way.hand("return_to_centre", ids, sides, CENTRE, centre, plan.arrive_at)
        settle_returns(exam=way.world.exam, by=CLOCKWORK, at=plan.arrive_at)
    return len(ids)


def _destroy(way: Way, point: Office) -> int:
    """Ordered in writing by the point's leader, watched by head and confidential officer. How many papers."""
    world, exam = way.world, way.world.exam
    keeper, leader = world.actor("point_custody", point), world.actor("point_leader", point)
    day = world.examined().astimezone(CHINA).replace(hour=9)
    with acting(keeper):
        bags = endings(exam, point.code, viewer=keeper)
        if not bags:
            return 0
        row = ending.order(
            exam=exam, point_code=point.code, container_ids=list(bags), place="造纸厂化浆车间", method="化浆", by=keeper,
            at=day + ORDERED,
        )  # fmt: skip
        papers = row.papers
    proposal = row.order
    assert proposal is not None
    with acting(leader):
        approvals.sign(
            proposal_id=proposal.pk, content_hash=proposal.content_hash, code=way.codes.next(leader.person_id or 0), by=leader,
            at=day + ORDERED,
        )  # fmt: skip
    with acting(keeper):
        team = people.team(exam, f"{point.code}-01")
        head, officer = team.heads[0].person_id, team.officers[0].person_id
        staff = [one.person_id for one in team.staff if one.person_id not in (head, officer)][:2]
        signed = ending.destroy(
            exam=exam, destruction_id=row.pk, key=world.key(f"destroy {point.code}"), head=head, officer=officer,
            staff=staff, codes=way.codes.of(head, officer, *staff), by=keeper, at=day + DESTROYED,
        )  # fmt: skip
    if not signed.is_whole:
        raise RuntimeError(f"not destroyed: {point.code}")
    return papers


def _mine(way: Way, keeper: Actor, code: str) -> list[int]:
    """Card and spare bags in that office's custody."""
    with acting(keeper):
        found = queries.holdings(way.world.exam, viewer=keeper).filter(container__kind__in=UP, custodian=code)
        return [h.container_id for h in found.order_by("container__code")]


def _plan(way: Way, sides: tuple[str, str], escorts: str, to: str, days: timedelta) -> Plan:
    leaves = way.world.examined().astimezone(CHINA).replace(hour=8) + days
    answering = way.kept[sides[0]].responsible
    receiving = (
        way.kept[sides[1]].receiver
        if sides[1] in way.kept
        else holders(way.world, CENTRE, "centre_paper_officer")[0]
    )
    return Plan(
        leg=Leg.BACK, mode=Mode.ROAD, depart_at=leaves, arrive_at=leaves + TRIP, to_place=to, responsible_id=answering,
        receiver_id=receiving, route="按报备路线行驶，不改道", conditions="防水布袋，加封", road="路况良好，天气晴",
        vehicles=[Vehicle(f"返{sides[0]}")],
        crew=[Crew(p, Duty.ESCORT if n else Duty.LEADER, 1) for n, p in enumerate(holders(way.world, sides[0], escorts))],
    )  # fmt: skip
