"""Who goes into a store: before both keyholders, each proving themselves; and who was refused (V12.2.4)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from keju.kernel.accounts import services as accounts
from keju.kernel.accounts.models import Proof
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, enforce
from keju.stages.custody import events
from keju.stages.custody.models import Entry, EntryEnd, Store
from keju.stages.custody.queries import entries as queries
from keju.stages.custody.queries import stores
from keju.stages.custody.rules import keeping as rules
from keju.stages.custody.rules.keeping import DOOR_A, DOOR_B, Visitor
from keju.stages.custody.services.stores import own_stores


@write("custody:store:enter")
def enter(
    *,
    exam: Exam,
    key: UUID,
    store_id: int,
    person_ids: Sequence[int],
    purpose: str,
    codes: Mapping[int, str],
    subject: str = "",
    note: str = "",
    by: Actor,
    at: datetime,
) -> list[Entry]:
    """All of these people are inside, or none of them and it is on record why (`refusals` of each row).

    `codes`: person → the code by which a keyholder proves to be there. It does not raise what the rules refuse: a refused
    attempt is kept. `key`: of the device; what arrives again changes nothing; Stale if it meant others.
    NotPermitted for people that there are not.
    """
    row = own_stores(exam, [store_id], by)[store_id]
    former = list(Entry.objects.filter(exam=exam, key=key, store=row).order_by("pk"))
    if former:
        if ({one.person_id for one in former}, former[0].purpose) != (set(person_ids), purpose):
            raise Stale
        _event(events.REPEATED, exam, row, former, [], by, at)
        return former
    names = stores.people_named(person_ids)
    if set(names) != set(person_ids):
        raise NotPermitted(hidden=True)
    proofs = _proved(codes, row, by, at)
    humans = stores.humans_by_person([*person_ids, *proofs])
    keys = stores.keys_now([row.pk])[row.pk]
    door = (stores.holders(keys, DOOR_A), stores.holders(keys, DOOR_B))
    entitled, inside = queries.entitled(exam, row), queries.humans_inside(row)
    visitors = [Visitor(humans[p], names[p], humans[p] in entitled, humans[p] in inside) for p in person_ids]
    present = {humans[p] for p in proofs}
    refusals = list(rules.check_admission(visitors, purpose=purpose, door=door, present=present))
    first, second = _two(door, {humans[p]: p for p in proofs}) if not refusals else (None, None)
    made = Entry.objects.bulk_create(
        [
            Entry(
                exam=exam, store=row, office_path=row.office_path, key=key, person_id=person, purpose=purpose,
                subject=subject.strip(), note=note.strip(), admitted=not refusals,
                refusals=[[r.code, _plain(r)] for r in refusals], holder_a_id=first, holder_b_id=second,
                proof_a=proofs.get(first or 0), proof_b=proofs.get(second or 0), by=by.ref, at=at,
            )
            for person in person_ids
        ]
    )  # fmt: skip
    _event(events.ENTRY_REFUSED if refusals else events.ENTERED, exam, row, made, refusals, by, at)
    return made


@write("custody:store:enter")
def come_out(
    *,
    exam: Exam,
    store_id: int,
    entry_ids: Collection[int],
    taken: str = "",
    note: str = "",
    by: Actor,
    at: datetime,
) -> int:
    """They are outside again; `taken`: what they brought out, by its handover ("handover:12"). Returns how many."""
    row = own_stores(exam, [store_id], by)[store_id]
    found = list(Entry.objects.filter(store=row, pk__in=list(entry_ids), admitted=True).order_by("pk"))
    if not found or len(found) < len(set(entry_ids)):
        raise NotPermitted(hidden=True)
    ended = set(EntryEnd.objects.filter(entry__in=found).values_list("entry_id", flat=True))
    enforce(r for entry in found for r in rules.check_leaving(entry.at, at, entry.pk in ended))
    EntryEnd.objects.bulk_create(
        EntryEnd(
            exam=exam, store=row, office_path=row.office_path, entry=entry, taken=taken.strip(), note=note.strip(),
            by=by.ref, at=at,
        )
        for entry in found
    )  # fmt: skip
    _event(events.LEFT, exam, row, found, [], by, at, taken=taken.strip())
    return len(found)


def _proved(codes: Mapping[int, str], row: Store, by: Actor, at: datetime) -> dict[int, Proof]:
    """Person → the proof that they are there, of those whose code is right."""
    purpose = f"entry:{row.place}"
    found = {}
    for person, code in sorted(codes.items()):
        proof = accounts.prove(person_id=person, code=code, purpose=purpose, by=by, at=at) if code else None
        if proof is not None:
            found[person] = proof
    return found


def _two(door: tuple[Collection[int], Collection[int]], present: Mapping[int, int]) -> tuple[int, int]:
    """The persons who opened the one and the other lock: two."""
    pairs = ((a, b) for a in sorted(door[0]) for b in sorted(door[1]))
    a, b = next((a, b) for a, b in pairs if a != b and a in present and b in present)
    return present[a], present[b]


def _plain(refusal: Refusal) -> dict[str, str]:
    return {name: str(value) for name, value in refusal.facts.items()}


def _event(
    kind: str,
    exam: Exam,
    row: Store,
    found: Sequence[Entry],
    refusals: Sequence[Refusal],
    by: Actor,
    at: datetime,
    taken: str = "",
) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=row.place,
        exam=exam.slug,
        office_path=row.office_path,
        rules=sorted({r.rule for r in refusals} | {"V12.2.4"}),
        data={
            "entries": [entry.pk for entry in found],
            "people": [entry.person_id for entry in found],
            "refused": sorted({r.code for r in refusals}),
            "taken": taken,
        },
    )
