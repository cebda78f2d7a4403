"""The way of the papers down: by confidential post to the regions, repacked, by road to the points' stores."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from keju.kernel.offices import Actor, acting
from keju.kernel.offices.models import Office
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import RuleRefused
from keju.stages.custody import queries
from keju.stages.custody.queries import handovers as formal
from keju.stages.custody.queries import packing as repacking
from keju.stages.custody.rules.containers import OUTER
from keju.stages.custody.rules.handovers import Named
from keju.stages.custody.rules.journeys import TO_ATTEST, Crew, Duty, Leg, Mode, Plan, Vehicle
from keju.stages.custody.services import handovers, journey_approval, journeys, packing, underway
from keju.stages.custody.services.journeys import NewJourney
from keju.stages.custody.services.underway import Departure
from keju.stages.staffing import queries as staff
from keju.stages.staffing import services as staffing
from keju.stages.staffing.rules.recusal import NewDeclaration
from keju.stages.staffing.services import NewAppointment
from keju.stages.staffing.services.recusal import declare
from keju.web.rehearsal.signing import Codes
from keju.web.rehearsal.steps import stores
from keju.web.rehearsal.steps.people import appointed, signed, strangers
from keju.web.rehearsal.steps.stores import Kept
from keju.web.rehearsal.world import World

AT_CENTRE = {"printer": 1, "centre_paper_officer": 3, "centre_confidential_officer": 1, "carrier": 3}
TO_REGIONS, AT_REGIONS, TO_POINTS = timedelta(days=-6), timedelta(days=-5), timedelta(days=-2)
CENTRE = "centre"
DAY = timedelta(days=1)


@dataclass
class Way:
    """What the way of the papers of one exam needs: people's codes, and stores by office."""

    world: World
    codes: Codes
    kept: dict[str, Kept]

    def hand(
        self, kind: str, ids: Collection[int], sides: tuple[str, str], place: str, by: Actor, at: datetime
    ) -> None:
        """A formal handover from preparing to the last signature."""
        people = self._people(kind, sides)
        with acting(by):
            if kind == "carrier_to_region_mail":
                self._named_twice(kind, ids, sides, place, people, by, at)
            handovers.in_one(
                exam=self.world.exam, key=self.world.key(f"{kind} {sides} {place}"), kind=kind, container_ids=ids,
                sender_office=sides[0], receiver_office=sides[1], place=place, people=people,
                codes=self.codes.of(*(p.person_id for p in people)), by=by, at=at,
            )  # fmt: skip

    def _named_twice(
        self, kind: str, ids: Collection[int], sides: tuple[str, str], place: str, people: Sequence[Named], by: Actor,
        at: datetime,
    ) -> None:  # fmt: skip
        """Who brings the papers would receive them as well: refused, and to be found on record."""
        bringer = next(p.person_id for p in people if p.side == "sender")
        try:
            handovers.prepare(
                exam=self.world.exam, key=self.world.key(f"twice {sides} {place}"), kind=kind, container_ids=ids,
                sender_office=sides[0], receiver_office=sides[1], place=place,
                people=[*people[:-1], replace(people[-1], person_id=bringer)], by=by, at=at,
            )  # fmt: skip
        except RuleRefused:
            self.world.planted |= {("same_person", place), ("unqualified_person", place)}
            return
        raise RuntimeError(f"one person hands over and receives at {place}")

    def travel(self, sides: tuple[str, str], plan: Plan, load: str, ids: Collection[int], by: Actor) -> str:
        """The journey is planned, loaded by a handover of this kind, has left and arrived. Its place."""
        exam = self.world.exam
        with acting(by):
            (row,) = journeys.plan_journeys(
                exam=exam, journeys=[NewJourney(*sides, plan)], by=by, at=plan.depart_at - DAY
            )
            journey_approval.submit(exam=exam, journey_ids=[row.pk], by=by, at=plan.depart_at - DAY)
        place = f"journey:{row.pk}"
        self.hand(load, ids, (sides[0], sides[0]), place, by, plan.depart_at)
        with acting(by):
            left = Departure(row.pk, self.world.key(f"left {row.pk}"), TO_ATTEST[plan.mode])
            underway.depart(exam=exam, departures=[left], by=by, at=plan.depart_at)
            underway.arrive(
                exam=exam, arrivals={row.pk: self.world.key(f"there {row.pk}")}, by=by, at=plan.arrive_at
            )
        return place

    def _people(self, kind: str, sides: tuple[str, str]) -> list[Named]:
        """As few as the kind wants, nobody twice, whoever answers first."""
        exam = self.world.exam
        taken: set[int] = set()
        named = []
        for need in formal.kind_of(exam, kind).people:
            code = sides[0] if need.side == "sender" else sides[1]
            pool = [p for post in need.posts for p in holders(self.world, code, post) if p not in taken]
            for person in pool[: formal.least(exam, need)]:
                taken.add(person)
                named.append(Named(need.side, need.role, person))
        return named


def holders(world: World, code: str, post: str) -> list[int]:
    """Who holds the post at that office itself, in force."""
    with acting(Actor.system("rehearsal")):
        found = staff.appointments_in_force(world.exam, path_of(code)).filter(office_code=code, post=post)
        return list(found.order_by("pk").values_list("member__person_id", flat=True))


