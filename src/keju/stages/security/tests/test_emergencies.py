"""Emergency plans by class with partners, approved by a leader; drills by the clock, and which of them count."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from keju.kernel.accounts import services as accounts
from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.models import Proposal
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.jobs.tests.office import signed_in
from keju.kernel.offices import Actor, acting
from keju.kernel.readiness import AMBER, GREEN
from keju.rulebook import RuleRefused
from keju.stages.security.models import Drill, EmergencyPlan, Finding
from keju.stages.security.queries import emergencies as queries
from keju.stages.security.readiness import emergencies as board
from keju.stages.security.rules import emergencies as rules
from keju.stages.security.services import drilling, emergencies
from keju.stages.security.services.emergencies import NewPlan
from keju.stages.security.services.findings import NewFinding
from keju.stages.security.tests.year import AT, EXAM_DAY, MANAGER, make_year, on, person
from keju.stages.staffing.models import Appointment
from keju.stages.staffing.tests import crowd
from keju.stages.venues.tests.year import SYSTEM, staff

HOME = "/office/exam-2012/security/"
CALL = {"name": "值班室", "phone": "0311-8800000"}
CLAUSE = {"physician": "P5.3", "veterinarian": "V4.1"}


@pytest.fixture
def exam(db: None, settings: object, tmp_path: object) -> Exam:
    settings.FILES_ROOT = tmp_path  # type: ignore[attr-defined]
    return make_year()


def drafted(exam: Exam, *kinds: str, text: str = "立即切换备用电源并报告考区") -> None:
    """Drafts of these classes, or of all that a host needs."""
    with acting(MANAGER):
        wanted = [k for k in queries.kinds_at(exam, "1301") if not kinds or k.code in kinds]
        plans = [NewPlan("1301", k.code, text, dict.fromkeys(k.partners, CALL)) for k in wanted]
        emergencies.draft_plans(exam=exam, plans=plans, by=MANAGER, at=AT)


def approved(exam: Exam, at: object = AT) -> Proposal:
    """The drafts of the host are proposed by its manager and signed by its leader."""
    manager = replace(MANAGER, person_id=person("1301", "经办"))
    leader_id = person("1301", "领导")
    leader = replace(staff("point_leader", "1301"), ref=f"person:{leader_id}", person_id=leader_id)
    with acting(SYSTEM):
        (code,) = accounts.issue_signing_codes(person_id=leader_id, count=1, by=SYSTEM, at=AT)
    with acting(manager):
        row = emergencies.propose_plans(exam=exam, office_code="1301", by=manager, at=at)  # type: ignore[arg-type]
    with acting(leader):
        signed = approvals.sign(
            proposal_id=row.pk, content_hash=row.content_hash, code=code, by=leader, at=at
        )  # type: ignore[arg-type]
    assert signed is not None
    return row


def drill(exam: Exam, *kinds: str) -> Drill:
    with acting(MANAGER):
        (row,) = drilling.plan_drills(
            exam=exam, offices=["1301"], kinds=kinds or ("power",), scenario="第一场开考后全楼停电。",
            planned_at=on(20), by=MANAGER, at=AT,
        )  # fmt: skip
    return row


def run(exam: Exam, row: Drill, *moves: str, at: object = AT) -> Drill:
    with acting(MANAGER):
        for name in moves:
            row = drilling.move(exam=exam, drill_id=row.pk, move=name, version=row.version, by=MANAGER, at=at)  # type: ignore[arg-type]
    return row


def joined(exam: Exam, row: Drill, n: int) -> None:
    with acting(MANAGER):
        drilling.join(exam=exam, drill_id=row.pk, person_ids=[person() for _ in range(n)], by=MANAGER, at=AT)


def codes(refused: pytest.ExceptionInfo[RuleRefused]) -> list[tuple[str, str]]:
    return [(r.rule, r.code) for r in refused.value.refusals]


def states(provider: object, exam: Exam) -> dict[str, object]:
    with acting(SYSTEM):
        return {row.office_path: row.state for row in provider(exam, "/13/", AT)}  # type: ignore[operator]


@pytest.mark.rule("P5.3")
def test_a_plan_says_what_is_done_and_whom_one_reaches(exam: Exam) -> None:
    bare = NewPlan("1301", "fire", "疏散", {"fire": CALL})
    with acting(MANAGER), pytest.raises(RuleRefused) as refused:
        emergencies.draft_plans(exam=exam, plans=[bare], by=MANAGER, at=AT)
    assert codes(refused) == [("P5.3", "security_plan_measures"), ("P5.3", "security_plan_partner")]
    with acting(MANAGER), pytest.raises(RuleRefused) as nothing:
        emergencies.propose_plans(exam=exam, office_code="1301", by=MANAGER, at=AT)
    assert codes(nothing) == [("P5.3", "security_no_draft")]


@pytest.mark.rule("P5.3")
def test_a_leader_puts_plans_in_force_and_the_next_version_replaces_them(exam: Exam) -> None:
    drafted(exam)
    assert states(board.plans, exam) == {"/13/": AMBER, "/13/1301/": AMBER}
    approved(exam)
    assert states(board.plans, exam) == {"/13/": AMBER, "/13/1301/": GREEN}
    drafted(exam, "power", text="改为先启动发电机再报告")
    with acting(MANAGER):
        (power,) = [one for one in queries.of_office(exam, "1301") if one.kind.code == "power"]
        assert power.current and power.coming and (power.current.number, power.coming.number) == (1, 2)
    approved(exam)
    with acting(SYSTEM):
        assert queries.current(exam, "/13/")["1301"]["power"] == 2
        rows = EmergencyPlan.objects.filter(kind="power").order_by("number").values_list("state", flat=True)
        assert list(rows) == ["superseded", "approved"]
        events = Event.objects.filter(kind="security.emergency.approved")
        assert [["1301", "power", 2]] in [event.data["plans"] for event in events if event.rules == ["P5.3"]]
        with pytest.raises(IntegrityError, match="in_force"), transaction.atomic():
            EmergencyPlan.objects.filter(kind="power").update(state="approved", approved_at=AT, proposal=1)
        sealed = EmergencyPlan.objects.extra(select={"raw": "contacts"}).first()
    assert sealed and b"0311" not in bytes(sealed.raw)  # type: ignore[attr-defined]


@pytest.mark.rule("V4.1", "P5.3")
def test_a_drill_runs_by_plans_in_force_with_its_people_on_record(exam: Exam) -> None:
    row = drill(exam)
    with pytest.raises(RuleRefused) as unplanned:
        run(exam, row, "start")
    assert codes(unplanned) == [("P5.3", "security_drill_unplanned")]
    drafted(exam, "power")
    approved(exam)
    row = run(exam, row, "start", "pause", "resume")
    assert row.plans == {"power": 1}
    with pytest.raises(RuleRefused) as alone:
        run(exam, row, "end")
    assert codes(alone) == [("P5.3", "security_drill_people")]
    joined(exam, row, 2)
    lesson = NewFinding(
        "1301", "备用发电机启动慢", "major", "1301", person(), AT.date() + timedelta(days=2), source="drill"
    )
    with acting(MANAGER):
        drilling.note(exam=exam, drill_id=row.pk, kind="step", words="切断电源", by=MANAGER, at=AT)
        found = drilling.learn(exam=exam, drill_id=row.pk, lesson=lesson, by=MANAGER, at=AT)
    assert states(board.drills, exam) == {"/13/1301/": AMBER}
    run(exam, row, "end")
    assert states(board.drills, exam) == {"/13/1301/": GREEN}
    with acting(SYSTEM):
        assert Finding.objects.get(pk=found.pk).source == "drill"
        assert [s.kind for s in queries.steps(row)] == ["start", "pause", "resume", "step", "lesson", "end"]
        assert Event.objects.filter(kind="security.drill.moved", rules=["P5.3"]).count() == 4
    drafted(exam, "power", text="改为先启动发电机再报告")
    approved(exam)
    assert states(board.drills, exam) == {"/13/1301/": AMBER}, (
        "what was drilled is no longer the plan in force"
    )


@pytest.mark.rule("V4.1", "P5.3")
@pytest.mark.parametrize(
    ("ended", "drilled", "people", "counted"),
    [
        (1, {"a": 2}, 2, True),
        (15, {"a": 2}, 2, False),
        (1, {"a": 1}, 2, False),
        (1, {"a": 2}, 1, False),
        (1, {}, 2, False),
    ],
)
def test_a_drill_counts_before_the_exam_by_the_plan_in_force_with_people(
    ended: int, drilled: dict[str, int], people: int, counted: bool
) -> None:
    assert rules.counts(on(ended, 9), on(EXAM_DAY.day, 9), drilled, {"a": 2}, people) is counted
    assert not rules.counts(None, on(15, 9), {"a": 2}, {"a": 2}, 2)


def test_the_clock_stands_still_in_a_pause() -> None:
    steps = [
        ("start", on(1)),
        ("pause", on(1, hour=10)),
        ("step", on(1, hour=11)),
        ("resume", on(1, hour=12)),
    ]
    assert rules.running_time(steps, on(1, hour=13)) == timedelta(hours=2)
    assert rules.running_time([*steps, ("end", on(1, hour=13))], on(2)) == timedelta(hours=2)


@pytest.mark.rule("P5.3", "V4.1")
def test_plans_and_a_drill_on_their_pages(exam: Exam, client: Client) -> None:
    signed_in(client, "1301", "point_manager")
    there = f"{HOME}emergencies/1301/"
    assert client.post(there + "plans/power/", {"measures": "短", "phone-power": ""}).status_code == 409
    sent = {"measures": "立即切换备用电源并报告考区", "name-power": "值班室", "phone-power": "95598"}
    assert client.post(there + "plans/power/", sent).status_code == 302
    police = {f"{what}-{who}": "0311110" for what in ("name", "phone") for who in ("fire", "police")}
    assert (
        client.post(there + "plans/fire/", {"measures": "按路线疏散并清点人数", **police}).status_code == 302
    )
    page = client.get(there + "plans/traffic/").content.decode()
    assert (
        page.count('value="0311110"') == 2
    )  # the police stand there already, the traffic authority does not
    assert client.post(there + "propose/").status_code == 302
    plan = {
        "offices": ["1301"],
        "kinds": ["power"],
        "scenario": "第一场开考后全楼停电。",
        "planned_at": "2012-08-20T09:00",
    }
    assert client.post(f"{HOME}drills/plan/", plan).status_code == 302
    with acting(SYSTEM):
        row = Drill.objects.get()
    assert client.post(f"{HOME}drills/{row.pk}/move/", {"move": "start", "version": 1}).status_code == 409
    for address in (
        "emergencies/",
        "emergencies/1301/",
        "emergencies/export/",
        "drills/",
        "drills/export/",
        f"drills/{row.pk}/",
    ):
        assert client.get(HOME + address).status_code == 200, address
    with acting(SYSTEM):
        for member in crowd.members(2):
            crowd.appoint(exam, member.pk, post="chief_examiner", code="1301", path="/13/1301/", room=None)
        Appointment.objects.update(state="accepted", decided_at=AT)
    page = client.get(f"{HOME}drills/{row.pk}/").content.decode()
    assert "主考（2人）" in page
    assert client.post(f"{HOME}drills/{row.pk}/people/", {"posts": ["chief_examiner"]}).status_code == 302
    page = client.get(f"{HOME}drills/{row.pk}/").content.decode()
    assert "主考（" not in page
    with acting(SYSTEM):
        assert len(queries.people_of(row)) == 2
    approved(exam)
    shown = client.post(there + "contacts/")
    assert "95598" in shown.content.decode()
    with acting(SYSTEM):
        assert Event.objects.filter(kind="security.contacts.shown").count() == 1


@pytest.mark.rule("V4.1")
def test_the_adopted_rules_ask_for_the_drill_alone(db: None) -> None:
    exam = make_year("veterinarian")
    assert states(board.drills, exam) == {"/13/1301/": AMBER} and states(board.plans, exam) == {}


def test_a_stranger_sees_no_plan(exam: Exam) -> None:
    drafted(exam, "power")
    stranger: Actor = staff("point_manager", "1302")
    with acting(stranger):
        assert not EmergencyPlan.objects.exists()


@pytest.mark.rule("V4.1", "P5.3")
def test_drills_held_away_from_the_screen_are_entered_by_the_same_rules(exam: Exam) -> None:
    row = drill(exam)
    facts = {
        "exam": exam,
        "drill_ids": [row.pk],
        "started_at": on(3),
        "ended_at": on(3, hour=10),
        "by": MANAGER,
        "at": on(4),
    }
    with acting(MANAGER), pytest.raises(RuleRefused) as refused:
        drilling.enter_held(people_of={"1301": [person()]}, **facts)  # type: ignore[arg-type]
    assert [code for _, code in codes(refused)] == ["security_drill_unplanned", "security_drill_people"]
    drafted(exam, "power")
    approved(exam)
    with acting(MANAGER):
        held = drilling.enter_held(people_of={"1301": [person(), person()]}, **facts)  # type: ignore[arg-type]
    assert held == 1 and states(board.drills, exam) == {"/13/1301/": GREEN}


@pytest.mark.rule("V4.1", "P5.3")
def test_a_drill_held_before_its_plan_was_in_force_is_no_drill_of_that_plan(exam: Exam) -> None:
    row = drill(exam)
    drafted(exam, "power")
    approved(exam, at=on(10))
    facts = {"exam": exam, "drill_ids": [row.pk], "people_of": {"1301": [person(), person()]}, "by": MANAGER}
    with acting(MANAGER), pytest.raises(RuleRefused) as early:
        drilling.enter_held(started_at=on(3), ended_at=on(3, hour=10), at=on(12), **facts)  # type: ignore[arg-type]
    assert codes(early) == [("P5.3", "security_drill_unplanned")]
    with acting(MANAGER):
        assert drilling.enter_held(started_at=on(11), ended_at=on(11, hour=10), at=on(12), **facts) == 1  # type: ignore[arg-type]
