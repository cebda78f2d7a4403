"""An exam with candidates on their seats and tickets, written straight into the tables: for tests of the exam day and later.

Two sites: 1101-01 with two rooms and 1301-01 with one, three candidates a room unless asked otherwise.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256

from keju.algorithms.identity import compose
from keju.kernel.accounts.models import Candidate, Person
from keju.kernel.accounts.permissions import ROLES
from keju.kernel.accounts.services import issue_signing_codes
from keju.kernel.calendar import CHINA
from keju.kernel.duties import services as duties
from keju.kernel.exams import services as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office, path_of
from keju.kernel.offices.services import load_tree
from keju.kernel.readiness.gates import obstacles
from keju.kernel.readiness.registry import Gate
from keju.kernel.readiness.services import override
from keju.stages.examday import services
from keju.stages.registration.models import Registration
from keju.stages.seating.models import Plan
from keju.stages.seating.models import Seat as PlannedSeat
from keju.stages.tickets.models import Ticket
from keju.stages.venues.models import Assignment, HostDecision, Room, Site

MADE = datetime(2011, 6, 1, 9, 0, tzinfo=CHINA)
DAY = datetime(2011, 10, 16, 10, 0, tzinfo=CHINA)
# Both sessions have ended.
OVER = datetime(2011, 10, 16, 18, 0, tzinfo=CHINA)
SYSTEM = Actor.system("test")
NAMES = ("欧阳娜娜", "买买提·阿不都热合曼", "㐂田一郎", "李雷", "韩梅梅")


@dataclass(frozen=True)
class Seat:
    """A candidate of the world."""

    ticket: str
    registration_id: int
    room_id: int
    site: str


def officer(role: str, code: str, number: int = 1) -> Actor:
    """Somebody in that role for that office."""
    path = "/" if not code.isdigit() else f"/{code}/" if len(code) == 2 else f"/{code[:2]}/{code}/"
    held = frozenset(str(p) for p in ROLES[role].permissions)
    person = 100 * (sorted(ROLES).index(role) + 1) + number
    return Actor(f"person:{person}", f"{role}{number}", role, code, path, person, permissions=held)


def make_exam(slug: str = "vet-2011", *, is_rehearsal: bool = True) -> Exam:
    """The exam with two regions and a point in each, on 16 October 2011."""
    with acting(SYSTEM):
        load_tree(by=SYSTEM, at=MADE)
        exam = exams.make(
            slug=slug,
            programme="veterinarian",
            year=2011,
            exam_day=date(2011, 10, 16),
            rules_as_of=date(2011, 6, 1),
            is_rehearsal=is_rehearsal,
            by=SYSTEM,
            at=MADE,
        )
        for code in ("11", "1101", "13", "1301"):
            exams.open_office(exam=exam, office=office(code), leader="王一", by=SYSTEM, at=MADE)
        duties.reach(exam=exam, key="exam_day", when=DAY.replace(hour=9), by=SYSTEM, at=MADE)
    return exam


def seat_people(exam: Exam, *, per_room: int = 3, opened: bool = True) -> list[Seat]:
    """Everybody has a seat and a ticket; returned by site, room and seat. The sites are open unless told."""
    seats: list[Seat] = []
    with acting(SYSTEM):
        for point, rooms in (("1101", 2), ("1301", 1)):
            seats += _site(exam, point, rooms, per_room, len(seats))
    if opened:
        for point in ("1101", "1301"):
            open_site(exam, point)
    return seats


def assign_hosts(exam: Exam) -> None:
    """Both points host their own candidates, as their regions decided."""
    with acting(SYSTEM):
        for point in ("1101", "1301"):
            region = f"/{point[:2]}/"
            decision = HostDecision.objects.create(
                exam=exam, office_path=region, region_code=point[:2], version=1, proposal={}, minimum=300,
                decided_by="t", decided_at=MADE,
            )  # fmt: skip
            Assignment.objects.create(
                exam=exam, decision=decision, office_path=f"{region}{point}/", point_code=point, host_code=point,
                candidates=3,
            )  # fmt: skip


def open_site(exam: Exam, point: str) -> None:
    """The point's site is open, as everywhere: its leader lets pass what is red in so small a world, the manager opens."""
    site, manager = f"{point}-01", officer("point_manager", point)
    with acting(SYSTEM):
        against = obstacles(exam, [path_of(site)], Gate.EXAM, DAY)[path_of(site)]
    if against:
        let_pass(exam, site, [o.rule for o in against], sum(o.lacking for o in against))
    with acting(manager):
        services.open_sites(exam=exam, site_codes=[site], by=manager, at=DAY)


