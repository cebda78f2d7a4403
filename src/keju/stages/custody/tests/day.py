"""The exam day at site 1301-01: papers in the point's store, its people with signing codes, and the way through the morning."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from keju.kernel.accounts import services as accounts
from keju.kernel.accounts.models import Person
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.custody import services
from keju.stages.custody.models import Container, Holding
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.containers import OUTER, Kind
from keju.stages.custody.rules.counting import Counted
from keju.stages.custody.rules.seal_room import Seen
from keju.stages.custody.services import counting, half_day, opening, seal_room
from keju.stages.custody.services.attempts import Refused
from keju.stages.custody.services.together import Signatures
from keju.stages.custody.tests.world import MADE_AT, POINT_PAPERS, key, papers
from keju.stages.staffing.tests import world as staffing

SITE, STORE, SESSION = "1301-01", "store:15", 1
SYSTEM = Actor.system("test")


@dataclass
class Day:
    """The exam, its people by what they are, and their codes not used yet."""

    exam: Exam
    ids: dict[str, list[int]]
    codes: dict[int, list[str]]

    def code(self, person: int) -> str:
        return self.codes[person].pop()

    def signed(self, *people: int) -> dict[int, str]:
        return {person: self.code(person) for person in people}

    @property
    def head(self) -> int:
        return self.ids["chief_examiner"][0]

    @property
    def officer(self) -> int:
        return self.ids["point_confidential_officer"][0]

    @property
    def staff(self) -> list[int]:
        return self.ids["paper_keeper"]

    def pair(self, room: int) -> tuple[int, int]:
        return self.ids["invigilator"][2 * room - 2], self.ids["invigilator"][2 * room - 1]

    def escort(self, *, staff: list[int] | None = None, **wrong: str) -> half_day.Escort:
        chosen = self.staff if staff is None else staff
        return half_day.Escort(self.officer, chosen, self.signed(self.officer, *chosen))


def starts(exam: Exam, session: int = SESSION) -> datetime:
    return next(s.starts_at for s in exams.sessions(exam) if s.number == session)


def ends(exam: Exam, session: int = SESSION) -> datetime:
    return next(s.ends_at for s in exams.sessions(exam) if s.number == session)


def drawn_at(exam: Exam) -> datetime:
    return starts(exam) - timedelta(minutes=90)


def day(exam: Exam) -> Day:
    """All bags lie loose in the point's store; its people are appointed and have sheets of codes."""
    return stored(exam, papers(exam))


def stored(exam: Exam, made: list[Container], at: datetime = MADE_AT) -> Day:
    """As `day`, for papers that are made."""
    boxes = {
        c.pk: Change(place=STORE, place_path="/13/1301/", custodian="1301") for c in made if c.kind in OUTER
    }
    with acting(SYSTEM):
        common = {"exam": exam, "office_path": "/13/", "by": SYSTEM, "at": at}
        services.carry_out(key=key("stored"), act=Act.HANDED_OVER, changes=boxes, **common)
        services.carry_out(
            key=key("cut"), act=Act.OPENED, changes={pk: Change(seal="") for pk in boxes}, **common
        )
        loose = {
            c.pk: Change(parent_id=None, place=STORE, place_path="/13/1301/", custodian="1301", holder_id=None)
            for c in made if c.kind not in OUTER
        }  # fmt: skip
        services.carry_out(key=key("loose"), act=Act.UNPACKED, changes=loose, **common)
    return Day(exam, *_people(exam))


def _people(exam: Exam) -> tuple[dict[str, list[int]], dict[int, list[str]]]:
    posts = {"chief_examiner": 1, "point_confidential_officer": 1, "paper_keeper": 2, "invigilator": 6}
    ids: dict[str, list[int]] = {}
    codes: dict[int, list[str]] = {}
    first = 1
    for post, count in posts.items():
        office = SITE if post == "invigilator" else "1301"
        members = staffing.people(count, first=first)
        staffing.accepted(exam, staffing.appoint(exam, post, members, office=office))
        first += count
        with acting(SYSTEM):
            people = list(
                Person.objects.filter(name__in=[f"李{n}" for n in range(first - count, first)]).order_by("pk")
            )
            ids[post] = [p.pk for p in people]
            for p in people:
                codes[p.pk] = accounts.issue_signing_codes(person_id=p.pk, by=SYSTEM, at=MADE_AT)
    return ids, codes


def bags(exam: Exam, session: int = SESSION) -> list[Holding]:
    """The session's bags as they stand, by code."""
    with acting(POINT_PAPERS):
        found = Holding.objects.select_related("container").filter(exam=exam, container__session=session)
        return list(found.order_by("container__code"))


def seen(held: list[Holding]) -> list[Seen]:
    return [Seen(h.container.code, h.seal) for h in held]


def withdrawn(d: Day, *, session: int = SESSION, at: datetime | None = None, **facts: Any) -> Signatures:
    given: dict[str, Any] = {
        "seen": seen(bags(d.exam, session)),
        "head": d.head,
        "escort": d.escort(),
        "site_code": SITE,
    } | facts
    with acting(POINT_PAPERS):
        return half_day.withdraw(
            exam=d.exam, key=key(f"withdraw {session}"), session=session, by=POINT_PAPERS, at=at or drawn_at(d.exam), **given
        )  # fmt: skip


def checked(d: Day) -> int:
    with acting(POINT_PAPERS):
        return seal_room.check_seals(
            exam=d.exam, site_code=SITE, session=SESSION, seen=seen(bags(d.exam)), key=key("checked"), by=POINT_PAPERS,
            at=drawn_at(d.exam),
        )  # fmt: skip


def issued(d: Day, room: int, **facts: Any) -> Signatures:
    first, second = d.pair(room)
    one = seal_room.RoomIssue(room, first, second)
    given: dict[str, Any] = {"rooms": [one], "codes": d.signed(first, second), "form": False} | facts
    with acting(POINT_PAPERS):
        return seal_room.issue(
            exam=d.exam, key=key(f"issue {room}"), site_code=SITE, session=SESSION, by=POINT_PAPERS,
            at=starts(d.exam) - timedelta(minutes=50), **given,
        )  # fmt: skip


def opened(d: Day, *rooms: int, at: datetime | None = None) -> int | Refused:
    with acting(POINT_PAPERS):
        return opening.open_rooms(
            exam=d.exam, key=key(f"open {rooms}"), site_code=SITE, session=SESSION, rooms=rooms, by=POINT_PAPERS,
            at=at or starts(d.exam) - timedelta(minutes=5),
        )  # fmt: skip


def counted(d: Day, room: int, papers: Counted, cards: Counted, *, present: int, absent: int) -> Signatures:
    one = counting.RoomCount(room, papers, cards, present, absent, f"PS{room}", f"CS{room}")
    counter = d.staff[0]
    with acting(POINT_PAPERS):
        return counting.take_back(
            exam=d.exam, key=key(f"count {room}"), site_code=SITE, session=SESSION, rooms=[one], counter=counter,
            codes=d.signed(*d.pair(room), counter), by=POINT_PAPERS, at=ends(d.exam) + timedelta(minutes=10),
        )  # fmt: skip


def room_copies_of(exam: Exam, room: int) -> int:
    with acting(POINT_PAPERS):
        return Container.objects.get(exam=exam, room=room, session=SESSION, kind=Kind.BAG).copies
