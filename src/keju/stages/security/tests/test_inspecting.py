"""Inspections item by item, findings with owner and term, mended and closed by two people, overdue ones climbing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.duties import services as duties
from keju.kernel.duties.models import Obligation
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.security.models import Answer, Finding, FindingStep, Inspection
from keju.stages.security.queries import inspecting as queries
from keju.stages.security.rules import inspecting as rules
from keju.stages.security.services import findings, inspecting
from keju.stages.security.services.findings import NewFinding
from keju.stages.security.tests.year import (
    AT,
    EXAM_DAY,
    MANAGER,
    OFFICER,
    SITE,
    make_year,
    on,
    person,
    picture,
)
from keju.stages.venues.tests.year import SYSTEM, staff

TERM = rules.Term(1, 3, 7)


@pytest.fixture
def exam(db: None, settings: object, tmp_path: object) -> Exam:
    settings.FILES_ROOT = tmp_path  # type: ignore[attr-defined]
    return make_year()


def plan(
    exam: Exam, checklist: str = "secrecy", *offices: str, by: Actor = OFFICER, day: int = 3
) -> list[Inspection]:
    with acting(by):
        return inspecting.plan_inspections(
            exam=exam,
            checklist=checklist,
            offices=offices or ("1301",),
            planned_on=date(2012, 8, day),
            team=[person("13", "张检查")],
            by=by,
            at=AT,
        )


def raised(
    exam: Exam, *, due: int = 2, owner: str = "1301", severity: str = "grave", at: object = AT
) -> Finding:
    """A finding of a store's door, owned by somebody of the office."""
    facts = NewFinding("1301", "保密室门锁损坏", severity, owner, person(owner), date(2012, 8, due))
    with acting(OFFICER):
        return findings.raise_findings(exam=exam, found=[facts], by=OFFICER, at=at)[0]  # type: ignore[arg-type]


def mend(exam: Exam, row: Finding, by: Actor = MANAGER) -> Finding:
    with acting(by):
        return findings.mend(
            exam=exam,
            finding_id=row.pk,
            version=row.version,
            note="已换锁",
            photos=[picture()],
            by=by,
            at=on(2),
        )


def close(exam: Exam, row: Finding, by: Actor = OFFICER) -> Finding:
    with acting(by):
        return findings.close(
            exam=exam, finding_id=row.pk, version=row.version, note="锁已换", by=by, at=on(2, hour=15)
        )


def codes(refused: pytest.ExceptionInfo[RuleRefused]) -> list[tuple[str, str]]:
    return [(r.rule, r.code) for r in refused.value.refusals]


def owed(exam: Exam, code: str = "P7.3/point", owner: str = "1301") -> list[tuple[date | None, bool]]:
    """(day, whether it is still owed) of the office's duties of this code."""
    with acting(SYSTEM):
        rows = Obligation.objects.filter(exam=exam, code=code, owner_code=owner).order_by("day")
        return [(row.day, row.discharged_at is None) for row in rows]


@pytest.mark.rule("P6.1", "P2.4")
def test_a_list_is_used_where_and_when_it_is_meant_to_be(exam: Exam) -> None:
    with pytest.raises(RuleRefused) as refused:
        plan(exam, "before", "13")
    assert codes(refused) == [("P2.4", "security_not_for_place")]
    for checklist, day, code in (
        ("secrecy", EXAM_DAY, "security_before_exam"),
        ("round", date(2012, 8, 3), "security_during_exam"),
    ):
        found = rules.check_plan(
            queries.list_of(exam, checklist), {"1301": "point"}, day, (EXAM_DAY, EXAM_DAY), 1
        )
        assert [r.code for r in found] == [code]
    with pytest.raises(RuleRefused) as alone, acting(OFFICER):
        inspecting.plan_inspections(
            exam=exam,
            checklist="secrecy",
            offices=["1301"],
            planned_on=date(2012, 8, 3),
            team=[],
            by=OFFICER,
            at=AT,
        )
    assert codes(alone) == [("P6.1", "security_team")]
    with pytest.raises(NotPermitted):
        plan(exam, "secrecy", "1101")
    with pytest.raises(RuleRefused) as own:
        plan(exam, "secrecy", "13")
    assert codes(own) == [("P6.1", "security_own_place")]
    found = rules.check_plan(
        queries.list_of(exam, "before"), {"1301": "point"}, date(2012, 8, 3), None, 1, "1301"
    )
    assert not list(found)  # P2.4 asks points for checks of their own