def down(world: World, codes: Codes) -> Way:
    """Afterwards every bag lies sealed in the store of its point."""
    way = Way(world, codes, {})
    engage(world)
    for region in world.regions:
        way.kept |= stores.run(world, region)
        if to_region(way, region):
            to_points(way, region)
    return way


def engage(world: World) -> None:
    """The centre's and the printing house's own people for papers."""
    centre, at = world.national("centre_exam"), world.calendar.exam_day - timedelta(days=12)
    posts = [post for post, n in AT_CENTRE.items() for _ in range(n)]
    people = [
        replace(p, employer="考试中心") for p in strangers(world, world.regions[0], "couriers", len(posts))
    ]
    with acting(centre):
        ids = staffing.add_members(members=people, by=centre, at=at)
        declare(
            exam=world.exam, declarations=[NewDeclaration(pk, True, (), True) for pk in ids], scan=signed(), by=centre, at=at
        )  # fmt: skip
        places = [NewAppointment(pk, post, CENTRE) for pk, post in zip(ids, posts, strict=True)]
        appointed(world, centre, places, at)


def _outer(world: World, region: Office) -> list[int]:
    with acting(Actor.system("rehearsal")):
        found = queries.holdings(world.exam, viewer=Actor.system("rehearsal", region.path))
        return [
            h.container_id
            for h in found.filter(container__kind__in=sorted(OUTER)).order_by("container__code")
        ]


def to_region(way: Way, region: Office) -> int:
    """By confidential post to the region's mail room, and into its store (V11.2.1). How many boxes; none: it needs no papers."""
    world, code, papers = way.world, region.code, way.world.national("centre_custody")
    boxes = _outer(world, region)
    if not boxes:
        return 0
    keeper, kept = world.actor("region_custody", region), way.kept[region.code]
    leaves = world.calendar.exam_day.replace(hour=8) + TO_REGIONS
    plan = Plan(
        leg=Leg.TO_REGION, mode=Mode.POST, depart_at=leaves, arrive_at=leaves + DAY, to_place=kept.place,
        responsible_id=holders(world, CENTRE, "centre_paper_officer")[0], receiver_id=kept.receiver, carrier="机要通信局",
        terms="按机要件收寄，双人交接，途中不停留", conditions="防水包装，每箱不超过15公斤",
    )  # fmt: skip
    way.travel((CENTRE, code), plan, "centre_to_carrier", boxes, papers)
    mail = f"mail_room:{code}"
    way.hand("carrier_to_region_mail", boxes, (CENTRE, code), mail, keeper, plan.arrive_at)
    way.hand(
        "region_mail_to_store",
        boxes,
        (code, code),
        kept.place,
        keeper,
        plan.arrive_at + timedelta(minutes=40),
    )
    return len(boxes)


def to_points(way: Way, region: Office) -> None:
    """Boxes are opened in the region's store, bags counted and repacked point by point under new seals; then by road, straight
    into the points' stores, where they are counted and sealed again (V11.2.2, V11.2.3, V10.2.2)."""
    world, keeper = way.world, way.world.actor("region_custody", region)
    packed = world.calendar.exam_day.replace(hour=9) + AT_REGIONS + DAY
    packs = _repacked(way, keeper, region.path, packed)
    escorts = holders(world, region.code, "region_paper_escort")
    leaves = world.calendar.exam_day.replace(hour=7) + TO_POINTS
    for host, ids in packs.items():
        point, kept = office(host), way.kept[host]
        plan = Plan(
            leg=Leg.TO_POINT, mode=Mode.ROAD, depart_at=leaves, arrive_at=leaves + timedelta(hours=5), to_place=kept.place,
            responsible_id=way.kept[region.code].responsible, receiver_id=kept.receiver, route="按报备路线行驶，不改道",
            conditions="防水布袋，每包不超过15公斤", road="路况良好，天气晴", vehicles=[Vehicle(f"京A{host}")],
            crew=[Crew(p, Duty.ESCORT if n else Duty.LEADER, 1) for n, p in enumerate(escorts)],
        )  # fmt: skip
        sides = (region.code, host)
        way.travel(sides, plan, "region_to_escort", ids, keeper)
        receiver = world.actor("point_custody", point)
        way.hand("escort_to_point_store", ids, sides, kept.place, receiver, plan.arrive_at)
        _repacked(way, receiver, point.path, plan.arrive_at + timedelta(hours=1))


def _repacked(way: Way, keeper: Actor, path: str, at: datetime) -> dict[str, list[int]]:
    """Host point → the packs that everything in the keeper's outer containers lies in now."""
    exam = way.world.exam
    with acting(keeper):
        outer = queries.holdings(exam, viewer=keeper).filter(
            container__kind__in=sorted(OUTER), custodian=keeper.office_code
        )
        codes = {h.container_id: h.container.code for h in outer}
        inside = [h.container.code for bags in queries.contents(exam, list(codes)).values() for h in bags]
        crew = repacking.crew(exam, keeper.office_code)
        officer = next(iter(crew.officers))
        pair = [p for p in crew.receivers if p != officer][: crew.least]
        hands = packing.Hands(pair, officer, way.codes.of(*pair, officer))
        made = packing.repack(
            exam=exam, box_codes=list(codes.values()), scanned=inside, key=way.world.key(f"repack {path}"), hands=hands,
            by=keeper, at=at,
        ).packs  # fmt: skip
    packs: dict[str, list[int]] = {}
    for pack in made:
        packs.setdefault(pack.office_path.split("/")[2], []).append(pack.pk)
    return packs
