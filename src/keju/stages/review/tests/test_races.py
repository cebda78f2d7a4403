"""Two people at once: one decision, one batch, and nobody slips in behind it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from keju.kernel.audit import Stale
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.fees import queries as fees
from keju.stages.fees.tests.world import (
    AFTER,
    CLERK,
    DURING,
    OFFICER,
    OTHER_CLERK,
    SYSTEM,
    cash,
    make_world,
    person,
)
from keju.stages.registration.models import Registration
from keju.stages.review import services
from keju.stages.review.models import Batch, FirstReview, SecondReview
from keju.stages.review.services import FirstDecision

TICKED = {"identity_card": (True, True, True), "diploma": (True, True, True)}
pytestmark = pytest.mark.django_db(transaction=True)


def race(*acts: Callable[[], object]) -> int:
    """How many of the simultaneous acts succeeded; the others found the record dealt with."""

    def run(act: Callable[[], object]) -> bool:
        try:
            act()
            return True
        except (RuleRefused, Stale):
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(run, acts))


@pytest.mark.rule("V5.3.2c")
def test_two_clerks_with_one_candidate_decide_once_and_take_one_fee() -> None:
    world = make_world(1)
    pk = world.ids["1301"][0]

    def decide(by: Actor, *, passed: bool) -> Callable[[], object]:
        decision = (
            FirstDecision(pk, True, TICKED, True, signed=True, payment=cash(pk))
            if passed
            else FirstDecision(pk, False, returned=True, reason="材料不全")
        )

        def act() -> None:
            with acting(by):
                services.decide_first(exam=world.exam, decisions=[decision], by=by, at=DURING)

        return act

    assert race(*[decide(CLERK, passed=True), decide(OTHER_CLERK, passed=False)] * 8) == 1
    with acting(SYSTEM):
        passed = FirstReview.objects.get().passed
        assert Registration.objects.get(pk=pk).state == ("confirmed" if passed else "rejected")
        assert fees.paid(world.exam, [pk]) == ({pk} if passed else set())
        assert fees.ledger_sum(world.exam) == 0


@pytest.mark.rule("V5.4")
def test_the_batch_is_set_once_and_no_decision_slips_in_behind_it() -> None:
    world = make_world(2)
    ids = world.ids["1301"]
    decisions = [FirstDecision(pk, True, TICKED, True, signed=True, payment=cash(pk)) for pk in ids]
    with acting(CLERK):
        services.decide_first(exam=world.exam, decisions=decisions, by=CLERK, at=DURING)
    with acting(OFFICER):
        services.decide_second(
            exam=world.exam, region_code="13", passed=ids, failed={}, signed=True, by=OFFICER, at=AFTER
        )
    colleague = person(17, "region_officer", "13")

    def set_it() -> None:
        with acting(OFFICER):
            services.set_batch(exam=world.exam, region_code="13", by=OFFICER, at=AFTER)

    def revise() -> None:
        with acting(colleague):
            services.revise_second(
                exam=world.exam,
                registration_id=ids[0],
                passed=False,
                reason="伪造",
                version=1,
                by=colleague,
                at=AFTER,
            )

    race(*[set_it, revise] * 6)
    with acting(SYSTEM):
        failed = SecondReview.objects.filter(passed=False).count()
        # Either the change came first and the batch knows it, or it was refused: never a fail that nobody was told.
        assert Batch.objects.get().failed == failed
        assert Registration.objects.filter(pk__in=ids, state="rejected").count() == failed
        assert fees.refund_counts(world.exam)["owed"][0] == failed
