"""Inspections, emergency plans with their drills, and devices: in bulk, region by region."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from keju.kernel.accounts import services as accounts
from keju.kernel.approvals import services as approvals
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.models import Office
from keju.stages.security.queries import board
from keju.stages.security.queries import devices as stock
from keju.stages.security.queries import emergencies as queries
from keju.stages.security.queries import inspecting as looks
from keju.stages.security.services import devices, drilling, emergencies, inspecting
from keju.stages.security.services.devices import NewDevice, Placing
from keju.stages.security.services.emergencies import NewPlan
from keju.web.rehearsal.world import CLOCKWORK, World

CALL = {"name": "值班室", "phone": "0000-000000"}


def run(world: World) -> dict[str, int]:
    """Afterwards every host and site was inspected, has its plans in force and a drill that counts, and its devices."""
    counted = {"inspections": 0, "emergency plans": 0, "drills": 0, "devices": 0}
    for region in world.regions:
        officer = world.actor("region_officer", region)
        with acting(officer):
            places = board.places(world.exam, region.path)
        if not places.hosts:
            continue
        own = replace(places, regions=[])
        counted["inspections"] += _inspect(world, officer, own)
        counted["inspections"] += _inspect(
            world, world.national("centre_exam"), replace(places, hosts=[], sites=[])
        )
        counted["emergency plans"] += _plans(world, region, officer, places)
        counted["drills"] += _drill(world, officer, places)
        counted["devices"] += _devices(world, officer)
    return counted


def _inspect(world: World, officer: Actor, places: board.Places) -> int:
    """Every list for the time before the exam is gone through, and teams are named for its days."""
    exam, day = world.exam, world.calendar.exam_day.date()
    codes = {"region": places.regions, "point": places.hosts, "site": places.sites}
    done = 0
    with acting(officer):
        for one in looks.lists(exam):
            at = world.calendar.exam_day - timedelta(days=7)
            offices = [code for kind in one.at for code in codes[kind]]
            if not offices:
                continue
            made = inspecting.plan_inspections(
                exam=exam,
                checklist=one.code,
                offices=offices,
                planned_on=day if one.when == "during" else at.date(),
                team=[officer.person_id or 0],
                by=officer,
                at=at - timedelta(days=3),
            )
            if one.when == "before":
                ids = [row.pk for row in made]
                inspecting.enter_sound(exam=exam, inspection_ids=ids, by=officer, at=at)
            done += len(made)
    return done


def _plans(world: World, region: Office, officer: Actor, places: board.Places) -> int:
    """The region writes the plans of its hosts with its own, and its leader approves them together."""
    exam, at = world.exam, world.calendar.opened + timedelta(days=6)
    plans = [
        NewPlan(code, kind.code, f"按本单位职责处置，{kind.outline.zh}。", dict.fromkeys(kind.partners, CALL))
        for code, where in [(region.code, "region"), *((host, "point") for host in places.hosts)]
        for kind in queries.kinds(exam)
        if where in kind.at
    ]
    leader = world.actor("region_leader", region)
    with acting(officer):
        emergencies.draft_plans(exam=exam, plans=plans, by=officer, at=at)
        row = emergencies.propose_plans(exam=exam, office_code=region.code, below=True, by=officer, at=at)
    with acting(CLOCKWORK):
        (code,) = accounts.issue_signing_codes(person_id=leader.person_id or 0, count=1, by=CLOCKWORK, at=at)
    with acting(leader):
        approvals.sign(proposal_id=row.pk, content_hash=row.content_hash, code=code, by=leader, at=at)
    return len(plans)


def _drill(world: World, officer: Actor, places: board.Places) -> int:
    """Every host rehearses a power cut with its manager and the region's officer."""
    exam, begins = world.exam, world.calendar.exam_day - timedelta(days=10)
    people = {code: _people(world, officer, code) for code in places.hosts}
    with acting(officer):
        made = drilling.plan_drills(
            exam=exam,
            offices=places.hosts,
            kinds=["power"],
            scenario="第一场开考20分钟，教学楼全部停电。",
            planned_at=begins,
            by=officer,
            at=begins - timedelta(days=5),
        )
        return drilling.enter_held(
            exam=exam,
            drill_ids=[row.pk for row in made],
            people_of=people,
            started_at=begins,
            ended_at=begins + timedelta(minutes=40),
            by=officer,
            at=begins + timedelta(hours=2),
        )


def _people(world: World, officer: Actor, code: str) -> Sequence[int]:
    return [world.people[("point_manager", code)], officer.person_id or 0]


def _devices(world: World, officer: Actor) -> int:
    """What the sites need, where the programme asks for any: entered, tried, and placed."""
    exam, at = world.exam, world.calendar.exam_day - timedelta(days=8)
    span = stock.span(exam)
    with acting(officer):
        needs = [need for need in stock.needs(exam, officer.office_path) if need.lacking]
        wanted = [(need.site, need.kind.code) for need in needs for _ in range(need.lacking)]
        if not wanted or span is None:
            return 0
        new = [NewDevice(kind, f"{officer.region_code}{n:05}") for n, (_, kind) in enumerate(wanted, 1)]
        made = devices.add_devices(exam=exam, office_code=officer.office_code, devices=new, by=officer, at=at)
        devices.test_devices(exam=exam, device_ids=[d.pk for d in made], passed=True, by=officer, at=at)
        for site in sorted({site for site, _ in wanted}):
            placings = [Placing(d.pk) for d, (where, _) in zip(made, wanted, strict=True) if where == site]
            devices.place_devices(
                exam=exam,
                site_code=site,
                placings=placings,
                from_at=span[0],
                until_at=span[1],
                by=officer,
                at=at,
            )
    return len(made)
