"""A whole handover in one call, for who has everything in hand: the rehearsal, and papers counted beforehand."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from keju.kernel.audit import write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import RuleRefused
from keju.stages.custody.models import Handover
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.rules.handovers import Named, Scan
from keju.stages.custody.services.attempts import on_record
from keju.stages.custody.services.handovers.closing import sign
from keju.stages.custody.services.handovers.preparing import announce, between, prepare
from keju.stages.custody.services.handovers.scanning import finish_count, scan

STEP = timedelta(seconds=1)


@on_record(between)
@write("custody:handover:make")
def in_one(
    *,
    exam: Exam,
    key: UUID,
    kind: str,
    container_ids: Collection[int],
    sender_office: str,
    receiver_office: str,
    place: str,
    people: Sequence[Named],
    codes: Mapping[int, str],
    found: Sequence[Scan] | None = None,
    contact: str = "—",
    escorts: str = "—",
    until: str = "closed",
    by: Actor,
    at: datetime,
) -> Handover:
    """Prepared, announced where the kind wants it, scanned, counted, signed by all and so closed; every step has its event.

    `codes`: person → a code of theirs, not used yet; `found`: what was scanned, by default everything, intact; what is
    expected and not among them is missing. `until`: "prepared", "counting" or "signing" stops there. RuleRefused, and
    nothing has happened, if any step or signature is refused.
    """
    row = prepare(
        exam=exam, key=key, kind=kind, container_ids=container_ids, sender_office=sender_office,
        receiver_office=receiver_office, place=place, people=people, by=by, at=at,
    )  # fmt: skip
    if row.state == "closed" or until == "prepared":
        return row
    if reads.kind_of(exam, kind).announced:
        announce(
            exam=exam, handover_id=row.pk, departs_at=at, arrives_at=at + STEP, escorts=escorts, contact=contact, by=by, at=at
        )  # fmt: skip
    if found is None:
        found = [Scan(code) for code in row.items.values_list("code", flat=True)]
    scan(exam=exam, handover_id=row.pk, key=uuid5(key, "scan"), found=found, by=by, at=at)
    if until == "counting":
        return _fresh(row)
    proposal = finish_count(exam=exam, handover_id=row.pk, declare_missing=True, by=by, at=at)
    for person in reads.people(row) if until == "closed" else ():
        done = sign(
            exam=exam, handover_id=row.pk, person_id=person.person_id, code=codes.get(person.person_id, ""),
            content_hash=proposal.content_hash, by=by, at=at,
        )  # fmt: skip
        if not done.stands:
            raise RuleRefused(done.refusals)
    return _fresh(row)


def _fresh(row: Handover) -> Handover:
    row.refresh_from_db()
    return row
