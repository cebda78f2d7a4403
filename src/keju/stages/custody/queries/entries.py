"""Who is inside a store, who was, who may go in; and where its keys were."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook import Refusal
from keju.rulebook.model import Programme
from keju.stages.custody.models import Entry, HandoverPerson, KeyStep, Store, StorePerson
from keju.stages.custody.queries.stores import NATION, candidates, humans_by_person, officers_of, roles_now
from keju.stages.custody.rules import stores as rules
from keju.stages.custody.rules.handovers import LIVING
from keju.stages.custody.rules.keeping import DOOR


@dataclass(frozen=True)
class Holder:
    """Who has a key of the door and so must be there."""

    person_id: int
    name: str
    lock: str


def inside(row: Store) -> list[Entry]:
    """Entries whose people have not come out, the longest first."""
    with acting(NATION):
        found = Entry.objects.filter(store=row, admitted=True, ended=None).select_related("person")
        return list(found.order_by("at", "pk"))


def humans_inside(row: Store) -> set[int]:
    return set(humans_by_person(entry.person_id for entry in inside(row)).values())


def log(row: Store, *, before: int | None = None, size: int | None = None) -> list[Entry]:
    """Entries and refused attempts of the store, newest first."""
    with acting(NATION):
        found: QuerySet[Entry] = Entry.objects.filter(store=row).select_related(
            "person", "holder_a", "holder_b", "ended"
        )
        found = found.filter(pk__lt=before) if before else found
        return list(found.order_by("-pk")[:size])


def refusals(entry: Entry) -> list[Refusal]:
    """Why they were not let in."""
    return [Refusal("V12.2.4", code, facts) for code, facts in entry.refusals]


def entitled(exam: Exam, row: Store) -> set[int]:
    """The humans who may enter (V12.2.4): confidential officers, the responsible person, the receiver, and whom the store's
    handovers name."""
    roles = roles_now([row.pk])[row.pk]
    officers = officers_of(exam, [row.office_code]).get(row.office_code, set())
    handing = set(humans_by_person(of_handovers(row)).values())
    return officers | roles[rules.RESPONSIBLE] | roles[rules.RECEIVER] | roles[rules.WITHDRAW] | handing


def of_handovers(row: Store) -> dict[int, str]:
    """Person → name of whoever is named for a handover into the store, or of something that lies in it, not yet ended."""
    with acting(NATION):
        named = HandoverPerson.objects.filter(
            handover__exam=row.exam_id, handover__state__in=LIVING, left=False
        )
        into = Q(handover__place=row.place)
        out = Q(handover__items__living=True, handover__items__container__holding__place=row.place)
        return dict(named.filter(into | out).values_list("person_id", "person__name").distinct())


def enterable(exam: Exam, row: Store) -> list[tuple[int, str]]:
    """(person, name) of everybody entitled, by name: for the page at the door."""
    may = entitled(exam, row)
    with acting(NATION):
        people = dict(
            StorePerson.objects.filter(store=row, ended_at=None).values_list("person_id", "person__name")
        )
    people |= {c.person_id: c.name for c in candidates(exam, row.office_code)} | of_handovers(row)
    humans = humans_by_person(people)
    first: dict[int, int] = {}
    for person in sorted(people):
        first.setdefault(humans[person], person)
    found = [(person, people[person]) for human, person in first.items() if human in may]
    return sorted(found, key=lambda one: (one[1], one[0]))


def doorkeepers(row: Store) -> list[Holder]:
    """Who has the keys of the door now, by lock."""
    steps = register_now(row)
    return [Holder(s.holder_id, s.holder.name, s.lock) for s in steps if s.lock in DOOR and s.holder]


def register_now(row: Store) -> list[KeyStep]:
    """Every key's last step, by lock and label."""
    with acting(NATION):
        found = KeyStep.objects.filter(store=row).select_related("holder")
        return list(found.order_by("lock", "label", "-number").distinct("lock", "label"))


def register(row: Store) -> list[KeyStep]:
    """The whole register, newest first."""
    with acting(NATION):
        return list(KeyStep.objects.filter(store=row).select_related("holder").order_by("-pk"))


def programme(exam: Exam) -> Programme:
    """Whose words refusals speak."""
    return exams.programme(exam)
