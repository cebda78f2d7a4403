"""Appointing people to posts, one or many at a time, and ending it. One appointment is a list of one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import insert_rows_returning
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import Refusal, enforce
from keju.rulebook.model import Post
from keju.stages.staffing import events, queries, rules
from keju.stages.staffing.models import (
    APPOINTMENT_TRANSITIONS,
    LIVING,
    Appointment,
    Invitation,
    Member,
    State,
)
from keju.stages.staffing.params import Params
from keju.stages.staffing.rules import Place
from keju.stages.staffing.services.people import NATION

# Any number of our own, apart from other advisory locks: the posts of one region are filled one act at a time.
FILLING = 7_310_000_000
COLUMNS = (
    "exam_id", "member_id", "post", "office_path", "office_code", "building", "floor", "room", "substitute", "state",
    "replaces_id", "reason", "answered", "scan", "made_by", "made_at", "decided_at", "version",
)  # fmt: skip


@dataclass(frozen=True)
class NewAppointment:
    """Who is to fill which post at which office; `building` and `floor` for a post of a floor, `room` if it is settled."""

    member_id: int
    post: str
    office_code: str
    building: str = ""
    floor: int | None = None
    room: int | None = None
    substitute: bool = False


@write("staffing:appointment:make")
def appoint(*, exam: Exam, appointments: Sequence[NewAppointment], by: Actor, at: datetime) -> list[int]:
    """All of them are proposed, with their ids in order; or refused by name and clause, and none is."""
    return make(exam=exam, appointments=appointments, by=by, at=at)


@write(None)
def make(
    *,
    exam: Exam,
    appointments: Sequence[NewAppointment],
    by: Actor,
    at: datetime,
    replaces: Appointment | None = None,
    reason: str = "",
) -> list[int]:
    """As `appoint`, also where it follows from something else: a replacement that a leader has consented to."""
    lock_posts(exam, appointments)
    consented = replaces is not None
    enforce(r for found in refused_each(exam, appointments, by=by, at=at, consented=consented) for r in found)
    rows = [
        (
            exam.pk, a.member_id, a.post, path_of(a.office_code), a.office_code, a.building, a.floor, a.room, a.substitute,
            State.PROPOSED, replaces.pk if replaces else None, reason, "", "", by.ref, at, None, 1,
        )
        for a in appointments
    ]  # fmt: skip
    ids = insert_rows_returning("staffing_appointment", COLUMNS, rows)
    posts = Counter(a.post for a in appointments)
    record(
        events.APPOINTMENTS_MADE,
        by=by,
        at=at,
        exam=exam.slug,
        subject=f"appointment:{ids[0]}" if len(ids) == 1 else "appointments",
        office_path=rows[0][3] if len(ids) == 1 else by.office_path,
        rules=clauses(exam, posts),
        data={"posts": dict(posts), "count": len(ids)},
    )
    return ids


def refused_each(
    exam: Exam, appointments: Sequence[NewAppointment], *, by: Actor, at: datetime, consented: bool = False
) -> list[list[Refusal]]:
    """What stands against each, beside those that there are and those before it in the list; few looks, however many.

    `consented`: it is a replacement that has its consent, where one is needed.
    """
    programme, params = exams.programme(exam), exams.params(exam, Params)
    path = by.office_path or "-"
    where = queries.all_places(exam, _narrowest(appointments, by))
    ids = {a.member_id for a in appointments}
    members = {m.pk: m for m in Member.objects.select_related("person").filter(pk__in=ids)}
    others = _held_anywhere(exam, ids)
    living = _living(exam, appointments)
    vacated = {} if consented else _vacated(exam, appointments, at)
    kind = _kind_of(by)
    found: list[list[Refusal]] = []
    for a in appointments:
        post, member = programme.post(a.post), members.get(a.member_id)
        if post is None or not path_of(a.office_code).startswith(path):
            raise NotPermitted("staffing:appointment:make", hidden=True)
        if member is None or member.left_on is not None:
            found.append([Refusal(post.rule, "staffing_member_gone", field="name")])
            continue
        place, known = _place(a, where[post.code])
        against = list(rules.check_appointer(post, kind or post.appointed_by))
        against += rules.check_place(post, place, known, a.room)
        doubtful = rules.is_doubtful(
            member.person.employer, member.in_sector, member.sector_sure, params.sector_words
        )
        against += rules.check_sector(post, member.person.name, member.in_sector, doubtful=doubtful)
        mine = others.setdefault(a.member_id, [])
        if any((p, code) == (a.post, a.office_code) for p, code, _ in mine):
            facts = {"name": member.person.name, "post": post.name, "place": a.office_code}
            against.append(Refusal(post.rule, "staffing_already", facts, field="name"))
        against += rules.check_nowhere_else(
            member.person.name, place.office_path, [o for _, _, o in mine], path
        )
        if not a.substitute and (a.post, a.office_code) in vacated:
            facts = {"name": vacated[a.post, a.office_code], "post": post.name}
            against.append(Refusal(post.rule, "staffing_needs_consent", facts, field="name"))
        if not a.substitute:
            key = (a.post, a.office_code, a.building, a.floor)
            living[key] += 1
            against += rules.check_quota(post, rules.quota_of(post, params), place, living[key])
        mine.append((a.post, a.office_code, place.office_path))
        found.append(against)
    return found


@write("staffing:appointment:make")
def end(*, exam: Exam, appointment_id: int, version: int, reason: str, by: Actor, at: datetime) -> None:
    """The appointment is ended for the reason given, and what was asked of the person is answered no more."""
    row = held(exam, appointment_id, version, by)
    finish(row, "end", by=by, at=at, reason=reason)
    record_about(events.APPOINTMENT_ENDED, row, by, at)


def held(exam: Exam, appointment_id: int, version: int, by: Actor) -> Appointment:
    """The appointment, held for this transaction; hidden outside the actor's scope, Stale if it has changed."""
    found = Appointment.objects.select_for_update(of=["self"]).filter(exam=exam, pk=appointment_id)
    row = found.filter(**queries.under(by.office_path or "-")).first()
    if row is None:
        raise NotPermitted("staffing:appointment:make", hidden=True)
    if row.version != version:
        raise Stale
    return row


