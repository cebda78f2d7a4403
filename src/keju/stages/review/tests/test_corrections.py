"""Corrections after confirmation: one asks, another decides, the form is signed anew."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.documents.models import Print, Voiding
from keju.kernel.duties import services as duties
from keju.kernel.notices.models import Message
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.fees.tests.world import (
    AFTER,
    CLERK,
    CLERK_1101,
    DURING,
    FINANCE,
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
from keju.stages.review.models import Correction
from keju.stages.review.services import Wish
from keju.stages.review.tests.depth import MANAGER, confirm, decide, online, print_both

NAME = {"name": "王小明"}


@pytest.fixture
def world(db: None) -> World:
    return make_world(2)


def ask(world: World, pk: int, changes: dict[str, str] = NAME, by: Actor = CLERK) -> Correction:
    with acting(by):
        wish = Wish(pk, changes, "身份证上的姓名")
        return services.report_corrections(exam=world.exam, wishes=[wish], by=by, at=DURING)[0]


def approve(world: World, *ids: int, by: Actor = MANAGER) -> list[Correction]:
    with acting(by):
        return services.approve_corrections(exam=world.exam, correction_ids=ids, by=by, at=DURING)


def refusals(found: pytest.ExceptionInfo[RuleRefused]) -> set[str]:
    return {r.code for r in found.value.refusals}


@pytest.mark.rule("V5.3.2b")
def test_a_candidate_asks_the_manager_approves_and_the_form_is_signed_anew(world: World) -> None:
    pk, candidate = online(world)
    print_both(world, pk)
    confirm(world, pk)
    exam = world.exam
    with acting(candidate):
        asked = services.ask_correction(
            exam=exam, changes={**NAME, "phone": "13911112222"}, reason="录入有误", by=candidate, at=DURING
        )
        assert queries.standing(viewer=candidate, exam=exam).may_correct is False  # type: ignore[union-attr]
        with pytest.raises(Stale):  # one waits at a time
            services.ask_correction(exam=exam, changes=NAME, reason="又", by=candidate, at=DURING)
    with acting(MANAGER):
        shown = queries.correction(viewer=MANAGER, exam=exam, correction_id=asked.pk)
        assert [str(old) for _, old, _ in shown.changes] == ["考生700", "138****0000"]
    approve(world, asked.pk)
    with acting(SYSTEM):
        row = Registration.objects.get(pk=pk)
        assert (row.name, row.phone, row.version, row.state) == ("王小明", "13911112222", 2, "confirmed")
        assert Voiding.objects.count() == 2
        told = Message.objects.get(kind="review.correction.approved")
        assert told.candidate_id == row.candidate_id
        assert b"13911112222" not in bytes(_raw(asked.pk))
        event = Event.objects.get(kind="review.correction.approved")
        assert event.rules == ["V5.3.2b"] and event.data["fields"] == ["name", "phone"]
    with acting(CLERK), pytest.raises(RuleRefused) as unprinted:
        services.sign_corrections(exam=exam, correction_ids=[asked.pk], by=CLERK, at=DURING)
    assert refusals(unprinted) == {"review_form_void"}
    with pytest.raises(RuleRefused) as unsigned:
        decide(world, pk)
    assert refusals(unsigned) == {"review_second_unsigned"}
    print_both(world, pk)
    with acting(CLERK):
        services.sign_corrections(exam=exam, correction_ids=[asked.pk], by=CLERK, at=DURING)
        with pytest.raises(Stale):
            services.sign_corrections(exam=exam, correction_ids=[asked.pk], by=CLERK, at=DURING)
    decide(world, pk)
    with acting(SYSTEM):
        assert set(Print.objects.values_list("plan_version", flat=True)) == {"v1", "v2"}


def _raw(pk: int) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT changes FROM review_correction WHERE id = %s", [pk])
        return cursor.fetchone()[0]


@pytest.mark.rule("V5.3.2b")
def test_who_asks_does_not_decide_in_the_service_and_in_the_database(world: World) -> None:
    pk = world.ids["1301"][0]
    confirm(world, pk)
    both = person(1, "point_manager", "1301")  # the clerk, posted as the manager too
    asked = ask(world, pk)
    for act in (
        lambda: approve(world, asked.pk, by=both),
        lambda: services.refuse_correction(
            exam=world.exam, correction_id=asked.pk, answer="x", by=both, at=DURING
        ),
    ):
        with acting(both), pytest.raises(RuleRefused) as found:
            act()
        assert refusals(found) == {"review_correction_same_person"}
    with acting(SYSTEM):
        changed = {"state": "approved", "new_version": 2, "decided_by": CLERK.ref, "decided_at": DURING}
        with pytest.raises(IntegrityError, match="review_correction_two_persons"), transaction.atomic():
            Correction.objects.filter(pk=asked.pk).update(**changed)
        # Rewriting who asked does not help either.
        with pytest.raises(IntegrityError, match="stands"), transaction.atomic():
            Correction.objects.filter(pk=asked.pk).update(asked_by="person:77", **changed)
        assert Registration.objects.get(pk=pk).version == 1


@pytest.mark.rule("V5.3.2b")
def test_only_the_manager_and_the_region_decide_and_a_decision_stands(world: World) -> None:
    one, two = world.ids["1301"]
    confirm(world, one, two)
    asked, other = ask(world, one), ask(world, two)
    for by in (OTHER_CLERK, FINANCE, OFFICER_11, CLERK_1101):
        with pytest.raises(NotPermitted):
            approve(world, asked.pk, by=by)
    with acting(OFFICER):
        with pytest.raises(RuleRefused) as silent:
            services.refuse_correction(
                exam=world.exam, correction_id=asked.pk, answer=" ", by=OFFICER, at=DURING
            )
        assert refusals(silent) == {"review_correction_answer"}
        services.refuse_correction(
            exam=world.exam, correction_id=asked.pk, answer="与身份证一致", by=OFFICER, at=DURING
        )
    with pytest.raises(Stale):
        approve(world, asked.pk)
    approve(world, other.pk, by=OFFICER)
    with acting(SYSTEM):
        assert Message.objects.get(kind="review.correction.refused").words_zh.endswith("与身份证一致")
        assert [Registration.objects.get(pk=pk).version for pk in (one, two)] == [1, 2]
        with pytest.raises(IntegrityError, match="stands"), transaction.atomic():
            Correction.objects.filter(pk=other.pk).update(answer="later")


@pytest.mark.rule("V5.3.1b", "V5.3.2b", "V8.1")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "review_change_nothing"),
        ({"route": "title"}, "review_correction_route"),
        ({"category": "nonsense"}, "review_correction_fee"),
        ({"degree": "secondary"}, "registration_degree"),
        ({"point_code": "1302"}, "registration_amendment_field"),
    ],
)
def test_what_cannot_be_asked_for(world: World, changes: dict[str, str], code: str) -> None:
    pk = world.ids["1301"][0]
    confirm(world, pk)
    with pytest.raises(RuleRefused) as found:
        ask(world, pk, changes)
    assert code in refusals(found)


def test_before_confirmation_and_after_a_rejection_nothing_is_asked_for(world: World) -> None:
    with pytest.raises(Stale):
        ask(world, world.ids["1301"][0])
    with pytest.raises(NotPermitted):
        ask(world, world.ids["1101"][0])


@pytest.mark.rule("V5.4")
def test_after_the_regions_decision_only_name_and_contact_change(world: World) -> None:
    pk = world.ids["1301"][0]
    confirm(world, pk)
    decide(world, pk)
    with pytest.raises(RuleRefused) as found:
        ask(world, pk, {"school": "另一所大学"})
    assert refusals(found) == {"review_correction_decided"}
    approve(world, ask(world, pk).pk)


@pytest.mark.rule("V7.1")
def test_once_tickets_are_generated_only_contact_details_change(world: World) -> None:
    pk = world.ids["1301"][0]
    confirm(world, pk)
    waiting = ask(world, pk)
    with acting(SYSTEM):
        duties.reach(
            exam=world.exam, key="tickets_generated", when=AFTER, office_path="/13/", by=SYSTEM, at=AFTER
        )
    with pytest.raises(
        RuleRefused
    ) as found:  # asked before, decided after: the rule holds when it is decided
        approve(world, waiting.pk)
    assert refusals(found) == {"review_correction_numbered"}
    other = world.ids["1301"][1]
    confirm(world, other)
    with pytest.raises(RuleRefused) as found:
        ask(world, other)
    assert refusals(found) == {"review_correction_numbered"}
    approve(world, ask(world, other, {"phone": "13911112222"}).pk)


@pytest.mark.rule("V1.5")
def test_a_correction_is_seen_by_its_candidate_and_its_offices_alone(world: World) -> None:
    pk, candidate = online(world)
    print_both(world, pk)
    confirm(world, pk)
    ask(world, pk)
    with acting(candidate):
        assert Correction.objects.count() == 1
        told = queries.standing(viewer=candidate, exam=world.exam)
        assert told is not None and [str(new) for _, _, new in told.corrections[0].changes] == ["王小明"]
    for by in (
        OFFICER_11,
        CLERK_1101,
        Actor.anybody(),
        Actor("candidate:1", "", "candidate", candidate_id=1),
    ):
        with acting(by):
            assert not Correction.objects.exists()
