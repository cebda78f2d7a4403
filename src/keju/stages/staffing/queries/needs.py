"""How many of each post are needed where, who is there, and what is missing (V2.1-V2.8)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import path_of
from keju.rulebook.model import Post
from keju.stages.seating.queries.in_use import floors_in_use
from keju.stages.staffing import rules
from keju.stages.staffing.params import Params
from keju.stages.staffing.queries.held import held
from keju.stages.staffing.rules import Counted, Place, Quota
from keju.stages.venues import queries as venues

NOBODY = Counted()


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
    """Where posts are filled at and under a path, read once for all posts: offices that take part, floors and sites in use."""

    regions: Sequence[Place]
    points: Sequence[Place]
    hosts: Sequence[Place]
    floors: Sequence[Place]
    sites: Sequence[Place]
    """Each with its rooms as units."""


def scene(exam: Exam, path: str) -> Scene:
    """Three statements."""
    taking_part = [o.office_id for o in exams.openings_under(exam, path)]
    hosts = venues.hosts(exam)
    points = sorted({*(code for code in taking_part if len(code) == 4), *hosts})
    found = floors_in_use(exam, path)
    rooms = Counter[tuple[str, str]]()
    for floor in found:
        rooms[floor.site_code, floor.office_path] += floor.rooms
    return Scene(
        _under(path, [code for code in taking_part if len(code) == 2]),
        _under(path, points),
        _under(path, hosts),
        [Place(floor.site_code, floor.office_path, floor.building, floor.floor) for floor in found],
        [Place(*site, units=n) for site, n in rooms.items()],
    )


def places(path: str, post: Post, scene: Scene) -> Sequence[Place]:
    """Where the post is filled: offices that take part, or the sites and floors in use."""
    per = post.quota.per if post.quota else post.at
    if post.at in ("committee", "office", "centre"):
        return _under(path, [post.at])
    if post.at == "region":
        return scene.regions
    if post.at == "point":
        used_only = post.quota is None or post.quota.used_only
        return scene.hosts if used_only else scene.points
    if per == "floor":
        return scene.floors
    return scene.sites if per == "room" else [replace(site, units=1) for site in scene.sites]


def _under(path: str, codes: Iterable[str]) -> list[Place]:
    """The offices of these codes at and under the path, in their order."""
    return [Place(code, where) for code in codes if (where := path_of(code)).startswith(path or "-")]


def all_places(exam: Exam, path: str) -> dict[str, Sequence[Place]]:
    """Post → where it is filled, of every post."""
    found = scene(exam, path)
    return {post.code: places(path, post, found) for post in exams.programme(exam).posts}


def counted(exam: Exam, path: str) -> Mapping[tuple[str, str, str, int | None], Counted]:
    """(post, office code, building, floor) → who holds it."""
    return held(exam, path).posts


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
            have = there.get((post.code, place.office_code, place.building, place.floor), NOBODY)
            found.append(Gap(post, place, quota, have, *rules.shortfall(quota, place.units, have)))
    return found
