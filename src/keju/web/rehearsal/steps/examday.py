"""The day: rooms open, everybody is marked present or absent, a few violations, rooms close, absences go up."""

from datetime import timedelta

from keju.kernel.exams import queries as exams
from keju.kernel.offices import acting
from keju.kernel.offices.models import Office
from keju.kernel.offices.queries import office
from keju.stages.examday import queries, services
from keju.stages.examday.services import SeatMark
from keju.stages.venues import queries as venues
from keju.web.rehearsal.signing import Codes
from keju.web.rehearsal.steps import carrying, opening, returning
from keju.web.rehearsal.steps.carrying import Way
from keju.web.rehearsal.steps.sealroom import HalfDay
from keju.web.rehearsal.steps.venues import look_round
from keju.web.rehearsal.world import Tick, World

ABSENT, VIOLATION = 0.03, 0.002


def run(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards every room of every session is closed with a count that adds up, and no paper is left at a point."""
    counted = {"looked at": look_round(world), **opening.run(world)}
    way = carrying.down(world, Codes(world.calendar.exam_day - timedelta(days=12)))
    held = hold(way, tick)
    return {**counted, **held, **returning.run(way)}


def hold(way: Way, tick: Tick) -> dict[str, int]:
    """Afterwards every session was sat, and its papers and cards lie sealed in the points' stores."""
    world, counted = way.world, {"rooms": 0, "absent": 0, "violations": 0}
    for region in world.regions:
        for code in venues.hosts(world.exam, region.code):
            _host(way, office(code), counted)
        officer = world.actor("region_officer", region)
        with acting(officer):
            services.report_absences(exam=world.exam, by=officer, at=world.examined())
        tick(1)
    return counted


def _host(way: Way, host: Office, counted: dict[str, int]) -> None:
    world, codes = way.world, way.codes
    exam, manager = world.exam, world.actor("point_manager", host)
    keeper = world.actor("point_custody", host)
    with acting(manager):
        for session in exams.sessions(exam):
            papers = [
                HalfDay(world, codes, site=site, session=session, keeper=keeper)
                for site in sorted(queries.sites(viewer=manager, exam=exam))
            ]
            for half_day in papers:
                half_day.draw()
            services.open_rooms(exam=exam, session_number=session.number, by=manager, at=session.starts_at)
            rooms = queries.rooms(viewer=manager, exam=exam, session_number=session.number)
            for room in rooms:
                lines = queries.seats(viewer=manager, exam=exam, room=room)
                marks = _marks(world, [line.ticket for line in lines], session.number)
                services.record_marks(
                    exam=exam, room_session_id=room.pk, marks=marks, by=manager, at=session.starts_at
                )
                counted["absent"] += sum(not m.present for m in marks)
                counted["violations"] += sum(bool(m.violation) for m in marks)
            services.close_rooms(
                exam=exam, room_session_ids=[r.pk for r in rooms], by=manager, at=session.ends_at
            )
            counted["rooms"] += len(rooms)
            closed = queries.rooms(viewer=manager, exam=exam, session_number=session.number)
            for half_day in papers:
                half_day.back([r for r in closed if r.site_code == half_day.site], way.kept[host.code].place)
        services.report_absences(exam=exam, by=manager, at=world.examined())


def _marks(world: World, tickets: list[str], session: int) -> list[SeatMark]:
    marks = []
    for ticket in tickets:
        dice = world.random(f"day{ticket}/{session}")
        present = dice.random() >= ABSENT
        violation = "夹带资料" if present and dice.random() < VIOLATION else ""
        marks.append(SeatMark(ticket, present, violation))
    return marks
