"""Who may sign in to a demo, and how: passwords and second factors are derived from this installation's keys."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import time

from django.conf import settings
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from rich.table import Table

from keju.kernel.accounts.models import Candidate, Login
from keju.kernel.accounts.permissions import ROLES
from keju.kernel.accounts.services import NO_PASSWORD
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.rulebook.words import Words, t
from keju.stages.registration import queries as registration
from keju.stages.registration.documents import STATES
from keju.web.rehearsal.world import World

NATIONAL = (
    "committee_member",
    "office_officer",
    "centre_exam",
    "centre_custody",
    "centre_leader",
    "centre_finance",
    "centre_scoring",
    "centre_key",
    "centre_data",
    "centre_system",
    "centre_certificates",
)


@dataclass(frozen=True)
class SignIn:
    """One line of the list: who, how to sign in, and the second factor's present code (staff)."""

    who: Words
    username: str
    password: str
    code: str
    url: str


def sign_ins() -> Iterator[SignIn]:
    """Every demo sign-in with its present code."""
    for login in Login.objects.filter(totpdevice__name="demo").order_by("pk").distinct():
        role, _, code = login.username.partition("-")
        device = TOTPDevice.objects.filter(user=login, name="demo").first()
        yield SignIn(_staff_words(role, code), login.username, password(), _code(device), "/office/sign-in/")
    with acting(Actor.system("demo")):
        for candidate in (
            Candidate.objects.filter(login__isnull=False).exclude(login__password=NO_PASSWORD).order_by("pk")
        ):
            yield SignIn(
                _candidate_words(candidate),
                candidate.identity,
                password(),
                "",
                "/sign-in/",
            )


def give_second_factors(base: World) -> None:
    """Staff whose sign-in is listed have a second factor already; everybody else enrols at the first sign-in."""
    wanted = []
    for code in NATIONAL:
        (kind,) = ROLES[code].at
        wanted.append(f"{code}-{kind.value}")
    wanted += ["committee_member-2", "committee_member-3", "centre_scoring-2", "centre_key-2"]
    for region in base.region_codes:
        wanted += [f"region_officer-{region}", f"region_leader-{region}"]
        wanted += [f"region_finance-{region}", f"region_finance-{region}/2", f"region_custody-{region}"]
        for point in base.points[region]:
            wanted += [
                f"point_clerk-{point.code}",
                f"point_manager-{point.code}",
                f"point_leader-{point.code}",
                f"point_custody-{point.code}",
            ]
        wanted.append(f"site_officer-{base.points[region][0].code}-01")
    for login in Login.objects.filter(username__in=wanted):
        TOTPDevice.objects.create(user=login, name="demo", key=_derived(login.username, 20).hex())


def password() -> str:
    """The one password of every demo sign-in."""
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
    exam = Exam.objects.order_by("-pk").first()
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


def table(found: list[SignIn]) -> Table:
    """One line a person. What is typed comes first and is never cut off, however narrow the terminal."""
    title = f"演示登录 demo sign-ins — /demo/ — 密码 password: {password()}"
    table = Table(title=title, title_justify="left")
    table.add_column("登录名 sign-in", no_wrap=True)
    table.add_column("动态码 code", no_wrap=True)
    table.add_column("谁 who")
    for one in found:
        table.add_row(one.username, one.code or "—", f"{one.who.zh} / {one.who.en}")
    return table
