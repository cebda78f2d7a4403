"""Two reviews by two people, through the services, against PostgreSQL."""

import io
from datetime import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from PIL import Image

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.documents.models import Print, Voiding
from keju.kernel.duties.models import Obligation
from keju.kernel.files.services import store
from keju.kernel.notices.models import Message
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused, load_programme
from keju.stages.fees import queries as fees
from keju.stages.fees.rules import Payment
from keju.stages.fees.tests.world import (
    AFTER,
    CLERK,
    CLERK_1101,
    DOUBTED,
    DURING,
    FINANCE,
    MADE,
    OFFICER,
    OFFICER_11,
    SYSTEM,
    World,
    cash,
    make_world,
    person,
)
from keju.stages.registration import services as registering
from keju.stages.registration.models import Registration
from keju.stages.review import queries, services
from keju.stages.review.models import FirstReview, SecondReview
from keju.stages.review.services import FirstDecision, Parcel
from keju.stages.review.services import first as first_

TICKED = {"identity_card": (True, True, True), "diploma": (True, True, True)}

PARCEL = Parcel(1, "王一", kept=True)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def passing(pk: int, **changes: object) -> FirstDecision:
    facts: dict[str, object] = {
        "registration_id": pk,
        "passed": True,
        "materials": TICKED,
        "returned": True,
        "signed": True,
        "payment": cash(pk, 160),
    }
    return FirstDecision(**{**facts, **changes})  # type: ignore[arg-type]


def failing(pk: int, reason: str = "学历证书不符合要求") -> FirstDecision:
    return FirstDecision(pk, passed=False, returned=True, reason=reason)


def first(
    world: World, *decisions: FirstDecision, by: Actor = CLERK, at: datetime = DURING
) -> dict[int, str]:
    with acting(by):
        return services.decide_first(exam=world.exam, decisions=decisions, by=by, at=at)


def codes(refused: pytest.ExceptionInfo[RuleRefused]) -> set[str]:
    return {r.code for r in refused.value.refusals}


def state(pk: int) -> str:
    with acting(SYSTEM):
        return Registration.objects.get(pk=pk).state


def duty(rule: str, owner: str) -> Obligation:
    with acting(SYSTEM):
        return Obligation.objects.get(rule=rule, owner_code=owner)


@pytest.mark.rule("V5.3.2a", "V5.3.2c")
def test_a_pass_takes_the_fee_confirms_and_tells_the_candidate(world: World) -> None:
    pk = world.ids["1301"][0]
    assert first(world, passing(pk)) == {pk: "HB000001"}
    assert state(pk) == "confirmed"
    with acting(CLERK):
        found = queries.first_of(world.exam, pk)
        assert found is not None
        assert found.materials["diploma"] == [True, True, True]
        assert fees.paid(world.exam, [pk]) == {pk}
    with acting(SYSTEM):
        assert Message.objects.get(kind__startswith="review.").kind == "review.first.passed"


@pytest.mark.rule("V5.3.2c")
def test_a_fail_says_why_and_takes_no_money(world: World) -> None:
    pk = world.ids["1301"][0]
    assert first(world, failing(pk)) == {}
    assert state(pk) == "rejected"
    with acting(SYSTEM):
        assert fees.paid(world.exam, [pk]) == set()
        assert "学历证书" in Message.objects.get(kind__startswith="review.").words_zh


REFUSED: dict[str, tuple[dict[str, object], str]] = {
    "no material": ({"materials": {}}, "review_materials"),
    "one missing": ({"materials": {"identity_card": (True, True, True)}}, "review_materials"),
    "not true": ({"materials": {**TICKED, "diploma": (True, False, True)}}, "review_materials"),
    "of another route": (
        {"materials": {"identity_card": (True, True, True), "title_certificate": (True, True, True)}},
        "review_materials",
    ),
    "no fee": ({"payment": None}, "review_fee_missing"),
    "originals kept": ({"returned": False}, "review_originals"),
    "fee of who fails": ({"passed": False, "reason": "x"}, "review_fee_of_failed"),
    "fail without reason": ({"passed": False, "reason": " ", "payment": None}, "review_reason"),
    "other amount": ({"payment": "159"}, "fees_amount"),
}


