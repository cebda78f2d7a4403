"""What a store has to say about a handover into it: whether papers may come in, and what is owed once they did."""

from collections.abc import Iterator
from datetime import datetime

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import Refusal
from keju.stages.custody.models import Handover, Store
from keju.stages.custody.queries import stores as queries
from keju.stages.custody.rules.places import read
from keju.stages.custody.services.handovers.hooks import follows, judges
from keju.stages.custody.services.stores import papers_came

SPOT = "store"


@judges("prepare", SPOT)
def may_be_planned(exam: Exam, row: Handover, container_ids: list[int], at: datetime) -> Iterator[Refusal]:
    """The store is the receiver's and lacks nothing but perhaps its guards, who stand there when the papers come."""
    store_id = _store(exam, row)
    if store_id is None:
        yield Refusal("V12.2.0", "stores_unknown")
        return
    yield from (r for r in queries.receivable(exam, store_id, at) if r.code != "stores_unguarded")


@judges("sign", SPOT)
def may_come_in(exam: Exam, row: Handover, container_ids: list[int], at: datetime) -> Iterator[Refusal]:
    """Everything is in order and it is not too early: nobody signs for a receipt into a store that fails."""
    store_id = _store(exam, row)
    if store_id is None:
        yield Refusal("V12.2.0", "stores_unknown")
        return
    yield from queries.receivable(exam, store_id, at)
    yield from queries.not_too_early(exam, store_id, at)


@follows(SPOT)
def came_in(*, exam: Exam, row: Handover, container_ids: list[int], by: Actor, at: datetime) -> None:
    """The office owes its report of each day from now on (V12.4)."""
    store_id = _store(exam, row)
    if store_id is not None and container_ids:
        papers_came(exam=exam, store_ids=[store_id], by=by, at=at)


def _store(exam: Exam, row: Handover) -> int | None:
    """The id of the receiver's own store; None for what is none."""
    key = read(row.place).key
    if not key.isdecimal():
        return None
    with acting(queries.NATION):
        found = Store.objects.filter(exam=exam, pk=int(key), office_code=row.receiver_code)
        return found.values_list("pk", flat=True).first()
