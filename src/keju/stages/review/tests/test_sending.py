"""The consignment of a point, counted by its region; the duties of V5.3.3 and V5.4 that open, close and climb."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from keju.kernel.audit.models import Event
from keju.kernel.duties import services as duties
from keju.kernel.duties.escalation import EVERY
from keju.kernel.duties.models import Obligation
from keju.kernel.notices.models import Receipt
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.fees.tests.world import AFTER, CLERK, OFFICER, SYSTEM, World, make_world
from keju.stages.review import services
from keju.stages.review.models import Summary
from keju.stages.review.services import Parcel
from keju.stages.review.tests.depth import PARCEL, confirm, decide


@pytest.fixture
def world(db: None) -> World:
    world = make_world(2)
    confirm(world, *world.ids["1301"])
    return world


def send(world: World, parcel: Parcel = PARCEL) -> Summary:
    with acting(CLERK):
        return services.send_summary(exam=world.exam, point_code="1301", parcel=parcel, by=CLERK, at=AFTER)


def receive(world: World, found: dict[str, int], **more: object) -> Summary:
    with acting(OFFICER):
        return services.receive_summary(
            exam=world.exam, point_code="1301", found=found, by=OFFICER, at=AFTER, **more
        )


def obligation(rule: str, owner: str) -> Obligation:
    with acting(SYSTEM):
        return Obligation.objects.get(rule=rule, owner_code=owner)


@pytest.mark.rule("V5.3.3")
def test_the_contents_are_counted_from_the_decisions_and_printed(world: World) -> None:
    sent = send(world, Parcel(2, "顺丰 SF123", kept=True, seal="F-77"))
    assert sent.contents == {"packets": 2, "forms": 4, "evidence": 2, "summaries": 1, "slips": 1}
    with acting(CLERK):
        printed = services.print_consignment(exam=world.exam, point_code="1301", by=CLERK, at=AFTER)
        assert printed.pdf.startswith(b"%PDF") and printed.record.kind == "registration_consignment"
    receive(world, sent.contents, seal_whole=True)
    with acting(SYSTEM):
        row = Summary.objects.get()
        assert (row.found, row.seal_whole, row.remark) == (row.contents, True, "")
        assert Event.objects.get(kind="review.summary.received").data["whole"] is True


@pytest.mark.rule("V5.3.3")
@pytest.mark.parametrize(
    ("parcel", "code"),
    [
        (Parcel(0, "王", kept=True), "review_parcel_packets"),
        (Parcel(1, " ", kept=True), "review_parcel_carrier"),
        (Parcel(1, "王", kept=False), "review_parcel_kept"),
    ],
)
def test_what_a_consignment_needs(world: World, parcel: Parcel, code: str) -> None:
    with pytest.raises(RuleRefused) as found:
        send(world, parcel)
    assert [r.code for r in found.value.refusals] == [code]
    with acting(SYSTEM):
        assert not Summary.objects.exists()


@pytest.mark.rule("V5.3.3")
def test_what_differs_is_put_into_words_and_the_database_agrees(world: World) -> None:
    sent = send(world, Parcel(1, "王", kept=True, seal="F-1"))
    short = {**sent.contents, "forms": 3}
    cases: list[tuple[dict[str, int], dict[str, object], str]] = [
        ({}, {}, "review_receipt_uncounted"),
        ({**sent.contents, "forms": -1}, {"remark": "x"}, "review_receipt_uncounted"),
        (short, {"remark": " "}, "review_receipt_difference"),
        (sent.contents, {"seal_whole": False}, "review_receipt_difference"),
    ]
    for counted, more, code in cases:
        with pytest.raises(RuleRefused) as found:
            receive(world, counted, **more)
        assert [r.code for r in found.value.refusals] == [code]
    with (
        acting(SYSTEM),
        pytest.raises(IntegrityError, match="review_summary_difference"),
        transaction.atomic(),
    ):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE review_summary SET found = '{}', received_by = 'x', received_at = now(), seal_whole = true"
            )
    receive(world, short, seal_whole=True, remark="少一份报名表（考生王某）")
    with acting(SYSTEM):
        assert Summary.objects.get().found["forms"] == 3
        assert Event.objects.get(kind="review.summary.received").data["whole"] is False


@pytest.mark.rule("V5.3.3")
def test_the_points_duty_opens_climbs_when_late_and_closes(world: World) -> None:
    owed = obligation("V5.3.3", "1301")
    assert owed.due_at.day == 25  # three working days after Wednesday the 20th
    assert owed.creditor_code == "13"
    late = owed.due_at + timedelta(minutes=1)
    assert _climb(world, owed.due_at - timedelta(minutes=1), "V5.3.3", "1301") == 0
    assert _climb(world, late, "V5.3.3", "1301") == 1
    with acting(SYSTEM):
        assert Receipt.objects.filter(office_path="/13/").exists()  # the region reads that its point is late
    assert _climb(world, late + EVERY, "V5.3.3", "1301") == 2  # and in time the centre
    send(world)
    assert obligation("V5.3.3", "1301").discharged_at == AFTER
    assert _climb(world, late + timedelta(days=30), "V5.3.3", "1301") == 2


@pytest.mark.rule("V5.4")
def test_the_regions_duty_opens_climbs_when_late_and_closes_with_the_batch(world: World) -> None:
    owed = obligation("V5.4", "13")
    assert (owed.due_at.month, owed.due_at.day) == (8, 17)  # twenty working days after 20 July 2011
    assert owed.creditor_code == "centre"
    late = owed.due_at + timedelta(minutes=1)
    assert _climb(world, late, "V5.4", "13") == 1
    decide(world, *world.ids["1301"], at=late)
    with acting(OFFICER):
        services.set_batch(exam=world.exam, region_code="13", by=OFFICER, at=late)
    done = obligation("V5.4", "13")
    assert done.discharged_at == late and done.discharged_by == OFFICER.ref
    assert _climb(world, late + timedelta(days=30), "V5.4", "13") == 1


def _climb(world: World, at: object, rule: str, owner: str) -> int:
    """The clockwork ran at that moment; how far up the tree the obligation is by then."""
    with acting(SYSTEM):
        duties.escalate(exam=world.exam, by=SYSTEM, at=at)  # type: ignore[arg-type]
        assert Event.objects.filter(kind="duties.milestone.reached").exists()
    return obligation(rule, owner).escalated_level