@pytest.mark.rule("V5.3.1a", "V5.3.2a", "V5.3.2c")
@pytest.mark.parametrize("case", REFUSED)
def test_the_order_of_the_counter_is_kept_and_nothing_is_half_done(world: World, case: str) -> None:
    changes, code = REFUSED[case]
    pk = world.ids["1301"][0]
    if isinstance(changes.get("payment"), str):
        changes = {"payment": Payment(pk, "cash", Decimal(changes["payment"]))}  # type: ignore[arg-type]
    with pytest.raises(RuleRefused) as refused:
        first(world, passing(pk, **changes))
    assert codes(refused) == {code}
    assert state(pk) == "submitted"
    with acting(SYSTEM):
        assert not FirstReview.objects.exists()
        assert not fees.payments(world.exam)


@pytest.mark.rule("V5.3.1a")
def test_missing_materials_are_named(world: World) -> None:
    with pytest.raises(RuleRefused) as refused:
        first(world, passing(world.ids["1301"][0], materials={}))
    missing = refused.value.refusals[0].facts["missing"]
    assert missing.zh == "居民身份证、学历证书"  # type: ignore[attr-defined]


@pytest.mark.rule("V5.2.2")
def test_a_doubted_photo_must_be_accepted_by_a_person_first(world: World) -> None:
    pk = world.ids["1301"][0]
    with acting(SYSTEM):
        Registration.objects.filter(pk=pk).update(photo_sha256=DOUBTED)
    with pytest.raises(RuleRefused) as refused:
        first(world, passing(pk))
    assert codes(refused) == {"review_photo"}
    with acting(CLERK):
        registering.overrule_photo(exam=world.exam, registration_id=pk, reason="本人", by=CLERK, at=DURING)
    first(world, passing(pk))
    assert state(pk) == "confirmed"


