"""Two people at once: one decision, one batch, and nobody slips in behind it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
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
    World,
    cash,
    make_world,
    person,
)
from keju.stages.registration.models import Registration
from keju.stages.review import services
from keju.stages.review.models import Batch, Correction, FirstReview, SecondReview
from keju.stages.review.services import FirstDecision, Wish

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


def reject(world: World, pk: int, by: Actor) -> Callable[[], object]:
    def act() -> None:
        with acting(by):
            decision = FirstDecision(pk, False, returned=True, reason="材料不全")
            services.decide_first(exam=world.exam, decisions=[decision], by=by, at=DURING)

    return act


@pytest.mark.rule("V5.3.2c")
@pytest.mark.parametrize("protected", [True, False])
def test_two_clerks_reject_one_candidate_and_what_happens_without_the_constraint(
    monkeypatch: pytest.MonkeyPatch,
    owner_connection: psycopg.Connection[tuple[object, ...]],
    *,
    protected: bool,
) -> None:
    world = make_world(1)
    pk = world.ids["1301"][0]
    # The state of the registration would stop the second clerk too: here the constraint is asked alone.
    monkeypatch.setattr("keju.stages.registration.services.mark_rejected", lambda **facts: None)
    if not protected:
        owner_connection.execute(
            "ALTER TABLE review_first DROP CONSTRAINT review_first_registration_id_key CASCADE"
        )
    won = race(*[reject(world, pk, by) for by in (CLERK, OTHER_CLERK)] * 4)
    assert won == (1 if protected else 2)  # one for each clerk: the other constraint knows them apart
    with acting(SYSTEM):
        assert FirstReview.objects.count() == won


@pytest.mark.rule("V5.4")
@pytest.mark.parametrize("protected", [True, False])
def test_two_officers_decide_one_registration_and_what_happens_without_lock_and_constraint(
    monkeypatch: pytest.MonkeyPatch,
    owner_connection: psycopg.Connection[tuple[object, ...]],
    *,
    protected: bool,
) -> None:
    world = make_world(1)
    pk = world.ids["1301"][0]
    with acting(CLERK):
        decision = FirstDecision(pk, True, TICKED, True, signed=True, payment=cash(pk))
        services.decide_first(exam=world.exam, decisions=[decision], by=CLERK, at=DURING)
    if not protected:
        monkeypatch.setattr("keju.stages.review.services.second.lock", lambda exam, region_code: None)
        owner_connection.execute(
            "ALTER TABLE review_second DROP CONSTRAINT review_second_registration_id_key"
        )
    start = Barrier(2)

    def decide(by: Actor, failed: dict[int, str]) -> Callable[[], object]:
        def act() -> None:
            start.wait(10)
            with acting(by):
                services.decide_second(
                    exam=world.exam,
                    region_code="13",
                    passed=[] if failed else [pk],
                    failed=failed,
                    signed=True,
                    by=by,
                    at=AFTER,
                )

        return act

    colleague = person(17, "region_officer", "13")
    won = race(decide(OFFICER, {}), decide(colleague, {pk: "证书系伪造"}))
    assert won == (1 if protected else 2)  # passed and failed at once: what the two of them prevent
    with acting(SYSTEM):
        assert SecondReview.objects.filter(registration_id=pk).count() == won


@pytest.mark.rule("V5.3.2b")
def test_two_managers_with_one_correction_change_the_data_once() -> None:
    world = make_world(1)
    pk = world.ids["1301"][0]
    with acting(CLERK):
        decision = FirstDecision(pk, True, TICKED, True, signed=True, payment=cash(pk))
        services.decide_first(exam=world.exam, decisions=[decision], by=CLERK, at=DURING)
        wish = Wish(pk, {"name": "王小明"}, "录入有误")
        (asked,) = services.report_corrections(exam=world.exam, wishes=[wish], by=CLERK, at=DURING)

    def decide(by: Actor, *, yes: bool) -> Callable[[], object]:
        def act() -> None:
            with acting(by):
                if yes:
                    services.approve_corrections(exam=world.exam, correction_ids=[asked.pk], by=by, at=DURING)
                else:
                    services.refuse_correction(
                        exam=world.exam, correction_id=asked.pk, answer="无误", by=by, at=DURING
                    )

        return act

    manager = person(20, "point_manager", "1301")
    assert race(*[decide(manager, yes=True), decide(OFFICER, yes=False)] * 6) == 1
    with acting(SYSTEM):
        row, found = Registration.objects.get(pk=pk), Correction.objects.get()
        assert (row.version, row.name == "王小明") == ((2, True) if found.state == "approved" else (1, False))
