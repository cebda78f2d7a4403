"""One region whose papers have come so far: to play chapters 9 to 12, 15 and 16 where papers exist.

Each part takes them one step further and ends on the morning on which the next one would begin.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password

from keju.kernel.calendar import now
from keju.kernel.exams.services import shift_clock
from keju.kernel.offices import acting
from keju.web.installation.demo import Papers
from keju.web.rehearsal.calendar import calendar
from keju.web.rehearsal.sign_ins import give_second_factors, password
from keju.web.rehearsal.signing import Codes
from keju.web.rehearsal.steps import (
    announcement,
    carrying,
    custody,
    examday,
    opening,
    registration,
    review,
    security,
    staffing,
    stores,
    venues,
)
from keju.web.rehearsal.steps.carrying import Way
from keju.web.rehearsal.world import CLOCKWORK, World

SLUG, REGION, SEED, CANDIDATES = "veterinarian-2011-papers", "13", 11, 60


@dataclass(frozen=True)
class Part:
    """`then`: what the clock shows afterwards, from nine o'clock on the day of the exam."""

    papers: Papers
    run: Callable[[Way], None]
    then: timedelta


def load(papers: Papers) -> None:
    """Afterwards the region's papers have come so far, everybody concerned is appointed, and the clock shows that morning."""
    year = calendar(2011)
    world = World("veterinarian", 2011, CANDIDATES, SEED, year, None)
    world.slug, world.region_codes = SLUG, (REGION,)
    world.clock_shift = year.made - now()
    world.password_hash = make_password(password())
    way = Way(world, Codes(year.exam_day - timedelta(days=12)), {})
    for part in until(papers):
        part.run(way)
        shown = year.exam_day + part.then
    with acting(CLOCKWORK):
        give_second_factors(world)
    _show(world, shown)


def until(papers: Papers) -> list[Part]:
    """The parts that bring the papers so far."""
    names = [part.papers for part in PARTS]
    return PARTS[: names.index(papers) + 1]


def _show(world: World, when: datetime) -> None:
    centre = world.national("centre_exam")
    with acting(centre):
        shift_clock(exam=world.exam, to=when, real_now=now(), by=centre, at=now(world.exam))


def _planned(way: Way) -> None:
    """Seats are frozen, tickets open, staff appointed, trained and on duty, the quantities confirmed."""
    world = way.world
    for step in (
        announcement.run,
        registration.run,
        review.run,
        review.remit,
        venues.run,
        venues.seat,
        venues.ticket,
        staffing.run,
        security.run,
    ):
        step(world, _still)
    custody.ask(world)
    for region in world.regions:
        custody.confirm(world, region)
    carrying.engage(world)


def _made(way: Way) -> None:
    for region in way.world.regions:
        custody.make(way.world, region)
        way.kept |= stores.run(way.world, region)


def _to_region(way: Way) -> None:
    for region in way.world.regions:
        carrying.to_region(way, region)


def _to_points(way: Way) -> None:
    for region in way.world.regions:
        carrying.to_points(way, region)
    venues.look_round(way.world)
    opening.run(way.world)


def _sat(way: Way) -> None:
    examday.hold(way, _still)


def _still(_: int) -> None:
    """No progress bar."""


PARTS = [
    Part(Papers.MAKING, _planned, timedelta(days=-7, hours=1)),
    Part(Papers.MOVING, _made, timedelta(days=-7, hours=1)),
    Part(Papers.ARRIVED, _to_region, timedelta(days=-3, hours=1)),
    Part(Papers.EXAM_DAY, _to_points, timedelta(hours=-2)),
    Part(Papers.AFTER, _sat, timedelta(days=1, hours=-2)),
]
