"""Papers go onto a journey only when its plan is settled, and come off it only when it has arrived (V10.2.3, V10.2.4)."""

from collections.abc import Iterator
from datetime import datetime

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import Refusal
from keju.stages.custody.models import Handover
from keju.stages.custody.queries import journeys
from keju.stages.custody.rules.places import Spot, read
from keju.stages.custody.services.handovers import hooks

NATION = Actor.system("custody")


@hooks.judges("prepare", Spot.JOURNEY)
def may_be_meant(exam: Exam, row: Handover, container_ids: list[int], at: datetime) -> Iterator[Refusal]:
    """The journey is one of either side: what is said to be on a journey that there is not, nobody would ever miss."""
    key = read(row.place).key
    with acting(NATION):
        if not key.isdecimal() or not journeys.is_of(exam, int(key), (row.sender_code, row.receiver_code)):
            yield Refusal("V10.2.3", "custody_journey_load")


@hooks.judges("sign", Spot.JOURNEY)
def may_load(exam: Exam, row: Handover, container_ids: list[int], at: datetime) -> Iterator[Refusal]:
    """What stands against papers going onto that journey now."""
    with acting(NATION):
        journey_id = int(read(row.place).key)
        if journeys.exists(exam, journey_id):
            yield from journeys.check_loading(exam, journey_id)


@hooks.judges("sign", Spot.STORE, Spot.MAIL_ROOM, Spot.SEAL_ROOM, Spot.CENTRE)
def may_unload(exam: Exam, row: Handover, container_ids: list[int], at: datetime) -> Iterator[Refusal]:
    """What stands against these papers coming off the journeys that they are on."""
    with acting(NATION):
        for journey_id in sorted(journeys.carrying(exam, container_ids)):
            yield from journeys.check_unloading(exam, journey_id)
