"""An exam in Hebei (two points) and Beijing with registered candidates, money's rules set, and the people who deal with it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.test import Client

from keju.algorithms.identity import compose
from keju.kernel.accounts.models import Login
from keju.kernel.accounts.permissions import CANDIDATE_PERMISSIONS, ROLES
from keju.kernel.calendar import CHINA, now
from keju.kernel.duties import services as duties
from keju.kernel.exams import services as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.kernel.offices.services import load_tree
from keju.stages.fees import queries, services
from keju.stages.fees.rules import Payment
from keju.stages.registration import services as registration
from keju.stages.registration.models import PhotoCheck, Registration
from keju.stages.registration.rules import Submission

SYSTEM = Actor.system("test")
PHOTO, DOUBTED = "a" * 64, "d" * 64
MADE = datetime(2011, 6, 1, 9, 0, tzinfo=CHINA)
DURING = datetime(2011, 7, 10, 9, 0, tzinfo=CHINA)
"""Confirmation is going on."""
ENDS = datetime(2011, 7, 20, 17, 0, tzinfo=CHINA)
AFTER = datetime(2011, 7, 21, 9, 0, tzinfo=CHINA)
EXAM_ENDS = datetime(2011, 10, 16, 16, 30, tzinfo=CHINA)
POINTS = ("1301", "1302", "1101")


def person(number: int, role: str, code: str) -> Actor:
    """Somebody who holds the role at the office."""
    path = "/" if not code.isdigit() else f"/{code}/" if len(code) == 2 else f"/{code[:2]}/{code}/"
    return Actor(
        f"person:{number}", role, role, code, path, number,
        permissions=frozenset(str(p) for p in ROLES[role].permissions),
    )  # fmt: skip


CLERK, OTHER_CLERK = person(1, "point_clerk", "1301"), person(2, "point_clerk", "1301")
CLERK_1302, CLERK_1101 = person(3, "point_clerk", "1302"), person(4, "point_clerk", "1101")
FINANCE_2 = person(10, "region_finance", "13")
FINANCE, FINANCE_11 = person(5, "region_finance", "13"), person(6, "region_finance", "11")
OFFICER, OFFICER_11 = person(7, "region_officer", "13"), person(8, "region_officer", "11")
CENTRE = person(9, "centre_finance", "centre")


@dataclass(frozen=True)
class World:
    exam: Exam
    ids: dict[str, list[int]]


def submission(serial: int, point: str, **changes: object) -> Submission:
    facts: dict[str, object] = {
        "identity": compose("110101", date(1985, 3, 4) + timedelta(days=serial // 900), 1 + serial % 900),
        "name": f"考生{serial}",
        "phone": "13800000000",
        "address": "某路",
        "category": "general",
        "route": "diploma",
        "route_facts": {"degree": "bachelor", "major": "veterinary", "school": "某大学"},
        "point_code": point,
        "photo_sha256": PHOTO,
        "pledge": True,
    }
    return Submission(**{**facts, **changes})  # type: ignore[arg-type]


def make_world(candidates: int = 3, *, money: bool = True, slug: str = "vet-2011") -> World:
    """`candidates` registered at each of 1301, 1302 and 1101; with `money`, tariffs (160 and 130) and receipts."""
    with acting(SYSTEM):
        load_tree(by=SYSTEM, at=MADE)
        exam = exams.make(
            slug=slug,
            programme="veterinarian",
            year=2011,
            exam_day=date(2011, 10, 16),
            rules_as_of=date(2011, 6, 1),
            is_rehearsal=True,
            by=SYSTEM,
            at=MADE,
        )
        for code in ("13", "11", *POINTS):
            exams.open_office(exam=exam, office=office(code), leader="王一", by=SYSTEM, at=MADE)
        for code in POINTS:
            registration.prepare_point(
                exam=exam,
                point_code=code,
                address="路1号",
                contact="李",
                phone="1",
                hours="9–17",
                by=SYSTEM,
                at=MADE,
            )
        for key, when in (
            ("exam_day", datetime(2011, 10, 16, 9, 0, tzinfo=CHINA)),
            ("exam_ends", EXAM_ENDS),
            ("registration_opens", MADE),
            ("registration_closes", MADE + timedelta(days=30)),
            ("confirmation_opens", MADE + timedelta(days=20)),
            ("confirmation_ends", ENDS),
        ):
            duties.reach(exam=exam, key=key, when=when, by=SYSTEM, at=MADE)
        PhotoCheck.objects.create(sha256=PHOTO, checker_version="1", measured=[], judged=[], facts={})
        PhotoCheck.objects.create(
            sha256=DOUBTED, checker_version="1", measured=[], judged=["sharp"], facts={}
        )
        if money:
            set_money(exam)
        ids = {}
        for n, code in enumerate(POINTS):
            subs = [submission(n * candidates + k, code) for k in range(candidates)]
            found = registration.bring_in(exam=exam, submissions=subs, by=SYSTEM, at=MADE + timedelta(days=1))
            ids[code] = [r.registration_id for r in found]
    return World(exam, ids)  # type: ignore[arg-type]


def set_money(exam: Exam) -> None:
    """Hebei charges 80 on top of the national fee, Beijing 50; receipts HB000001… and BJ000001…."""
    for code, fee, prefix in (("13", 80, "HB"), ("11", 50, "BJ")):
        services.set_tariff(
            exam=exam,
            region_code=code,
            provincial_fee=Decimal(fee),
            approval="发改价格〔2011〕1号",
            by=SYSTEM,
            at=MADE,
        )
        services.register_receipts(
            exam=exam, region_code=code, prefix=prefix, first=1, last=999_999, by=SYSTEM, at=MADE
        )


def cash(registration_id: int, amount: int = 160) -> Payment:
    return Payment(registration_id, "cash", Decimal(amount))


def set_clock(exam: Exam, when: datetime) -> None:
    """The exam's pages think that it is `when`."""
    Exam.objects.filter(pk=exam.pk).update(clock_shift=when - now())


