"""Registrations as columns, for what is done to a whole region at once: nothing here makes an object per person."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection

from keju.algorithms.seating import Need, group_key
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.registration.queries.needs import granted_needs

# In id order. Names are compared by their hash; what it stands for is asked once for each name.
CROWD = """
SELECT array_agg(id), array_agg(candidate_id), array_agg(point), array_agg(category), array_agg(employer), array_agg(school)
FROM (
  SELECT id, candidate_id, point_code::int AS point,
    array_position(%(categories)s::text[], category::text) - 1 AS category,
    CASE WHEN %(groups)s THEN hashtextextended(employer::text, 0) ELSE 0 END AS employer,
    CASE WHEN %(groups)s THEN hashtextextended(route_facts->>'school', 0) ELSE 0 END AS school
  FROM registration_registration
  WHERE exam_id = %(exam)s AND id = ANY(%(ids)s::bigint[]) AND office_path >= %(path)s AND office_path < %(path)s || '~'
  ORDER BY id
) r
"""
NAMES = """
SELECT hashtextextended(name, 0), name FROM (
  SELECT DISTINCT unnest(ARRAY[employer::text, route_facts->>'school']) AS name FROM registration_registration
  WHERE exam_id = %(exam)s AND id = ANY(%(ids)s::bigint[]) AND office_path >= %(path)s AND office_path < %(path)s || '~'
) n WHERE name IS NOT NULL
"""


@dataclass(frozen=True)
class Crowd:
    """One entry per registration in id order. `point`: its code as a number; `category`: its place in the list asked with;
    `employer` and `school`: a keyed number, equal for two of the same one, 0 for none; `needs`: the granted ones, added up as
    `algorithms.seating.Need`."""

    id: list[int] = field(default_factory=list)
    candidate: list[int] = field(default_factory=list)
    point: list[int] = field(default_factory=list)
    category: list[int] = field(default_factory=list)
    employer: list[int] = field(default_factory=list)
    school: list[int] = field(default_factory=list)
    needs: list[int] = field(default_factory=list)


def crowd(
    *, viewer: Actor, exam: Exam, ids: Sequence[int], categories: Sequence[str], groups: bool = False
) -> Crowd:
    """Those of the ids that the viewer may see. `groups`: employers, schools and needs are asked for too, else 0."""
    facts = {
        "exam": exam.pk,
        "ids": f"{{{','.join(map(str, ids))}}}",  # as text: a list is dumped value by value
        "path": viewer.office_path or "-",
        "categories": list(categories),
        "groups": groups,
    }
    with connection.cursor() as cursor:
        cursor.execute(CROWD, facts)
        columns = cursor.fetchone()
        if columns[0] is None:
            return Crowd()
        pk, candidate, point, category, employer, school = columns
        if groups:
            key = bytes(settings.SECRETS.audit_mac_key)
            cursor.execute(NAMES, facts)
            known = {seen: group_key(key, name) for seen, name in cursor.fetchall()}
            employer = [known[seen] for seen in employer]
            school = [0 if seen is None else known[seen] for seen in school]
    return Crowd(
        pk,
        candidate,
        point,
        category,
        employer,
        school,
        _needs(exam, viewer, pk) if groups else [0] * len(pk),
    )


def _needs(exam: Exam, viewer: Actor, ids: Sequence[int]) -> list[int]:
    known = {
        pk: sum(Need[kind.upper()] for kind in kinds)
        for pk, kinds in granted_needs(exam, viewer.office_path or "-").items()
    }
    return [known.get(pk, 0) for pk in ids]
