"""People known by name who may never sign in: entered and corrected many at a time by the stage that knows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.accounts.sealed import seal
from keju.kernel.audit import record, write
from keju.kernel.offices.actors import Actor
from keju.kernel.offices.bulk import insert_rows_returning, update_rows

COLUMNS = ("name", "employer", "phone", "office_path")


@dataclass(frozen=True)
class PersonFacts:
    """What is kept of a person; the telephone is sealed. `office_path`: the office they belong to."""

    name: str
    employer: str
    phone: str
    office_path: str


@write(None)
def enter_people(*, people: Sequence[PersonFacts], by: Actor, at: datetime) -> list[int]:
    """All of them exist, without a sign-in and holding nothing; their ids in order. One event for the batch."""
    ids = insert_rows_returning("accounts_person", COLUMNS, (_row(p) for p in people))
    record("accounts.people.entered", by=by, at=at, subject="people", data={"count": len(ids)})
    return ids


@write(None)
def correct_people(*, people: Mapping[int, PersonFacts], by: Actor, at: datetime) -> int:
    """The people of these ids are as given; those out of scope are left. Returns how many changed."""
    changed = update_rows(
        "accounts_person", "id", COLUMNS, ((pk, *_row(facts)) for pk, facts in people.items())
    )
    record("accounts.people.corrected", by=by, at=at, subject="people", data={"count": changed})
    return changed


def _row(facts: PersonFacts) -> tuple[object, ...]:
    return facts.name, facts.employer, seal(facts.phone), facts.office_path
