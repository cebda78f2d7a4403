"""Chapter 3: who announces, when, and what a region must publish."""

from collections.abc import Iterator
from datetime import date, datetime

from keju.algorithms.workdays import Due
from keju.rulebook import Refusal, rule
from keju.stages.announcement.params import Params


@rule("V3.1")
def announcement_due(exam_day: datetime, params: Params) -> datetime:
    """The last moment to publish the announcement."""
    return Due(params.months_before, "months", "before", "exam_day", None).on(exam_day)


@rule("V3.1")
def check_published_in_time(published_at: datetime, exam_day: datetime, params: Params) -> Iterator[Refusal]:
    """Later than the lead is refused in principle: the committee may record an exception."""
    latest = announcement_due(exam_day, params)
    if published_at > latest:
        yield Refusal(
            "V3.1",
            "announcement_late",
            {"latest": latest.date(), "exam_day": exam_day.date(), "months": params.months_before},
            strength="in principle",
        )


@rule("V1.2")
def check_decided_by_another(drafted_by: str, decided_by: str) -> Iterator[Refusal]:
    """Proposal and decision are two records by two bodies."""
    if drafted_by == decided_by:
        yield Refusal("V1.2", "announcement_own_draft")


@rule("V3.3")
def check_windows(
    opens: datetime,
    closes: datetime,
    confirmation_opens: datetime,
    confirmation_ends: datetime,
    exam_day: datetime,
) -> Iterator[Refusal]:
    """The periods a region publishes must follow one another and end before the exam."""
    if not opens < closes:
        yield Refusal("V3.3", "announcement_registration_empty", field="registration_closes")
    if not confirmation_opens < confirmation_ends:
        yield Refusal("V3.3", "announcement_confirmation_empty", field="confirmation_ends")
    if confirmation_opens < opens:
        yield Refusal("V3.3", "announcement_confirmation_early", field="confirmation_opens")
    if confirmation_ends < closes:
        yield Refusal("V3.3", "announcement_confirmation_before_close", field="confirmation_ends")
    if confirmation_ends >= exam_day:
        yield Refusal(
            "V3.3", "announcement_after_exam", {"exam_day": exam_day.date()}, field="confirmation_ends"
        )


@rule("V3.3")
def check_publication(published_on: date, today: date, *, proved: bool) -> Iterator[Refusal]:
    """That something stood in another medium counts with its evidence, and not before its day."""
    if not proved:
        yield Refusal("V3.3", "announcement_no_evidence", field="evidence")
    if published_on > today:
        yield Refusal("V3.3", "announcement_publication_ahead", {"day": published_on}, field="published_on")


@rule("V1.4")
def check_region_can_open(leader: str, region: str) -> Iterator[Refusal]:
    """A region opens for registration only with the named leader of its leading group."""
    if not leader.strip():
        yield Refusal("V1.4", "announcement_no_leader", {"region": region})


@rule("V1.6")
def check_point_can_open(leader: str, point: str) -> Iterator[Refusal]:
    """As for regions: no registration at a point without the named leader of its leading group."""
    if not leader.strip():
        yield Refusal("V1.6", "announcement_point_no_leader", {"point": point})
