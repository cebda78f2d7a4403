"""The steps of the year in order."""

from collections.abc import Sequence

from keju.web.rehearsal.steps import announcement, closing, examday, marking, registration, review, venues
from keju.web.rehearsal.world import Step

STEPS = [
    Step("announcement", announcement.run, lambda world: 31),
    Step("registration", registration.run, lambda world: world.candidates),
    Step("review", review.run),
    Step("fees", review.remit),
    Step("venues", venues.run),
    Step("seating", venues.seat),
    Step("tickets", venues.number),
    Step("examday", examday.run),
    Step("marking", marking.run, lambda world: 2 * world.candidates),
    Step("results", closing.release),
    Step("certificates", closing.certify),
    Step("archive", closing.seal, lambda world: 1),
]


def until_stage(steps: Sequence[Step], stage: str) -> list[Step]:
    """The steps up to and including `stage`; ValueError names the stages there are."""
    names = [step.stage for step in steps]
    if stage not in names:
        raise ValueError(f"{stage}: {', '.join(names)}")
    return list(steps[: names.index(stage) + 1])
