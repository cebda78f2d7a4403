"""The steps of the year in order."""

from collections.abc import Sequence

from keju.kernel.exams import queries as exams
from keju.web.rehearsal import papers
from keju.web.rehearsal.steps import (
    announcement,
    closing,
    custody,
    examday,
    marking,
    registration,
    review,
    security,
    staffing,
    venues,
)
from keju.web.rehearsal.world import Step

STEPS = [
    Step("announcement", announcement.run, lambda world: len(world.region_codes) or 31),
    Step("registration", registration.run, lambda world: world.candidates, papers=papers.receipts),
    Step("review", review.run, papers=papers.summaries),
    Step("fees", review.remit, papers=papers.fiscal_receipts),
    Step("venues", venues.run),
    Step("seating", venues.seat),
    Step("tickets", venues.ticket, papers=papers.tickets),
    Step("staffing", staffing.run),
    Step("security", security.run),
    Step("custody", custody.run),
    Step("examday", examday.run, papers=papers.records),
    Step("marking", marking.run, lambda world: len(exams.sessions(world.exam)) * world.candidates),
    Step("results", closing.release, papers=papers.results),
    Step("certificates", closing.certify, papers=papers.certificates),
    Step("archive", closing.seal, lambda world: 1),
]


def until_stage(steps: Sequence[Step], stage: str) -> list[Step]:
    """The steps up to and including `stage`; ValueError if there is none of that name."""
    names = [step.stage for step in steps]
    return list(steps[: names.index(stage) + 1])
