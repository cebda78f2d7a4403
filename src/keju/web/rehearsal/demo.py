"""The demo of `make demo`: a rehearsal stopped in mid-year, so that every role has something to do.

Three regions on their own calendars (two are deferred, see ADR 5): registration is open in one, review is under way in another,
tickets are open in the third. Or, where that is wanted, a whole province alone (`province`), or one region and its papers
(`season`).
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from keju.algorithms.synthetic.people import generate_people
from keju.kernel.accounts.services import NewCandidate, sign_up
from keju.kernel.audit import record, write
from keju.kernel.calendar import now
from keju.kernel.exams.models import Exam
from keju.kernel.exams.services import shift_clock
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.stages.announcement import services as announcement
from keju.stages.registration import queries as registration
from keju.stages.registration.services import unmask
from keju.web.installation.demo import Wanted
from keju.web.rehearsal import province, season
from keju.web.rehearsal.calendar import calendar
from keju.web.rehearsal.sign_ins import give_second_factors, password, sign_ins, table
from keju.web.rehearsal.steps import announcement as opening
from keju.web.rehearsal.steps import registration as registering
from keju.web.rehearsal.steps import review as reviewing
from keju.web.rehearsal.steps import security, staffing, training
from keju.web.rehearsal.steps import venues as seating
from keju.web.rehearsal.world import CLOCKWORK, World

SLUG = "veterinarian-2011-demo"
REGISTERING, REVIEWING, TICKETED = "13", "37", "51"
FLOOD = "因汛情影响，经中心决定推迟报名"
CANDIDATES = 240


def ensure_demo(wanted: Wanted) -> Any:
    """The demo exam is loaded if no exam is there; returns the table of sign-ins to print. Safe to repeat."""
    if not Exam.objects.exists():
        with transaction.atomic():
            if wanted.papers:
                season.load(wanted.papers)
            elif wanted.province:
                province.load(wanted.province)
            else:
                _load()
    return table(list(sign_ins()))


def _load() -> None:
    """Three sub-worlds of one exam, each on its region's calendar; the clock then shows a morning in July."""
    year = calendar(2011)
    today = year.exam_day - timedelta(days=100) + timedelta(hours=1)
    base = World("veterinarian", 2011, CANDIDATES, 7, _moved(year, 60), None)
    base.slug, base.region_codes = SLUG, (REGISTERING, REVIEWING, TICKETED)
    base.clock_shift = base.calendar.made - now()
    base.password_hash = make_password(password())
    opening.found(base)
    opening.announce(base)
    worlds = {
        TICKETED: _part(base, TICKETED, base.calendar),
        REVIEWING: _part(base, REVIEWING, _moved(year, 17)),
        REGISTERING: _part(base, REGISTERING, year),
    }
    for code, world in worlds.items():
        opening.open_region(world, world.regions[0])
        if code != TICKETED:
            _defer(world)
        registering.run(world, _still)
        base.photos.update(world.photos)
    training.hand_out(replace(base, regions=[world.regions[0] for world in worlds.values()]))
    _finish(worlds[TICKETED])
    _begin_review(worlds[REVIEWING])
    with acting(CLOCKWORK):
        _give_passwords(worlds=worlds, by=CLOCKWORK, at=today)
        give_second_factors(base)
    centre = base.national("centre_exam")
    with acting(centre):
        shift_clock(exam=base.exam, to=today, real_now=now(), by=centre, at=now(base.exam))


def _part(base: World, code: str, its: Any) -> World:
    """The base world narrowed to one region on its own calendar; exam, people and photos are shared."""
    world = replace(base, calendar=its, candidates=CANDIDATES // 3, regions=[office(code)])
    world.photos = base.photos
    return world


def _moved(year: Any, days: int) -> Any:
    """The calendar with everything before the exam day so many days earlier."""
    delta = timedelta(days=days)
    fields = {name: when - delta for name, when in vars(year).items() if when < year.exam_day}
    return replace(year, **fields)


def _defer(world: World) -> None:
    centre = world.national("centre_exam")
    with acting(centre):
        announcement.defer_region(
            exam=world.exam,
            region_code=world.regions[0].code,
            reason=FLOOD,
            by=centre,
            at=world.calendar.announced,
        )


def _finish(world: World) -> None:
    """Everything up to the tickets, and the staff; recusals are left to be decided."""
    world.leave_open = True
    for step in (
        reviewing.run,
        reviewing.remit,
        seating.run,
        seating.seat,
        seating.number,
        staffing.run,
        security.run,
    ):
        step(world, _still)


def _begin_review(world: World) -> None:
    """The counter has seen the first point; the second point's queue is full."""
    counted = {"confirmed": 0, "first fails": 0, "second fails": 0, "photos overruled": 0}
    reviewing.counter(world, world.points[world.regions[0].code][0], counted)


@write(None)
def _give_passwords(*, worlds: dict[str, World], by: Actor, at: datetime) -> None:
    """One candidate of each region can sign in: a new one, one waiting for the counter, one with a ticket."""
    exam = worlds[TICKETED].exam
    *_, fresh = generate_people(8, CANDIDATES, [REGISTERING], 2011)
    people = [NewCandidate(fresh.identity_number, fresh.name, fresh.phone)]
    for code, state in ((REVIEWING, "submitted"), (TICKETED, "confirmed")):
        ids = registration.ids(viewer=by, exam=exam, state=state, office_path=f"/{code}/")
        row = unmask(exam=exam, registration_id=ids[0][0], reason="demo", by=by, at=at)
        people.append(NewCandidate(row.identity, row.name, row.phone))
    for person in people:
        sign_up(person=person, password=password(), by=by, at=at)
    record("rehearsal.demo.opened", by=by, at=at, subject="demo", exam=exam.slug)


def _still(_: int) -> None:
    """No progress bar."""
