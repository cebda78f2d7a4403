"""Reading the day: each viewer their own rooms, and row-level security once more behind it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from keju.kernel.audit import NotPermitted
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.kernel.readiness.gates import closed, obstacles, refusal
from keju.kernel.readiness.registry import Gate
from keju.rulebook import Refusal
from keju.stages.examday import rules
from keju.stages.examday.models import Entry, RoomSession, SiteOpening
from keju.stages.registration import queries as registration
from keju.stages.tickets import queries as tickets

NATION = Actor.system("examday")  # a host's rooms hold candidates who registered elsewhere
PAGE = 50


@dataclass(frozen=True, slots=True)
class SeatLine:
    """One seat of a room in a session: the ticket on it and what was said about it; `present` None: nothing yet."""

    ticket: str
    registration_id: int
    name: str
    seat: int
    photo_sha256: str
    present: bool | None
    violation: str


@dataclass(frozen=True, slots=True)
class Attendance:
    """The latest statement about one candidate in one session."""

    room_session_id: int
    registration_id: int
    ticket: str
    session_number: int
    present: bool
    violation: str


@dataclass(frozen=True)
class Totals:
    """A session in the viewer's scope; `rooms` are those in use, `opened` and `closed` of them."""

    session_number: int
    rooms: int
    opened: int
    closed: int
    expected: int
    present: int
    absent: int
    violations: int

    @property
    def remaining(self) -> int:
        """Candidates about whom nothing was said yet, in rooms opened or not."""
        return self.expected - self.present - self.absent


def rooms(
    *, viewer: Actor, exam: Exam, session_number: int | None = None, site_code: str = "", state: str = ""
) -> QuerySet[RoomSession]:
    """The viewer's opened rooms, by session, site and room; `state` is "open", "closed" or "violations"."""
    found = RoomSession.objects.filter(exam=exam, **_under(viewer))
    if session_number is not None:
        found = found.filter(session_number=session_number)
    if site_code:
        found = found.filter(site_code__startswith=site_code)
    if state:
        wanted = {
            "open": Q(closed_at=None),
            "closed": Q(closed_at__isnull=False),
            "violations": Q(violations__gt=0),
        }
        found = found.filter(wanted.get(state, Q()))
    return found.order_by("session_number", "site_code", "room_number")


def room(*, viewer: Actor, exam: Exam, room_session_id: int) -> RoomSession:
    """One room session in scope; `RoomSession.DoesNotExist` otherwise."""
    return RoomSession.objects.get(exam=exam, pk=room_session_id, **_under(viewer))


def seats(*, viewer: Actor, exam: Exam, room: RoomSession) -> list[SeatLine]:
    """Every seat of the room in order, with its latest statement."""
    said = {a.registration_id: a for a in latest_of([room.pk])}
    lines = []
    for t in tickets.room_tickets(
        viewer=viewer, exam=exam, site_code=room.site_code, room_number=room.room_number
    ):
        a = said.get(t.registration_id)
        present, violation = (a.present, a.violation) if a else (None, "")
        lines.append(
            SeatLine(t.number, t.registration_id, t.name, t.seat, t.photo_sha256, present, violation)
        )
    return lines


def photo_of(*, viewer: Actor, exam: Exam, room: RoomSession, ticket: str) -> bytes:
    """The photo of somebody of the room, for comparing faces at the door; `NotPermitted(hidden=True)` of anybody else."""
    here = tickets.numbers_in(viewer=viewer, exam=exam, room_ids=[room.room_id])[room.room_id]
    if ticket not in here:
        raise NotPermitted(hidden=True)
    with acting(NATION):
        person = registration.rows_of(viewer=NATION, exam=exam, ids=[here[ticket]])[here[ticket]]
        return files.read(person.photo_sha256, viewer=NATION)


def corrections(*, viewer: Actor, room: RoomSession) -> list[Entry]:
    """What was said with a reason, newest first."""
    return list(Entry.objects.filter(room=room, **_under(viewer)).exclude(reason="").order_by("-pk"))


