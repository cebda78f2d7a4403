"""Changing frozen plans: a new version beside the former, which stays as it was.

Every version holds all seats of its site. Those of the unchanged are copied by one statement (a site has some thousand
seats at most), so that whoever reads a plan reads one plan; versions that only held their difference would be rebuilt at
every look.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.core.exceptions import ValidationError
from django.db import connection

from keju.algorithms.seating import Diff, difference, free_seats
from keju.algorithms.seating import Seat as Desk
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, enforce
from keju.rulebook.words import t
from keju.stages.registration import queries as registration
from keju.stages.review import queries as review
from keju.stages.seating import events, queries, rules
from keju.stages.seating.models import Change, Plan, Seat
from keju.stages.seating.rules import Hall, Move, Mover, Place
from keju.stages.seating.services.planning import SEAT, hold
from keju.stages.venues import queries as venues

NO_REASON = t("请写明变更的理由。", "Say why the seats are changed.")
TOLD = 200
"""An event names so many people; of more it holds the count and the hash."""
COPY = """
INSERT INTO seating_seat (plan_id, registration_id, office_path, room_id, serial, "column", "row", category, current)
SELECT %(plan)s, registration_id, office_path, room_id, serial, "column", "row", category, true
FROM seating_seat WHERE plan_id = %(former)s AND NOT registration_id = ANY(%(people)s::bigint[])
"""


@dataclass(frozen=True, slots=True)
class Sitting:
    """A seat in a plan, with what a ticket says of it."""

    plan_id: int
    site_code: str
    office_path: str
    place: Place


@dataclass(frozen=True)
class Changed:
    """A site's plan before and after."""

    site_code: str
    former: Plan
    plan: Plan
    diff: Diff[int, Place]


@dataclass(frozen=True)
class ChangeResult:
    """One act: the sites that it changed, and where everybody named sat and sits now (None: nowhere)."""

    act: str
    version: int
    sites: list[Changed]
    people: dict[int, tuple[Sitting | None, Sitting | None]]


@dataclass
class _Site:
    """What is worked on: the plan in force and everybody in it, as they sat and as they will sit."""

    plan: Plan
    former: dict[int, Place]
    now: dict[int, Place]
    halls: list[Hall]


@write("seating:plan:change")
def change(
    *,
    exam: Exam,
    region_code: str,
    moves: Sequence[Move],
    reason: str,
    expected: Mapping[str, int] | None = None,
    by: Actor,
    at: datetime,
) -> ChangeResult:
    """Exactly the people named sit elsewhere, come or leave; everybody else's seat is what it was.

    Each site concerned has a new frozen version of its plan, which supersedes the former; one act and one version number
    for all of them. Two people who exchange seats are two moves. Refused with nothing changed: a seat that is taken, a
    room of another category or host, somebody who comes without being eligible or leaves while they are, and everything
    once the exam has begun. `expected`: site code → version that the page showed, else `Stale`. Tickets that were
    opened follow by `tickets.services.change_seats`, which calls this; the database refuses it without them.
    """
    if not path_of(region_code).startswith(by.office_path or "-"):
        raise NotPermitted("seating:plan:change", hidden=True)
    if not reason.strip():
        raise ValidationError({"reason": str(NO_REASON)})
    hold(exam, region_code)
    begins = min((s.starts_at for s in exams.sessions(exam)), default=None)
    enforce(rules.check_not_begun(begins is not None and at >= begins))
    needs = registration.granted_needs(exam, path_of(region_code))
    people = _movers(exam, region_code, moves, needs, by)
    enforce(rules.check_movers(moves, people))
    sites = _sites(exam, region_code, moves, people, expected or {})
    _seat(exam, moves, people, sites, {pk for pk, kinds in needs.items() if "separate_room" in kinds})
    return _write(exam, region_code, moves, sites, reason.strip()[:300], by, at)


def _movers(
    exam: Exam, region_code: str, moves: Sequence[Move], needs: Mapping[int, Sequence[str]], by: Actor
) -> dict[int, Mover]:
    ids = [m.registration_id for m in moves]
    briefs = registration.briefs(viewer=by, exam=exam, ids=ids)
    at = {p.registration_id: p for p in queries.places_of(exam, ids)}
    eligible = set(review.eligible_ids(viewer=by, exam=exam, region_code=region_code)) & set(ids)
    host = venues.assignment(exam, region_code)
    return {
        pk: Mover(
            registration.number_of(exam, pk),
            b.category,
            host.get(b.point_code, ""),
            at.get(pk),
            pk in eligible,
            frozenset(needs.get(pk, ())),
        )
        for pk, b in briefs.items()
    }


