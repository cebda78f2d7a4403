"""People known by name who may never sign in: entered and corrected many at a time by the stage that knows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.accounts.models import Person
from keju.kernel.accounts.queries import signed_in_by_index
from keju.kernel.accounts.sealed import seal
from keju.kernel.audit import record, write
from keju.kernel.offices.actors import Actor
from keju.kernel.offices.bulk import insert_rows_returning, update_rows
from keju.kernel.offices.scope import acting

SYSTEM = Actor.system("people")
COLUMNS = ("name", "employer", "phone", "office_path")
CONTACT = ("employer", "phone")


@dataclass(frozen=True)
class PersonFacts:
    """What is kept of a person; the telephone is sealed. `office_path`: the office they belong to.

    `identity_index`: the keyed index of their identity number, b"" where it is not known.
    """

    name: str
    employer: str
    phone: str
    office_path: str
    identity_index: bytes = b""


@write(None)
def enter_people(*, people: Sequence[PersonFacts], by: Actor, at: datetime) -> list[int]:
    """All of them exist and hold nothing new; their ids in order. One event for the batch.

    Whoever signs in already is that person, and not another (ADR 19): name and office stay, employer and telephone are as
    given where they are.
    """
    known = signed_in_by_index([p.identity_index for p in people if p.identity_index])
    new = [p for p in people if p.identity_index not in known]
    rows = ((*_row(p), p.identity_index or None) for p in new)
    made = iter(insert_rows_returning("accounts_person", (*COLUMNS, "identity_index"), rows) if new else [])
    found = [(known[p.identity_index].id, p) for p in people if p.identity_index in known]
    _keep_contact([(pk, p) for pk, p in found if p.employer or p.phone])
    record(
        "accounts.people.entered",
        by=by,
        at=at,
        subject="people",
        data={"count": len(new), "signed_in": [pk for pk, _ in found]},
    )
    return [known[p.identity_index].id if p.identity_index in known else int(next(made)) for p in people]


@write(None)
def correct_people(*, people: Mapping[int, PersonFacts], by: Actor, at: datetime) -> int:
    """The people of these ids are as given; those out of scope are left. Returns how many changed.

    Of who signs in name and office stay: they are the accounts' own.
    """
    with acting(SYSTEM):
        signed_in = set(
            Person.objects.filter(pk__in=list(people), login__isnull=False).values_list("pk", flat=True)
        )
    others = ((pk, *_row(facts)) for pk, facts in people.items() if pk not in signed_in)
    changed = update_rows("accounts_person", "id", COLUMNS, others)
    changed += _keep_contact([(pk, people[pk]) for pk in sorted(signed_in)])
    record("accounts.people.corrected", by=by, at=at, subject="people", data={"count": changed})
    return changed


@write(None)
def renumber(*, person_id: int, identity_index: bytes, by: Actor, at: datetime) -> None:
    """The person's identity number is the one of this keyed index. IntegrityError if it is somebody else's."""
    with acting(SYSTEM):
        Person.objects.filter(pk=person_id).update(identity_index=identity_index)
    record("accounts.person.renumbered", by=by, at=at, subject=f"person:{person_id}", office_path="/")


def _keep_contact(people: Sequence[tuple[int, PersonFacts]]) -> int:
    if not people:
        return 0
    with acting(SYSTEM):
        return update_rows(
            "accounts_person", "id", CONTACT, ((pk, p.employer, seal(p.phone)) for pk, p in people)
        )


def _row(facts: PersonFacts) -> tuple[object, ...]:
    return facts.name, facts.employer, seal(facts.phone), facts.office_path