@pytest.mark.rule("P6.1")
def test_a_systematic_inspection_answered_item_by_item_discharges_the_duty(exam: Exam) -> None:
    assert owed(exam, "P6.1/point") == [(None, True)]
    (row,) = plan(exam)
    assert not plan(exam), "planned once"
    assert (row.list_version, [i["code"] for i in row.items][:2]) == (1, ["duties", "store"])
    with acting(OFFICER):
        for item in row.items[:-1]:
            inspecting.answer(
                exam=exam, inspection_id=row.pk, item=item["code"], outcome="right", by=OFFICER, at=AT
            )
        with pytest.raises(RuleRefused) as refused:
            inspecting.finish(exam=exam, inspection_id=row.pk, version=1, by=OFFICER, at=AT)
        assert codes(refused) == [("P6.1", "security_unanswered")]
        assert inspecting.rest_is_right(exam=exam, inspection_id=row.pk, by=OFFICER, at=AT) == 1
        with pytest.raises(Stale):
            inspecting.finish(exam=exam, inspection_id=row.pk, version=9, by=OFFICER, at=AT)
        done = inspecting.finish(exam=exam, inspection_id=row.pk, version=1, by=OFFICER, at=AT)
        assert (done.state, done.done_by) == ("done", OFFICER.ref)
        event = Event.objects.get(kind="security.inspection.done")
        with pytest.raises(RuleRefused):
            inspecting.rest_is_right(exam=exam, inspection_id=row.pk, by=OFFICER, at=AT)
    assert (event.rules, event.office_path) == (["P6.1"], "/13/1301/")
    assert owed(exam, "P6.1/point") == [(None, False)]
    assert owed(exam, "P6.1/region", "13") == [(None, True)], "the region was not looked at"


@pytest.mark.rule("P2.4", "P7.3")
def test_what_is_wrong_becomes_a_finding_with_photo_owner_and_term(exam: Exam) -> None:
    (row,) = plan(exam, "before", "1301-01")
    owner = person("1301-01", "赵校长")
    facts = NewFinding("1301-01", "3号考场屏蔽器不通电", "major", "1301-01", owner, date(2012, 8, 4))
    by = SITE
    with acting(by):
        inspecting.answer(
            exam=exam,
            inspection_id=row.pk,
            item="devices",
            outcome="wrong",
            photos=[picture()],
            finding=facts,
            by=by,
            at=AT,
        )
        (found,) = Finding.objects.filter(inspection=row)
        seen = queries.looked(Inspection.objects.get(pk=row.pk))
    assert (found.rule, found.item, found.owner_id, found.state) == ("P2.3", "devices", owner, "open")
    assert len(found.photos) == 1 and seen[0].findings == [found] and seen[0].answer.outcome == "wrong"
    assert owed(exam) == [(date(2012, 8, 4), True)], "a site's finding is its point's duty"
    with acting(SYSTEM):
        event = Event.objects.get(kind="security.findings.raised")
    assert event.rules == ["P2.3", "P7.3"] and event.data["findings"][0]["owner"] == "1301-01"