def _sites(
    exam: Exam,
    region_code: str,
    moves: Sequence[Move],
    people: Mapping[int, Mover],
    expected: Mapping[str, int],
) -> dict[int, _Site]:
    """Site id → plan and seats of every site that somebody leaves or may come to."""
    plans = {p.site_id: p for p in queries.current(exam, region_code)}
    room_ids = [p.at.room_id for p in people.values() if p.at] + [m.to[0] for m in moves if m.to and m.to[0]]
    wanted = set(queries.sites_of_rooms(exam, room_ids))
    hosts = {people[m.registration_id].host for m in moves if m.to and not m.to[0]}
    wanted |= {pk for pk, p in plans.items() if p.site.point_code in hosts}
    found = {}
    for site_id in sorted(wanted & set(plans)):
        plan = plans[site_id]
        if expected.get(plan.site.code, plan.version) != plan.version:
            raise Stale
        former = {p.registration_id: p for p in queries.seats(plan)}
        halls = [
            Hall(
                r.pk,
                r.number,
                plan.site.code,
                plan.site.point_code,
                r.kind,
                r.columns,
                r.rows,
                plan.standard,
                r.step_free,
                r.door,
            )
            for r in venues.rooms(plan.site)
        ]
        found[site_id] = _Site(plan, former, dict(former), halls)
    return found


def _seat(
    exam: Exam,
    moves: Sequence[Move],
    people: Mapping[int, Mover],
    sites: Mapping[int, _Site],
    lone: Collection[int],
) -> None:
    """`now` of the sites is as the moves want it; those who name a seat choose first. `lone`: who is to sit alone."""
    mix = queries.mixes(exam)
    halls = {h.room_id: (h, site) for site in sites.values() for h in site.halls}
    given_up = queries.seats_since_planned([s.plan for s in sites.values()])
    for site in sites.values():
        for move in moves:
            site.now.pop(move.registration_id, None)
    named = sorted((m for m in moves if m.to), key=lambda m: (not m.to[0], not m.to[1]))  # type: ignore[index]
    for move in named:
        person = people[move.registration_id]
        room_id, serial = move.to or (0, 0)
        leaves = halls[person.at.room_id][0] if person.at else None
        against = partial(_against, person, leaves, mix, lone)
        places = [halls[room_id]] if room_id in halls else []
        if not room_id:
            places = sorted(
                (pair for pair in halls.values() if not against(*pair)),
                key=lambda pair: _order(*pair, person),
            )
        else:
            enforce(against(*places[0]) if places else rules.check_seat(person, None, (), mix))
        for hall, site in places:
            desk = next((d for d in _free(hall, site, given_up) if serial in (0, d.serial)), None)
            if desk is not None:
                enforce(rules.check_door(person, hall, desk, leaves))
                site.now[move.registration_id] = Place(
                    move.registration_id, hall.room_id, hall.number, *desk, person.category
                )
                break
        else:
            enforce([rules.seat_taken(person, places[0][0] if room_id else None, serial)])


def _against(
    person: Mover, leaves: Hall | None, mix: bool, lone: Collection[int], hall: Hall, site: _Site
) -> list[Refusal]:
    """What stands against the person in the room, beside those who will sit in it."""
    here = [p for p in site.now.values() if p.room_id == hall.room_id]
    alone = hall.kind == venues.SEPARATE and any(p.registration_id in lone for p in here)
    others = [p.category for p in here]
    return list(rules.check_seat(person, hall, others, mix, alone=alone, leaves=leaves))


def _order(hall: Hall, site: _Site, person: Mover) -> tuple[int, str, int]:
    """Rooms that hold somebody first, then empty exam rooms, spare rooms last; for longer time rooms apart before all."""
    rank = 0 if any(p.room_id == hall.room_id for p in site.now.values()) else 1
    ranks = {"exam": rank, "spare": 2, "separate": -1 if "extra_time" in person.needs else 3}
    return ranks.get(hall.kind, 3), hall.site_code, hall.number


