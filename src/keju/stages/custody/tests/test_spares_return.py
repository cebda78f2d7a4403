"""Spare bags go back to the centre with five papers each and under seal, or as an exception that was instructed (V16.2.2)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from keju.kernel.approvals.tests.world import someone
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody import services
from keju.stages.custody.models import Container, Handover
from keju.stages.custody.rules.chain import Act, Change, Counts
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.services import handovers
from keju.stages.custody.services.handovers import Found, Scan, hooks
from keju.stages.custody.tests import day as days
from keju.stages.custody.tests import hands
from keju.stages.custody.tests.hands import Cast, holding
from keju.stages.custody.tests.world import CENTRE_PAPERS, REGION_PAPERS, key

AT = hands.DAY + timedelta(days=1)
WAY = "journey:9"


@pytest.fixture
def who(exam: Exam) -> Cast:
    """Everybody of centre and region; the spare bags are on the road to the centre, whole and sealed."""
    days.day(exam)
    hands.moved(exam, spares(exam), WAY)
    return hands.cast(exam)


def spares(exam: Exam) -> list[int]:
    with acting(hands.SYSTEM):
        bags = Container.objects.filter(exam=exam, kind=Kind.SPARE_BAG)
        return list(bags.order_by("code").values_list("pk", flat=True))


def step(who: Cast, act: Act, bag: int, change: Change, at: datetime = AT) -> None:
    with acting(hands.SYSTEM):
        services.carry_out(
            exam=who.exam, key=key(f"{act} {bag} {change}"), act=act, changes={bag: change}, office_path="/13/",
            by=hands.SYSTEM, at=at,
        )  # fmt: skip


def lacking(who: Cast, bag: int) -> None:
    """One of its papers is lost, and it is open."""
    step(who, Act.OPENED, bag, Change(seal=""))
    step(who, Act.COUNTED, bag, Change(counts=Counts(inside=4, missing=1)))


def returned(who: Cast, *bags: int, name: str) -> Handover:
    return hands.arranged(
        who, "return_to_centre", list(bags), "centre", sides=("13", "centre"), at=AT, name=name
    )


def refused(call: Callable[[], object]) -> set[str]:
    with pytest.raises(RuleRefused) as error:
        call()
    return {f"{r.rule} {r.code}" for r in error.value.refusals}


def reported(who: Cast, bag: int, kind: str) -> int:
    """The exception's id."""
    with acting(REGION_PAPERS):
        found = Found(kind, Container.objects.get(pk=bag).code, bag)
        (told,) = handovers.report(
            exam=who.exam, key=key(kind), office_path="/13/", found=[found], by=REGION_PAPERS, at=AT
        )
    return told.pk


def released(who: Cast, exception: int) -> None:
    above = replace(someone("上级", "centre_custody", "centre").actor, permissions=CENTRE_PAPERS.permissions)
    with acting(above):
        handovers.instruct(
            exam=who.exam, exception_id=exception, instruction="查清，按现状送回", lifts=True, by=above, at=AT
        )


@pytest.mark.rule("V16.2.2")
def test_spare_bags_that_lack_a_paper_or_their_seal_are_not_taken_back(who: Cast) -> None:
    short, torn, *whole = spares(who.exam)
    lacking(who, short)
    step(who, Act.SEALED, short, Change(seal="N1"))
    assert refused(lambda: returned(who, short, *whole, name="short")) == {"V16.2.2 spare_bag_short"}
    step(who, Act.OPENED, torn, Change(seal=""))
    assert refused(lambda: returned(who, torn, name="torn")) == {"V16.2.2 spare_bag_open"}
    step(who, Act.SEALED, torn, Change(seal="N2"))
    row = returned(who, torn, *whole, name="whole")
    with acting(hands.SYSTEM):
        assert row.state == "prepared" and row.items.count() == 1 + len(whole)
        assert Event.objects.filter(kind="custody.handover.prepared").count() == 1


@pytest.mark.rule("V16.2.2")
def test_a_lack_is_found_before_the_bag_leaves_not_at_the_end_of_its_way(who: Cast) -> None:
    bag, *whole = spares(who.exam)
    lacking(who, bag)
    for leg in ("point_to_escort", "return_to_region", "region_to_escort"):
        row = Handover(kind=leg)
        found = {f"{r.rule} {r.code}" for r in hooks.refusals("prepare", who.exam, row, [bag, *whole], AT)}
        assert found == {"V16.2.2 spare_bag_short", "V16.2.2 spare_bag_open"}, leg
        assert not list(hooks.refusals("prepare", who.exam, row, whole, AT)), leg


@pytest.mark.rule("V16.2.2")
def test_what_is_taken_out_on_the_way_is_found_before_anybody_signs(who: Cast) -> None:
    bag = spares(who.exam)[0]
    row = returned(who, bag, name="on the way")
    with acting(CENTRE_PAPERS):
        handovers.announce(
            exam=who.exam, handover_id=row.pk, departs_at=AT, arrives_at=AT + timedelta(hours=5), escorts="甲、乙",
            contact="010-1", by=CENTRE_PAPERS, at=AT,
        )  # fmt: skip
        code = row.items.get().code
        handovers.scan(
            exam=who.exam, handover_id=row.pk, key=key("read"), found=[Scan(code)], by=CENTRE_PAPERS, at=AT
        )
    lacking(who, bag)

    def counted() -> None:
        with acting(CENTRE_PAPERS):
            handovers.finish_count(exam=who.exam, handover_id=row.pk, by=CENTRE_PAPERS, at=AT)

    assert refused(counted) == {"V16.2.2 spare_bag_short", "V16.2.2 spare_bag_open"}
    assert holding(bag).place == WAY


def test_a_lack_that_was_told_and_instructed_comes_back_as_it_is(who: Cast) -> None:
    bag = spares(who.exam)[0]
    lacking(who, bag)
    told = reported(who, bag, "missing")
    assert refused(lambda: returned(who, bag, name="frozen")) == {"V11.3.3 custody_frozen"}
    released(who, told)
    assert returned(who, bag, name="instructed").state == "prepared"


@pytest.mark.rule("V16.2.2")
def test_what_goes_out_of_a_bag_after_the_instruction_is_nothing_that_it_knew(who: Cast) -> None:
    bag = spares(who.exam)[0]
    released(who, reported(who, bag, "other_seal"))
    later = AT + timedelta(minutes=1)
    step(who, Act.OPENED, bag, Change(seal=""), later)
    step(who, Act.COUNTED, bag, Change(counts=Counts(inside=4, missing=1)), later)
    with pytest.raises(RuleRefused, match=r"V16\.2\.2"):
        hands.arranged(who, "return_to_centre", [bag], "centre", sides=("13", "centre"), at=later)
