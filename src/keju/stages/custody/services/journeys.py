"""A leg of papers is planned, changed and given up (V10.2)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.db import connection

from keju.kernel.approvals.content import digest
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import Refusal, enforce
from keju.stages.custody import events
from keju.stages.custody.models import Journey, JourneyCrew
from keju.stages.custody.models.journeys import CANCELLED, DRAFT, PROPOSED, SETTLED
from keju.stages.custody.params import Params
from keju.stages.custody.queries import escorts
from keju.stages.custody.queries import journeys as queries
from keju.stages.custody.rules import journeys as rules
from keju.stages.custody.rules.journeys import Plan

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
    plans = hashes_of(rows)
    record(
        events.JOURNEY_PLANNED, by=by, at=at, subject=subject_of(rows), exam=exam.slug, rules=RULES,
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
    _record(events.JOURNEY_CHANGED, row, by, at, {"plan": hash_of_all([row])})
    return row


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
    taken = escorts.busy(exam, rows, crews)
    able: dict[str, tuple[set[int], set[int]]] = {}
    found: dict[int, list[Refusal]] = {}
    for row in rows:
        crew = crews[row.pk]
        found[row.pk] = list(rules.check_crew(queries.plan_of(row, crew), figures))
        area = _crew_path(row)
        if area not in able:
            able[area] = escorts.unfit(exam, people, area)
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


def distinct(refusals: Sequence[Refusal]) -> list[Refusal]:
    """Each once: a batch of journeys alike is not refused three hundred times in the same words."""
    return list({(r.code, str(dict(r.facts))): r for r in refusals}.values())


def hashes_of(rows: Sequence[Journey]) -> dict[int, str]:
    """Journey → SHA-256 of its plan."""
    return {pk: digest(queries.plain(plan)) for pk, plan in queries.plans_of(rows).items()}


def hash_of_all(rows: Sequence[Journey]) -> str:
    """What a signature under all their plans binds."""
    return digest(sorted(hashes_of(rows).items()))


def subject_of(rows: Sequence[Journey]) -> str:
    """What is done with them is on record under this name."""
    return f"journey:{rows[0].pk}" if len(rows) == 1 else f"journeys:{len(rows)}"


def _record(event: str, row: Journey, by: Actor, at: datetime, data: dict[str, object]) -> None:
    record(
        event, by=by, at=at, subject=f"journey:{row.pk}", exam=row.exam.slug, office_path=row.office_path,
        rules=["V10.2.3"], data=data,
    )  # fmt: skip
