"""Spare papers come back to the centre five in each bag and under seal, or their lack was told and instructed (V16.2.2).

It is judged on every leg, from the point's store on: a lack is found where somebody can still look for it."""

from collections.abc import Iterator
from datetime import datetime

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import Refusal
from keju.stages.custody.models import Handover
from keju.stages.custody.params import Params
from keju.stages.custody.queries.returns import spares_to_judge
from keju.stages.custody.rules.spares import check_return
from keju.stages.custody.services.handovers import hooks

LEGS = ("point_to_escort", "return_to_region", "region_to_escort", "return_to_centre")
NATION = Actor.system("custody")


@hooks.judges("prepare", *LEGS)
@hooks.judges("sign", *LEGS)
def may_return(exam: Exam, row: Handover, container_ids: list[int], at: datetime) -> Iterator[Refusal]:
    """What stands against these spare bags going back now. What is frozen, or free again by an instruction, is not judged:
    its exception says what it lacks."""
    with acting(NATION):
        bags = {h.container.code: h for h in spares_to_judge(exam, container_ids)}
        yield from check_return(
            {code: h.state.counts for code, h in bags.items()},
            exams.params(exam, Params).spares_per_site,
            [code for code, h in bags.items() if h.seal],
        )