def finish(
    row: Appointment,
    verb: str,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    answered: str = "",
    scan: str = "",
) -> None:
    """The appointment takes the transition, its open link is closed. Stale if it has none of that name from here."""
    after = APPOINTMENT_TRANSITIONS[State(row.state)].get(verb)
    if after is None:
        raise Stale
    enforce(
        [Refusal("V2.8", "staffing_no_reason", field="reason")]
        if after == State.ENDED and not reason.strip()
        else []
    )
    row.state, row.decided_at, row.version = after, at, row.version + 1
    row.reason = reason.strip() or row.reason
    row.answered, row.scan = answered or row.answered, scan or row.scan
    row.save(update_fields=["state", "decided_at", "version", "reason", "answered", "scan"])
    Invitation.objects.filter(appointment=row, used_at=None, ended_at=None).update(ended_at=at)


def record_about(event: str, row: Appointment, by: Actor, at: datetime, **data: object) -> None:
    """The event of one appointment, under the clause of its post."""
    record(
        event,
        by=by,
        at=at,
        exam=row.exam.slug,
        subject=f"appointment:{row.pk}",
        office_path=row.office_path,
        rules=clauses(row.exam, [row.post]),
        data={"post": row.post, "member": row.member_id, **data},
    )


def clauses(exam: Exam, posts: Sequence[str] | Counter[str]) -> list[str]:
    """The clauses of these posts."""
    programme = exams.programme(exam)
    return sorted({post.rule for code in posts if (post := programme.post(code)) is not None})


def lock_posts(exam: Exam, appointments: Sequence[NewAppointment]) -> None:
    """Who fills posts of the same region, or appoints the same member elsewhere, waits: counts and places stay true."""
    with connection.cursor() as cursor:
        for region in sorted({a.office_code[:2] for a in appointments}):
            number = int(region) if region.isdigit() else 0
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FILLING + exam.pk * 100 + number])
    with acting(NATION):
        ids = sorted({a.member_id for a in appointments})
        list(Member.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))


