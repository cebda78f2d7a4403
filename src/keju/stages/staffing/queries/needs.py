"""How many of each post are needed where, who is there, and what is missing (V2.1-V2.8)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import path_of
from keju.rulebook.model import Post
from keju.stages.seating.queries.in_use import RoomInUse, rooms_in_use
from keju.stages.staffing import rules
from keju.stages.staffing.params import Params
from keju.stages.staffing.queries.appointed import barred_members, closed_posts
from keju.stages.staffing.rules import Counted, Place, Quota
from keju.stages.venues import queries as venues

# Barred: by a recusal hit, or by an employer of the sector where the post is closed to it. Substitutes count for nothing
# but themselves.
COUNTS = """
SELECT post, office_code, building, floor,
  count(*) FILTER (WHERE state = 'accepted' AND NOT substitute AND NOT barred),
  count(*) FILTER (WHERE state IN ('proposed', 'invited') AND NOT substitute),
  count(*) FILTER (WHERE state = 'accepted' AND NOT substitute AND barred),
  count(*) FILTER (WHERE state = 'accepted' AND substitute AND NOT barred)
FROM (
  SELECT a.*, a.member_id = ANY(%(barred)s) OR a.post = ANY(%(closed)s)
    AND EXISTS (SELECT FROM staffing_member m WHERE m.id = a.member_id AND m.in_sector) AS barred
  FROM staffing_appointment a
  WHERE a.exam_id = %(exam)s AND a.office_path >= %(path)s AND a.office_path < %(end)s
    AND a.state IN ('proposed', 'invited', 'accepted')
) AS living
GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True)
class Gap:
    """One post at one place: how many it needs, who is there, how many are missing or too many."""

    post: Post
    place: Place
    quota: Quota
    counted: Counted
    missing: int
    over: int

    @property
    def least(self) -> int:
        """The fewest that the place needs."""
        return self.quota.least * self.place.units

    @property
    def most(self) -> int | None:
        """The most that it may have; None without bound."""
        return None if self.quota.most is None else self.quota.most * self.place.units

    @property
    def settled(self) -> bool:
        return not self.missing and not self.over


@dataclass(frozen=True)
class Scene:
    """What places are made of: offices that take part, host points, rooms in use; read once for all posts."""

    regions: Sequence[str]
    points: Sequence[str]
    hosts: Sequence[str]
    rooms: Sequence[RoomInUse]


def scene(exam: Exam, path: str) -> Scene:
    """At and under the path; three statements."""
    taking_part = sorted(exams.openings(exam).values_list("office_id", flat=True))
    return Scene(
        [code for code in taking_part if len(code) == 2],
        [code for code in taking_part if len(code) == 4],
        venues.hosts(exam),
        rooms_in_use(exam, path),
    )


def places(path: str, post: Post, scene: Scene) -> list[Place]:
    """Where the post is filled at and under the path: offices that take part, or the sites and floors in use."""
    per = post.quota.per if post.quota else post.at
    if post.at in ("committee", "office", "centre"):
        found = [Place(post.at, "/")]
    elif post.at == "region":
        found = [Place(code, path_of(code)) for code in scene.regions]
    elif post.at == "point":
        used_only = post.quota is None or post.quota.used_only
        codes = scene.hosts if used_only else sorted({*scene.points, *scene.hosts})
        found = [Place(code, path_of(code)) for code in codes]
    elif per == "floor":
        floors = {(r.site_code, r.office_path, r.building, r.floor) for r in scene.rooms}
        found = [Place(*key) for key in sorted(floors)]
    else:
        counts = Counter((r.site_code, r.office_path) for r in scene.rooms)
        found = [Place(*key, units=n if per == "room" else 1) for key, n in sorted(counts.items())]
    return [place for place in found if place.office_path.startswith(path or "-")]


def all_places(exam: Exam, path: str) -> dict[str, list[Place]]:
    """Post → where it is filled, of every post."""
    found = scene(exam, path)
    return {post.code: places(path, post, found) for post in exams.programme(exam).posts}


def counted(exam: Exam, path: str) -> Mapping[tuple[str, str, str, int | None], Counted]:
    """(post, office code, building, floor) → who holds it."""
    facts = {
        "exam": exam.pk,
        "path": path,
        "end": path + "~",
        "barred": barred_members(exam),
        "closed": closed_posts(exam),
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, facts)
        return {tuple(row[:4]): Counted(*row[4:]) for row in cursor.fetchall()}


def gaps(exam: Exam, path: str, *, posts: Sequence[str] = ()) -> list[Gap]:
    """Every post with a quota at every place at and under the path, settled or not; few statements, whatever the number."""
    params, there = exams.params(exam, Params), counted(exam, path)
    where = all_places(exam, path)
    found = []
    for post in exams.programme(exam).posts:
        quota = rules.quota_of(post, params)
        if quota is None or (posts and post.code not in posts):
            continue
        for place in where[post.code]:
            have = there.get((post.code, place.office_code, place.building, place.floor), Counted())
            found.append(Gap(post, place, quota, have, *rules.shortfall(quota, place.units, have)))
    return found
