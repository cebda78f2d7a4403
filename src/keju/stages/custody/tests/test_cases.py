"""Damage is treated by several after approval, incidents walk through their steps, and what is frozen does not move."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Receipt
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.custody import services
from keju.stages.custody.models import Case, CaseStep, Container, Holding, Isolation
from keju.stages.custody.queries import alarms
from keju.stages.custody.queries import cases as queries
from keju.stages.custody.rules.cases import STEPS, CaseKind, Sort
from keju.stages.custody.rules.chain import Act, Change, Counts
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.services import cases, incidents, isolating
from keju.stages.custody.services.cases import NewCase
from keju.stages.custody.services.together import Signatures, Signing
from keju.stages.custody.tests import escorts
from keju.stages.custody.tests.world import (
    MADE_AT,
    POINT_PAPERS,
    REGION_PAPERS,
    key,
    loose_bag,
    papers,
    stamped,
)
from keju.stages.venues.tests.year import SYSTEM, staff

LATER = MADE_AT + timedelta(days=1)
HOUR = timedelta(hours=1)
KINDS = {"seal_broken", "case_untreated", "incident_open", "incident_step_late", "exposed_unisolated"}
OTHER_POINT = staff("point_custody", "1302")


def codes(refused: pytest.ExceptionInfo[RuleRefused]) -> set[str]:
    return {r.code.removeprefix("custody_") for r in refused.value.refusals}


def alarmed(exam: Exam, at: datetime) -> set[str]:
    with acting(SYSTEM):
        return {a.kind for a in alarms.alarms(exam, "/", at) if a.kind in KINDS}


@pytest.fixture
def bag(exam: Exam) -> int:
    return loose_bag(exam).pk


def reported(
    exam: Exam, ids: Sequence[int], name: str = "case", kind: CaseKind = CaseKind.DAMAGE, sort: Sort = Sort.UNSEALED,
    by: Actor = POINT_PAPERS, **facts: Any,
) -> Case:  # fmt: skip
    given: dict[str, Any] = {
        "words": "封条脱落",
        "photos": [stamped()] if kind is CaseKind.DAMAGE else [],
        **facts,
    }
    new = NewCase(key(name), kind, sort, container_ids=ids, **given)
    with acting(by):
        return cases.report(exam=exam, found=[new], by=by, at=LATER)[0]


def instructed(exam: Exam, row: Case, by: Actor = REGION_PAPERS) -> Case:
    with acting(by):
        return cases.instruct(
            exam=exam, case_id=row.pk, version=row.version, instruction="两人处理，换新封条", by=by, at=LATER
        )


def treated(exam: Exam, row: Case, people: dict[int, str], **facts: Any) -> Signatures:
    signings = [Signing(pk, f"员工{pk}", "", "", code) for pk, code in people.items()]
    with acting(SYSTEM):
        (pk,) = row.containers.values_list("container_id", flat=True)
    given: dict[str, Any] = {"photos": [stamped()], "stamped": True, "seals": {pk: "白纸-1"}, **facts}
    with acting(POINT_PAPERS):
        return cases.treat(
            exam=exam, case_id=row.pk, version=row.version, words="核对无缺，白纸封口", **given, signings=signings,
            by=POINT_PAPERS, at=LATER + timedelta(hours=1),
        )  # fmt: skip


def keepers(exam: Exam, count: int = 2) -> list[int]:
    return escorts.escorts(exam, count, post="paper_keeper", code="1301", path="/13/1301/", first=100)


@pytest.mark.rule("V12.6.1", "V12.6.2", "V11.3.3")
def test_damage_is_photographed_frozen_approved_treated_by_two_and_reported(exam: Exam, bag: int) -> None:
    with pytest.raises(RuleRefused) as refused:
        reported(exam, [bag], photos=[])
    assert codes(refused) == {"case_photo_before"}
    with acting(SYSTEM):
        former = Holding.objects.get(pk=bag).seal
    row = reported(exam, [bag])
    assert reported(exam, [bag]).pk == row.pk  # it arrives twice from a bad network
    with pytest.raises(Stale):
        reported(exam, [bag], words="另一件事")
    with acting(SYSTEM):
        assert [s.kind for s in row.steps.all()] == ["reported"] and len(row.steps.get().photos) == 1
        now = Holding.objects.get(pk=bag)
        assert (now.act, now.seal, now.frozen) == ("broken", "", True)
        assert set(Receipt.objects.filter(notice__kind="custody").values_list("office_code", flat=True)) == {
            "13"
        }
    assert alarmed(exam, LATER) == {"seal_broken"}
    assert alarmed(exam, LATER + timedelta(hours=5)) == {"seal_broken", "case_untreated"}
    people = dict.fromkeys(keepers(exam))
    sheets = {pk: escorts.codes(pk) for pk in people}
    given = {pk: sheet.pop(0) for pk, sheet in sheets.items()}
    with pytest.raises(RuleRefused) as refused:
        treated(exam, row, given)
    assert codes(refused) == {"case_unapproved"}
    with pytest.raises(RuleRefused) as refused:
        instructed(exam, row, by=staff("point_leader", "1301"))
    assert codes(refused) == {"case_superior"}
    row = instructed(exam, row)
    lacking = {"photos": [], "stamped": False, "seals": {bag: former}}
    with pytest.raises(RuleRefused) as refused:
        treated(exam, row, dict(list(given.items())[:1]), **lacking)
    assert codes(refused) == {"case_people", "case_photo_after", "case_stamp", "case_seal"}
    with pytest.raises(RuleRefused) as refused:
        treated(exam, row, {**given, escorts.someone("路人"): "x"})
    assert codes(refused) == {"case_unappointed"}
    first, second = given
    half = treated(exam, row, {first: given[first], second: ""})
    assert (half.is_whole, half.given, half.failed) == (False, [first], [second])
    with acting(SYSTEM):
        assert Holding.objects.get(pk=bag).frozen
    assert treated(exam, row, given).is_whole
    with acting(SYSTEM):
        row = Case.objects.get(pk=row.pk)
        now = Holding.objects.get(pk=bag)
        assert (row.state, now.act, now.seal, now.frozen) == ("treated", "sealed", "白纸-1", False)
        assert len(CaseStep.objects.get(case=row, kind="treated").people) == 2
    assert alarmed(exam, LATER + timedelta(hours=3)) == set()
    with acting(REGION_PAPERS):
        facts = {"exam": exam, "case_id": row.pk, "version": row.version, "by": REGION_PAPERS, "at": LATER}
        with pytest.raises(RuleRefused, match="custody_case_cause"):
            cases.report_up(**facts, cause="搬运摩擦", handling=" ")
        row = cases.report_up(**facts, cause="搬运摩擦", handling="白纸封口盖章")
    with acting(SYSTEM):
        assert row.state == "closed" and Event.objects.filter(kind="custody.case.closed").count() == 1
        assert Receipt.objects.filter(office_code="centre", notice__kind="custody").count() == 1


@pytest.mark.rule("V11.3.3", "V12.5")
def test_what_is_frozen_does_not_move_whatever_anybody_tries(exam: Exam, bag: int) -> None:
    row = reported(exam, [bag], kind=CaseKind.INCIDENT, sort=Sort.LEAK)
    with acting(SYSTEM):
        whole = Container.objects.get(pk=bag).copies
    moves: list[tuple[Act, Change]] = [
        (Act.MOVED, Change(place="centre", place_path="/")),
        (Act.HANDED_OVER, Change(place="store:1", place_path="/13/", custodian="13")),
        (Act.OPENED, Change(seal="")),
        (Act.DESTROYED, Change(place="destroyed", counts=Counts(destroyed=whole))),
    ]
    for act, change in moves:
        with acting(SYSTEM), pytest.raises(RuleRefused, match="custody_frozen"):
            services.carry_out(
                exam=exam,
                key=key(f"try {act}"),
                act=act,
                changes={bag: change},
                office_path="/13/",
                by=SYSTEM,
                at=LATER,
            )
    with acting(SYSTEM):
        last = Holding.objects.get(pk=bag)
        assert last.place == "printing_house" and queries.open_on(exam, [bag]) == {bag}
    with acting(SYSTEM), pytest.raises(DatabaseError), transaction.atomic():
        Holding.objects.filter(pk=bag).update(frozen=False)
    with acting(POINT_PAPERS), pytest.raises(NotPermitted):
        incidents.close_incident(
            exam=exam, case_id=row.pk, version=1, findings="x", release=[bag], by=POINT_PAPERS, at=LATER
        )
    with pytest.raises(NotPermitted):
        reported(exam, [bag], name="elsewhere", by=OTHER_POINT)


@pytest.mark.rule("V12.5")
def test_an_incident_walks_through_its_steps_and_reaches_region_and_centre_at_once(
    exam: Exam, bag: int
) -> None:
    row = reported(exam, [bag], kind=CaseKind.INCIDENT, sort=Sort.THEFT, words="保密室被撬")
    with pytest.raises(RuleRefused) as twice:  # the form was sent, gone back to, and sent again
        reported(exam, [bag], "again", kind=CaseKind.INCIDENT, sort=Sort.THEFT, words="保密室被撬")
    assert codes(twice) == {"case_told"}
    with acting(SYSTEM):
        assert set(Receipt.objects.filter(notice__kind="custody").values_list("office_code", flat=True)) == {
            "13",
            "centre",
        }
    assert alarmed(exam, LATER) == {"incident_open"}
    assert alarmed(exam, LATER + timedelta(minutes=31)) == {"incident_open", "incident_step_late"}

    def close(release: Sequence[int] = ()) -> Case:
        with acting(REGION_PAPERS):
            return incidents.close_incident(
                exam=exam, case_id=row.pk, version=row.version, findings="未开封，已追回", release=release,
                by=REGION_PAPERS, at=LATER,
            )  # fmt: skip

    with pytest.raises(RuleRefused) as refused:
        close()
    assert codes(refused) == {"case_steps"}
    with acting(POINT_PAPERS):
        for step in STEPS:
            for _ in range(2):
                incidents.take_step(
                    exam=exam, case_id=row.pk, step=step, words="张主任", by=POINT_PAPERS, at=LATER
                )
        with pytest.raises(RuleRefused, match="custody_case_later"):
            incidents.take_step(
                exam=exam,
                case_id=row.pk,
                step="police",
                happened_at=LATER + timedelta(hours=1),
                by=POINT_PAPERS,
                at=LATER,
            )
        with pytest.raises(Stale):
            incidents.take_step(exam=exam, case_id=row.pk, step="closed", by=POINT_PAPERS, at=LATER)
    with acting(SYSTEM):
        assert CaseStep.objects.filter(case=row).count() == 6
        assert Event.objects.filter(kind="custody.case.police", rules=["V12.5"]).count() == 2
    assert alarmed(exam, LATER + timedelta(minutes=31)) == {"incident_open"}
    assert close(release=[bag]).state == "closed"
    with acting(SYSTEM):
        assert not Holding.objects.get(pk=bag).frozen
    assert alarmed(exam, LATER + timedelta(hours=9)) == set()


@pytest.mark.rule("V12.6.3")
def test_who_saw_questions_is_kept_apart_until_the_last_session_ends(exam: Exam, bag: int) -> None:
    row = reported(exam, [bag], exposed=True)
    assert "exposed_unisolated" in alarmed(exam, LATER)
    here, above = (
        escorts.escorts(exam, 1, post=post, code=code, path=path, first=first)[0]
        for post, code, path, first in (
            ("discipline_officer", "1301", "/13/1301/", 200), ("region_discipline_officer", "13", "/13/", 201),
        )
    )  # fmt: skip
    (keeper,) = keepers(exam, 1)
    whole = isolating.Isolated("赵六", here, "市宾馆三楼", "手机1部")
    bare = isolating.Isolated(" ", keeper, "", "")  # keeps papers, of no discipline authority
    ends = max(s.ends_at for s in exams.sessions(exam))

    def apart(one: isolating.Isolated) -> int:
        return len(isolating.isolate(exam=exam, case_id=row.pk, people=[one], by=POINT_PAPERS, at=LATER))

    with acting(POINT_PAPERS):
        with pytest.raises(RuleRefused) as refused:
            apart(bare)
        assert codes(refused) == {f"isolation_{what}" for what in ("name", "companion", "place", "devices")}
        assert (apart(whole), apart(whole)) == (1, 0)
        one = Isolation.objects.get()
        relieved = {
            "exam": exam,
            "case_id": row.pk,
            "isolation_id": one.pk,
            "by": POINT_PAPERS,
            "at": LATER + HOUR,
        }
        with pytest.raises(RuleRefused, match="custody_isolation_companion"):
            isolating.relieve(**relieved, companion_id=keeper)
        isolating.relieve(**relieved, companion_id=above)
        spans = list(one.companions.order_by("pk").values_list("person_id", "from_at", "until_at"))
        assert spans == [
            (here, LATER, LATER + HOUR),
            (above, LATER + HOUR, None),
        ]  # nobody was alone for a moment
        assert Event.objects.get(kind="custody.isolation.relieved").data["companion"] == above
        with pytest.raises(RuleRefused, match="custody_isolation_early"):
            isolating.end_isolation(
                exam=exam, case_id=row.pk, by=POINT_PAPERS, at=ends - timedelta(seconds=1)
            )
        assert isolating.end_isolation(exam=exam, case_id=row.pk, by=POINT_PAPERS, at=ends) == 1
        with pytest.raises(RuleRefused, match="custody_isolation_nobody"):
            isolating.end_isolation(exam=exam, case_id=row.pk, by=POINT_PAPERS, at=ends)
        with pytest.raises(Stale):
            isolating.relieve(**{**relieved, "at": ends}, companion_id=here)
        assert not one.companions.filter(until_at=None).exists()
    assert "exposed_unisolated" not in alarmed(exam, LATER)


@pytest.mark.rule("V11.3.3", "V12.6.1")
def test_of_two_who_instruct_at_once_the_second_is_told(exam: Exam, bag: int) -> None:
    row = reported(exam, [bag])
    instructed(exam, row)
    with pytest.raises(Stale):
        instructed(exam, row, by=staff("region_leader", "13"))
    with acting(SYSTEM):
        assert Case.objects.get(pk=row.pk).instructed_by == REGION_PAPERS.ref
        assert Event.objects.filter(kind="custody.case.instructed").count() == 1
        with pytest.raises(DatabaseError, match="custody_case_closed_whole"), transaction.atomic():
            Case.objects.filter(pk=row.pk).update(state="closed", closed_at=LATER)


def test_a_bag_in_its_box_is_taken_out_before_its_damage_is_reported(exam: Exam) -> None:
    inside = next(c.pk for c in papers(exam) if c.kind == Kind.BAG)
    with pytest.raises(RuleRefused) as refused:
        reported(exam, [inside])
    assert codes(refused) == {"case_inside"}
    with acting(SYSTEM):
        assert not Case.objects.exists() and Container.objects.filter(pk=inside).exists()
