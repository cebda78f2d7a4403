"""Planting a fault by the services that a careless or dishonest person would use, and setting it right once it was raised.

Only what no service lets happen is written behind the program's back: a keyholder on a roster in force, an appointment ended
between naming and signing, a human who turns out to have been entered twice.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from keju.kernel.accounts.models import Person
from keju.kernel.offices import acting
from keju.kernel.offices.queries import path_of
from keju.rulebook import RuleRefused
from keju.stages.custody.models import CustodyException, Handover, Holding
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.containers import Kind, code
from keju.stages.custody.rules.handovers import Named, Scan, Seen
from keju.stages.custody.rules.seal_room import Seen as Read
from keju.stages.custody.services import carry_out, half_day, handovers, keys, opening
from keju.stages.custody.services.keys import KeyMove
from keju.stages.custody.tests.season import joint
from keju.stages.custody.tests.season import nation as made
from keju.stages.custody.tests.season.faults import Fault
from keju.stages.custody.tests.season.judging import Expected, Finding
from keju.stages.custody.tests.season.nation import STRANGER, SYSTEM, TWIN, UNTRAINED, Nation
from keju.stages.custody.tests.world import key
from keju.stages.staffing.models import Appointment, FrozenShift, Roster
from keju.stages.venues.tests.year import staff

COUNT = "point_bags_counted"
RECEIPT = timedelta(minutes=60)
FAR = timedelta(days=4)
"""A shift that covers no hour of the season."""
UNKNOWN = 9_000_000
"""Containers are not numbered so far."""


@dataclass
class Planter:
    """Plants faults in a nation and remembers what is to be raised, and what is open until it is set right."""

    nation: Nation
    expected: list[Expected] = field(default_factory=list)
    open: dict[int, tuple[Fault, int]] = field(default_factory=dict)

    def plant(self, fault: Fault, at: datetime) -> None:
        """It has happened, and its findings are expected."""
        PLANTED[fault.kind](self, fault, at)

    def expect(self, fault: Fault, how: str, kind: str, subject: str, path: str, at: datetime) -> None:
        self.expected.append(Expected(fault, Finding(how, kind, subject, path, at)))

    def expect_alarm(self, fault: Fault, kind: str, handover_id: int, at: datetime) -> None:
        """Of a handover at the fault's point."""
        self.expect(fault, "alarm", kind, f"handover:{handover_id}", path_of(fault.point), at)

    def people(self, kind: str, sender: str, receiver: str) -> list[Named]:
        """As few people as the kind needs, nobody twice."""
        taken: set[int] = set()
        named = []
        for need in reads.kind_of(self.nation.exam, kind).people:
            office = sender if need.side == "sender" else receiver
            pool = [
                p for post in need.posts for p in self.nation.people.get((office, post), []) if p not in taken
            ]
            for person in pool[: reads.least(self.nation.exam, need)]:
                taken.add(person)
                named.append(Named(need.side, need.role, person))
        return named

    def pair(self, fault: Fault) -> list[int]:
        """The two packs that the fault takes."""
        half, first = divmod(fault.pair[0], made.PACKS)
        return self.nation.packs[fault.point, half + 1][first : first + 2]

    def counting(self, fault: Fault, at: datetime, *found: Scan, until: str) -> Handover:
        """The point counts the two packs anew, and stops there; `found` in place of both, intact."""
        point, keeper = fault.point, self.nation.keeper(fault.point)
        with acting(keeper):
            row = handovers.in_one(
                exam=self.nation.exam, key=key(f"fault {fault.number}"), kind=COUNT, container_ids=self.pair(fault),
                sender_office=point, receiver_office=point, place=self.nation.store(point),
                people=self.people(COUNT, point, point), codes={}, found=found or None, until=until, by=keeper, at=at,
            )  # fmt: skip
        self.open[fault.number] = fault, row.pk
        return row

    def codes(self, fault: Fault) -> list[str]:
        """Those of the two packs."""
        known = made.container_codes(self.pair(fault))
        return [known[pk] for pk in self.pair(fault)]

    def set_right(self, number: int, at: datetime) -> None:
        """The region has instructed, what was open is sealed anew, the handover is broken off."""
        fault, handover_id = self.open.pop(number)
        exam, leader = self.nation.exam, staff("region_leader", fault.point[:2])
        with acting(leader):
            found = CustodyException.objects.filter(handover_id=handover_id, instructed_at=None)
            for pk in list(found.order_by("pk").values_list("pk", flat=True)):
                handovers.instruct(
                    exam=exam, exception_id=pk, instruction="已核实，可继续", lifts=True, by=leader, at=at
                )
        with acting(self.nation.keeper(fault.point)):
            handovers.break_off(
                exam=exam,
                handover_id=handover_id,
                reason="重新清点",
                by=self.nation.keeper(fault.point),
                at=at,
            )
        with acting(SYSTEM):
            torn = Holding.objects.filter(container_id__in=self.pair(fault), seal="")
            seals = {h.container_id: Change(seal=f"R{h.container_id}") for h in torn}
            if seals:
                carry_out(
                    exam=exam, key=key(f"sealed anew {number}"), act=Act.SEALED, changes=seals, office_path="/", by=SYSTEM, at=at
                )  # fmt: skip


