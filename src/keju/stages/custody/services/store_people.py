"""Who is named for a store: the responsible person, the receiver, and those who may withdraw."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keju.kernel.audit import NotPermitted, Stale, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, enforce
from keju.stages.custody import events
from keju.stages.custody.models import Store, StorePerson
from keju.stages.custody.queries import guards
from keju.stages.custody.queries import stores as queries
from keju.stages.custody.rules import stores as rules
from keju.stages.custody.services.attempts import on_record
from keju.stages.custody.services.stores import held, noted, own_stores


@dataclass(frozen=True)
class Naming:
    """Somebody is named for a store: responsible, receiver, or one who may withdraw."""

    store_id: int
    role: str
    person_id: int


def at_stores(name: str) -> Callable[..., tuple[str, str]]:
    """Where a refused attempt belongs whose argument of that name lists stores, and to what."""

    def where(*, by: Actor, **facts: Any) -> tuple[str, str]:
        stores_ = {one.store_id for one in facts[name]}
        subject = f"store:{min(stores_)}" if len(stores_) == 1 else f"stores:{len(stores_)}"
        return by.office_path or "/", subject

    return where


@on_record(at_stores("named"))
@write("custody:store:manage")
def name_people(*, exam: Exam, named: Sequence[Naming], by: Actor, at: datetime) -> list[StorePerson]:
    """They are named from now on; of the responsible person and the receiver there is one, and the former one ends.

    Refused for who has no post in force there, is a guard (on record), or would have both keys (V12.2.4). Whoever is named
    already stays.
    """
    rows = own_stores(exam, [one.store_id for one in named], by)
    codes = {row.office_code for row in rows.values()}
    known = {code: {c.person_id: c for c in queries.candidates(exam, code)} for code in codes}
    roles, guarding = queries.roles_now(list(rows)), guards.guarding(exam, codes)
    humans = queries.humans_by_person(one.person_id for one in named)
    names = queries.people_named(one.person_id for one in named)
    found: list[Refusal] = []
    for one in named:
        if one.person_id not in names:
            raise NotPermitted(hidden=True)
        row, mine = rows[one.store_id], roles[one.store_id]
        who = known[row.office_code].get(one.person_id)
        found += rules.check_named(
            one.role,
            humans[one.person_id],
            names[one.person_id],
            in_force=who is not None,
            permanent=who is not None and who.permanent,
            others={role: next(iter(there)) for role, there in mine.items() if there},
            guards=guarding.get(row.office_code, ()),
        )
        if one.role in rules.ALONE:
            mine[one.role] = {humans[one.person_id]}
    enforce(found)
    return _named(exam, named, rows, by, at)


def _named(
    exam: Exam, named: Sequence[Naming], rows: Mapping[int, Store], by: Actor, at: datetime
) -> list[StorePerson]:
    living = StorePerson.objects.select_for_update().filter(store__in=rows, ended_at=None)
    there = {(p.store_id, p.role, p.person_id): p for p in living}
    new = [one for one in named if (one.store_id, one.role, one.person_id) not in there]
    replaced = {(one.store_id, one.role) for one in new if one.role in rules.ALONE}
    gone = [p.pk for p in there.values() if (p.store_id, p.role) in replaced]
    StorePerson.objects.filter(pk__in=gone).update(ended_by=by.ref, ended_at=at)
    made = StorePerson.objects.bulk_create(
        [
            StorePerson(
                exam=exam, store_id=one.store_id, office_path=rows[one.store_id].office_path, role=one.role,
                person_id=one.person_id, named_by=by.ref, named_at=at,
            )
            for one in new
        ],
        batch_size=1000,
    )  # fmt: skip
    data = {"named": [[one.store_id, one.role, one.person_id] for one in new[:200]], "ended": gone[:200]}
    noted(events.STORE_NAMED, exam, list(rows.values()), ["V12.1", "V12.2.1", "V12.2.4"], data, by, at)
    return made


@write("custody:store:manage")
def end_naming(*, exam: Exam, store_id: int, naming_id: int, by: Actor, at: datetime) -> None:
    """They are no longer named for the store. Stale if that ended before."""
    row = held(exam, store_id, by)
    ended = StorePerson.objects.filter(pk=naming_id, store=row, ended_at=None)
    if not ended.update(ended_by=by.ref, ended_at=at):
        raise Stale
    noted(events.STORE_UNNAMED, exam, [row], ["V12.1", "V12.2.1"], {"naming": naming_id}, by, at)
