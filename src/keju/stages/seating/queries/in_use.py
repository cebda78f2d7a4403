"""Which rooms are used on the day: what staff and devices are counted by."""

from dataclasses import dataclass

from django.db import connection

from keju.kernel.exams.models import Exam

# A site whose plan is frozen uses the rooms in which somebody sits; before, all that it has for exams.
IN_USE = """
FROM venues_site s
JOIN venues_room r ON r.site_id = s.id
LEFT JOIN seating_plan p ON p.site_id = s.id AND p.superseded_at IS NULL AND p.frozen_at IS NOT NULL
WHERE s.exam_id = %s AND s.office_path >= %s AND s.office_path < %s
  AND CASE WHEN p.id IS NULL THEN r.kind = 'exam'
      ELSE EXISTS (SELECT FROM seating_seat t WHERE t.plan_id = p.id AND t.room_id = r.id) END
"""
ROOMS = f"""
SELECT s.point_code, s.code, s.office_path, r.id, r.number, r.building, r.floor {IN_USE} ORDER BY s.code, r.number
"""
FLOORS = f"""
SELECT s.code, s.office_path, r.building, r.floor, count(*) {IN_USE}
GROUP BY s.code, s.office_path, r.building, r.floor ORDER BY s.code, r.building COLLATE "C", r.floor
"""


@dataclass(frozen=True, slots=True)
class RoomInUse:
    """A room in which somebody sits the exam; `room_id` its row, `number` what people call it."""

    point_code: str
    site_code: str
    office_path: str
    room_id: int
    number: int
    building: str
    floor: int


@dataclass(frozen=True, slots=True)
class FloorInUse:
    """A floor of a site and how many of its rooms are used."""

    site_code: str
    office_path: str
    building: str
    floor: int
    rooms: int


def rooms_in_use(exam: Exam, path: str) -> list[RoomInUse]:
    """Every room used on the day at and under the path, by site and number; one statement, as far as the scope shows."""
    with connection.cursor() as cursor:
        cursor.execute(ROOMS, [exam.pk, path, path + "~"])
        return [RoomInUse(*row) for row in cursor.fetchall()]


def floors_in_use(exam: Exam, path: str) -> list[FloorInUse]:
    """Every floor with rooms used on the day at and under the path, by site; one statement, as far as the scope shows."""
    with connection.cursor() as cursor:
        cursor.execute(FLOORS, [exam.pk, path, path + "~"])
        return [FloorInUse(*row) for row in cursor.fetchall()]
