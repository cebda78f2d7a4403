"""Plans are signed where the rules ask for it, and settled (V10.2.2, V10.2.3, V10.2.5)."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.content import Content, Table
from keju.kernel.approvals.effects import carries_out
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook import Refusal, enforce
from keju.rulebook.words import t
from keju.stages.custody import events
from keju.stages.custody.models import Journey
from keju.stages.custody.models.journeys import DRAFT, PROPOSED, SETTLED
from keju.stages.custody.params import Params
from keju.stages.custody.queries import journeys as queries
from keju.stages.custody.rules import journeys as rules
from keju.stages.custody.rules.journeys import Mode
from keju.stages.custody.services.journeys import against, distinct, hash_of_all, hashes_of, subject_of

KIND = "custody.journey"
VALID = timedelta(days=30)
"""So long a plan waits for its signatures."""


@write("custody:journey:plan")
def submit(
    *, exam: Exam, journey_ids: Collection[int], reason: str = "", by: Actor, at: datetime
) -> list[Journey]:
    """Drafts that need nobody's approval are settled; the others wait for those who sign them, together by region and by
    whose signature it is. Refused with all that is missing of people and vehicles; what holds in principle yields to
    `reason` where the planner may approve journeys.
    """
    rows = _locked_all(exam, journey_ids, by)
    refusals = (
        [] if all(r.state == DRAFT for r in rows) else [Refusal("V10.2.3", "custody_journey_not_draft")]
    )
    refusals += [r for found in against(exam, rows).values() for r in found]
    yielded = enforce(distinct(refusals), reason=reason, may_override=by.may("custody:journey:approve"))
    groups: dict[tuple[tuple[str, ...], str], list[Journey]] = defaultdict(list)
    day, figures, plans = queries.exam_day(exam), exams.params(exam, Params), queries.plans_of(rows)
    for row in rows:
        plan = plans[row.pk]
        odd = any(rules.check_arrival(plan.leg, row.arrive_at.astimezone(CHINA).date(), day, "", figures))
        needed = rules.approvals_needed(plan.leg, plan.mode, odd)
        groups[needed, _region_path(row) if needed else ""].append(row)
        row.reason = reason.strip() if yielded else ""
    for (needed, path), lot in groups.items():
        if needed:
            _propose(exam, lot, needed, path, by, at)
        else:
            _settle(exam, lot, None, by, at)
    return rows


@carries_out(KIND, t("试卷运送方案", "Plan to move papers"))
@write(None)
def approve(*, proposal: Proposal, by: Actor, at: datetime) -> int:
    """The journeys of the proposal are settled as they were signed; approvals refuses if one was changed since."""
    rows = list(Journey.objects.select_for_update().filter(proposal=proposal, state=PROPOSED).order_by("pk"))
    approvals.consume(
        proposal_id=proposal.pk,
        kind=KIND,
        subject=proposal.subject,
        content_hash=hash_of_all(rows),
        by=by,
        at=at,
    )
    assert proposal.exam is not None
    _settle(proposal.exam, rows, proposal, by, at)
    return len(rows)


def _locked_all(exam: Exam, ids: Collection[int], by: Actor) -> list[Journey]:
    """All of them, locked in order; NotPermitted (hidden) if one is out of sight."""
    found = Journey.objects.select_for_update().filter(
        exam=exam, pk__in=list(ids), **queries.under(by.office_path)
    )
    rows = list(found.order_by("pk"))
    if not rows or len(rows) != len(set(ids)):
        raise NotPermitted(hidden=True)
    return rows


def _region_path(row: Journey) -> str:
    return "/" + row.office_path.split("/")[1] + "/"


def _propose(
    exam: Exam, rows: list[Journey], needed: tuple[str, ...], region: str, by: Actor, at: datetime
) -> None:
    first = rows[0]
    head = (
        t("程", "Journey"), t("由", "From"), t("至", "To"), t("方式", "By"), t("出发", "Leaves"), t("到达", "Arrives"),
        t("路线", "Route"), t("人数", "People"), t("车辆", "Vehicles"), t("公安、保密部门", "Police, secrecy authority"),
        t("例外理由", "Why an exception"), t("指纹", "Fingerprint"),
    )  # fmt: skip
    plans, crews = hashes_of(rows), queries.crews_of(rows)
    table = [
        (
            str(r.pk), office(r.sender_code).name, office(r.receiver_code).name, MODES[Mode(r.mode)], _said(r.depart_at),
            _said(r.arrive_at), r.route, str(len(crews[r.pk])), "、".join(v["plate"] for v in r.vehicles),
            "、".join(x for x in (r.police, r.secrecy) if x), "；".join(x for x in (r.exception, r.reason) if x), plans[r.pk],
        )
        for r in rows
    ]  # fmt: skip
    proposal = approvals.propose(
        kind=KIND,
        subject=f"journey:{first.pk}" if len(rows) == 1 else f"journeys:{first.pk}-{rows[-1].pk}",
        exam=exam,
        office_path=first.office_path if len(rows) == 1 else region,
        content=Content(
            title=t("试卷运送方案", "Plan to move papers"),
            tables=[Table(head, table)],
            place="custody-journey",
            place_args={"journey_id": first.pk},
        ),
        content_hash=hash_of_all(rows),
        needs=[Need(role, 1, "/" if role.startswith("centre") else region) for role in needed],
        expires_at=at + VALID,
        rules=["V10.2.5"] if "centre_custody" in needed else ["V10.2.3"],
        by=by,
        at=at,
    )
    _moved(rows, PROPOSED, proposal)
    record(
        events.JOURNEY_PROPOSED, by=by, at=at, subject=subject_of(rows), exam=exam.slug, office_path=proposal.office_path,
        rules=["V10.2.3"], data={"proposal": proposal.pk, "journeys": [r.pk for r in rows], "plan": hash_of_all(rows)},
    )  # fmt: skip


def _settle(exam: Exam, rows: list[Journey], proposal: Proposal | None, by: Actor, at: datetime) -> None:
    _moved(rows, SETTLED, proposal)
    record(
        events.JOURNEY_SETTLED, by=by, at=at, subject=subject_of(rows), exam=exam.slug,
        office_path=rows[0].office_path if len(rows) == 1 else None, rules=["V10.2.2", "V10.2.3"],
        data={
            "journeys": [r.pk for r in rows],
            "proposal": proposal.pk if proposal else None,
            "reasons": {str(r.pk): r.reason for r in rows if r.reason},
        },
    )  # fmt: skip


def _moved(rows: list[Journey], state: str, proposal: Proposal | None) -> None:
    for row in rows:
        row.state, row.proposal, row.version = state, proposal, row.version + 1
    Journey.objects.bulk_update(rows, ["state", "proposal", "reason", "version"])


def _said(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%m-%d %H:%M")


MODES = {
    Mode.POST: t("机要寄递", "Confidential post"),
    Mode.ROAD: t("公路押运", "Escort by road"),
    Mode.TRAIN: t("火车押运", "Escort by train"),
    Mode.AIR: t("空运携带", "By air"),
}
