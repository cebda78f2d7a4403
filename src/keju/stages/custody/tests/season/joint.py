"""A room that is counted back with a difference: its papers go the whole morning through the services of the day."""

from datetime import datetime

from keju.kernel.offices import acting
from keju.kernel.offices.queries import path_of
from keju.stages.custody.models import Holding, JointCount
from keju.stages.custody.rules.counting import Counted
from keju.stages.custody.rules.seal_room import Seen
from keju.stages.custody.services import counting, half_day, seal_room
from keju.stages.custody.services.seal_room import RoomIssue
from keju.stages.custody.tests.season.faults import Fault
from keju.stages.custody.tests.season.nation import COPIES, SYSTEM, Nation
from keju.stages.custody.tests.world import key
from keju.stages.venues.tests.year import staff

HALF, ROOM = 1, 1


def site(fault: Fault) -> str:
    return f"{fault.point}-01"


def bags(made: Nation, fault: Fault) -> list[Holding]:
    """The room's papers and cards as they stand."""
    with acting(SYSTEM):
        found = Holding.objects.select_related("container").filter(
            exam=made.exam, container__site_code=site(fault), container__session=HALF, container__room=ROOM
        )
        return list(found.order_by("container_id"))


def drawn(made: Nation, fault: Fault, at: datetime) -> None:
    """The point's packs of the half-day stand in the seal room, which is in use."""
    point, keeper = fault.point, made.keeper(fault.point)
    (officer,), staff_ids = made.of(point, "point_confidential_officer"), made.of(point, "paper_keeper")[:2]
    with acting(keeper):
        packs = Holding.objects.select_related("container").filter(container_id__in=made.packs[point, HALF])
        seen = [Seen(pack.container.code, pack.seal) for pack in packs]
        codes = {person: made.code(person) for person in (officer, *staff_ids)}
        signed = half_day.withdraw(
            exam=made.exam, key=key(f"fault {fault.number}"), site_code=site(fault), session=HALF, seen=seen,
            head=made.of(point, "chief_examiner")[0], escort=half_day.Escort(officer, staff_ids, codes), by=keeper, at=at,
        )  # fmt: skip
    assert isinstance(signed, half_day.Signatures) and signed.is_whole


def issued(made: Nation, fault: Fault, at: datetime) -> None:
    """The room's seals were read, and its invigilators have its bags."""
    keeper, (first, second) = made.keeper(fault.point), made.of(site(fault), "invigilator")
    seen = [Seen(bag.container.code, bag.seal) for bag in bags(made, fault)]
    common = {"exam": made.exam, "site_code": site(fault), "session": HALF, "by": keeper, "at": at}
    codes = {person: made.code(person) for person in (first, second)}
    with acting(keeper):
        seal_room.check_seals(seen=seen, key=key(f"read {fault.number}"), **common)
        signed = seal_room.issue(
            key=key(f"issued {fault.number}"), rooms=[RoomIssue(ROOM, first, second)], codes=codes, **common
        )
    assert signed.is_whole


def counted(made: Nation, fault: Fault, at: datetime) -> int:
    """Everybody was there, and yet a paper is missing or a card is not written on. The number of the count."""
    keeper, (first, second) = made.keeper(fault.point), made.of(site(fault), "invigilator")
    all_used = Counted(COPIES, 0)
    papers = Counted(COPIES - 1, 0, missing=1) if fault.variant == "paper_missing" else all_used
    cards = Counted(COPIES - 1, 1) if fault.variant == "card_unused" else all_used
    counter = made.of(fault.point, "paper_keeper")[0]
    room = counting.RoomCount(ROOM, papers, cards, COPIES, 0, f"P{fault.number}", f"C{fault.number}")
    with acting(keeper):
        signed = counting.take_back(
            exam=made.exam, key=key(f"counted {fault.number}"), site_code=site(fault), session=HALF, rooms=[room],
            counter=counter, codes={person: made.code(person) for person in (first, second, counter)}, by=keeper, at=at,
        )  # fmt: skip
        assert signed.is_whole
        return JointCount.objects.get(office_path=path_of(site(fault)), room=ROOM).pk


def explained(made: Nation, fault: Fault, at: datetime) -> None:
    """What the difference was stands in writing."""
    leader = staff("region_leader", fault.point[:2])
    with acting(leader):
        count = JointCount.objects.get(office_path=path_of(site(fault)), room=ROOM)
        counting.explain(
            exam=made.exam, joint_count_id=count.pk, text="已查明，记录在案", by=leader, at=at
        )  # fmt: skip
