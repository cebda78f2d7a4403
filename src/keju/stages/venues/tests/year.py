"""A small year for the tests of venues, seating and tickets: registrations as they stand when reviews are over."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from keju.kernel.accounts.permissions import ROLES
from keju.kernel.accounts.queries import identity_index
from keju.kernel.accounts.sealed import seal
from keju.kernel.accounts.services import NewCandidate, ensure_candidates
from keju.kernel.audit import write
from keju.kernel.calendar import CHINA
from keju.kernel.duties import services as duties
from keju.kernel.exams import services as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import insert_rows_returning
from keju.kernel.offices.queries import office, path_of
from keju.kernel.offices.services import load_tree
from keju.stages.registration import queries as registration
from keju.stages.venues import queries, services
from keju.stages.venues.models import Site
from keju.stages.venues.rules import EXAM, REST, SEAL, SPARE, NewRoom

AT = datetime(2011, 8, 1, 9, 0, tzinfo=CHINA)
SYSTEM = Actor.system("test")
COLUMNS = (
    "exam_id", "candidate_id", "office_path", "point_code", "state", "version", "identity", "identity_index", "phone",
    "email", "address", "name", "sex", "birth_on", "employer", "category", "route", "route_facts", "photo_sha256",
    "photo_overruled_by", "pledged_at", "submitted_at", "reason",
)  # fmt: skip


def make_exam(*codes: str, days_to_exam: int = 76) -> Exam:
    """An exam in which the offices of these codes (and their regions) take part."""
    with acting(SYSTEM):
        load_tree(by=SYSTEM, at=AT)
        exam = exams.make(
            slug="vet-2011",
            programme="veterinarian",
            year=2011,
            exam_day=date(2011, 10, 16),
            rules_as_of=date(2011, 6, 1),
            is_rehearsal=True,
            by=SYSTEM,
            at=AT,
        )
        for code in sorted({*codes, *(c[:2] for c in codes)}):
            exams.open_office(exam=exam, office=office(code), leader="王一", by=SYSTEM, at=AT)
        for key, days in (("exam_day", days_to_exam), ("confirmation_ends", -2)):
            duties.reach(exam=exam, key=key, when=AT + timedelta(days=days), by=SYSTEM, at=AT)
    return exam


def staff(role: str, code: str) -> Actor:
    """Somebody who holds the role at the office; national bodies by their kind's code."""
    permissions = frozenset(str(p) for p in ROLES[role].permissions)
    return Actor(f"person:{role}-{code}", role, role, code, path_of(code), permissions=permissions)


def confirmed(
    exam: Exam,
    counts: Mapping[tuple[str, str], int],
    *,
    photo: str = "a" * 64,
    name: str = "王小明",
    first: int = 0,
) -> list[int]:
    """So many confirmed registrations per (point, category); returns their ids in order.

    `first`: where the identity numbers begin, for whoever comes after others.
    """
    people = [(point, category) for (point, category), n in counts.items() for _ in range(n)]

    @write(None)
    def accounts(*, by: Actor, at: datetime) -> dict[bytes, int]:
        wanted = [NewCandidate(_identity(first + i), f"{name}{i}") for i in range(len(people))]
        return ensure_candidates(people=wanted, by=by, at=at)

    with acting(SYSTEM):
        owners = accounts(by=SYSTEM, at=AT)
        empty = seal("")
        rows = (
            (
                exam.pk, owners[identity_index(_identity(first + i))], path_of(point), point, "confirmed", 1,
                seal(_identity(first + i)),
                identity_index(_identity(first + i)), empty, empty, empty, f"{name}{i}", "male", date(1985, 3, 4), "某单位",
                category, "diploma", "{}", photo, "", AT, AT, "",
            )
            for i, (point, category) in enumerate(people)
        )  # fmt: skip
        return insert_rows_returning("registration_registration", COLUMNS, rows)


def per_point(exam: Exam, ids: Sequence[int]) -> Counter[tuple[str, str]]:
    """How many of these registrations there are per (point code, category)."""
    with acting(SYSTEM):
        found = registration.briefs(viewer=SYSTEM, exam=exam, ids=ids)
    return Counter((r.point_code, r.category) for r in found.values())


def make_site(
    exam: Exam,
    point: str,
    *,
    rooms: int,
    standard: int = 30,
    columns: int = 5,
    rows: int = 6,
    report: bool = True,
    by: Actor = SYSTEM,
) -> Site:
    """A site with so many exam rooms and what else it needs, reported. Each is a school of its own."""
    with acting(by):
        n = queries.sites(exam, viewer=by, point_code=point).count() + 1
        site = services.add_site(
            exam=exam,
            point_code=point,
            name_zh=f"{point}第一中学",
            name_en=f"Middle School 1 of {point}",
            address=f"学府路{n}号",
            surroundings="地铁2号线学府站",
            standard=standard,
            by=by,
            at=AT,
        )
        services.add_rooms(exam=exam, site_code=site.code, rooms=halls(rooms, columns, rows), by=by, at=AT)
    if report:
        _report(exam, site, by=by)
    return site


def report(exam: Exam, *sites: Site, by: Actor = SYSTEM) -> None:
    """Looked at and reported in order: a host with two enters both before it reports either."""
    for site in sites:
        _report(exam, site, by=by)


def look(exam: Exam, site: Site, *, by: Actor = SYSTEM) -> None:
    """Somebody answers for the rooms being safe, quiet, aired and lit (V14.5)."""
    with acting(by):
        services.attest(exam=exam, site_code=site.code, item_code="fit", settled=True, by=by, at=AT)


def _report(exam: Exam, site: Site, *, by: Actor) -> None:
    look(exam, site, by=by)
    with acting(by):
        services.report_site(exam=exam, site_code=site.code, by=by, at=AT)


def halls(rooms: int, columns: int = 5, rows: int = 6) -> list[NewRoom]:
    spare = -(-rooms // 20)
    kinds = [EXAM] * rooms + [SPARE] * spare
    found = [
        NewRoom(n, "教学楼A座", 1 + n // 10, columns, rows, 80, kind, f"{100 + n}")
        for n, kind in enumerate(kinds, start=1)
    ]
    further = len(found)
    return [
        *found,
        NewRoom(further + 1, "教学楼A座", 1, kind=REST),
        NewRoom(further + 2, "教学楼A座", 2, kind=SEAL),
    ]


def decide(exam: Exam, region: str, assignment: Mapping[str, str], reason: str = "偏远地区") -> None:
    by = staff("region_officer", region)
    with acting(by):
        services.decide_hosts(
            exam=exam, region_code=region, assignment=assignment, reason=reason, by=by, at=AT
        )


def _identity(i: int) -> str:
    return f"1101011985{i:08d}"
