"""As `test_killed`, for every other station of the papers' way; at night alone."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from keju.kernel.duties import services as owed
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.custody import services
from keju.stages.custody.models import Container, CustodyException, Handover
from keju.stages.custody.queries.verifying import broken
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.rules.counting import Counted
from keju.stages.custody.rules.journeys import TO_ATTEST, Mode
from keju.stages.custody.services import counting, handovers, spares, underway
from keju.stages.custody.services.packing import repack
from keju.stages.custody.services.underway import Departure
from keju.stages.custody.tests import day as days
from keju.stages.custody.tests import escorts, hands
from keju.stages.custody.tests.day import SESSION, SITE, Day
from keju.stages.custody.tests.hands import DAY, SYSTEM
from keju.stages.custody.tests.killing import Work, thoroughly
from keju.stages.custody.tests.test_killed import brought_back, drawn, last_signature
from keju.stages.custody.tests.test_packing import LATER, Store, received
from keju.stages.custody.tests.world import CENTRE_PAPERS, POINT_PAPERS, REGION_PAPERS, key, papers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.nightly]


def asked(by: Actor, ask: Callable[[], object]) -> Work:
    """By that office's device."""

    def go() -> None:
        with acting(by):
            ask()

    return Work(go)


@pytest.mark.rule("V11.3.3", "V11.1")
def test_what_is_missing_reported_instructed_and_broken_off(exam: Exam) -> None:
    papers(exam)
    who = hands.cast(exam)
    (box,) = hands.on_the_way(who)
    row = hands.arranged(who, "carrier_to_region_mail", [box], "mail_room:13", sides=hands.REGION_SIDES)
    facts = {"exam": exam, "handover_id": row.pk, "at": DAY}
    thoroughly(
        exam,
        asked(
            REGION_PAPERS,
            lambda: handovers.finish_count(declare_missing=True, by=REGION_PAPERS, **facts),
        ),
    )
    with acting(SYSTEM):
        found = CustodyException.objects.get()
    thoroughly(
        exam,
        asked(
            CENTRE_PAPERS,
            lambda: handovers.instruct(
                exam=exam, exception_id=found.pk, instruction="已找到", lifts=True, by=CENTRE_PAPERS, at=DAY
            ),
        ),
    )
    thoroughly(
        exam,
        asked(REGION_PAPERS, lambda: handovers.break_off(reason="重新交接", by=REGION_PAPERS, **facts)),
    )
    with acting(SYSTEM):
        assert list(broken(exam)) == []


@pytest.mark.rule("V11.2.2")
def test_boxes_become_packs(exam: Exam) -> None:
    box, bags = received(exam)
    given, scanned = Store(exam).hands(), [c.code for c in bags]
    thoroughly(
        exam,
        asked(
            REGION_PAPERS,
            lambda: repack(
                exam=exam, box_codes=[box.code], scanned=scanned, key=key("repack"), hands=given, by=REGION_PAPERS, at=LATER
            ),
        ),
    )  # fmt: skip
    with acting(SYSTEM):
        assert list(broken(exam)) == []


@pytest.mark.rule("V10.2.3", "V10.2.5")
def test_a_journey_leaves_and_arrives(exam: Exam) -> None:
    row = escorts.settled(exam, escorts.road(escorts.escorts(exam, 3)))
    escorts.load(exam, papers(exam), row.pk)
    leave = Departure(row.pk, key("left"), TO_ATTEST[Mode.ROAD])
    common = {"exam": exam, "by": REGION_PAPERS}
    thoroughly(
        exam,
        asked(REGION_PAPERS, lambda: underway.depart(departures=[leave], at=escorts.LEAVES, **common)),
    )
    trouble = underway.Entry(row.pk, key("trouble"), "trouble", words="车胎坏了，正在更换")
    thoroughly(
        exam, asked(REGION_PAPERS, lambda: underway.enter(entries=[trouble], at=escorts.LEAVES, **common))
    )
    there = {row.pk: key("there")}
    thoroughly(
        exam, asked(REGION_PAPERS, lambda: underway.arrive(arrivals=there, at=escorts.ARRIVES, **common))
    )


