"""Who may stand where on the exam day: appointed, in force, by what they are there for."""

from collections.abc import Collection
from dataclasses import dataclass

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import path_of
from keju.stages.custody.queries.standing import staffed
from keju.stages.staffing import queries as staffing

HEADS = frozenset({"chief_examiner", "deputy_chief_examiner"})


@dataclass(frozen=True)
class OnDuty:
    """Somebody in force. `room`: the one that they were appointed to, if any."""

    person_id: int
    name: str
    post: str
    room: int | None = None


@dataclass(frozen=True)
class Team:
    """A site's people for its papers. Heads and confidential officers are the point's."""

    heads: list[OnDuty]
    officers: list[OnDuty]
    staff: list[OnDuty]
    invigilators: list[OnDuty]

    def name_of(self, person_id: int) -> str:
        everybody = (*self.heads, *self.officers, *self.staff, *self.invigilators)
        return next((one.name for one in everybody if one.person_id == person_id), "")


def team(exam: Exam, site_code: str) -> Team:
    """The people of a site and its point who may sign for papers there."""
    point = site_code.partition("-")[0]
    officers, staff = _at_point(exam)
    rooms = {
        post.code
        for post in exams.programme(exam).posts
        if post.quota is not None and post.quota.per == "room"
    }
    at_point = _in_force(exam, path_of(point), {point}, HEADS | officers | staff)
    return Team(
        heads=[one for one in at_point if one.post in HEADS],
        officers=[one for one in at_point if one.post in officers],
        staff=[one for one in at_point if one.post in staff],
        invigilators=_in_force(exam, path_of(site_code), {site_code}, rooms),
    )


def lacking(exam: Exam, site_codes: Collection[str], staff: int) -> dict[str, int]:
    """Site → how many of a head, a confidential officer and so many staff its point lacks. One statement."""
    officers, others = _at_point(exam)
    points = {site: site.partition("-")[0] for site in site_codes}
    held = staffed(exam, set(points.values()), HEADS | officers | others)

    def short(point: str) -> int:
        found = [
            set().union(*(held.get((point, post), ()) for post in posts))
            for posts in (HEADS, officers, others)
        ]
        return sum(max(0, n - len(some)) for n, some in zip((1, 1, staff), found, strict=True))

    return {site: short(point) for site, point in points.items()}


def _at_point(exam: Exam) -> tuple[set[str], set[str]]:
    """(posts of confidential officers, other posts with papers) at a point."""
    posts = [post for post in exams.programme(exam).posts if post.keeps_papers and post.at == "point"]
    officers = {post.code for post in posts if post.needs.permanent}
    return officers, {post.code for post in posts} - officers


def _in_force(exam: Exam, path: str, offices: Collection[str], posts: Collection[str]) -> list[OnDuty]:
    found = staffing.appointments_in_force(exam, path).filter(post__in=posts, office_code__in=offices)
    rows = found.select_related("member__person").order_by("room", "member__person__name", "pk")
    seen: dict[tuple[int, str], OnDuty] = {}
    for row in rows:
        person = row.member.person
        seen.setdefault((person.pk, row.post), OnDuty(person.pk, person.name, row.post, row.room))
    return list(seen.values())
