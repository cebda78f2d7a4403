"""The key register: every key from hand to hand, for ever (V12.2.4). A single step is a batch of one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, enforce
from keju.rulebook.words import t
from keju.stages.custody import events
from keju.stages.custody.models import KeyStep
from keju.stages.custody.queries import guards
from keju.stages.custody.queries import stores as queries
from keju.stages.custody.rules import keeping as rules
from keju.stages.custody.rules.cases import CaseKind, Sort
from keju.stages.custody.rules.keeping import HELD, LOST, KeyNow
from keju.stages.custody.services.attempts import on_record
from keju.stages.custody.services.case_book import NewCase, open_cases
from keju.stages.custody.services.store_people import at_stores
from keju.stages.custody.services.stores import own_stores

LOSSES = UUID("2f0c8a4e-6a53-5d7b-9a53-0d0f9b6f6c11")


@dataclass(frozen=True)
class KeyMove:
    """A key (its lock and label) is issued or handed over to somebody, returned or lost."""

    store_id: int
    lock: str
    label: str
    act: str
    person_id: int | None = None
    note: str = ""


@on_record(at_stores("moves"))
@write("custody:store:manage")
def move_keys(*, exam: Exam, moves: Sequence[KeyMove], by: Actor, at: datetime) -> list[KeyStep]:
    """Each key is where its move says; the register has one step more for each, in order.

    Refused for who may not have that key: one lock of the door each for the responsible person and the receiver, the
    cabinet for a confidential officer, none for who guards or guarded the papers, which stays on record. `Stale` if somebody
    moved first. Of each lost key a case is open from now on.
    """
    rows = own_stores(exam, [move.store_id for move in moves], by)
    codes = {row.office_code for row in rows.values()}
    roles, keys = queries.roles_now(list(rows)), queries.keys_now(list(rows))
    officers, guarding = queries.officers_of(exam, codes), guards.guarding(exam, codes)
    humans = queries.humans_by_person(move.person_id for move in moves)
    names = queries.people_named(move.person_id for move in moves if move.person_id is not None)
    numbers = {(s.store_id, s.lock, s.label): s.number for s in queries.key_steps(list(rows))}
    found: list[Refusal] = []
    made: list[KeyStep] = []
    for move in (replace(m, label=m.label.strip() or "1") for m in moves):
        row, person = rows[move.store_id], move.person_id if move.act in HELD else None
        if person is not None and person not in names:
            raise NotPermitted(hidden=True)
        human = humans[person] if person is not None else None
        found += rules.check_key(
            move.lock,
            move.label,
            move.act,
            human,
            names.get(person or 0, ""),
            keys=keys[row.pk],
            roles={role: next(iter(there)) for role, there in roles[row.pk].items() if there},
            officers=officers.get(row.office_code, ()),
            guards=guarding.get(row.office_code, ()),
            note=move.note,
        )
        name = (row.pk, move.lock, move.label)
        numbers[name] = numbers.get(name, 0) + 1
        others = [k for k in keys[row.pk] if (k.lock, k.label) != name[1:]]
        keys[row.pk] = [*others, KeyNow(move.lock, move.label, move.act, human)]
        made.append(
            KeyStep(
                exam=exam, store=row, office_path=row.office_path, lock=move.lock, label=move.label,
                number=numbers[name], act=move.act, holder_id=person, note=move.note.strip(), by=by.ref, at=at,
            )
        )  # fmt: skip
    enforce(found)
    try:
        with transaction.atomic():
            KeyStep.objects.bulk_create(made, batch_size=1000)
    except (
        IntegrityError
    ) as clash:  # the key moved meanwhile, or a roster that names its holder was published
        raise Stale from clash
    record(
        events.KEYS_MOVED,
        by=by,
        at=at,
        subject=made[0].store.place if len(rows) == 1 else f"stores:{len(rows)}",
        exam=exam.slug,
        office_path=made[0].office_path if len(rows) == 1 else by.office_path,
        rules=["V12.2.4"],
        data={
            "moves": [[s.store_id, s.lock, s.label, s.number, s.act, s.holder_id] for s in made[:200]],
            "count": len(made),
        },
    )
    _report_lost(exam, [step for step in made if step.act == LOST], by, at)
    return made


def _report_lost(exam: Exam, lost: Sequence[KeyStep], by: Actor, at: datetime) -> None:
    """The superior knows at once, and the case stands until the lock is another one."""
    words = t("{store}的钥匙“{label}”遗失：{note}", "The key “{label}” of {store} is lost: {note}")
    new = [
        NewCase(
            uuid5(LOSSES, f"key step {step.pk}"), CaseKind.KEY, Sort.KEY_LOST, key_step=step.pk,
            words=words.format(store=step.store.name, label=step.label, note=step.note).zh,
        )
        for step in lost
    ]  # fmt: skip
    if new:
        open_cases(exam=exam, found=new, by=by, at=at)