@pytest.mark.rule("V5.3.2c")
@pytest.mark.parametrize(
    ("at", "code"), [(MADE, "review_confirmation_early"), (AFTER, "review_confirmation_over")]
)
def test_results_are_set_while_confirmation_is_open(world: World, at: datetime, code: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        first(world, passing(world.ids["1301"][0]), at=at)
    assert codes(refused) == {code}


@pytest.mark.rule("V5.3.2c", "V1.7")
def test_only_a_clerk_of_the_chosen_point_decides(world: World) -> None:
    pk = world.ids["1301"][0]
    with pytest.raises(NotPermitted) as refused:
        first(world, passing(pk), by=CLERK_1101)
    assert refused.value.hidden
    for by in (OFFICER, FINANCE, person(20, "point_manager", "1301")):
        with pytest.raises(NotPermitted):
            first(world, passing(pk), by=by)
    assert state(pk) == "submitted"


def test_what_somebody_else_just_decided_or_changed_is_stale(world: World) -> None:
    one, two, _ = world.ids["1301"]
    first(world, passing(one))
    for again in (passing(one), failing(one), passing(two, version=7)):
        with pytest.raises(Stale):
            first(world, again)
    with pytest.raises(Stale):
        first(world, failing(two), failing(two))
    with acting(SYSTEM):
        assert FirstReview.objects.count() == 1
        assert len(fees.payments(world.exam)) == 1


@pytest.mark.rule("V5.3.2b")
def test_nobody_is_confirmed_with_data_that_changed_while_the_clerk_decided(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = world.ids["1301"][0]
    true = first_.fees.covered

    def meanwhile(*args: object, **more: object) -> object:
        Registration.objects.filter(pk=pk).update(category="aquatic", version=2)  # another clerk mended them
        return true(*args, **more)

    monkeypatch.setattr(first_.fees, "covered", meanwhile)
    with pytest.raises(Stale):
        first(world, passing(pk))
    assert state(pk) == "submitted"


@pytest.mark.rule("V5.3.3")
def test_the_summary_follows_confirmation_banks_the_cash_and_closes_the_duty(world: World) -> None:
    one, two, three = world.ids["1301"]
    first(world, passing(one), passing(two, payment=Payment(two, "transfer", Decimal(160), "R9")))
    exam = world.exam
    with acting(CLERK):
        with pytest.raises(RuleRefused) as refused:
            services.send_summary(exam=exam, point_code="1301", parcel=PARCEL, by=CLERK, at=DURING)
        assert codes(refused) == {"review_summary_early"}
        told = refused.value.refusals[0].words(load_programme("veterinarian"))
        assert "2011年7月20日 17:00" in told.zh and "20 July 2011, 17:00" in told.en  # the clock in China
        assert duty("V5.3.3", "1301").due_at.day == 25  # the 20th is a Wednesday; three working days later
        sent = services.send_summary(exam=exam, point_code="1301", parcel=PARCEL, by=CLERK, at=AFTER)
        assert (sent.passed, sent.failed, sent.absent, sent.cash, sent.transferred) == (2, 0, 1, 160, 160)
        assert duty("V5.3.3", "1301").discharged_at == AFTER
        with pytest.raises(Stale):
            services.send_summary(exam=exam, point_code="1301", parcel=PARCEL, by=CLERK, at=AFTER)
        assert fees.balance(exam, "cash", "/13/") == 0
        assert fees.balance(exam, "outstanding", "/13/") == 320
        printed = services.print_summary(exam=exam, point_code="1301", by=CLERK, at=AFTER)
        assert printed.pdf.startswith(b"%PDF")
    with acting(OFFICER_11), pytest.raises(NotPermitted):
        services.receive_summary(exam=exam, point_code="1301", found=sent.contents, by=OFFICER_11, at=AFTER)
    with acting(OFFICER):
        services.receive_summary(
            exam=exam, point_code="1301", found=sent.contents, remark="齐", by=OFFICER, at=AFTER
        )
        with pytest.raises(Stale):
            services.receive_summary(exam=exam, point_code="1301", found=sent.contents, by=OFFICER, at=AFTER)
    assert three


@pytest.mark.rule("V5.4")
def test_the_second_review_is_another_persons(world: World) -> None:
    one, two, three = world.ids["1301"]
    both = person(1, "region_officer", "13")  # the clerk, posted to the region too
    first(world, passing(one), passing(two), failing(three))
    with acting(both), pytest.raises(RuleRefused) as refused:
        services.decide_second(
            exam=world.exam, region_code="13", passed=[one], failed={}, signed=True, by=both, at=AFTER
        )
    assert codes(refused) == {"review_same_person"}
    with acting(OFFICER):
        with pytest.raises(RuleRefused) as refused:
            services.decide_second(
                exam=world.exam,
                region_code="13",
                passed=[],
                failed={one: " "},
                signed=True,
                by=OFFICER,
                at=AFTER,
            )
        assert codes(refused) == {"review_reason"}
        for stranger in (three, world.ids["1101"][0], 999_999):
            with pytest.raises(NotPermitted):
                services.decide_second(
                    exam=world.exam,
                    region_code="13",
                    passed=[one, stranger],
                    failed={},
                    signed=True,
                    by=OFFICER,
                    at=AFTER,
                )
        assert (
            services.decide_second(
                exam=world.exam,
                region_code="13",
                passed=[one],
                failed={two: "伪造"},
                signed=True,
                by=OFFICER,
                at=AFTER,
            )
            == 2
        )
        with pytest.raises(Stale):
            services.decide_second(
                exam=world.exam, region_code="13", passed=[one], failed={}, signed=True, by=OFFICER, at=AFTER
            )
    with acting(OFFICER_11), pytest.raises(NotPermitted):
        services.decide_second(
            exam=world.exam, region_code="13", passed=[one], failed={}, signed=True, by=OFFICER_11, at=AFTER
        )


@pytest.mark.rule("V5.4")
def test_the_database_refuses_one_person_for_both_reviews(world: World) -> None:
    pk = world.ids["1301"][0]
    first(world, passing(pk))
    with acting(SYSTEM):
        row = FirstReview.objects.get()
        facts = {
            "exam": world.exam,
            "registration_id": pk,
            "candidate_id": row.candidate_id,
            "office_path": row.office_path,
            "passed": True,
            "signed": True,
            "decided_by": row.decided_by,
            "decided_at": AFTER,
        }
        with pytest.raises(IntegrityError, match="review_two_persons"), transaction.atomic():
            SecondReview.objects.create(first_by=row.decided_by, **facts)
        # A false name of the first reviewer does not help.
        with pytest.raises(IntegrityError, match="review_second_of_first"), transaction.atomic():
            SecondReview.objects.create(first_by="person:77", **facts)
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("UPDATE review_first SET decided_by = 'person:77'")


@pytest.mark.rule("V5.4", "V8.3")
def test_results_are_set_as_one_batch_and_failures_go_to_the_refund_list(world: World) -> None:
    exam = world.exam
    one, two, three = world.ids["1301"]
    other = world.ids["1302"][0]
    first(world, passing(one), passing(two), passing(three))
    first(world, passing(other), by=person(3, "point_clerk", "1302"))
    with acting(OFFICER):
        services.decide_second(
            exam=exam,
            region_code="13",
            passed=[one, three],
            failed={two: "伪造"},
            signed=True,
            by=OFFICER,
            at=AFTER,
        )
        for at, expected in (
            (DURING, {"review_batch_early", "review_batch_undecided"}),
            (AFTER, {"review_batch_undecided"}),
        ):
            with pytest.raises(RuleRefused) as refused:
                services.set_batch(exam=exam, region_code="13", by=OFFICER, at=at)
            assert codes(refused) == expected
        assert queries.eligible_ids(viewer=OFFICER, exam=exam, region_code="13") == []
        services.decide_second(
            exam=exam, region_code="13", passed=[other], failed={}, signed=True, by=OFFICER, at=AFTER
        )
        services.revise_second(
            exam=exam, registration_id=three, passed=False, reason="材料不全", version=1, by=OFFICER, at=AFTER
        )
        with pytest.raises(Stale):
            services.revise_second(
                exam=exam, registration_id=three, passed=True, reason="", version=1, by=OFFICER, at=AFTER
            )
        batch = services.set_batch(exam=exam, region_code="13", by=OFFICER, at=AFTER)
        assert (batch.passed, batch.failed) == (2, 2)
        assert duty("V5.4", "13").discharged_at == AFTER
        assert duty("V8.3", "13").discharged_at is None
        assert queries.eligible_ids(viewer=OFFICER, exam=exam, region_code="13") == [one, other]
        assert queries.eligible_counts(viewer=OFFICER, exam=exam) == {
            ("1301", "general"): 1,
            ("1302", "general"): 1,
        }
        assert fees.refund_counts(exam)["owed"] == (2, 320)
        assert fees.ledger_sum(exam) == 0
        with pytest.raises(Stale):
            services.set_batch(exam=exam, region_code="13", by=OFFICER, at=AFTER)
        for late in (
            lambda: services.revise_second(
                exam=exam, registration_id=three, passed=True, reason="", version=2, by=OFFICER, at=AFTER
            ),
            lambda: services.decide_second(
                exam=exam, region_code="13", passed=[one], failed={}, signed=True, by=OFFICER, at=AFTER
            ),
        ):
            with pytest.raises(RuleRefused) as refused:
                late()
            assert codes(refused) == {"review_batch_closed"}
    assert [state(pk) for pk in (one, two, three)] == ["confirmed", "rejected", "rejected"]
    with acting(SYSTEM):
        assert Message.objects.filter(kind="review.second.failed").count() == 2
        assert fees.amount_due(exam, "13") == 160


@pytest.mark.rule("V5.4", "V8.3")
def test_a_region_with_nobody_to_refund_has_done_that_duty_too(world: World) -> None:
    first(world, passing(world.ids["1301"][0]))
    with acting(OFFICER):
        services.decide_second(
            exam=world.exam,
            region_code="13",
            passed=world.ids["1301"][:1],
            failed={},
            signed=True,
            by=OFFICER,
            at=AFTER,
        )
        services.set_batch(exam=world.exam, region_code="13", by=OFFICER, at=AFTER)
    assert duty("V8.3", "13").discharged_at == AFTER


@pytest.mark.rule("V1.5", "V1.7")
def test_queues_and_progress_show_ones_own_offices(world: World) -> None:
    one, two, three = world.ids["1301"]
    first(world, passing(one), failing(two))
    with acting(CLERK):
        assert [r.id for r in queries.first_queue(viewer=CLERK, exam=world.exam)] == [three]
        assert [p.point_code for p in queries.progress(viewer=CLERK, exam=world.exam)] == ["1301"]
    with acting(OFFICER):
        items = queries.second_queue(viewer=OFFICER, exam=world.exam)
        assert [i.row.id for i in items] == [one]
        found = {p.point_code: p for p in queries.progress(viewer=OFFICER, exam=world.exam)}
        assert set(found) == {"1301", "1302"}
        assert (found["1301"].waiting, found["1301"].passed, found["1301"].failed) == (1, 1, 1)
        assert found["1301"].second_open == 1
    with acting(OFFICER_11):
        assert queries.second_queue(viewer=OFFICER_11, exam=world.exam) == []
        with pytest.raises(FirstReview.DoesNotExist):
            queries.second_item(viewer=OFFICER_11, exam=world.exam, registration_id=one)
        assert not FirstReview.objects.exists()


def test_a_candidate_sees_their_own_payment_and_first_review_and_nothing_of_the_second(world: World) -> None:
    one, two, _ = world.ids["1301"]
    first(world, passing(one), passing(two))
    with acting(OFFICER):
        services.decide_second(
            exam=world.exam, region_code="13", passed=[one], failed={}, signed=True, by=OFFICER, at=AFTER
        )
    with acting(SYSTEM):
        owner = Registration.objects.get(pk=one).candidate_id
    with acting(Actor("candidate", "", "candidate", candidate_id=owner)):
        assert [f.registration_id for f in FirstReview.objects.all()] == [one]
        assert [p.registration_id for p in fees.payments(world.exam)] == [one]
        assert not SecondReview.objects.exists()
        assert all(b.amount == 0 for b in fees.trial_balance(world.exam))
    with acting(Actor.anybody()):
        assert not FirstReview.objects.exists()
        assert fees.payments(world.exam) == []


@pytest.mark.rule("V5.3.2b")
def test_a_form_after_a_change_carries_the_new_version_and_voids_the_older(world: World) -> None:
    pk = world.ids["1301"][0]
    with acting(SYSTEM):
        picture = png()
        sha = store(data=picture, name="p.png", content_type="image/png", office_path="/", by=SYSTEM, at=MADE)
        assert sha
        registration = Registration.objects.get(pk=pk)
        store(
            data=picture, name="p.png", content_type="image/png", office_path="/13/1301/",
            candidate_id=registration.candidate_id, by=SYSTEM, at=MADE,
        )  # fmt: skip
        Registration.objects.filter(pk=pk).update(photo_sha256=sha)
    with acting(CLERK):
        one = services.print_form(exam=world.exam, registration_id=pk, by=CLERK, at=DURING)
        again = services.print_form(exam=world.exam, registration_id=pk, by=CLERK, at=DURING)
        assert (one.record.plan_version, one.record.copy, again.record.copy) == ("v1", 1, 2)
        assert not Voiding.objects.exists()
        Registration.objects.filter(pk=pk).update(version=2, name="改名")
        new = services.print_form(exam=world.exam, registration_id=pk, by=CLERK, at=DURING)
        assert (new.record.plan_version, new.record.copy, new.record.pages) == ("v2", 1, 2)
        voided = Voiding.objects.get()
        assert voided.up_to == again.record.pk
        assert Print.objects.filter(pk__gt=voided.up_to).get() == new.record
    with acting(CLERK_1101), pytest.raises(Registration.DoesNotExist):
        services.print_form(exam=world.exam, registration_id=pk, by=CLERK_1101, at=DURING)


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (30, 44), "navy").save(buffer, "PNG")
    return buffer.getvalue()