@pytest.mark.rule("P7.3")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"words": " "}, "security_finding_words"),
        ({"owner_code": "1302"}, "security_finding_office"),
        ({"owner_id": 999_999}, "security_finding_owner"),
        ({"due_on": None}, "security_finding_term"),
        ({"due_on": date(2012, 8, 3)}, "security_finding_term"),
        ({"due_on": date(2012, 7, 31)}, "security_finding_term"),
    ],
)
def test_a_finding_without_owner_or_beyond_its_term_is_refused(
    exam: Exam, changed: dict[str, object], code: str
) -> None:
    facts = {"office_code": "1301", "words": "门锁损坏", "severity": "grave", "owner_code": "1301", "owner_id": person(),
             "due_on": date(2012, 8, 2), **changed}  # fmt: skip
    with acting(OFFICER), pytest.raises(RuleRefused) as refused:
        findings.raise_findings(exam=exam, found=[NewFinding(**facts)], by=OFFICER, at=AT)  # type: ignore[arg-type]
    assert codes(refused) == [("P7.3", code)]


@pytest.mark.rule("P7.3")
def test_the_term_is_that_of_the_severity_and_ends_before_the_exam() -> None:
    assert rules.latest_due("grave", date(2012, 8, 1), TERM, EXAM_DAY) == date(2012, 8, 2)
    assert rules.latest_due("minor", date(2012, 9, 12), TERM, EXAM_DAY) == date(2012, 9, 14)
    assert rules.latest_due("minor", EXAM_DAY, TERM, EXAM_DAY) == EXAM_DAY + timedelta(days=7)


@pytest.mark.rule("P7.3")
def test_the_database_keeps_no_open_finding_without_owner_or_day(exam: Exam) -> None:
    row = raised(exam)
    for change in ({"owner": None}, {"due_on": None}, {"owner_code": ""}):
        with acting(SYSTEM), pytest.raises(IntegrityError, match="has_owner_and_date"), transaction.atomic():
            Finding.objects.filter(pk=row.pk).update(**change)
    mend(exam, row)
    with acting(SYSTEM), pytest.raises(IntegrityError, match="two_persons"), transaction.atomic():
        Finding.objects.filter(pk=row.pk).update(state="closed", closed_by=MANAGER.ref, closed_at=AT)
    with (
        acting(SYSTEM),
        pytest.raises(DatabaseError, match=r"only grows|permission denied"),
        transaction.atomic(),
    ):
        FindingStep.objects.filter(finding=row).update(note="x")


@pytest.mark.rule("P7.3")
def test_mended_with_evidence_and_closed_by_another_person_the_duty_is_done(exam: Exam) -> None:
    first, second = raised(exam), raised(exam)
    with pytest.raises(RuleRefused) as early:
        close(exam, first)
    assert codes(early) == [("P7.3", "security_not_mended")]
    with acting(MANAGER), pytest.raises(RuleRefused) as bare:
        findings.mend(exam=exam, finding_id=first.pk, version=1, note=" ", by=MANAGER, at=AT)
    assert codes(bare) == [("P7.3", "security_no_evidence")]
    first = mend(exam, first)
    with pytest.raises(RuleRefused) as self_closed:
        close(exam, first, by=MANAGER)
    assert codes(self_closed) == [("P7.3", "security_same_person")]
    done = close(exam, first)
    assert (done.state, done.closed_by) == ("closed", OFFICER.ref)
    assert owed(exam) == [(date(2012, 8, 2), True)], "another finding of that day is open"
    close(exam, mend(exam, second))
    assert owed(exam) == [(date(2012, 8, 2), False)]
    with acting(SYSTEM):
        kinds = list(FindingStep.objects.filter(finding=first).order_by("id").values_list("kind", flat=True))
        assert Event.objects.filter(kind="security.finding.closed").count() == 2
    assert kinds == ["raised", "mended", "closed"]
    raised(exam)
    assert owed(exam) == [(date(2012, 8, 2), True)], "one more of that day: owed again"


