"""Hosts are decided, sites and rooms entered and reported, seats planned, tickets numbered and opened."""

from datetime import datetime, timedelta
from math import ceil

from keju.kernel.exams import queries as exams
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.models import Office
from keju.kernel.offices.queries import office
from keju.stages.seating import queries as plans
from keju.stages.seating import services as seating
from keju.stages.tickets import services as tickets
from keju.stages.venues import queries, services
from keju.stages.venues.params import Params
from keju.stages.venues.services import NewRoom
from keju.web.rehearsal.world import Tick, World

#: columns × desks of a room of each standard
SHAPES = {30: (6, 5), 25: (5, 5)}
ROOMS_A_FLOOR, FLOORS = 8, 5
STAIRS = ("东楼梯", "西楼梯")
MOST = 9_999


def run(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards every host's sites are ready and reported."""
    counted = {"hosts": 0, "sites": 0, "rooms": 0}
    for region in world.regions:
        for host in decide(world, region):
            counted["hosts"] += 1
            counted["sites"] += 1
            counted["rooms"] += furnish(world, host)
        tick(1)
    return counted


def decide(world: World, region: Office) -> list[Office]:
    """The region follows the proposal; where a lone host stays small it says why."""
    officer = world.actor("region_officer", region)
    with acting(officer):
        proposed = services.propose_hosts(
            exam=world.exam,
            region_code=region.code,
            seconds=services.AT_LENGTH,  # however busy the machine: the same seed, the same hosts
            by=officer,
            at=world.calendar.hosts,
        )
        services.decide_hosts(
            exam=world.exam,
            region_code=region.code,
            assignment=proposed.assignment,
            proposal=proposed.version,
            reason="本考区考生总数较少，为方便考生集中设一个考点",
            by=officer,
            at=world.calendar.hosts,
        )
    return [office(code) for code in sorted(set(proposed.assignment.values()))]


def furnish(world: World, host: Office) -> int:
    """One school with enough standard rooms, spare rooms, rest room and seal room, reported. Returns its rooms."""
    exam, at = world.exam, world.calendar.sites
    manager = world.actor("point_manager", host)
    standard = world.random(f"standard{host.code}").choice([30, 30, 25])
    with acting(manager):
        expected = queries.expected(exam, host.code)
        site = services.add_site(
            exam=exam,
            point_code=host.code,
            name_zh=f"{host.name_zh}第一中学",
            name_en=f"No. 1 Middle School of {host.name_en}",
            address=f"{host.name_zh}学府路1号",
            standard=standard,
            transport="公交1路、5路到学府路站，校内不能停车。",
            food="校门东侧有食堂。",
            lodging="学府路有旅馆。",
            contact="考务组",
            phone="0000-000000",
            by=manager,
            at=at,
        )
        rooms = _rooms(sum(ceil(n / standard) for n in expected.values()), standard, _spares(world))
        services.add_rooms(exam=exam, site_code=site.code, rooms=rooms, by=manager, at=at)
        _look(world, site.code, "report", manager, at)
        services.report_site(exam=exam, site_code=site.code, by=manager, at=at)
    return len(rooms)


def look_round(world: World) -> int:
    """On the eve of the exam every site looks at what is to be looked at then. Returns the entries."""
    at = world.calendar.exam_day - timedelta(hours=16)
    entries = 0
    for region in world.regions:
        for host in queries.hosts(world.exam, region.code):
            manager = world.actor("point_manager", office(host))
            with acting(manager):
                for site in queries.sites(world.exam, viewer=manager):
                    entries += _look(world, site.code, "eve", manager, at)
    return entries


def _look(world: World, site_code: str, when: str, by: Actor, at: datetime) -> int:
    """Everything on the site's checklist of that time is in order. Returns the entries."""
    exam = world.exam
    site = queries.site(exam, site_code, viewer=by)
    desks = [room.number for room in queries.rooms(site) if room.kind in services.SEATING_KINDS]
    return sum(
        services.attest(
            exam=exam, site_code=site_code, item_code=item.code, settled=True, rooms=desks, by=by, at=at
        )
        for item in queries.items(exam)
        if item.by == when
    )


def _spares(world: World) -> int:
    return exams.params(world.exam, Params).spare_room_per_rooms


def _rooms(wanted: int, standard: int, per_spare: int) -> list[NewRoom]:
    columns, desks = SHAPES[standard]
    spare = ceil(wanted / per_spare)
    kinds = ["exam"] * wanted + ["spare"] * spare + ["separate", "rest", "seal", "office", "medical"]
    rooms = []
    for n, kind in enumerate(kinds):
        building, floor = divmod(n // ROOMS_A_FLOOR, FLOORS)
        seats = kind in ("exam", "spare", "separate")
        rooms.append(
            NewRoom(
                number=n + 1,
                building=f"{building + 1}号楼",
                floor=floor + 1,
                columns=columns if seats else 0,
                rows=desks if seats else 0,
                gap_cm=90 if seats else 0,
                kind=kind,
                step_free=floor == 0,
                cameras=building == 0,
                gaokao=n % 3 != 0,
                stair=STAIRS[n % ROOMS_A_FLOOR >= ROOMS_A_FLOOR // 2],
            )
        )
    return rooms


def seat(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards every eligible candidate has a seat in a frozen plan."""
    seats = 0
    for region in world.regions:
        officer = world.actor("region_officer", region)
        with acting(officer):
            plans = seating.make_plans(
                exam=world.exam, region_code=region.code, by=officer, at=world.calendar.seated
            )
        seats += plans.seats
        tick(1)
    return {"seats": seats}


def ticket(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards every seat has a ticket number, printing is open, and some have exchanged seats since."""
    return {**number(world, tick), **open_up(world), **exchange(world)}


def number(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards every seat has a ticket number, and every region the number to write on its blackboards."""
    numbered = 0
    for region in world.regions:
        officer = world.actor("region_officer", region)
        with acting(officer):
            numbered += tickets.generate(
                exam=world.exam, region_code=region.code, by=officer, at=world.calendar.seated
            ).count
            tickets.set_phone(
                exam=world.exam,
                office_path=region.path,
                phone="0000-000000",
                version=0,
                by=officer,
                at=world.calendar.seated,
            )
        tick(1)
    return {"tickets": numbered}


def open_up(world: World) -> dict[str, int]:
    """Afterwards printing is open, and everybody with a ticket was told."""
    centre = world.national("centre_exam")
    with acting(centre):
        opened = tickets.open_printing(exam=world.exam, by=centre, at=world.calendar.opened)
    return {"regions opened": len(opened.opened)}


def exchange(world: World) -> dict[str, int]:
    """Afterwards the second and the third in the first room of every region have exchanged seats: their numbers went with
    them."""
    moved = 0
    for region in world.regions:
        officer = world.actor("region_officer", region)
        with acting(officer):
            plan = plans.plans(world.exam, viewer=officer, region_code=region.code).first()
            pair = plans.seats(plan)[1:3] if plan else []
            if len(pair) < 2 or pair[0].room_id != pair[1].room_id:
                continue
            done = tickets.change_seats(
                exam=world.exam,
                region_code=region.code,
                moves=[
                    seating.Move(one.registration_id, (other.room_id, other.serial))
                    for one, other in (pair, pair[::-1])
                ],
                reason="左右手书写，对调座位",
                by=officer,
                at=world.calendar.opened,
            )
        moved += len(done.moved)
    return {"seats changed": moved}
