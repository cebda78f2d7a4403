"""Who may go along with papers, and who of them is on the way already (V10.2.6)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.custody.models import Journey, JourneyCrew
from keju.stages.custody.models.journeys import LIVING
from keju.stages.staffing import queries as staffing

NATION = Actor.system("custody journeys")


@dataclass(frozen=True)
class Candidate:
    """Somebody who may go along: appointed in force to a post with papers (V10.2.6)."""

    person_id: int
    name: str
    post: str
    office_code: str


def candidates(exam: Exam, path: str) -> list[Candidate]:
    """Who may go along with papers of this office and those under it, by name."""
    posts = {
        p.code
        for p in exams.programme(exam).posts
        if p.keeps_papers and p.at in ("centre", "region", "point")
    }
    rows = staffing.appointments_in_force(exam, path).filter(post__in=posts).select_related("member__person")
    found = {
        a.member.person_id: Candidate(a.member.person_id, a.member.person.name, a.post, a.office_code)
        for a in rows.order_by("office_path", "-pk")
    }
    return sorted(found.values(), key=lambda c: (c.office_code, c.name, c.person_id))


def unfit(exam: Exam, people: Collection[int], path: str) -> tuple[set[int], set[int]]:
    """Of these persons: who is not appointed in force to a post with papers, and who lacks training; for all journeys under
    the path together."""
    able = {c.person_id for c in candidates(exam, path)}
    return set(people) - able, set(people) & staffing.untrained_members(exam, path)


def busy(exam: Exam, rows: Sequence[Journey], crews: dict[int, list[JourneyCrew]]) -> dict[int, set[int]]:
    """Journey → the people of it who are on another one at the same time, wherever in the nation."""
    people = {c.person_id for crew in crews.values() for c in crew}
    with acting(NATION):
        taken = list(
            JourneyCrew.objects.filter(
                person_id__in=people, journey__exam=exam, journey__state__in=LIVING
            ).values_list("person_id", "journey_id", "journey__depart_at", "journey__arrive_at")
        )
    taken += [(c.person_id, row.pk, row.depart_at, row.arrive_at) for row in rows for c in crews[row.pk]]
    found: dict[int, set[int]] = {}
    for row in rows:
        mine = {c.person_id for c in crews[row.pk]}
        found[row.pk] = {
            person
            for person, other, start, end in taken
            if person in mine and other != row.pk and start < row.arrive_at and row.depart_at < end
        }
    return found
