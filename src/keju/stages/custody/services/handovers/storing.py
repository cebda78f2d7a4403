"""Papers come into a store only if it may receive (chapter 12)."""

from collections.abc import Iterator
from datetime import datetime

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import Refusal
from keju.stages.custody.models import Handover
from keju.stages.custody.queries import stores
from keju.stages.custody.rules.places import Spot, read
from keju.stages.custody.services.handovers import hooks

NATION = Actor.system("custody")


@hooks.judges("prepare", Spot.STORE)
@hooks.judges("sign", Spot.STORE)
def may_receive(exam: Exam, row: Handover, container_ids: list[int], at: datetime) -> Iterator[Refusal]:
    """What stands against papers coming into that store now. What is in it already is only counted there."""
    with acting(NATION):
        yield from stores.receivable(exam, int(read(row.place).key), at)