def _free(hall: Hall, site: _Site, given_up: Mapping[int, Iterable[Desk]]) -> list[Desk]:
    taken = [Desk(p.serial, p.column, p.row) for p in site.now.values() if p.room_id == hall.room_id]
    return free_seats(hall.columns, hall.rows, hall.limit, taken, given_up.get(hall.room_id, ()))


def _write(
    exam: Exam,
    region_code: str,
    moves: Sequence[Move],
    sites: Mapping[int, _Site],
    reason: str,
    by: Actor,
    at: datetime,
) -> ChangeResult:
    version = queries.next_version(exam, region_code)
    act, done = f"{region_code}/{version}", []
    changed = {pk: (s, diff) for pk, s in sites.items() if (diff := difference(s.former, s.now))}
    if not changed:
        enforce([Refusal("V7.1", "seating_change_nobody")])
    # All seats are given up before any is taken: who goes from one site to another has one seat at a time.
    former = [site.plan.pk for site, _ in changed.values()]
    Seat.objects.filter(plan_id__in=former, current=True).update(current=False)
    Plan.objects.filter(pk__in=former).update(superseded_at=at)
    for site, diff in changed.values():
        plan = _version(site, diff, version, by, at)
        Change.objects.create(
            exam=exam, plan=plan, former=site.plan, office_path=plan.office_path, act=act, reason=reason,
            moved=len(diff.moved), came=len(diff.came), left=len(diff.left), changed_by=by.ref, changed_at=at,
        )  # fmt: skip
        done.append(Changed(site.plan.site.code, site.plan, plan, diff))
    people = {m.registration_id: (_sat(done, m, new=False), _sat(done, m, new=True)) for m in moves}
    _record(exam, region_code, done, act, version, reason, people, by, at)
    return ChangeResult(act, version, done, people)


def _version(site: _Site, diff: Diff[int, Place], version: int, by: Actor, at: datetime) -> Plan:
    """The new plan with everybody in it, frozen."""
    old = site.plan
    plan = Plan.objects.create(
        exam_id=old.exam_id, site_id=old.site_id, office_path=old.office_path, version=version, standard=old.standard,
        seed=old.seed, count=len(site.now), hash=rules.frozen_hash(site.now.values()), made_by=by.ref,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(COPY, {"plan": plan.pk, "former": old.pk, "people": diff.people})
    fresh = [*(to for _, to in diff.moved.values()), *diff.came.values()]
    insert_rows(
        "seating_seat",
        SEAT,
        (
            (
                plan.pk,
                p.registration_id,
                plan.office_path,
                p.room_id,
                p.serial,
                p.column,
                p.row,
                p.category,
                True,
            )
            for p in fresh
        ),
    )
    Plan.objects.filter(pk=plan.pk).update(frozen_at=at)
    plan.frozen_at = at
    return plan


def _sat(done: Sequence[Changed], move: Move, *, new: bool) -> Sitting | None:
    for c in done:
        diff, pk = c.diff, move.registration_id
        if pk in diff.moved:
            place: Place | None = diff.moved[pk][new]
        else:
            place = (diff.came if new else diff.left).get(pk)
        if place is not None:
            plan = c.plan if new else c.former
            return Sitting(plan.pk, c.site_code, plan.office_path, place)
    return None


def _record(
    exam: Exam,
    region_code: str,
    done: Sequence[Changed],
    act: str,
    version: int,
    reason: str,
    people: Mapping[int, tuple[Sitting | None, Sitting | None]],
    by: Actor,
    at: datetime,
) -> None:
    sites = [
        {"site": c.site_code, "former": c.former.hash, "hash": c.plan.hash, "moved": len(c.diff.moved),
         "came": len(c.diff.came), "left": len(c.diff.left)}
        for c in done
    ]  # fmt: skip
    seats = [[pk, _said(was), _said(now)] for pk, (was, now) in people.items()]
    record(
        events.PLANS_CHANGED,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path_of(region_code),
        rules=["V7.1", "V14.7.1", "V14.7.3"],
        data={
            "act": act, "version": version, "reason": reason, "sites": sites, "people": len(seats),
            "seats": seats[:TOLD],
        },
    )  # fmt: skip


def _said(sitting: Sitting | None) -> str:
    return f"{sitting.site_code}/{sitting.place.room_number}/{sitting.place.serial}" if sitting else ""
