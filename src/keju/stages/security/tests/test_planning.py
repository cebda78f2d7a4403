"""Plans approved by the leader through a proposal; gaps with owner and day."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from keju.kernel.approvals import services as approvals
from keju.kernel.audit import Stale
from keju.kernel.audit.models import Event
from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.readiness import AMBER, GREEN, RED
from keju.rulebook import RuleRefused
from keju.stages.security.models import Plan
from keju.stages.security.queries import planning as queries
from keju.stages.security.readiness import letters as board
from keju.stages.security.services import findings
from keju.stages.security.services import planning as services
from keju.stages.security.services.findings import NewFinding
from keju.stages.security.tests.people import leader
from keju.stages.security.tests.year import AT, MANAGER, SITE, make_year, person
from keju.stages.venues.tests.year import SYSTEM


@pytest.fixture
def exam(db: None) -> Exam:
    return make_year()


def save(exam: Exam, text: str = "一、报名", version: int = 0, by: Actor = MANAGER) -> Plan:
    with acting(by):
        return services.save_plan(exam=exam, title="考点实施方案", text=text, version=version, by=by, at=AT)


def propose(exam: Exam, row: Plan):
    with acting(MANAGER):
        return services.propose_plan(exam=exam, plan_id=row.pk, version=row.version, by=MANAGER, at=AT)


def sign(proposal, who: tuple[Actor, list[str]]) -> None:
    by, codes = who
    with acting(by):
        assert approvals.sign(
            proposal_id=proposal.pk, content_hash=proposal.content_hash, code=codes.pop(), by=by, at=AT
        )


def state(exam: Exam, path: str = "/13/1301/") -> str:
    with acting(SYSTEM):
        return {row.office_path: str(row.state) for row in board.plans(exam, "/13/", AT)}[path]


@pytest.mark.rule("P5.1")
def test_the_leader_approves_exactly_this_plan(exam: Exam) -> None:
    assert state(exam) == AMBER
    row, chief = save(exam), leader("point_leader", "1301")
    proposal = propose(exam, row)
    row = _again(row)
    assert row.state == "proposed" and proposal.rules == ["P5.1"]
    with pytest.raises(RuleRefused), transaction.atomic():
        save(exam, "改", row.version)
    sign(proposal, chief)
    assert _again(row).state == "approved" and state(exam) == GREEN
    with acting(SYSTEM):
        assert Event.objects.filter(kind="security.plan.approved", rules=["P5.1"]).count() == 1
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE security_plan SET text = 'x'")
    second = save(exam, "第二版")
    assert second.number == 2 and state(exam) == GREEN
    sign(propose(exam, second), chief)
    assert (_again(row).state, _again(second).state) == ("replaced", "approved")


@pytest.mark.rule("P5.1")
def test_a_returned_plan_is_changed_and_proposed_anew(exam: Exam) -> None:
    row, (chief, _) = save(exam), leader("point_leader", "1301")
    proposal = propose(exam, row)
    with acting(chief):
        approvals.refuse(proposal_id=proposal.pk, reason="缺应急部分", by=chief, at=AT)
    row = _again(row)
    changed = save(exam, "一、报名；二、应急", row.version)
    again = propose(exam, changed)
    assert again.pk != proposal.pk and again.content_hash != proposal.content_hash
    with pytest.raises(Stale), transaction.atomic():
        save(exam, "x", 1)


@pytest.mark.rule("P5.1")
def test_no_plan_is_approved_past_its_leader(exam: Exam) -> None:
    row = save(exam)
    with acting(SYSTEM), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE security_plan SET state = 'approved', approved_at = made_at WHERE id = %s", [row.pk]
        )
    proposal = propose(exam, row)
    stranger = leader("region_leader", "13")
    with pytest.raises(RuleRefused), transaction.atomic():
        sign(proposal, stranger)
    for title, text, by in (("", "x", MANAGER), ("x", " ", MANAGER), ("x", "x", SITE)):
        actor = Actor(
            by.ref, by.name, by.role, by.office_code, by.office_path, permissions=MANAGER.permissions
        )
        with pytest.raises(RuleRefused), transaction.atomic(), acting(actor):
            services.save_plan(exam=exam, title=title, text=text, by=actor, at=AT)


@pytest.mark.rule("P5.1")
def test_gaps_have_an_owner_and_a_day_and_late_ones_show(exam: Exam) -> None:
    owner, today = person("1301", "赵校长"), AT.astimezone(CHINA).date()
    gap = NewFinding(
        office_code="1301", words="备用电源未落实", severity="major", owner_code="1301", owner_id=owner,
        due_on=today + timedelta(days=2), rule="P5.1", source=queries.GAPS,
    )  # fmt: skip
    with acting(MANAGER):
        findings.raise_findings(exam=exam, found=[gap], by=MANAGER, at=AT)
        (row,) = queries.gaps(exam, "/13/1301/")
        assert (row.owner_id, row.rule) == (owner, "P5.1")
        assert queries.late([row], today) == 0
        assert queries.late([row], today + timedelta(days=3)) == 1
    with acting(SYSTEM):
        late = {r.office_path: r.state for r in board.plans(exam, "/13/", AT + timedelta(days=3))}
    assert late["/13/1301/"] == RED


def _again(row: Plan) -> Plan:
    with acting(SYSTEM):
        return Plan.objects.get(pk=row.pk)