def attendance(*, viewer: Actor, exam: Exam, session_number: int) -> Iterator[Attendance]:
    """The latest statement about every candidate in the viewer's scope."""
    yield from _latest(
        "r.exam_id = %s AND r.session_number = %s AND r.office_path >= %s AND r.office_path < %s",
        [exam.pk, session_number, viewer.office_path, viewer.office_path + "~"],
    )


def latest_of(room_session_ids: Sequence[int]) -> list[Attendance]:
    """The latest statement about every candidate of the rooms in their session."""
    return _latest("e.room_id = ANY(%s)", [list(room_session_ids)])


def of_room(*, exam: Exam, session_number: int, room_id: int) -> list[Attendance]:
    """The latest statement about every candidate of one room in one session."""
    return _latest(
        "r.exam_id = %s AND r.session_number = %s AND r.room_id = %s", [exam.pk, session_number, room_id]
    )


def totals(*, viewer: Actor, exam: Exam) -> list[Totals]:
    """Each session of the exam as it stands in the viewer's rooms, whether opened yet or not."""
    used = tickets.in_use(viewer=viewer, exam=exam)
    found = {
        row["session_number"]: row
        for row in RoomSession.objects.filter(exam=exam, **_under(viewer))
        .values("session_number")
        .annotate(
            n=Count("pk"),
            closed=Count("pk", filter=Q(closed_at__isnull=False)),
            p=Sum("present"),
            a=Sum("absent"),
            v=Sum("violations"),
        )
    }
    nothing = {"n": 0, "closed": 0, "p": 0, "a": 0, "v": 0}
    return [
        Totals(s.number, used.rooms, r["n"], r["closed"], used.tickets, r["p"], r["a"], r["v"])
        for s in exams.sessions(exam)
        for r in [found.get(s.number, nothing)]
    ]


def sites(*, viewer: Actor, exam: Exam) -> list[str]:
    """The sites of the viewer's scope that have rooms in use."""
    return tickets.sites_in_use(viewer=viewer, exam=exam)


def opened_sites(*, viewer: Actor, exam: Exam) -> dict[str, SiteOpening]:
    """The sites of the viewer's scope that were opened for the exam, by code."""
    found = SiteOpening.objects.filter(exam=exam, **_under(viewer)).order_by("site_code")
    return {one.site_code: one for one in found}


def closed_sites(*, viewer: Actor, exam: Exam, at: datetime) -> dict[str, list[Refusal]]:
    """The viewer's sites in use that were not opened yet, each with what stands against it; none of it where it may open."""
    done = opened_sites(viewer=viewer, exam=exam)
    waiting = {code: path_of(code) for code in sites(viewer=viewer, exam=exam) if code not in done}
    found = obstacles(exam, waiting.values(), Gate.EXAM, at)
    return {code: [refusal(o) for o in closed(found[path])] for code, path in waiting.items()}


def unfinished(*, viewer: Actor, exam: Exam) -> int:
    """Rooms × sessions that are not closed yet, opened or not."""
    return sum(t.rooms - t.closed for t in totals(viewer=viewer, exam=exam))


def report_refusals(*, viewer: Actor, exam: Exam) -> list[rules.Refusal]:
    """Why the absences cannot be reported yet; empty when they can."""
    found = totals(viewer=viewer, exam=exam)
    return list(rules.check_reportable(sum(t.rooms for t in found), sum(t.rooms - t.closed for t in found)))


def _latest(where: str, params: list[object]) -> list[Attendance]:
    statement = f"""
    SELECT DISTINCT ON (e.room_id, e.registration_id)
      e.room_id, e.registration_id, e.ticket, r.session_number, e.present, e.violation
    FROM examday_entry e JOIN examday_room r ON r.id = e.room_id WHERE {where}
    ORDER BY e.room_id, e.registration_id, e.id DESC
    """  # noqa: S608  `where` is one of two above
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [Attendance(*row) for row in cursor.fetchall()]


def _under(viewer: Actor) -> dict[str, str]:
    return {"office_path__gte": viewer.office_path, "office_path__lt": viewer.office_path + "~"}
