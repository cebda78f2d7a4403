"""Who holds which post where and what they have passed, counted by the database: one statement for all who ask in a look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.looking import once_for_all
from keju.stages.staffing.queries.appointed import barred_members, closed_posts
from keju.stages.staffing.rules import Counted

NATION = Actor.system("staffing")
"""Whoever serves here may have passed at home."""

# Barred: by a recusal hit, or by an employer of the sector where the post is closed to it. Substitutes count for nothing
# but themselves. The members and what they passed are looked up once for all three counts: that is what a region's
# thousands cost.
HELD = """
WITH need AS (
  SELECT post, array_agg(module) AS modules FROM unnest(%(posts)s::text[], %(modules)s::text[]) AS n(post, module) GROUP BY 1
),
held AS MATERIALIZED (
  SELECT a.post, a.office_path, a.office_code, a.building, a.floor, a.state, a.substitute, m.person_id, need.modules,
    a.member_id = ANY(%(barred)s) OR m.in_sector AND a.post = ANY(%(closed)s) AS barred,
    CASE WHEN a.state = 'accepted' AND need.post IS NOT NULL THEN ARRAY(
      SELECT c.module::text FROM exams_clearance c WHERE c.exam_id = a.exam_id AND c.person_id = m.person_id
    ) END AS passed
  FROM staffing_appointment a JOIN staffing_member m ON m.id = a.member_id LEFT JOIN need ON need.post = a.post
  WHERE a.exam_id = %(exam)s AND a.office_path >= %(path)s AND a.office_path < %(path)s || '~'
    AND a.state IN ('proposed', 'invited', 'accepted')
),
posts AS (
  SELECT post, office_code, building, floor,
    count(*) FILTER (WHERE state = 'accepted' AND NOT substitute AND NOT barred) AS accepted,
    count(*) FILTER (WHERE state IN ('proposed', 'invited') AND NOT substitute) AS asked,
    count(*) FILTER (WHERE state = 'accepted' AND NOT substitute AND barred) AS barred,
    count(*) FILTER (WHERE state = 'accepted' AND substitute AND NOT barred) AS substitutes
  FROM held GROUP BY 1, 2, 3, 4
),
taught AS (
  SELECT office_path, post, passed, count(*) AS people FROM held WHERE passed IS NOT NULL GROUP BY 1, 2, 3
),
person AS (
  SELECT min(office_path COLLATE "C") AS office_path, bool_and(passed @> modules) AS done
  FROM held WHERE passed IS NOT NULL GROUP BY person_id
),
persons AS (
  SELECT office_path, count(*) AS people, count(*) FILTER (WHERE NOT done) AS lacking FROM person GROUP BY 1
)
SELECT
  (SELECT json_agg(json_build_array(post, office_code, building, floor, accepted, asked, barred, substitutes)) FROM posts),
  (SELECT json_agg(json_build_array(office_path, post, passed, people)) FROM taught),
  (SELECT json_agg(json_build_array(office_path, people, lacking)) FROM persons)
"""


@dataclass(frozen=True)
class Taught:
    """How many hold a post in force at an office that asks for modules, and have passed just these modules."""

    office_path: str
    post: str
    passed: frozenset[str]
    people: int


@dataclass(frozen=True)
class Held:
    """The living appointments at and under a path.

    `posts`: (post, office code, building, floor) → who holds it. `taught`: those in force by what they passed. `persons`:
    office path → how many persons in force need modules, each at the first of their places, and how many lack one.
    """

    posts: Mapping[tuple[str, str, str, int | None], Counted]
    taught: Sequence[Taught]
    persons: Mapping[str, tuple[int, int]]


@once_for_all
def held(exam: Exam, path: str) -> Held:
    """Those at and under the path, a path of the caller's own scope; one statement however many there are."""
    posts = exams.programme(exam).posts
    needs = [(post.code, module) for post in posts for module in post.needs.training]
    with acting(NATION), connection.cursor() as cursor:
        asked = {
            "exam": exam.pk,
            "path": path,
            "posts": [post for post, _ in needs],
            "modules": [module for _, module in needs],
            "barred": barred_members(exam),
            "closed": closed_posts(exam),
        }
        cursor.execute(HELD, asked)
        by_place, by_modules, by_person = (found or [] for found in cursor.fetchone())
    return Held(
        {(post, code, building, floor): Counted(*n) for post, code, building, floor, *n in by_place},
        [Taught(where, post, frozenset(passed), people) for where, post, passed, people in by_modules],
        {where: (people, lacking) for where, people, lacking in by_person},
    )
