"""The demo of `make demo`: a rehearsal stopped in mid-year, so that every role has something to do.

Three regions on their own calendars (two are deferred, see ADR 5): registration is open in one, review is under way in another,
tickets are open in the third. Passwords and second factors are derived from this installation's keys.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import time
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from rich.table import Table

from keju.algorithms.synthetic.people import generate_people
from keju.kernel.accounts.models import Candidate, Login
from keju.kernel.accounts.permissions import ROLES
from keju.kernel.accounts.services import NO_PASSWORD, NewCandidate, sign_up
from keju.kernel.audit import record, write
from keju.kernel.calendar import now
from keju.kernel.exams.models import Exam
from keju.kernel.exams.services import shift_clock
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.rulebook.words import Words, t
from keju.stages.announcement import services as announcement
from keju.stages.registration import queries as registration
from keju.stages.registration.documents import STATES
from keju.stages.registration.services import unmask
from keju.web.rehearsal.calendar import calendar
from keju.web.rehearsal.steps import announcement as opening
from keju.web.rehearsal.steps import registration as registering
from keju.web.rehearsal.steps import review as reviewing
from keju.web.rehearsal.steps import venues as seating
from keju.web.rehearsal.world import CLOCKWORK, World

SLUG = "veterinarian-2011-demo"
REGISTERING, REVIEWING, TICKETED = "13", "37", "51"
FLOOD = "因汛情影响，经中心决定推迟报名"
CANDIDATES = 240
NATIONAL = (
    "committee_member",
    "office_officer",
    "centre_exam",
    "centre_finance",
    "centre_scoring",
    "centre_key",
)
NATIONAL += ("centre_data", "centre_system", "centre_certificates")


@dataclass(frozen=True)
class SignIn:
    """One line of the list: who, how to sign in, and the second factor's present code (staff)."""

    who: Words
    username: str
    password: str
    code: str
    url: str


def ensure_demo() -> Any:
    """The demo exam is loaded if it is not there; returns the table of sign-ins to print. Safe to repeat."""
    if not Exam.objects.filter(slug=SLUG).exists():
        with transaction.atomic():
            _load()
    return _table(list(sign_ins()))


def sign_ins() -> Iterator[SignIn]:
    """Every demo sign-in with its present code."""
    for login in Login.objects.filter(totpdevice__name="demo").order_by("pk").distinct():
        role, _, code = login.username.partition("-")
        device = TOTPDevice.objects.filter(user=login, name="demo").first()
        yield SignIn(_staff_words(role, code), login.username, _password(), _code(device), "/office/sign-in/")
    with acting(Actor.system("demo")):
        for candidate in (
            Candidate.objects.filter(login__isnull=False).exclude(login__password=NO_PASSWORD).order_by("pk")
        ):
            yield SignIn(
                _candidate_words(candidate),
                candidate.identity,
                _password(),
                "",
                "/sign-in/",
            )


def _load() -> None:
    """Three sub-worlds of one exam, each on its region's calendar; the clock then shows a morning in July."""
    year = calendar(2011)
    today = year.exam_day - timedelta(days=100) + timedelta(hours=1)
    base = World("veterinarian", 2011, CANDIDATES, 7, _moved(year, 60), None)
    base.slug, base.region_codes = SLUG, (REGISTERING, REVIEWING, TICKETED)
    base.clock_shift = base.calendar.made - now()
    base.password_hash = make_password(_password())
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
    _finish(worlds[TICKETED])
    _begin_review(worlds[REVIEWING])
    with acting(CLOCKWORK):
        _give_passwords(worlds=worlds, by=CLOCKWORK, at=today)
        _give_second_factors(base)
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
    """Everything up to the open tickets."""
    for step in (reviewing.run, reviewing.remit, seating.run, seating.seat, seating.number):
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
        sign_up(person=person, password=_password(), by=by, at=at)
    record("rehearsal.demo.opened", by=by, at=at, subject="demo", exam=exam.slug)


def _give_second_factors(base: World) -> None:
    """Staff whose sign-in is listed have a second factor already; everybody else enrols at the first sign-in."""
    wanted = []
    for code in NATIONAL:
        (kind,) = ROLES[code].at
        wanted.append(f"{code}-{kind.value}")
    wanted += ["committee_member-2", "committee_member-3", "centre_scoring-2", "centre_key-2"]
    for region in base.region_codes:
        wanted += [f"region_officer-{region}", f"region_finance-{region}", f"region_finance-{region}/2"]
        for point in base.points[region]:
            wanted += [f"point_clerk-{point.code}", f"point_manager-{point.code}"]
    for login in Login.objects.filter(username__in=wanted):
        TOTPDevice.objects.create(user=login, name="demo", key=_derived(login.username, 20).hex())


def _password() -> str:
    return "demo-" + _derived("password", 4).hex()


def _derived(purpose: str, size: int) -> bytes:
    """Bytes that only this installation can derive: nothing secret stands in the project."""
    return hmac.new(settings.SECRETS.index_key, f"demo/{purpose}".encode(), hashlib.sha256).digest()[:size]


def _code(device: TOTPDevice | None) -> str:
    if device is None:
        return ""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = time()
    return f"{totp.token():06d}"


def _candidate_words(candidate: Candidate) -> Words:
    """Name, and how far this candidate has come in the demo's exam."""
    viewer = replace(Actor.system("demo"), candidate_id=candidate.pk)
    exam = Exam.objects.filter(slug=SLUG).first()
    own = registration.own(viewer=viewer, exam=exam) if exam else None
    state = t("还没有报名", "not registered yet")
    if own is not None:
        state = STATES[own.state]
        place = office(own.office_path.split("/")[1]).name
        state = t(f"{place.zh}，{state.zh}", f"{place.en}, {state.en}")
    return t(f"考生 {candidate.name}（{state.zh}）", f"Candidate {candidate.name} ({state.en})")


def _staff_words(role: str, code: str) -> Words:
    if len(code) == 1:
        return t(f"{ROLES[role].name.zh}（第{code}人）", f"{ROLES[role].name.en} (no. {code})")
    code, _, second = code.partition("/")
    place = office(code).name
    name = ROLES[role].name
    if second:
        name = t(f"{name.zh}（第{second}人）", f"{name.en} (no. {second})")
    return t(f"{place.zh} · {name.zh}", f"{place.en} · {name.en}")


def _table(found: list[SignIn]) -> Table:
    """One line a person. What is typed comes first and is never cut off, however narrow the terminal."""
    title = f"演示登录 demo sign-ins — /demo/ — 密码 password: {_password()}"
    table = Table(title=title, title_justify="left")
    table.add_column("登录名 sign-in", no_wrap=True)
    table.add_column("动态码 code", no_wrap=True)
    table.add_column("谁 who")
    for one in found:
        table.add_row(one.username, one.code or "—", f"{one.who.zh} / {one.who.en}")
    return table


def _still(_: int) -> None:
    """No progress bar."""