def missing_receipt(to: Planter, fault: Fault, at: datetime) -> None:
    """They have begun, or counted all and not signed; after the hour the region has no sheet."""
    row = to.counting(fault, at, until="counting" if fault.variant == "counting" else "signing")
    to.expect_alarm(fault, "receipt_late", row.pk, at + RECEIPT)


def wrong_count(to: Planter, fault: Fault, at: datetime) -> None:
    """One of the two is not there."""
    row = to.counting(fault, at, Scan(to.codes(fault)[0]), until="signing")
    to.expect_alarm(fault, "handover_short", row.pk, at)


def broken_seal(to: Planter, fault: Fault, at: datetime) -> None:
    whole, torn = to.codes(fault)
    if fault.variant == "broken":
        odd = Scan(torn, state=Seen.BROKEN, photo=made.picture())
        to.expect(fault, "alarm", "seal_broken", f"container:{torn}", path_of(fault.point), at)
    else:
        odd = Scan(torn, seal="000-99999999", photo=made.picture())
    row = to.counting(fault, at, Scan(whole), odd, until="counting")
    to.expect_alarm(fault, "handover_seal", row.pk, at)


def unknown_bag(to: Planter, fault: Fault, at: datetime) -> None:
    """A label that nobody printed, or a pack of another point, among theirs."""
    strange = code(Kind.PACK, UNKNOWN + fault.number)
    if fault.variant == "of_another_list":
        others = [p for p in to.nation.points if p != fault.point]
        theirs = to.nation.packs[others[fault.number % len(others)], 1][0]
        strange = made.container_codes([theirs])[theirs]
    row = to.counting(fault, at, *(Scan(c) for c in (*to.codes(fault), strange)), until="counting")
    to.expect_alarm(fault, "handover_strange", row.pk, at)


def duplicate_label(to: Planter, fault: Fault, at: datetime) -> None:
    first, second = to.codes(fault)
    again = Scan(first, state=Seen.DUPLICATE)
    row = to.counting(fault, at, Scan(first), Scan(second), Scan(first), again, until="counting")
    to.expect_alarm(fault, "handover_label", row.pk, at)


def same_person(to: Planter, fault: Fault, at: datetime) -> None:
    """Who hands over receives as well: by one entry, or by two of one human."""
    people = to.people(COUNT, fault.point, fault.point)
    (sender,) = [p.person_id for p in people if p.side == "sender"]
    if fault.variant == "two_entries":
        (twin,) = to.nation.of(fault.point, TWIN)
        with acting(SYSTEM):
            Person.objects.filter(pk__in=[sender, twin]).update(human=min(sender, twin))
        sender = twin
    _refused_naming(to, fault, at, "same_person", [p for p in people if p.side == "sender"], people, sender)


def unqualified(to: Planter, fault: Fault, at: datetime) -> None:
    """Somebody without a post or without training receives; or whose appointment ended before they signed."""
    people = to.people(COUNT, fault.point, fault.point)
    if fault.variant != "left_since":
        (odd,) = to.nation.of(fault.point, STRANGER if fault.variant == "stranger" else UNTRAINED)
        _refused_naming(
            to, fault, at, "unqualified_person", [p for p in people if p.side == "sender"], people, odd
        )
        return
    row = to.counting(fault, at, until="signing")
    leaver = [p for p in people if p.role == "receiver"][-1].person_id
    with acting(SYSTEM):
        held = Appointment.objects.filter(member__person_id=leaver)
        held.update(state="ended", reason="调离", decided_at=at)
    with acting(to.nation.keeper(fault.point)):
        row.refresh_from_db()
        assert row.proposal is not None
        signed = handovers.sign(
            exam=to.nation.exam, handover_id=row.pk, person_id=leaver, code="", content_hash=row.proposal.content_hash,
            by=to.nation.keeper(fault.point), at=at,
        )  # fmt: skip
    assert not signed.stands
    to.nation.of(fault.point, "paper_keeper").remove(leaver)
    to.expect(fault, "refusal", "unqualified_person", row.subject, path_of(fault.point), at)


def _refused_naming(
    to: Planter, fault: Fault, at: datetime, kind: str, sender: list[Named], people: list[Named], odd: int
) -> None:
    """They prepare a handover in which the odd one takes the place of the last receiver."""
    point, keeper = fault.point, to.nation.keeper(fault.point)
    receivers = [p for p in people if p.role == "receiver"]
    others = [p for p in people if p not in (*sender, *receivers)]
    named = [*sender, *receivers[:-1], *others, Named("receiver", "receiver", odd)]
    with acting(keeper), refused():
        handovers.prepare(
            exam=to.nation.exam, key=key(f"fault {fault.number}"), kind=COUNT, container_ids=to.pair(fault),
            sender_office=point, receiver_office=point, place=to.nation.store(point), people=named, by=keeper, at=at,
        )  # fmt: skip
    to.expect(fault, "refusal", kind, to.nation.store(point), path_of(point), at)


