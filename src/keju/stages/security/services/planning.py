"""Writing an implementation plan, proposing it to the leader, and what the leader's signature does (P5.1)."""

from datetime import datetime, timedelta

from keju.kernel.approvals import effects
from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.content import Content
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.rulebook.words import t
from keju.stages.security import events
from keju.stages.security.models import Plan
from keju.stages.security.models.planning import APPROVED, DRAFT, PROPOSED, REPLACED
from keju.stages.security.queries import planning as queries
from keju.stages.security.rules import planning as rules

KIND = "security.plan"
TERM = timedelta(days=30)
CLAUSES = ("P5.1", "V1.5")


@write("security:plan:make")
def save_plan(
    *, exam: Exam, title: str, text: str, file: str = "", version: int = 0, by: Actor, at: datetime
) -> Plan:
    """The office's plan in work says this; with none in work a new one begins (`version` 0). Stale if somebody was quicker."""
    clause = _clause(exam)
    enforce(rules.check_plan_text(clause, title, text, bool(file)))
    if rules.approver(str(office(by.office_code).kind)) is None:
        raise RuleRefused([Refusal(clause, "security_plan_no_approver")])
    row = (
        Plan.objects.select_for_update()
        .filter(exam=exam, office_code=by.office_code, state__in=[DRAFT, PROPOSED])
        .first()
    )
    if (row.version if row else 0) != version:
        raise Stale
    if row is None:
        number = Plan.objects.filter(exam=exam, office_code=by.office_code).count() + 1
        row = Plan(
            exam=exam, office_path=by.office_path, office_code=by.office_code, number=number, version=0,
            made_by=by.ref, made_at=at,
        )  # fmt: skip
    elif not queries.may_change(row, at):
        raise RuleRefused([Refusal(clause, "security_plan_stands")])
    row.title, row.text, row.file = title.strip(), text.strip(), file or row.file
    row.state, row.content_hash = DRAFT, queries.hash_of(row.title, row.text, row.file)
    row.version += 1
    row.save()
    _record(events.PLAN_SAVED, row, by, at)
    return row


@write("security:plan:make")
def propose_plan(*, exam: Exam, plan_id: int, version: int, by: Actor, at: datetime) -> Proposal:
    """The plan waits for the signature of the leader of its office, exactly as it is."""
    row = Plan.objects.select_for_update().get(exam=exam, pk=plan_id, office_code=by.office_code)
    if row.version != version:
        raise Stale
    clause, role = _clause(exam), rules.approver(str(office(row.office_code).kind))
    if role is None or not queries.may_change(row, at):
        raise RuleRefused([Refusal(clause, "security_plan_stands")])
    facts = [
        (t("单位", "Office"), office(row.office_code).name),
        (t("版次", "Version"), str(row.number)),
        (t("正文", "Text"), row.text),
    ]
    if row.file:
        facts.append((t("附件指纹（SHA-256）", "Attached file (SHA-256)"), row.file))
    proposal = approvals.propose(
        kind=KIND,
        subject=f"plan:{row.pk}",
        exam=exam,
        office_path=row.office_path,
        content=Content(
            title=t("实施方案：{title}", "Implementation plan: {title}").format(title=row.title),
            facts=facts,
            place="security-plan",
            place_args={"plan_id": row.pk},
        ),
        content_hash=row.content_hash,
        needs=[Need(role, at_path=row.office_path)],
        expires_at=at + TERM,
        rules=[clause],
        by=by,
        at=at,
    )
    row.proposal, row.state = proposal, PROPOSED
    row.version += 1
    row.save()
    _record(events.PLAN_PROPOSED, row, by, at)
    return proposal


@effects.carries_out(KIND, t("实施方案", "Implementation plan"))
@write(None)
def approve_plan(*, proposal: Proposal, by: Actor, at: datetime) -> Plan:
    """The plan that was signed is in force; the one before is replaced."""
    row = Plan.objects.select_for_update().get(pk=int(proposal.subject.removeprefix("plan:")))
    approvals.consume(
        proposal_id=proposal.pk,
        kind=KIND,
        subject=f"plan:{row.pk}",
        content_hash=queries.hash_of(row.title, row.text, row.file),
        by=by,
        at=at,
    )
    before = queries.in_force(row.exam, row.office_code)
    if before is not None:
        before.state = REPLACED
        before.save(update_fields=["state"])
    row.state, row.approved_at = APPROVED, at
    row.version += 1
    row.save()
    _record(events.PLAN_APPROVED, row, by, at)
    return row


def _clause(exam: Exam) -> str:
    """P5.1 where the programme has it; else the clause that gives the office its tasks."""
    known = exams.programme(exam).rules
    return next(clause for clause in CLAUSES if clause in known)


def _record(event: str, row: Plan, by: Actor, at: datetime) -> None:
    record(
        event,
        by=by,
        at=at,
        subject=f"plan:{row.pk}",
        exam=row.exam.slug,
        office_path=row.office_path,
        rules=[_clause(row.exam)],
        data={
            "office": row.office_code,
            "number": row.number,
            "content": row.content_hash,
            "state": row.state,
        },
    )