def _kind_of(by: Actor) -> str:
    """The kind of the actor's office; "" for the system, which acts for whoever the rule names."""
    return str(office(by.office_code).kind) if by.office_code else ""


def _narrowest(appointments: Sequence[NewAppointment], by: Actor) -> str:
    regions = {path_of(a.office_code)[:4] for a in appointments}
    one = regions.pop() if len(regions) == 1 else "/"
    return one if one.startswith(by.office_path) else by.office_path


def _place(a: NewAppointment, known: Sequence[Place]) -> tuple[Place, Sequence[Place]]:
    for place in known:
        if (place.office_code, place.building, place.floor) == (a.office_code, a.building, a.floor):
            return place, known
    return Place(a.office_code, path_of(a.office_code), a.building, a.floor), known


def _held_anywhere(exam: Exam, member_ids: set[int]) -> dict[int, list[tuple[str, str, str]]]:
    """Member → (post, office, path) of every living appointment in the nation."""
    found: dict[int, list[tuple[str, str, str]]] = {}
    with acting(NATION):
        rows = Appointment.objects.filter(exam=exam, member_id__in=member_ids, state__in=LIVING)
        for member_id, *rest in rows.values_list("member_id", "post", "office_code", "office_path"):
            found.setdefault(member_id, []).append(tuple(rest))
    return found


def _living(exam: Exam, appointments: Sequence[NewAppointment]) -> Counter[tuple[str, str, str, int | None]]:
    """(post, office, building, floor) → living appointments there that are no substitutes."""
    offices = {a.office_code for a in appointments}
    rows = Appointment.objects.filter(exam=exam, office_code__in=offices, state__in=LIVING, substitute=False)
    return Counter(rows.values_list("post", "office_code", "building", "floor"))


def short_notice(exam: Exam, office_path: str, at: datetime) -> bool:
    """Whether a replacement there needs the leader's consent now."""
    since = _consent_since(exam, [office_path]).get(office_path)
    return since is not None and at >= since


def is_vacated(row: Appointment, at: datetime) -> bool:
    """Whether somebody who had accepted was ended in the days in which a replacement needs consent, and nobody has followed."""
    since = _consent_since(row.exam, [row.office_path]).get(row.office_path)
    return (
        since is not None
        and at >= since
        and _ended(row.exam).filter(pk=row.pk, decided_at__gte=since).exists()
    )


def _vacated(exam: Exam, appointments: Sequence[NewAppointment], at: datetime) -> dict[tuple[str, str], str]:
    """(post, office) of these → the name of who was ended there since consent is needed: who follows is a replacement."""
    paths = {a.office_code: path_of(a.office_code) for a in appointments}
    since = {p: day for p, day in _consent_since(exam, sorted(set(paths.values()))).items() if at >= day}
    if not since:
        return {}
    rows = _ended(exam).filter(office_code__in=paths).select_related("member__person").order_by("pk")
    return {
        (row.post, row.office_code): row.member.person.name
        for row in rows
        if (day := since.get(row.office_path)) is not None and row.decided_at and row.decided_at >= day
    }


def _ended(exam: Exam) -> QuerySet[Appointment]:
    """Who had accepted, was no substitute, and was ended without a successor."""
    followed = Appointment.objects.filter(exam=exam, replaces=OuterRef("pk"))
    ended = Appointment.objects.filter(exam=exam, state=State.ENDED, substitute=False).exclude(answered="")
    return ended.filter(~Exists(followed))


def _consent_since(exam: Exam, paths: Sequence[str]) -> dict[str, datetime]:
    """Path → from when a replacement there needs the leader's consent; without those whose day is unknown."""
    days = timedelta(days=exams.params(exam, Params).consent_days_before)
    found = exams.milestone_by_office(exam, "exam_day", list(paths))
    return {path: day - days for path, day in found.items() if day is not None}


def post_of(exam: Exam, code: str) -> Post:
    """The post of the programme; KeyError if there is none."""
    return {post.code: post for post in exams.programme(exam).posts}[code]