def pay_back(world: World, ids: list[int] | None = None, way: str = "hand", at: datetime = AFTER) -> int:
    """What is owed to these registrations (None: everybody) in Hebei is listed by one and released by another."""
    with acting(FINANCE):
        chosen = (
            None if ids is None else [r.pk for r in queries.refunds_of(world.exam, ids) if r.paid_at is None]
        )
        batch = services.propose_batch(
            exam=world.exam, region_code="13", way=way, refund_ids=chosen, by=FINANCE, at=at
        )
    with acting(FINANCE_2):
        services.release_batch(exam=world.exam, batch_id=batch.pk, digest=batch.digest, by=FINANCE_2, at=at)
    return batch.count


def as_candidate(registration_id: int) -> Actor:
    """The candidate of the registration, signed in."""
    row = Registration.objects.get(pk=registration_id)
    return Actor(
        ref=f"candidate:{row.candidate_id}",
        name=row.name,
        role="candidate",
        candidate_id=row.candidate_id,
        permissions=frozenset(str(p) for p in CANDIDATE_PERMISSIONS),
    )


def csv_statement(
    rows: list[tuple[str, Decimal, str, str]], day: str = "2011-07-05", balance: Decimal | None = None
) -> bytes:
    """A statement in two columns: (serial, signed amount, payer, remark) a line; with `balance` before the first, running."""
    lines = ["账户：1234567890", "交易日期,交易流水号,收入金额,支出金额,余额,对方户名,附言"]
    for serial, amount, payer, remark in rows:
        if balance is not None:
            balance += amount
        credit, debit = (f"{amount:.2f}", "") if amount > 0 else ("", f"{-amount:.2f}")
        shown = "" if balance is None else f'"{balance:,.2f}"'
        lines.append(f"{day},{serial},{credit},{debit},{shown},{payer},{remark}")
    return ("\n".join([*lines, "合计,,,,,,"]) + "\n").encode("gb18030")


def sign_in_candidate(client: Client, registration_id: int) -> None:
    """The client is the candidate of the registration."""
    with acting(SYSTEM):
        candidate = Registration.objects.get(pk=registration_id).candidate
        if candidate.login is None:
            candidate.login = Login.objects.create(
                username=f"candidate{candidate.pk}", kind="candidate", password="!", made_at=MADE
            )
            candidate.save(update_fields=["login"])
    client.force_login(candidate.login, backend="django.contrib.auth.backends.ModelBackend")