def wrong_half_day(to: Planter, fault: Fault, at: datetime) -> None:
    """The afternoon's papers are drawn for the morning, or a day before."""
    session, site = (1 if fault.variant == "other_half_day" else 2), f"{fault.point}-01"
    point, keeper = fault.point, to.nation.keeper(fault.point)
    with acting(keeper):
        packs = made.free(to.nation, to.nation.packs[point, 2], "store:")
        seen = [Read(c, "") for c in made.container_codes(packs).values()]
        staff_ids = to.nation.of(point, "paper_keeper")[:2]
        escort = half_day.Escort(to.nation.of(point, "point_confidential_officer")[0], staff_ids, {})
        half_day.withdraw(
            exam=to.nation.exam, key=key(f"fault {fault.number}"), site_code=site, session=session, seen=seen,
            head=to.nation.of(point, "chief_examiner")[0], escort=escort, by=keeper, at=at,
        )  # fmt: skip
    _tried(to, fault, "wrong_half_day", session, at)


def early_opening(to: Planter, fault: Fault, at: datetime) -> None:
    """The morning's packs are opened in the store the day before, or a room's bags long before the start."""
    site, keeper = f"{fault.point}-01", to.nation.keeper(fault.point)
    facts = {"exam": to.nation.exam, "key": key(f"fault {fault.number}"), "site_code": site, "session": 1}
    with acting(keeper):
        if fault.variant == "packs":
            opening.open_packs(container_ids=to.nation.packs[fault.point, 1], by=keeper, at=at, **facts)
        else:
            opening.open_rooms(rooms=[1], by=keeper, at=at, **facts)
    _tried(to, fault, "early_opening", 1, at)


def _tried(to: Planter, fault: Fault, kind: str, session: int, at: datetime) -> None:
    for how in ("refusal", "alarm"):
        to.expect(fault, how, kind, f"seal_room:{fault.point}-01/{session}", path_of(f"{fault.point}-01"), at)


def keyholder_on_guard(to: Planter, fault: Fault, at: datetime) -> None:
    point, place = fault.point, to.nation.store(fault.point)
    if fault.variant == "key_to_guard":
        move = KeyMove(
            to.nation.stores[point], "cabinet", "2", "issued", to.nation.of(point, "duty_officer")[0]
        )
        with acting(to.nation.keeper(point)), refused():
            keys.move_keys(exam=to.nation.exam, moves=[move], by=to.nation.keeper(point), at=at)
        to.expect(fault, "refusal", "key_to_guard", place, path_of(point), at)
        return
    holder = to.nation.of(point, "paper_receiver")[0]
    with acting(SYSTEM):
        roster = Roster.objects.get(exam=to.nation.exam, kind="store_guard", office_code=point)
        FrozenShift.objects.create(
            roster=roster, number=roster.published, exam=to.nation.exam, office_path=roster.office_path, uid=uuid4(), sequence=0,
            member_id=to.nation.members[holder], name="接收人", post="duty_officer", starts_at=at + FAR,
            ends_at=at + FAR + timedelta(hours=8), place="", phone="",
        )  # fmt: skip
        human = Person.objects.get(pk=holder).human or holder
    to.expect(fault, "alarm", "keyholder_on_guard", f"{place}/person:{human}", path_of(point), at)


def uncovered_hour(to: Planter, fault: Fault, at: datetime) -> None:
    """The roster ended at this moment, and the papers lie in the store."""
    to.expect(fault, "alarm", "guard_uncovered", to.nation.store(fault.point), path_of(fault.point), at)


def count_differs(to: Planter, fault: Fault, at: datetime) -> None:
    """A room comes back with other numbers than its record says."""
    number = joint.counted(to.nation, fault, at)
    to.expect(fault, "alarm", "count_differs", f"joint_count:{number}", path_of(joint.site(fault)), at)


@contextmanager
def refused() -> Iterator[None]:
    """What is done inside is refused by a rule; nothing else is let through."""
    try:
        yield
    except RuleRefused:
        return
    raise AssertionError("it was not refused")


PLANTED: dict[str, Callable[[Planter, Fault, datetime], None]] = {
    "missing_receipt": missing_receipt,
    "wrong_count": wrong_count,
    "broken_seal": broken_seal,
    "same_person": same_person,
    "unqualified": unqualified,
    "wrong_half_day": wrong_half_day,
    "keyholder_on_guard": keyholder_on_guard,
    "uncovered_hour": uncovered_hour,
    "unknown_bag": unknown_bag,
    "duplicate_label": duplicate_label,
    "early_opening": early_opening,
    "count_differs": count_differs,
}
