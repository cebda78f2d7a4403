"""Who can be put in charge of something at an office, and what people are called."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Q

from keju.kernel.accounts.models import Person
from keju.kernel.accounts.queries import staff_names
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.rulebook.words import Words
from keju.stages.staffing import queries as staffing

LISTED = 300
"""So many people are offered in a list; an office of more looks them up by name or employer."""


def region_of(path: str) -> str:
    """The path of the region that the office lies in, "/" for the nation."""
    parts = [part for part in path.split("/") if part]
    return f"/{parts[0]}/" if parts else "/"


def people_at(path: str, like: str = "", keep: Collection[int] = ()) -> list[tuple[int, str]]:
    """(id, name with employer) of those whose home is the office or one below, those of the office itself first.

    `like`: only whose name or employer holds this. `keep`: those already chosen come first, found or not.
    """
    with acting(Actor.system("security", path)):
        here = Person.objects.filter(office_path__gte=path, office_path__lt=path + "~")
        kept = list(here.filter(pk__among=list(keep)).order_by("name", "id")) if keep else []
        found = here.exclude(pk__in=[p.pk for p in kept])
        if like := like.strip():
            found = found.filter(Q(name__icontains=like) | Q(employer__icontains=like))
        rows = kept + list(found.order_by("office_path", "name", "id")[:LISTED])
    return [(p.pk, f"{p.name}（{p.employer}）" if p.employer else p.name) for p in rows]


def is_person_of(person_id: int, path: str) -> bool:
    """Whether somebody of that id works in the region of the office."""
    with acting(Actor.system("security", region_of(path))):
        return Person.objects.filter(pk=person_id).exists()


def are_people_of(ids: Collection[int], path: str) -> bool:
    """As `is_person_of`, of all of them in one statement."""
    with acting(Actor.system("security", region_of(path))):
        return Person.objects.filter(pk__among=list(ids)).count() == len(set(ids))


def posts_at(exam: Exam, path: str) -> list[tuple[str, Words, set[int]]]:
    """(code, name, ids of persons) of each post that somebody holds in force at the office or below, as the law lists them."""
    held: dict[str, set[int]] = defaultdict(set)
    rows = staffing.appointments_in_force(exam, path).values_list("post", "member__person_id")
    for post, person in rows:
        held[post].add(person)
    return [(p.code, p.name, held[p.code]) for p in exams.programme(exam).posts if p.code in held]


def names(refs: Iterable[str], path: str) -> dict[str, str]:
    """`person:7` → name, of people of the region of the office, whoever asks."""
    with acting(Actor.system("security", region_of(path))):
        return staff_names(set(refs))


def names_by_id(ids: Iterable[int], path: str) -> dict[int, str]:
    """As `names`, by id."""
    found = names({f"person:{pk}" for pk in ids}, path)
    return {int(ref.removeprefix("person:")): name for ref, name in found.items()}


def line(code: str) -> list[str]:
    """The office and those above it up to its region, nearest first: 1101-01 → 1101-01, 1101, 11."""
    if "-" in code:
        return [code, code[:4], code[:2]]
    return [code, code[:2]] if len(code) == 4 and code.isdigit() else [code]


def paths(codes: Iterable[str]) -> dict[str, str]:
    return {code: path_of(code) for code in codes}
