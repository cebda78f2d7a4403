"""A whole province, reviewed and waiting for hosts, sites, rooms, seats and tickets: to play chapters 6, 7 and 14 at size.

Its points are as unequal as real ones: the first has about a sixth of the candidates, the last ones fewer than the 300
of V6.1.
"""

from dataclasses import replace
from datetime import timedelta

from django.contrib.auth.hashers import make_password

from keju.kernel.calendar import now
from keju.kernel.exams.services import shift_clock
from keju.kernel.offices import acting
from keju.web.rehearsal.calendar import calendar
from keju.web.rehearsal.sign_ins import give_second_factors, password
from keju.web.rehearsal.steps import announcement, registration, review
from keju.web.rehearsal.steps import people as staff
from keju.web.rehearsal.world import CLOCKWORK, World

SLUG, REGION, SEED = "veterinarian-2011-province", "51", 11
TEACHERS = 120  # at each point, to be appointed once there are sites


def load(people: int) -> None:
    """Afterwards so many candidates of the region registered, were confirmed and reviewed; the clock shows that morning."""
    year = calendar(2011)
    year = replace(year, second_review=year.hosts - timedelta(hours=2))
    world = World("veterinarian", 2011, people, SEED, year, None)
    world.slug, world.region_codes, world.uneven = SLUG, (REGION,), True
    world.clock_shift = year.made - now()
    world.password_hash = make_password(password())
    for step in (announcement.run, registration.run, review.run):
        step(world, _still)
    staff.engage(world, year.hosts, more=TEACHERS)
    with acting(CLOCKWORK):
        give_second_factors(world)
    centre = world.national("centre_exam")
    with acting(centre):
        shift_clock(exam=world.exam, to=year.hosts, real_now=now(), by=centre, at=now(world.exam))


def _still(_: int) -> None:
    """No progress bar."""