@pytest.mark.rule("P7.3")
def test_sent_back_it_is_open_again_and_more_time_moves_the_duty(exam: Exam) -> None:
    row = mend(exam, raised(exam, due=3, severity="major"))
    with acting(OFFICER):
        row = findings.send_back(
            exam=exam, finding_id=row.pk, version=row.version, note="锁仍松动", by=OFFICER, at=on(2)
        )
        assert (row.state, row.mended_by) == ("open", "")
        more = {"exam": exam, "finding_id": row.pk, "version": row.version, "by": OFFICER, "at": on(3)}
        for due, note, code in (
            (date(2012, 8, 7), "等配件", "security_finding_term"),
            (date(2012, 8, 6), "", "security_no_evidence"),
        ):
            with pytest.raises(RuleRefused) as refused:
                findings.extend(due_on=due, note=note, **more)  # type: ignore[arg-type]
            assert codes(refused) == [("P7.3", code)]
        findings.extend(due_on=date(2012, 8, 6), note="等配件", **more)  # type: ignore[arg-type]
    assert owed(exam) == [(date(2012, 8, 3), False), (date(2012, 8, 6), True)]


@pytest.mark.rule("P7.3")
def test_an_overdue_finding_climbs_the_tree(exam: Exam) -> None:
    raised(exam)
    levels = []
    with acting(SYSTEM):
        for at in (on(2, hour=23), on(3), on(6)):
            duties.escalate(exam=exam, by=SYSTEM, at=at)
            levels += Obligation.objects.filter(code="P7.3/point").values_list("escalated_level", flat=True)
        told = (
            Event.objects.filter(kind="duties.obligations.escalated").order_by("at", "id").last().data["told"]
        )
        assert levels == [0, 1, 2] and told["centre"] >= 1
        duties.open_known(exam=exam, by=SYSTEM, at=on(7))
    assert owed(exam) == [(date(2012, 8, 2), True)], "the calendar does not withdraw what a case opened"


def test_answers_only_grow_and_others_see_nothing(exam: Exam) -> None:
    (row,) = plan(exam)
    with acting(OFFICER):
        inspecting.rest_is_right(exam=exam, inspection_id=row.pk, by=OFFICER, at=AT)
        with pytest.raises(DatabaseError, match=r"only grows|permission denied"), transaction.atomic():
            Answer.objects.filter(inspection=row).delete()
        inspecting.cancel(exam=exam, inspection_id=row.pk, version=1, note="改期", by=OFFICER, at=AT)
        assert Inspection.objects.get(pk=row.pk).state == "cancelled"
    stranger = staff("point_manager", "1302")
    with acting(stranger), pytest.raises(Inspection.DoesNotExist):
        queries.inspection(exam, row.pk, viewer=stranger)
    with acting(stranger):
        assert not Inspection.objects.exists() and not Answer.objects.exists()


@pytest.mark.rule("P6.1")
def test_sound_inspections_done_on_paper_are_entered_at_once(exam: Exam) -> None:
    above = replace(OFFICER, office_code="centre", office_path="/")
    rows = [
        *plan(exam, "secrecy", "13", by=above),
        *plan(exam, "secrecy", "1301"),
        *plan(exam, "before", "1301-01"),
    ]
    with acting(OFFICER):
        assert (
            inspecting.enter_sound(exam=exam, inspection_ids=[r.pk for r in rows], by=OFFICER, at=on(4)) == 3
        )
        assert (
            inspecting.enter_sound(exam=exam, inspection_ids=[r.pk for r in rows], by=OFFICER, at=on(4)) == 0
        )
        assert {r.state for r in Inspection.objects.all()} == {"done"}
        assert Answer.objects.count() == sum(len(r.items) for r in rows)
        event = Event.objects.filter(kind="security.inspection.done").order_by("at").first()
    assert event is not None and event.rules == ["P2.4", "P6.1"]
    assert owed(exam, "P6.1/point") == owed(exam, "P6.1/region", "13") == [(None, False)]
