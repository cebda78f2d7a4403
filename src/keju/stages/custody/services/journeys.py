"""A leg of papers is planned, approved where the rules ask for it, changed and given up (V10.2)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from django.db import connection

from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.content import Content, Table, digest
from keju.kernel.approvals.effects import carries_out
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import Refusal, enforce
from keju.rulebook.words import t
from keju.stages.custody import events
from keju.stages.custody.models import Journey, JourneyCrew
from keju.stages.custody.models.journeys import CANCELLED, DRAFT, PROPOSED, SETTLED
from keju.stages.custody.params import Params
from keju.stages.custody.queries import journeys as queries
from keju.stages.custody.rules import journeys as rules
from keju.stages.custody.rules.journeys import Mode, Plan

KIND = "custody.journey"
VALID = timedelta(days=30)
"""So long a plan waits for its signatures."""
RULES = ["V10.1", "V10.2.2", "V10.2.3"]
FIELDS = (
    "leg", "mode", "depart_at", "arrive_at", "to_place", "responsible_id", "receiver_id", "carrier", "terms", "route",
    "conditions", "road", "police", "secrecy", "exception",
)  # fmt: skip


@dataclass(frozen=True)
class NewJourney:
    """A leg from an office to another; `plan.leg` follows from the two and is not looked at."""

    sender: str
    receiver: str
    plan: Plan


@write("custody:journey:plan")
def plan_journeys(*, exam: Exam, journeys: Sequence[NewJourney], by: Actor, at: datetime) -> list[Journey]:
    """Each stands as a draft with its vehicles and people; none if one of them does not say what it has to. A single one is
    a batch of one. NotPermitted (hidden) for a sender outside the planner's scope.
    """
    refusals: list[Refusal] = []
    rows = []
    for new in journeys:
        leg = _leg(new.sender, new.receiver, by)
        if leg is None:
            refusals.append(Refusal("V10.1", "custody_journey_leg", field="receiver"))
            continue
        refusals += _against(exam, new.plan, leg)
        path = max(path_of(new.sender), path_of(new.receiver), key=len)
        row = Journey(
            exam=exam,
            office_path=path,
            sender_code=new.sender,
            receiver_code=new.receiver,
            made_by=by.ref,
            made_at=at,
        )
        _fill(row, new.plan, leg)
        rows.append(row)
    enforce(distinct(refusals))
    Journey.objects.bulk_create(rows)
    _people(list(zip(rows, (new.plan for new in journeys), strict=True)))
    plans = _hashes(rows)
    record(
        events.JOURNEY_PLANNED, by=by, at=at, subject=_subject(rows), exam=exam.slug, rules=RULES,
        data={"journeys": [[r.pk, r.sender_code, r.receiver_code, r.mode, plans[r.pk]] for r in rows]},
    )  # fmt: skip
    return rows


@write("custody:journey:plan")
def change_plan(*, exam: Exam, journey_id: int, version: int, plan: Plan, by: Actor, at: datetime) -> Journey:
    """The plan is another one and a draft again: what was approved or settled was the former. Stale if somebody moved first."""
    row = locked(exam, journey_id, version, by)
    if row.state not in (DRAFT, PROPOSED, SETTLED) or queries.aboard(exam, [row.pk]):
        enforce([Refusal("V10.2.3", "custody_journey_stands")])
    leg = rules.Leg(row.leg)
    enforce(_against(exam, plan, leg))
    _fill(row, plan, leg)
    row.state, row.proposal, row.reason, row.version = DRAFT, None, "", row.version + 1
    row.save()
    row.crew.all().delete()
    _people([(row, plan)])
    _record(events.JOURNEY_CHANGED, row, by, at, {"plan": _hash_all([row])})
    return row


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
        content_hash=_hash_all(rows),
        by=by,
        at=at,
    )
    assert proposal.exam is not None
    _settle(proposal.exam, rows, proposal, by, at)
    return len(rows)


@write("custody:journey:plan")
def cancel(*, exam: Exam, journey_id: int, version: int, reason: str, by: Actor, at: datetime) -> Journey:
    """The journey does not take place. Refused once it has left or while papers are aboard."""
    row = locked(exam, journey_id, version, by)
    if row.state not in (DRAFT, PROPOSED, SETTLED) or queries.aboard(exam, [row.pk]):
        enforce([Refusal("V10.2.3", "custody_journey_stands")])
    if not reason.strip():
        enforce([Refusal("V10.2.3", "custody_journey_words", field="reason")])
    row.state, row.proposal, row.reason, row.version = CANCELLED, None, reason.strip()[:300], row.version + 1
    row.save()
    _record(events.JOURNEY_CANCELLED, row, by, at, {"reason": row.reason})
    return row


def locked(exam: Exam, journey_id: int, version: int, by: Actor) -> Journey:
    """The journey in the actor's scope, locked; Stale if somebody moved first."""
    queries.one(exam, journey_id, viewer=by)
    row = Journey.objects.select_for_update().get(pk=journey_id)
    if row.version != version:
        raise Stale
    return row


def _locked_all(exam: Exam, ids: Collection[int], by: Actor) -> list[Journey]:
    """All of them, locked in order; NotPermitted (hidden) if one is out of sight."""
    found = Journey.objects.select_for_update().filter(
        exam=exam, pk__in=list(ids), **queries.under(by.office_path)
    )
    rows = list(found.order_by("pk"))
    if not rows or len(rows) != len(set(ids)):
        raise NotPermitted(hidden=True)
    return rows


