"""Emergency plans: written, approved by a leader, replaced by the next version."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.content import Content, Table, digest
from keju.kernel.approvals.effects import carries_out
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import enforce
from keju.rulebook.words import t
from keju.stages.security import events
from keju.stages.security.models import EmergencyPlan
from keju.stages.security.models.emergencies import APPROVED, DRAFT, PROPOSED, SUPERSEDED
from keju.stages.security.queries import emergencies as queries
from keju.stages.security.queries.inspecting import under
from keju.stages.security.rules import emergencies as rules

KIND = "security.emergency"
VALID = timedelta(days=30)
"""So long a proposal waits for its signature."""


@dataclass(frozen=True)
class NewPlan:
    """What an office does in a class of emergency, and whom it reaches: partner → {"name", "phone"}."""

    office_code: str
    kind: str
    measures: str
    contacts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@write("security:emergency:make")
def draft_plans(*, exam: Exam, plans: Sequence[NewPlan], by: Actor, at: datetime) -> list[EmergencyPlan]:
    """Each is the office's next version, a draft; an older draft gives way. What is approved holds meanwhile."""
    refusals = []
    for one in plans:
        queries.own(by, one.office_code)
        kind = queries.kind_of(exam, one.kind)
        phones = {partner: c.get("phone", "") for partner, c in one.contacts.items()}
        refusals += list(rules.check_plan(kind, one.measures, phones))
    enforce(refusals)
    codes = sorted({one.office_code for one in plans})
    there = EmergencyPlan.objects.select_for_update().filter(exam=exam, office_code__in=codes)
    last = {}
    for row in there.order_by("number"):
        last[row.office_code, row.kind] = row.number
    keys = {(one.office_code, one.kind) for one in plans}
    older = [r.pk for r in there if r.state in (DRAFT, PROPOSED) and (r.office_code, r.kind) in keys]
    EmergencyPlan.objects.filter(pk__in=older).update(state=SUPERSEDED)
    made = EmergencyPlan.objects.bulk_create(
        EmergencyPlan(
            exam=exam,
            office_path=path_of(one.office_code),
            office_code=one.office_code,
            kind=one.kind,
            number=last.get((one.office_code, one.kind), 0) + 1,
            measures=one.measures.strip(),
            contacts=json.dumps(one.contacts, ensure_ascii=False, sort_keys=True),
            content_hash=digest({"measures": one.measures.strip(), "contacts": one.contacts}),
            made_by=by.ref,
            made_at=at,
        )
        for one in plans
    )
    record(
        events.PLANS_DRAFTED,
        by=by,
        at=at,
        subject=f"emergency:{codes[0]}" if len(codes) == 1 else f"emergencies:{len(codes)}",
        exam=exam.slug,
        rules=[queries.drill_clause(exam)],
        data={"plans": [[p.office_code, p.kind, p.number, p.content_hash] for p in made]},
    )
    return made


@write("security:emergency:make")
def propose_plans(*, exam: Exam, office_code: str, below: bool = False, by: Actor, at: datetime) -> Proposal:
    """The office's drafts, and with `below` those of the offices under it, wait together for its leader, bound to what
    each says.
    """
    path = queries.own(by, office_code)
    mine = EmergencyPlan.objects.select_for_update().filter(exam=exam, state__in=(DRAFT, PROPOSED))
    whose = under(path) if below else {"office_code": office_code}
    drafts = list(mine.filter(**whose).order_by("office_code", "kind"))
    enforce(rules.check_propose(len(drafts)))
    names = {kind.code: kind.name for kind in queries.kinds(exam)}
    head = (
        t("单位", "Office"),
        t("种类", "Class"),
        t("版本", "Version"),
        t("处置措施", "What is done"),
        t("指纹", "Fingerprint"),
    )
    rows = [(p.office_code, names[p.kind], str(p.number), p.measures, p.content_hash) for p in drafts]
    content = Content(
        title=t("突发事件应急预案", "Emergency plans"),
        facts=[(t("单位", "Office"), office(office_code).name)],
        tables=[Table(head, rows)],
        place="security-emergency",
        place_args={"office": office_code},
    )
    leader = "region_leader" if len(office_code) == 2 else "point_leader"
    proposal = approvals.propose(
        kind=KIND,
        subject=f"emergency:{office_code}",
        exam=exam,
        office_path=path,
        content=content,
        content_hash=_hash(drafts),
        needs=[Need(leader, 1, path)],
        expires_at=at + VALID,
        rules=[queries.drill_clause(exam)],
        by=by,
        at=at,
    )
    EmergencyPlan.objects.filter(pk__in=[p.pk for p in drafts]).update(state=PROPOSED, proposal=proposal.pk)
    record(
        events.PLANS_PROPOSED,
        by=by,
        at=at,
        subject=f"emergency:{office_code}",
        exam=exam.slug,
        office_path=path,
        rules=[queries.drill_clause(exam)],
        data={"proposal": proposal.pk, "plans": [[p.office_code, p.kind, p.number] for p in drafts]},
    )
    return proposal


@carries_out(KIND, t("应急预案", "Emergency plans"))
@write(None)
def put_in_force(*, proposal: Proposal, by: Actor, at: datetime) -> int:
    """The plans of the proposal hold; those of the same offices and classes that held before are superseded. Returns how
    many.
    """
    mine = EmergencyPlan.objects.select_for_update().filter(proposal=proposal.pk, state=PROPOSED)
    rows = list(mine.order_by("office_code", "kind"))
    approvals.consume(
        proposal_id=proposal.pk, kind=KIND, subject=proposal.subject, content_hash=_hash(rows), by=by, at=at
    )
    keys = {(row.office_code, row.kind) for row in rows}
    held = EmergencyPlan.objects.filter(
        exam_id=proposal.exam_id, state=APPROVED, office_code__in={code for code, _ in keys}
    )
    older = [pk for pk, code, kind in held.values_list("pk", "office_code", "kind") if (code, kind) in keys]
    EmergencyPlan.objects.filter(pk__in=older).update(state=SUPERSEDED)
    EmergencyPlan.objects.filter(pk__in=[row.pk for row in rows]).update(state=APPROVED, approved_at=at)
    record(
        events.PLANS_APPROVED,
        by=by,
        at=at,
        subject=proposal.subject,
        exam=proposal.exam.slug if proposal.exam else "",
        office_path=proposal.office_path,
        rules=proposal.rules,
        data={"proposal": proposal.pk, "plans": [[row.office_code, row.kind, row.number] for row in rows]},
    )
    return len(rows)


@write("security:record:read")
def show_contacts(
    *, exam: Exam, office_code: str, by: Actor, at: datetime
) -> list[tuple[str, queries.Contacts]]:
    """(class, its contacts in clear) of the plans in force; that somebody looked is on record."""
    path = queries.own(by, office_code)
    rows = EmergencyPlan.objects.filter(exam=exam, office_code=office_code, state=APPROVED).order_by("kind")
    record(
        events.CONTACTS_SHOWN,
        by=by,
        at=at,
        subject=f"emergency:{office_code}",
        exam=exam.slug,
        office_path=path,
        rules=[queries.drill_clause(exam)],
    )
    return [(row.kind, queries.contacts_of(row)) for row in rows]


def _hash(plans: Sequence[EmergencyPlan]) -> str:
    return digest([[p.office_code, p.kind, p.number, p.content_hash] for p in plans])
