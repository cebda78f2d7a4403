"""A host enters its sites and rooms (V6.3, V14.5). One room is a list of one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db.models import ProtectedError

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.stages.venues import events, queries, rules
from keju.stages.venues.models import Assignment, Attestation, Room, Site
from keju.stages.venues.params import Params
from keju.stages.venues.rules import NewRoom


@write("venues:site:edit")
def add_site(
    *,
    exam: Exam,
    point_code: str,
    name_zh: str,
    address: str,
    standard: int,
    name_en: str = "",
    surroundings: str = "",
    contact: str = "",
    phone: str = "",
    transport: str = "",
    food: str = "",
    lodging: str = "",
    by: Actor,
    at: datetime,
) -> Site:
    """The host has one more site, numbered on (1101-01, 1101-02 …). Refused for a point that does not host, and for a school
    that it has already: a second click, or a copy made twice, would be a site that nobody can report or remove."""
    if not path_of(point_code).startswith(by.office_path or "-"):
        raise NotPermitted("venues:site:edit", hidden=True)
    # Held, so that two clicks get two numbers and not the same one.
    own = (
        Assignment.objects.select_for_update().filter(exam=exam, current=True, point_code=point_code).first()
    )
    enforce(rules.check_is_host(point_code, [own.host_code] if own else []))
    enforce(rules.check_tickets_closed(queries.tickets_opened(exam, point_code[:2]) is not None))
    enforce(rules.check_standard(standard, queries.standards(exam)))
    there = list(Site.objects.filter(exam=exam, point_code=point_code))
    enforce(rules.check_new_school(name_zh, address, {(s.name_zh, s.address): s.code for s in there}))
    number = len(there) + 1
    site = Site.objects.create(
        exam=exam,
        office_path=f"{path_of(point_code)}{number:02d}/",
        point_code=point_code,
        code=f"{point_code}-{number:02d}",
        name_zh=name_zh,
        name_en=name_en,
        address=address,
        surroundings=surroundings,
        contact=contact,
        phone=phone,
        standard=standard,
        transport=transport,
        food=food,
        lodging=lodging,
    )
    _event(events.SITE_ADDED, site, by, at, ["V1.8", "V6.3"], standard=standard)
    return site


@write("venues:site:edit")
def edit_site(*, exam: Exam, site_code: str, version: int, by: Actor, at: datetime, **facts: object) -> Site:
    """The site has these facts (those of `add_site`). `Stale` if somebody changed it since `version`."""
    site = locked(exam, site_code, by)
    if site.version != version:
        raise Stale
    if "standard" in facts:
        enforce(rules.check_standard(int(str(facts["standard"])), queries.standards(exam)))
    for name, value in facts.items():
        setattr(site, name, value)
    site.version += 1
    site.save()
    _event(events.SITE_EDITED, site, by, at, ["V6.3"], changed=sorted(facts))
    return site


@write("venues:site:edit")
def add_rooms(*, exam: Exam, site_code: str, rooms: Sequence[NewRoom], by: Actor, at: datetime) -> int:
    """All the rooms are the site's, or, if a rule refuses one of them or a number is taken, none. Returns how many."""
    site = locked(exam, site_code, by)
    enforce(refused(exam, site, rooms))
    Room.objects.bulk_create(
        Room(exam=exam, site=site, office_path=site.office_path, **asdict(rules.tidied(r))) for r in rooms
    )
    kinds = Counter(r.kind for r in rooms)
    _event(events.ROOMS_ADDED, site, by, at, ["V14.5"], count=len(rooms), kinds=dict(kinds))
    return len(rooms)


@write("venues:site:edit")
def edit_room(*, exam: Exam, room_id: int, room: NewRoom, by: Actor, at: datetime) -> Room:
    """The room is as `room` says; `Room.DoesNotExist` for one that is not there (any more)."""
    site, row = _locked_room(exam, room_id, by)
    enforce(refused(exam, site, [room], but=row.pk))
    for name, value in asdict(rules.tidied(room)).items():
        setattr(row, name, value)
    row.save()
    _event(events.ROOM_EDITED, site, by, at, ["V14.5"], room=room.number)
    return row


@write("venues:site:edit")
def remove_room(*, exam: Exam, room_id: int, by: Actor, at: datetime) -> None:
    """The room is no longer the site's; refused while a plan, even a superseded one, has somebody in it."""
    site, row = _locked_room(exam, room_id, by)
    number = row.number
    try:
        row.delete()
    except ProtectedError as error:
        looked_at = any(isinstance(kept, Attestation) for kept in error.protected_objects)
        clause, code = ("V14.7.4", "venues_room_checked") if looked_at else ("V14.7.1", "venues_room_planned")
        raise RuleRefused([Refusal(clause, code, {"room": number})]) from error
    _event(events.ROOM_REMOVED, site, by, at, ["V14.5"], room=number)


def refused(exam: Exam, site: Site, rooms: Sequence[NewRoom], but: int | None = None) -> list[Refusal]:
    """What stands against these rooms, each by itself and beside those there."""
    return [refusal for found in refused_each(exam, site, rooms, but) for refusal in found]


def refused_each(
    exam: Exam, site: Site, rooms: Sequence[NewRoom], but: int | None = None
) -> list[list[Refusal]]:
    """As `refused`, room by room in their order; the tables are looked at once, however many rooms there are."""
    params = exams.params(exam, Params)
    taken = set(Room.objects.filter(site=site).exclude(pk=but).values_list("number", flat=True))
    found: list[list[Refusal]] = []
    for room in rooms:
        against = list(rules.check_room(room, site.standard, params))
        if room.number in taken:
            against.append(Refusal("V14.7.2", "venues_room_twice", {"room": room.number}, field="number"))
        taken.add(room.number)
        found.append(against)
    return found


def _locked_room(exam: Exam, room_id: int, by: Actor) -> tuple[Site, Room]:
    """The room with its site held, read once it is: another may have changed or removed it meanwhile."""
    code = Room.objects.select_related("site").get(exam=exam, pk=room_id).site.code
    site = locked(exam, code, by)
    return site, Room.objects.get(site=site, pk=room_id)


def held(exam: Exam, site_code: str, by: Actor, permission: str) -> Site:
    """The site, held for this transaction, reported or not; hidden outside the actor's scope."""
    site = Site.objects.select_for_update().filter(exam=exam, code=site_code).first()
    if site is None or not site.office_path.startswith(by.office_path or "-"):
        raise NotPermitted(permission, hidden=True)
    return site


def locked(exam: Exam, site_code: str, by: Actor) -> Site:
    """The site, held for this transaction; refused once it is reported, hidden outside the actor's scope."""
    site = held(exam, site_code, by, "venues:site:edit")
    enforce(rules.check_is_host(site.point_code, queries.hosts(exam, site.point_code[:2])))
    enforce(rules.check_not_reported(site.reported_at is not None, site.code))
    return site


def _event(kind: str, site: Site, by: Actor, at: datetime, clauses: list[str], **data: object) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"site:{site.code}",
        exam=site.exam.slug,
        office_path=site.office_path,
        rules=clauses,
        data=data,
    )
