"""Stores: nothing comes in before all is in order, nor too early, and nothing stays too long (V12.1 to V12.3)."""

from datetime import date, datetime, timedelta

import pytest

from keju.kernel.approvals import services as approvals
from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.duties.models import Obligation
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody.models import (
    Acceptance,
    Handover,
    Store,
    StoreLeave,
)
from keju.stages.custody.queries import stores as queries
from keju.stages.custody.queries.alarms import alarms
from keju.stages.custody.readiness import stores as readiness
from keju.stages.custody.rules.stores import NewStore
from keju.stages.custody.services import store_leave, store_people, stores
from keju.stages.custody.services.handovers import hooks
from keju.stages.custody.services.store_people import Naming
from keju.stages.custody.services.stores import Look
from keju.stages.custody.tests import stores as world
from keju.stages.custody.tests.stores import CAME, brought
from keju.stages.custody.tests.world import CENTRE_PAPERS, POINT_PAPERS, REGION_PAPERS, codes_of
from keju.stages.security.tests.people import leader
from keju.stages.venues.tests.year import AT, SYSTEM, staff

pytestmark = pytest.mark.django_db


def against(exam: Exam, row: Store, at: datetime = CAME) -> list[tuple[str, str]]:
    with acting(POINT_PAPERS):
        return [(r.rule, r.code) for r in queries.receivable(exam, row.pk, at)]


@pytest.mark.rule("V12.1", "V12.2.2", "V12.2.3", "V12.2.4")
def test_papers_come_into_a_store_only_when_every_condition_is_met(exam: Exam) -> None:
    row, people = world.entered(exam), world.People(exam)
    found = against(exam, row)
    assert ("V12.2.2", "stores_not_accepted") in found and ("V12.1", "stores_no_responsible") in found
    assert found.count(("V12.2.3", "stores_unseen")) == 7 and ("V12.2.4", "stores_unguarded") in found
    assert {c for _, c in found} >= {"stores_door_keys", "stores_cabinet_key"}
    world.accepted(exam, row)
    world.looked(exam, row, store_windows="窗户没有栏杆")
    world.named(exam, row, people)
    world.keyed(exam, row, people)
    world.round_the_clock(exam, people)
    assert against(exam, row) == [("V12.2.3", "stores_fails")]
    world.looked(exam, row)
    assert against(exam, row) == []
    with acting(POINT_PAPERS):
        store_people.end_naming(
            exam=exam, store_id=row.pk, naming_id=next(p.pk for p in queries.named(row) if p.role == "responsible"),
            by=POINT_PAPERS, at=AT,
        )  # fmt: skip
    assert ("V12.1", "stores_no_responsible") in against(exam, row)
    with acting(SYSTEM):
        assert Obligation.objects.get(code="V12.2.2/point", owner_code="1301").discharged_at == AT
        assert Obligation.objects.get(code="V12.2.2/point", owner_code="1301").evidence.startswith(
            "acceptance:"
        )
        event = Event.objects.get(kind="custody.store.accepted")
        assert event.rules == ["V12.2.1", "V12.2.2"] and Acceptance.objects.get().scan in event.data["scan"]
    with acting(CENTRE_PAPERS):
        assert queries.acceptances(queries.store(exam, row.pk, viewer=CENTRE_PAPERS))
    stranger = staff("point_custody", "1302")
    with acting(stranger), pytest.raises(NotPermitted):
        queries.store(exam, row.pk, viewer=stranger)


@pytest.mark.rule("V12.2.0")
def test_an_office_has_no_two_stores_of_one_name(exam: Exam) -> None:
    row = world.entered(exam)
    with pytest.raises(RuleRefused) as caught:
        world.entered(exam)
    assert codes_of(caught) == {"stores_known"}
    other = world.entered(exam, "二号保密室")
    with acting(POINT_PAPERS), pytest.raises(RuleRefused) as caught:
        stores.change_store(
            exam=exam,
            store_id=other.pk,
            new=NewStore(row.name, row.address),
            expected=1,
            by=POINT_PAPERS,
            at=AT,
        )
    assert codes_of(caught) == {"stores_known"}
    with acting(POINT_PAPERS):
        assert sorted(Store.objects.values_list("name", flat=True)) == ["一号保密室", "二号保密室"]