def let_pass(exam: Exam, site: str, clauses: list[str], seen: int) -> None:
    """The leader of the site's region overrides these clauses there, by a code of their own sheet."""
    region = site[:2]
    with acting(SYSTEM):
        person = Person.objects.create(name="考区领导", office_path=f"/{region}/")
        (code,) = issue_signing_codes(person_id=person.pk, count=1, by=SYSTEM, at=DAY)
    leader = replace(officer("region_leader", region), ref=f"person:{person.pk}", person_id=person.pk)
    with acting(leader):
        assert override(
            exam=exam,
            site_code=site,
            clauses=clauses,
            seen=seen,
            reason="小规模演练",
            code=code,
            by=leader,
            at=DAY,
        )


def submit_people(exam: Exam, count: int) -> None:
    """So many more have registered at the first point and were not decided on."""
    with acting(SYSTEM):
        for n in range(500, 500 + count):
            _registration(exam, "1101", n, NAMES[n % len(NAMES)], state="submitted")


def _site(exam: Exam, point: str, rooms: int, per_room: int, first: int) -> list[Seat]:
    path = f"/{point[:2]}/{point}/01/"
    code = f"{point}-01"
    site = Site.objects.create(
        exam=exam, office_path=path, point_code=point, code=code, name_zh="第一中学", name_en="No. 1 School",
        address="路1号", standard=30,
    )  # fmt: skip
    plan = Plan.objects.create(
        exam=exam, site=site, office_path=path, version=1, standard=30, seed="0", count=rooms * per_room, made_by="t"
    )  # fmt: skip
    seats = []
    for number in range(1, rooms + 1):
        room = Room.objects.create(
            exam=exam, site=site, office_path=path, number=number, building="A", floor=1, columns=5, rows=6, gap_cm=80,
            kind="exam",
        )  # fmt: skip
        for place in range(1, per_room + 1):
            n = first + len(seats) + 1
            ticket = f"11{point}{len(seats) + 1:04d}"
            person = _registration(exam, point, n, NAMES[n % len(NAMES)])
            PlannedSeat.objects.create(
                plan=plan, registration=person, office_path=path, room=room, serial=place, column=1, row=place,
                category="general",
            )  # fmt: skip
            Ticket.objects.create(
                exam=exam, registration=person, candidate_id=person.candidate_id, office_path=path,
                region_code=point[:2], site_code=code, number=ticket, plan=plan, room=room, room_number=number,
                seat=place, column=1, row=place, category="general", code=f"{n:016x}",
            )  # fmt: skip
            seats.append(Seat(ticket, person.pk, room.pk, code))
    return seats


def _registration(exam: Exam, point: str, n: int, name: str, *, state: str = "confirmed") -> Registration:
    identity = compose("110101", date(1985, 3, 4) + timedelta(days=n // 900), n % 900 + 1)
    index = sha256(identity.encode()).digest()
    candidate, _ = Candidate.objects.get_or_create(
        identity_index=index, defaults={"identity": identity, "name": name, "made_at": MADE}
    )
    return Registration.objects.create(
        exam=exam, candidate=candidate, office_path=f"/{point[:2]}/{point}/", point_code=point, state=state,
        identity=identity, identity_index=index, phone="13800000000", name=name, sex="female",
        birth_on=date(1985, 3, 4), category="general", route="diploma", route_facts={}, photo_sha256="a" * 64,
        pledged_at=MADE, submitted_at=MADE,
    )  # fmt: skip
