"""The bulk pass: counts, who was left out and why; who passed and who failed is told."""

import pytest

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.notices.models import Message
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.fees.tests.world import (
    AFTER,
    CLERK,
    DURING,
    OFFICER,
    OFFICER_11,
    OTHER_CLERK,
    SYSTEM,
    World,
    make_world,
    person,
)
from keju.stages.registration.models import Registration
from keju.stages.review import queries, services
from keju.stages.review.models import Bulk, SecondReview
from keju.stages.review.queries import Queue
from keju.stages.review.services import Wish
from keju.stages.review.tests.depth import MANAGER, confirm, decide


@pytest.fixture
def world(db: None) -> World:
    return make_world(6)


def pass_all(world: World, queue: Queue | None = None, *, upto: int = 0, signed: bool = True) -> Bulk:
    with acting(OFFICER):
        return services.pass_all(
            exam=world.exam,
            region_code="13",
            queue=queue or Queue(),
            upto=upto,
            signed=signed,
            by=OFFICER,
            at=AFTER,
        )


@pytest.mark.rule("V5.4")
def test_everybody_in_the_list_passes_and_nobody_is_left_out_in_silence(world: World) -> None:
    own, decided, asked, unsigned, changed, fine = world.ids["1301"]
    confirm(world, own, by=person(7, "point_clerk", "1301"))  # the officer, once at the counter
    confirm(world, decided, asked, unsigned, changed, fine)
    decide(world, decided, by=person(17, "region_officer", "13"))
    with acting(CLERK):
        made = {
            pk: services.report_corrections(
                exam=world.exam, wishes=[Wish(pk, {"name": f"改{pk}"}, "x")], by=CLERK, at=DURING
            )[0]
            for pk in (asked, unsigned, changed)
        }
    with acting(MANAGER):
        services.approve_corrections(
            exam=world.exam, correction_ids=[made[unsigned].pk, made[changed].pk], by=MANAGER, at=DURING
        )
    with acting(OTHER_CLERK):
        services.sign_corrections(
            exam=world.exam, correction_ids=[made[changed].pk], by=OTHER_CLERK, at=DURING
        )
    done = pass_all(world)
    assert done.passed == 1
    assert dict(done.skipped) == {own: "own", asked: "asked", unsigned: "unsigned", changed: "changed"}
    with acting(SYSTEM):
        assert SecondReview.objects.filter(decided_by=OFFICER.ref).get().registration_id == fine
        event = Event.objects.get(kind="review.bulk.passed")
        assert event.data["skipped"] == {"own": 1, "asked": 1, "unsigned": 1, "changed": 1}
    with acting(OFFICER):  # the corrected one is looked at and passed by itself
        services.decide_second(
            exam=world.exam, region_code="13", passed=[changed], failed={}, signed=True, by=OFFICER, at=AFTER
        )
        again = services.pass_some(
            exam=world.exam, region_code="13", ids=[fine, changed, 10**9], signed=True, by=OFFICER, at=AFTER
        )
        assert (again.passed, dict(again.skipped)) == (0, {fine: "decided", changed: "decided"})
        found = queries.second_next(viewer=OFFICER, exam=world.exam, queue=Queue(), after=own)
        assert found == asked  # never one's own


@pytest.mark.rule("V5.4")
def test_the_filters_of_the_list_are_those_of_the_bulk(world: World) -> None:
    one, two, *rest = world.ids["1301"]
    confirm(world, one, two, *rest)
    confirm(world, *world.ids["1302"], by=person(3, "point_clerk", "1302"))
    with acting(SYSTEM):
        Registration.objects.filter(pk=two).update(category="aquatic")
        number = queries.second_item(viewer=SYSTEM, exam=world.exam, registration_id=rest[0]).row.number
    assert pass_all(world, Queue(point_code="1301", category="aquatic")).passed == 1
    assert pass_all(world, Queue(text=number)).passed == 1
    assert pass_all(world, Queue(point_code="1301"), upto=one).passed == 1
    with pytest.raises(RuleRefused) as nobody:
        pass_all(world, Queue(point_code="1301", route="title"))
    assert [r.code for r in nobody.value.refusals] == ["review_nothing_open"]
    with acting(SYSTEM):
        assert set(SecondReview.objects.values_list("registration_id", flat=True)) == {one, two, rest[0]}
    assert pass_all(world).passed == 9


@pytest.mark.rule("V5.4")
def test_an_unsigned_opinion_another_region_and_a_set_batch_are_refused(world: World) -> None:
    confirm(world, *world.ids["1301"])
    with pytest.raises(RuleRefused) as found:
        pass_all(world, signed=False)
    assert [r.code for r in found.value.refusals] == ["review_opinion_unsigned"]
    with acting(OFFICER_11), pytest.raises(NotPermitted):
        services.pass_all(
            exam=world.exam, region_code="13", queue=Queue(), upto=0, signed=True, by=OFFICER_11, at=AFTER
        )
    pass_all(world)
    with acting(OFFICER):
        services.set_batch(exam=world.exam, region_code="13", by=OFFICER, at=AFTER)
    with pytest.raises(RuleRefused) as found:
        pass_all(world)
    assert [r.code for r in found.value.refusals] == ["review_batch_closed"]
    with acting(OFFICER_11):
        assert not Bulk.objects.exists()


@pytest.mark.rule("V5.4")
def test_the_batch_tells_who_passed_and_who_failed(world: World) -> None:
    one, *rest = world.ids["1301"]
    confirm(world, one, *rest)
    with acting(OFFICER):
        services.decide_second(
            exam=world.exam,
            region_code="13",
            passed=rest,
            failed={one: "证书系伪造"},
            signed=True,
            by=OFFICER,
            at=AFTER,
        )
        assert not Message.objects.filter(kind__startswith="review.second").exists()
        services.set_batch(exam=world.exam, region_code="13", by=OFFICER, at=AFTER)
        with pytest.raises(Stale):
            services.set_batch(exam=world.exam, region_code="13", by=OFFICER, at=AFTER)
    with acting(SYSTEM):
        assert Message.objects.filter(kind="review.second.passed").count() == len(rest)
        assert "证书系伪造" in Message.objects.get(kind="review.second.failed").words_zh
