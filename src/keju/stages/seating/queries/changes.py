"""Reading versions of plans: what a change changed, which seats are free, which rooms are no longer as they were printed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from keju.algorithms.seating import Diff, difference, free_seats
from keju.algorithms.seating import Seat as Desk
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.stages.review import queries as review
from keju.stages.seating import rules
from keju.stages.seating.models import Change, Plan, Seat
from keju.stages.seating.queries.plans import Picture, RoomLoad, picture, plans, room_loads, seats
from keju.stages.seating.rules import Place
from keju.stages.venues import queries as venues

# Seats of a site since it was last planned: a version with a change follows from the one before it.
SINCE = """
WITH RECURSIVE line(id, plan) AS (
  SELECT p, p FROM unnest(%(plans)s::bigint[]) p
  UNION ALL SELECT line.id, c.former_id FROM line JOIN seating_change c ON c.plan_id = line.plan)
SELECT DISTINCT s.room_id, s.serial, s."column", s."row" FROM line JOIN seating_seat s ON s.plan_id = line.plan
"""


@dataclass(frozen=True)
class VersionDiff:
    """Two versions of a site's plan beside each other."""

    former: Plan
    plan: Plan
    diff: Diff[int, Place]


def current(exam: Exam, region_code: str) -> list[Plan]:
    """The region's plans in force with their sites."""
    path = path_of(region_code)
    found = Plan.objects.filter(
        exam=exam, superseded_at=None, office_path__gte=path, office_path__lt=path + "~"
    )
    return list(found.select_related("site").order_by("site__code"))


def places_of(exam: Exam, registration_ids: Sequence[int]) -> list[Place]:
    """Where these people sit in the plans in force."""
    found = Seat.objects.filter(plan__exam=exam, current=True, registration_id__in=registration_ids)
    fields = ("registration_id", "room_id", "room__number", "serial", "column", "row", "category")
    return [Place(*row) for row in found.values_list(*fields)]


def sites_of_rooms(exam: Exam, room_ids: Iterable[int]) -> list[int]:
    """The sites that the rooms belong to, as far as the viewer sees them."""
    return venues.sites_of_rooms(exam, sorted(set(room_ids)))


def seats_since_planned(plans: Iterable[Plan]) -> dict[int, list[Desk]]:
    """Room id → every seat that somebody had since the site was last planned, whoever has it now."""
    found: dict[int, list[Desk]] = {}
    with connection.cursor() as cursor:
        cursor.execute(SINCE, {"plans": [p.pk for p in plans]})
        for room_id, serial, column, row in cursor.fetchall():
            found.setdefault(room_id, []).append(Desk(serial, column, row))
    return found


def free_desks(plan: Plan, room_id: int, columns: int, rows: int) -> list[Desk]:
    """The seats of the room that may be given by a change of the plan."""
    taken = [Desk(p.serial, p.column, p.row) for p in seats(plan, room_id)]
    return free_seats(columns, rows, plan.standard, taken, seats_since_planned([plan]).get(room_id, ()))


def changes(plan_ids: Iterable[int]) -> dict[int, Change]:
    """Plan id → the change that made it, of those that were not planned."""
    return {c.plan_id: c for c in Change.objects.filter(plan_id__in=list(plan_ids))}


def version(exam: Exam, site_code: str, number: int, *, viewer: Actor) -> Plan:
    """That version of the site's plan; `Plan.DoesNotExist` if there is none in the viewer's scope."""
    found = Plan.objects.filter(
        exam=exam, office_path__gte=viewer.office_path, office_path__lt=viewer.office_path + "~"
    )
    return found.select_related("site").get(site__code=site_code, version=number)


def compare(former: Plan, plan: Plan) -> VersionDiff:
    """Who sits elsewhere, came or left between two versions."""
    was = {p.registration_id: p for p in seats(former)}
    now = {p.registration_id: p for p in seats(plan)}
    return VersionDiff(former, plan, difference(was, now))


def recomputed(plan: Plan) -> str:
    """The hash over the seats as they stand in the database: equal to the frozen one."""
    return rules.frozen_hash(seats(plan))


def changed_rooms(exam: Exam, site_code: str, plan_id: int, *, viewer: Actor) -> set[int] | None:
    """Numbers of the rooms whose seats differ between that plan of the site and the one in force; None: no such plan."""
    here = list(plans(exam, viewer=viewer).filter(site__code=site_code))
    then = Plan.objects.filter(exam=exam, site__code=site_code, pk=plan_id).first()
    if not here or then is None:
        return None
    diff = compare(then, here[0]).diff
    places = [*(p for pair in diff.moved.values() for p in pair), *diff.came.values(), *diff.left.values()]
    return {p.room_number for p in places}


def at_seat(plan: Plan, room_number: int, serial: int) -> tuple[int, int] | None:
    """(room id, registration id or 0) of a seat of the site by the numbers on its door and desk; None: no such room."""
    room_id = next((r.pk for r in venues.rooms(plan.site) if r.number == room_number), None)
    if room_id is None:
        return None
    found = Seat.objects.filter(plan=plan, room_id=room_id, serial=serial)
    return room_id, found.values_list("registration_id", flat=True).first() or 0


def pictures(plan: Plan, start: int, size: int) -> tuple[list[Picture], int]:
    """So many of the plan's rooms as pictures, from the place `start` in their order; and how many rooms there are."""
    loads: dict[int, RoomLoad] = {}
    for load in room_loads(plan):
        loads.setdefault(load.room_id, load)
    mine = list(loads.values())[start : start + size]
    found: dict[int, list[Place]] = {load.room_id: [] for load in mine}
    for place in seats(plan, [load.room_id for load in mine]):
        found[place.room_id].append(place)
    return [picture(load, found[load.room_id]) for load in mine], len(loads)


def unseated(exam: Exam, region_code: str, *, viewer: Actor) -> tuple[list[int], list[int]]:
    """Who of the region is eligible and has no seat, and who has one without being eligible: registration ids in order.

    Nobody where the region has no plan in force: then all are to be seated at once.
    """
    path = path_of(region_code)
    mine = Seat.objects.filter(
        plan__exam=exam, current=True, office_path__gte=path, office_path__lt=path + "~"
    )
    seated = set(mine.values_list("registration_id", flat=True))
    if not seated:
        return [], []
    eligible = set(review.eligible_ids(viewer=viewer, exam=exam, region_code=region_code))
    return sorted(eligible - seated), sorted(seated - eligible)