@pytest.mark.rule("V12.1", "V12.2.3", "V12.3")
def test_no_handover_into_a_store_is_signed_before_it_is_ready_or_too_early(exam: Exam) -> None:
    row, _ = world.ready(exam)
    into = Handover(exam=exam, place=row.place, receiver_code="1301")

    def judged(moment: hooks.Moment, at: datetime) -> set[str]:
        with acting(POINT_PAPERS):
            return {r.code for r in hooks.refusals(moment, exam, into, [], at)}

    assert judged("prepare", AT) == judged("sign", CAME) == set()
    assert judged("sign", CAME - timedelta(days=3)) == {"stores_too_early", "stores_unguarded"}
    world.looked(exam, row, store_door="门坏了")
    assert judged("prepare", AT) == judged("sign", CAME) == {"stores_fails"}
    into.receiver_code = "13"
    assert judged("sign", CAME) == {"stores_unknown"}
    with acting(SYSTEM):
        states = {r.rule: str(r.state) for r in readiness.fit(exam, "/13/1301/", AT)}
    assert states["V12.2.3"] == "amber" and states["V12.1"] == "green"


@pytest.mark.rule("V12.2.1")
def test_a_rented_store_has_its_lease_agreement_and_withdrawers_and_a_preferred_host_or_a_reason(
    exam: Exam,
) -> None:
    with pytest.raises(RuleRefused) as caught:
        world.entered(exam, host_kind="other", host_name="某公司")
    assert codes_of(caught) == {"stores_other_host"}
    row, people = world.entered(exam, host_kind="education", host_name="市考试院"), world.People(exam)
    world.accepted(exam, row)
    assert {("V12.2.1", "stores_no_lease"), ("V12.2.1", "stores_no_withdrawers")} <= set(against(exam, row))
    with acting(POINT_PAPERS):
        new = NewStore(row.name, row.address, "education", "市考试院")
        scan = world.stamped()
        stores.change_store(
            exam=exam,
            store_id=row.pk,
            new=new,
            expected=1,
            lease=scan,
            agreement=scan,
            by=POINT_PAPERS,
            at=AT,
        )
        store_people.name_people(
            exam=exam, named=[Naming(row.pk, "withdraw", people.paper_receiver)], by=POINT_PAPERS, at=AT
        )
        assert Store.objects.get().lease != ""
    assert not {c for _, c in against(exam, row)} & {"stores_no_lease", "stores_no_withdrawers"}
    with acting(POINT_PAPERS), pytest.raises(RuleRefused) as caught:
        looks = [Look(row.pk, "store_door", True)]
        stores.check_stores(exam=exam, looks=looks, by=POINT_PAPERS, at=AT)
    assert codes_of(caught) == {"stores_check_photo"}


@pytest.mark.rule("V12.3")
def test_a_point_keeps_papers_two_days_at_most_unless_its_region_lets_a_remote_place(exam: Exam) -> None:
    row, _ = world.ready(exam)
    early = CAME - timedelta(days=2)
    with acting(POINT_PAPERS):
        assert not queries.not_too_early(exam, row.pk, CAME)
        (refusal,) = queries.not_too_early(exam, row.pk, early)
        assert (refusal.rule, refusal.code, refusal.facts["day"]) == (
            "V12.3",
            "stores_too_early",
            date(2011, 10, 14),
        )
        with pytest.raises(RuleRefused) as caught:
            store_leave.ask_leave(
                exam=exam, store_id=row.pk, from_on=early.date(), reason="路远", by=POINT_PAPERS, at=AT
            )
        assert codes_of(caught) == {"stores_not_remote"}
        new = NewStore(row.name, row.address, remote=True)
        stores.change_store(exam=exam, store_id=row.pk, new=new, expected=1, by=POINT_PAPERS, at=AT)
        proposal = store_leave.ask_leave(
            exam=exam, store_id=row.pk, from_on=early.date(), reason="路远", by=POINT_PAPERS, at=AT
        )
    brought(exam, row.place, early)
    with acting(REGION_PAPERS):
        assert "kept_too_long" in {a.kind for a in alarms(exam, "/13/", early)}
    signer, codes = leader("region_leader", "13")
    with acting(signer):
        approvals.sign(
            proposal_id=proposal.pk, content_hash=proposal.content_hash, code=codes[0], by=signer, at=AT
        )
    with acting(POINT_PAPERS):
        assert StoreLeave.objects.get().from_on == early.date()
        assert not queries.not_too_early(exam, row.pk, early)
        assert queries.not_too_early(exam, row.pk, early - timedelta(days=1))
    with acting(REGION_PAPERS):
        assert "kept_too_long" not in {a.kind for a in alarms(exam, "/13/", early)}
