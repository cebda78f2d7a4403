"""V12.2.4 over the whole time of keeping: who has or had a key does not guard, who guards or guarded gets no key."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused, load_programme, programme_codes
from keju.stages.custody import services
from keju.stages.custody.models import KeyStep, Store
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.services import keys
from keju.stages.custody.services.keys import KeyMove
from keju.stages.custody.tests import stores as world
from keju.stages.custody.tests.stores import CAME
from keju.stages.custody.tests.world import POINT_PAPERS, key, papers
from keju.stages.staffing.models import FrozenShift, Roster
from keju.stages.staffing.queries import rosters
from keju.stages.staffing.services import rosters as rostering
from keju.stages.staffing.services.rosters import Change as RosterChange
from keju.stages.staffing.services.rosters import NewShift
from keju.stages.staffing.tests.world import POINT
from keju.stages.venues.tests.year import AT, SYSTEM

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def received(exam: Exam, row: Store) -> None:
    """The boxes lie in the store since `CAME`."""
    boxes = [c for c in papers(exam) if c.kind == "box"]
    there = Change(place=row.place, place_path=row.office_path, custodian=row.office_code)
    with acting(SYSTEM):
        services.carry_out(
            exam=exam, key=key("came"), act=Act.HANDED_OVER, changes={box.pk: there for box in boxes}, office_path="/13/",
            by=SYSTEM, at=CAME,
        )  # fmt: skip


def moved(exam: Exam, row: Store, act: str, lock: str, person: int | None, at: object) -> set[str]:
    """The codes by which the key stays where it is; empty when it moved."""
    with acting(POINT_PAPERS):
        try:
            move = KeyMove(row.pk, lock, "1", act, person)
            keys.move_keys(exam=exam, moves=[move], by=POINT_PAPERS, at=at)  # type: ignore[arg-type]
        except RuleRefused as refused:
            return {r.code for r in refused.refusals}
    return set()


def unfit(exam: Exam, people: world.People) -> dict[str, str]:
    """Post → why its holder may not stand on the roster of guards."""
    with acting(POINT_PAPERS):
        roster = rosters.rosters(exam, viewer=POINT_PAPERS)[0]
        found = {p.member_id: p.unfit for p in rosters.eligible(exam, [roster])[roster.pk]}
    return {post: found.get(member, "") for post, member in people.members.items()}


@pytest.mark.rule("V12.2.4")
def test_a_key_that_was_held_while_papers_lay_there_keeps_from_guarding_for_good(exam: Exam) -> None:
    people, row = world.People(exam), world.entered(exam)
    world.named(exam, row, people)
    world.guarded(exam, (people.members["guard_a"], CAME, CAME + HOUR))
    assert moved(exam, row, "issued", "door_a", people.paper_keeper, AT) == set()
    assert unfit(exam, people)["paper_keeper"] == "keys"
    assert moved(exam, row, "returned", "door_a", None, CAME - DAY) == set()
    assert unfit(exam, people)["paper_keeper"] != "keys", "given back before any papers came"
    received(exam, row)
    assert unfit(exam, people)["paper_keeper"] != "keys"
    assert moved(exam, row, "issued", "door_a", people.paper_keeper, CAME + HOUR) == set()
    assert moved(exam, row, "returned", "door_a", None, CAME + 2 * HOUR) == set()
    assert unfit(exam, people)["paper_keeper"] == "keys"


@pytest.mark.rule("V12.2.4")
def test_who_guarded_the_papers_gets_no_key_when_their_shifts_are_over(exam: Exam) -> None:
    people, row = world.People(exam), world.entered(exam)
    world.named(exam, row, people)
    before, during = (people.members[post] for post in ("point_confidential_officer", "guard_a"))
    world.guarded(exam, (before, CAME - DAY, CAME - HOUR), (during, CAME, CAME + HOUR))
    received(exam, row)
    late = CAME + DAY
    assert "stores_is_guard" in moved(exam, row, "issued", "cabinet", people.guard_a, late)
    assert moved(exam, row, "issued", "cabinet", people.point_confidential_officer, late) == set()


@pytest.mark.rule("V12.2.4")
def test_a_keyholder_on_the_roster_is_refused_and_that_it_was_tried_stands_on_record(exam: Exam) -> None:
    people, row = world.People(exam), world.entered(exam)
    world.named(exam, row, people)
    world.keyed(exam, row, people)
    with acting(POINT):
        (roster,) = rostering.open_rosters(
            exam=exam, kind="store_guard", office_codes=["1301"], by=POINT, at=AT
        )
        shift = NewShift(people.members["point_confidential_officer"], CAME, CAME + HOUR)
        with pytest.raises(RuleRefused, match="staffing_shift_keys"):
            rostering.change_rosters(exam=exam, changes=[RosterChange(roster.pk, [shift])], by=POINT, at=AT)
    with acting(SYSTEM):
        event = Event.objects.get(kind="staffing.shift.refused")
    assert event.rules == ["V12.2.4"] and event.data == {"codes": ["staffing_shift_keys"], "count": 1}


@pytest.mark.rule("V12.2.4")
def test_the_database_gives_no_guard_a_key_and_publishes_no_roster_with_a_keyholder(exam: Exam) -> None:
    people, row = world.People(exam), world.entered(exam)
    roster = world.guarded(exam, (people.members["guard_a"], CAME, CAME + HOUR))

    def given(person: int) -> None:
        KeyStep.objects.create(
            exam=exam, store=row, office_path=row.office_path, lock="cabinet", label="1", number=1, act="issued",
            holder_id=person, by="x", at=AT,
        )  # fmt: skip

    def published() -> None:
        for shift in FrozenShift.objects.filter(roster=roster, number=1):
            shift.pk, shift.number, shift.member_id = None, 2, people.members["paper_keeper"]
            shift.save()
        Roster.objects.filter(pk=roster.pk).update(published=2)

    def clashes(act: Callable[[], None]) -> None:
        with pytest.raises(IntegrityError, match="does not guard"), transaction.atomic():
            act()

    with acting(POINT_PAPERS):
        clashes(lambda: given(people.guard_a))
        given(people.paper_keeper)
        clashes(published)
        assert Roster.objects.get(pk=roster.pk).published == 1


def test_the_database_knows_the_rosters_of_guards_of_every_programme() -> None:
    kinds = {
        k.code for code in programme_codes() for k in load_programme(code).rosters if k.rule == "V12.2.4"
    }
    assert kinds == {"store_guard"}