@pytest.mark.rule("V15.3.1", "V15.3.4", "V15.5.2", "V15.6", "V16.1.2")
def test_the_morning_from_the_seal_room_to_the_cards_return(exam: Exam, seats: str) -> None:
    day = days.day(exam)
    over = exams.sessions(exam)[-1].ends_at
    with acting(SYSTEM):
        owed.reach(exam=exam, key="exam_ends", when=over, by=SYSTEM, at=over)
    drawn(day).ask()
    thoroughly(exam, Work(lambda: days.checked(day)))
    thoroughly(exam, issued(day, 1))
    for room in (2, 3):
        days.issued(day, room)
    thoroughly(exam, Work(lambda: days.opened(day, 1, 2, 3)))
    thoroughly(exam, spare_used(day, seats))
    thoroughly(exam, counted(day, 1, defective=1))
    for room in (2, 3):
        counted(day, room).ask()
    thoroughly(exam, spares_sealed(day))
    brought_back(day).ask()
    cards = afternoon_counted(day)
    who = hands.cast(exam, ["13", "1301"])
    leg = {"who": who, "at": over}
    row = counted_cards("point_to_escort", cards, "journey:9", ("1301", "1301"), by=POINT_PAPERS, **leg)
    thoroughly(exam, last_signature(who, row, by=POINT_PAPERS, at=over))
    with acting(SYSTEM):
        Handover.objects.get(pk=row.pk, state="closed")
    row = counted_cards("return_to_region", cards, "store:1", ("1301", "13"), by=REGION_PAPERS, **leg)
    thoroughly(exam, last_signature(who, row, by=REGION_PAPERS, at=over))
    with acting(SYSTEM):
        assert list(broken(exam)) == []


def issued(day: Day, room: int) -> Work:
    codes = day.signed(*day.pair(room))
    return Work(lambda: days.issued(day, room, codes=codes))


def spare_used(day: Day, ticket: str) -> Work:
    code = day.code(day.head)
    with acting(SYSTEM):
        bag = Container.objects.get(exam=day.exam, room=1, session=SESSION, kind=Kind.BAG)
        spare = Container.objects.get(
            exam=day.exam, session=SESSION, kind=Kind.SPARE_BAG, category=bag.category
        )
    use = spares.Use(1, ticket, "missing_pages", "缺第3页", spare.first_serial, bag.first_serial + 2)
    return asked(
        POINT_PAPERS,
        lambda: spares.use_spare(
            exam=day.exam, key=key("spare"), site_code=SITE, session=SESSION, use=use, head=day.head, code=code,
            by=POINT_PAPERS, at=days.starts(day.exam) + timedelta(minutes=5),
        ),
    )  # fmt: skip


def counted(day: Day, room: int, *, defective: int = 0) -> Work:
    n, counter = days.room_copies_of(day.exam, room), day.staff[0]
    sheets = Counted(n - defective, 0, defective=defective), Counted(n, 0)
    one = counting.RoomCount(room, *sheets, n, 0, f"PS{room}", f"CS{room}")
    codes = day.signed(*day.pair(room), counter)
    return asked(
        POINT_PAPERS,
        lambda: counting.take_back(
            exam=day.exam, key=key(f"count {room}"), site_code=SITE, session=SESSION, rooms=[one], counter=counter, codes=codes,
            by=POINT_PAPERS, at=days.ends(day.exam) + timedelta(minutes=10),
        ),
    )  # fmt: skip


def spares_sealed(day: Day) -> Work:
    with acting(SYSTEM):
        spare = next(h for h in days.bags(day.exam) if h.container.kind == Kind.SPARE_BAG and not h.seal)
    return asked(
        POINT_PAPERS,
        lambda: spares.seal_spares(
            exam=day.exam, key=key("spares sealed"), site_code=SITE, session=SESSION, seals={spare.container_id: "N1"},
            by=POINT_PAPERS, at=days.ends(day.exam) + timedelta(minutes=20),
        ),
    )  # fmt: skip


def afternoon_counted(day: Day) -> list[int]:
    """The afternoon's were counted and sealed as the morning's. Every card bag."""
    exam, common = day.exam, {"exam": day.exam, "office_path": "/13/", "by": SYSTEM}
    rest = [h for h in days.bags(exam, 2) if h.container.kind != Kind.SPARE_BAG]
    at = exams.sessions(exam)[-1].ends_at
    with acting(SYSTEM):
        cut = {h.container_id: Change(seal="") for h in rest}
        services.carry_out(key=key("cut 2"), act=Act.OPENED, changes=cut, at=at, **common)
        counts = {h.container_id: Change(counts=Counted(h.copies, 0).counts()) for h in rest}
        services.carry_out(key=key("counted 2"), act=Act.COUNTED, changes=counts, at=at, **common)
        seals = {h.container_id: Change(seal=f"Z{h.container_id}") for h in rest}
        services.carry_out(key=key("sealed 2"), act=Act.SEALED, changes=seals, at=at, **common)
        cards = Container.objects.filter(exam=exam, kind=Kind.CARD_BAG)
        return list(cards.order_by("pk").values_list("pk", flat=True))


def counted_cards(
    kind: str,
    cards: list[int],
    place: str,
    sides: tuple[str, str],
    *,
    who: hands.Cast,
    by: Actor,
    at: datetime,
) -> Handover:
    """All are there; nobody has signed yet."""
    with acting(by):
        row = handovers.in_one(
            exam=who.exam, key=key(kind), kind=kind, container_ids=cards, sender_office=sides[0], receiver_office=sides[1],
            place=place, people=who.people(kind, *sides), codes={}, until="signing", by=by, at=at,
        )  # fmt: skip
        row.refresh_from_db()
    return row
