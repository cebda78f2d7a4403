"""A store of point 1301 with its people, keys and guards."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from keju.kernel.accounts import services as accounts
from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.stages.custody import services as custody
from keju.stages.custody.models import Store
from keju.stages.custody.queries import stores as queries
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.stores import NewStore
from keju.stages.custody.services import keys, store_people, stores
from keju.stages.custody.services.keys import KeyMove
from keju.stages.custody.services.store_people import Naming
from keju.stages.custody.services.stores import Look, NewAcceptance
from keju.stages.custody.tests.world import CENTRE_PAPERS, POINT_PAPERS, papers, stamped
from keju.stages.staffing.models import FrozenShift, Member, Roster
from keju.stages.staffing.tests import world
from keju.stages.venues.tests.year import SYSTEM

CAME = datetime(2011, 10, 14, 9, 0, tzinfo=CHINA)
"""Two days before the exam: papers may be at a point."""
POSTS = ("point_confidential_officer", "paper_keeper", "paper_receiver", "guard_a", "guard_b", "stranger")


class People:
    """Person ids of a point's people by what they are; `members`: the same by member."""

    def __init__(self, exam: Exam) -> None:
        by = world.POINT
        ids = world.people(len(POSTS), by=by, permanent=True)
        self.members = dict(zip(POSTS, ids, strict=True))
        for post, member in self.members.items():
            if post != "stranger":
                real = post if not post.startswith("guard") else "duty_officer"
                world.accepted(exam, world.appoint(exam, real, [member], by=by, office="1301"))
        with acting(SYSTEM):
            self.ids = {
                post: Member.objects.get(pk=member).person_id for post, member in self.members.items()
            }

    def __getattr__(self, post: str) -> int:
        return self.ids[post]


def entered(exam: Exam, name: str = "一号保密室", **facts: Any) -> Store:
    with acting(POINT_PAPERS):
        new = NewStore(name, "保密路1号", **facts)
        return stores.enter_stores(exam=exam, stores=[("1301", new)], by=POINT_PAPERS, at=world.AT)[0]


def accepted(exam: Exam, row: Store) -> None:
    with acting(POINT_PAPERS):
        new = [NewAcceptance(row.pk, "市保密局", date(2011, 7, 20))]
        stores.accept_stores(exam=exam, accepted=new, scan=stamped(), by=POINT_PAPERS, at=world.AT)


def looked(exam: Exam, row: Store, **wrong: str) -> None:
    """Every item was found in order but those given, with what is wrong."""
    with acting(POINT_PAPERS):
        looks = [
            Look(row.pk, i.code, i.code not in wrong, wrong.get(i.code, "")) for i in queries.items(exam)
        ]
        stores.check_stores(exam=exam, looks=looks, photos=[stamped()], by=POINT_PAPERS, at=world.AT)


def named(exam: Exam, row: Store, people: People) -> None:
    with acting(POINT_PAPERS):
        store_people.name_people(
            exam=exam,
            named=[
                Naming(row.pk, "responsible", people.paper_keeper),
                Naming(row.pk, "receiver", people.paper_receiver),
            ],
            by=POINT_PAPERS,
            at=world.AT,
        )


def keyed(exam: Exam, row: Store, people: People) -> None:
    with acting(POINT_PAPERS):
        moves = [
            KeyMove(row.pk, "door_a", "1", "issued", people.paper_keeper),
            KeyMove(row.pk, "door_b", "1", "issued", people.paper_receiver),
            KeyMove(row.pk, "cabinet", "1", "issued", people.point_confidential_officer),
        ]
        keys.move_keys(exam=exam, moves=moves, by=POINT_PAPERS, at=world.AT)


def guarded(exam: Exam, *shifts: tuple[int, datetime, datetime], place: str = "") -> Roster:
    """The point's roster of guards in force says so: (member, from, until)."""
    with acting(SYSTEM):
        roster, _ = Roster.objects.get_or_create(
            exam=exam, kind="store_guard", office_path="/13/1301/", office_code="1301", published=1,
            defaults={"made_by": "test", "made_at": world.AT},
        )  # fmt: skip
        FrozenShift.objects.bulk_create(
            FrozenShift(
                roster=roster, number=1, exam=exam, office_path="/13/1301/", uid=uuid4(), sequence=0, member_id=member,
                name=f"看守{member}", post="duty_officer", starts_at=starts, ends_at=ends, place=place, phone="",
            )
            for member, starts, ends in shifts
        )  # fmt: skip
    return roster


def round_the_clock(exam: Exam, people: People, days: int = 4) -> None:
    """Guards a and b take turns of twelve hours from an hour before the papers come."""
    begins = CAME - timedelta(hours=1)
    halves = [begins + timedelta(hours=12 * n) for n in range(2 * days)]
    pair = (people.members["guard_a"], people.members["guard_b"])
    guarded(exam, *((pair[n % 2], at, at + timedelta(hours=12)) for n, at in enumerate(halves)))


def ready(exam: Exam) -> tuple[Store, People]:
    """A store into which papers may come at `CAME`."""
    people, row = People(exam), entered(exam)
    accepted(exam, row)
    looked(exam, row)
    named(exam, row, people)
    keyed(exam, row, people)
    round_the_clock(exam, people)
    return row, people


def codes(person_id: int, count: int = 8) -> list[str]:
    with acting(SYSTEM):
        return accounts.issue_signing_codes(person_id=person_id, count=count, by=SYSTEM, at=world.AT)


def brought(exam: Exam, place: str, at: datetime) -> int:
    """Every bag of site 1301-01 is out of its box and lies at that place, in the point's custody. How many."""
    made = papers(exam)
    boxes, bags = [c.pk for c in made if c.kind == "box"], [c.pk for c in made if c.kind != "box"]
    out = Change(parent_id=None, place="printing_house", place_path="/", custodian="centre")
    there = Change(place=place, place_path="/13/1301/", custodian="1301")
    with acting(CENTRE_PAPERS):
        for act, ids, change in (
            (Act.OPENED, boxes, Change(seal="")),
            (Act.UNPACKED, bags, out),
            (Act.HANDED_OVER, bags, there),
        ):
            custody.carry_out(
                exam=exam, key=uuid4(), act=act, changes=dict.fromkeys(ids, change), office_path="/13/", by=CENTRE_PAPERS,
                at=at,
            )  # fmt: skip
    return len(bags)