def against(exam: Exam, rows: Sequence[Journey]) -> dict[int, list[Refusal]]:
    """Journey → what stands against its people and vehicles. Whoever takes the same people waits for the other."""
    crews = queries.crews_of(rows)
    people = sorted({c.person_id for crew in crews.values() for c in crew})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('custody crew', id))"
            " FROM (SELECT unnest(%s::bigint[]) AS id ORDER BY 1) people",
            [people],
        )
    figures = exams.params(exam, Params)
    taken = queries.busy(exam, rows, crews)
    able: dict[str, tuple[set[int], set[int]]] = {}
    found: dict[int, list[Refusal]] = {}
    for row in rows:
        crew = crews[row.pk]
        found[row.pk] = list(rules.check_crew(queries.plan_of(row, crew), figures))
        area = _crew_path(row)
        if area not in able:
            able[area] = queries.unfit(exam, people, area)
        unappointed, untrained = able[area]
        names = [
            [c.person.name for c in crew if c.person_id in ids]
            for ids in (unappointed, untrained, taken[row.pk])
        ]
        found[row.pk] += rules.check_people(*names)
    return found


def _against(exam: Exam, plan: Plan, leg: rules.Leg) -> list[Refusal]:
    plan = replace(plan, leg=leg)
    arrive_on, day = plan.arrive_at.astimezone(CHINA).date(), queries.exam_day(exam)
    figures = exams.params(exam, Params)
    return [*rules.check_plan(plan), *rules.check_arrival(leg, arrive_on, day, plan.exception, figures)]


def _leg(sender: str, receiver: str, by: Actor) -> rules.Leg | None:
    """The leg; NotPermitted (hidden) where the sender is not the planner's own or under it."""
    start, end = path_of(sender), path_of(receiver)
    if not start.startswith(by.office_path or "-"):
        raise NotPermitted(hidden=True)
    on_line = start.startswith(end) or end.startswith(start)
    return rules.leg_of(str(office(sender).kind), str(office(receiver).kind)) if on_line else None


def _fill(row: Journey, plan: Plan, leg: rules.Leg) -> None:
    for name in FIELDS:
        value = getattr(plan, name)
        setattr(row, name, value.strip() if isinstance(value, str) and name not in ("leg", "mode") else value)
    row.leg = leg
    row.vehicles = [asdict(v) for v in plan.vehicles]


def _people(plans: Sequence[tuple[Journey, Plan]]) -> None:
    JourneyCrew.objects.bulk_create(
        JourneyCrew(
            journey=row, office_path=row.office_path, person_id=c.person_id, duty=c.duty, vehicle=c.vehicle
        )
        for row, plan in plans
        for c in plan.crew
    )


def _crew_path(row: Journey) -> str:
    """Under which office its people are appointed: the higher one's, but for what the centre sends."""
    paths = sorted((path_of(row.sender_code), path_of(row.receiver_code)), key=len)
    return paths[0]


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
    plans, crews = _hashes(rows), queries.crews_of(rows)
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
        content_hash=_hash_all(rows),
        needs=[Need(role, 1, "/" if role.startswith("centre") else region) for role in needed],
        expires_at=at + VALID,
        rules=["V10.2.5"] if "centre_custody" in needed else ["V10.2.3"],
        by=by,
        at=at,
    )
    _moved(rows, PROPOSED, proposal)
    record(
        events.JOURNEY_PROPOSED, by=by, at=at, subject=_subject(rows), exam=exam.slug, office_path=proposal.office_path,
        rules=["V10.2.3"], data={"proposal": proposal.pk, "journeys": [r.pk for r in rows], "plan": _hash_all(rows)},
    )  # fmt: skip


def _settle(exam: Exam, rows: list[Journey], proposal: Proposal | None, by: Actor, at: datetime) -> None:
    _moved(rows, SETTLED, proposal)
    record(
        events.JOURNEY_SETTLED, by=by, at=at, subject=_subject(rows), exam=exam.slug,
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


def distinct(refusals: Sequence[Refusal]) -> list[Refusal]:
    """Each once: a batch of journeys alike is not refused three hundred times in the same words."""
    return list({(r.code, str(dict(r.facts))): r for r in refusals}.values())


def _hashes(rows: Sequence[Journey]) -> dict[int, str]:
    """Journey → SHA-256 of its plan."""
    return {pk: digest(queries.plain(plan)) for pk, plan in queries.plans_of(rows).items()}


def _hash_all(rows: Sequence[Journey]) -> str:
    return digest(sorted(_hashes(rows).items()))


def _subject(rows: Sequence[Journey]) -> str:
    return f"journey:{rows[0].pk}" if len(rows) == 1 else f"journeys:{len(rows)}"


def _said(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%m-%d %H:%M")


def _record(event: str, row: Journey, by: Actor, at: datetime, data: dict[str, object]) -> None:
    record(
        event, by=by, at=at, subject=f"journey:{row.pk}", exam=row.exam.slug, office_path=row.office_path,
        rules=["V10.2.3"], data=data,
    )  # fmt: skip


MODES = {
    Mode.POST: t("机要寄递", "Confidential post"),
    Mode.ROAD: t("公路押运", "Escort by road"),
    Mode.TRAIN: t("火车押运", "Escort by train"),
    Mode.AIR: t("空运携带", "By air"),
}
