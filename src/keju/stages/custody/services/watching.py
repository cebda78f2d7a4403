"""Who and what watches a place when is entered, voided, and replayed (P7.2). A single stretch is a batch of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, enforce
from keju.stages.custody import events
from keju.stages.custody.models import WatchReview, WatchSpan
from keju.stages.custody.queries import watching as queries
from keju.stages.custody.rules import watching as rules
from keju.stages.security.services.findings import NewFinding, raise_here


@dataclass(frozen=True)
class NewSpan:
    """A place ("store:15", "seal_room:1301-01", "scoring") is watched by a camera or by persons, from–until."""

    place: str
    means: str
    what: str
    starts_at: datetime
    ends_at: datetime


@write("custody:store:manage")
def enter_watch(*, exam: Exam, spans: Sequence[NewSpan], by: Actor, at: datetime) -> list[WatchSpan]:
    """All of these stretches count as watched; in order. NotPermitted (hidden) for a place that is not the actor's."""
    clause = queries.clause(exam)
    enforce(
        r for one in spans for r in rules.check_span(clause, one.means, one.what, one.starts_at, one.ends_at)
    )
    paths = queries.paths_of(exam, {one.place for one in spans})
    if any(not paths.get(one.place, "").startswith(by.office_path or "-") for one in spans):
        raise NotPermitted("custody:store:manage", hidden=True)
    rows = WatchSpan.objects.bulk_create(
        [
            WatchSpan(
                exam=exam, office_path=paths[one.place], place=one.place, means=one.means, what=one.what.strip(),
                starts_at=one.starts_at, ends_at=one.ends_at, made_by=by.ref, made_at=at,
            )
            for one in spans
        ],
        batch_size=1000,
    )  # fmt: skip
    _event(events.WATCH_ENTERED, exam, rows, by, at)
    return rows


@write("custody:store:manage")
def void_watch(*, exam: Exam, span_id: int, why: str, by: Actor, at: datetime) -> None:
    """The stretch was entered in error and counts no more. Stale if it is void already."""
    row = queries.span(exam, span_id, viewer=by)
    if not why.strip():
        enforce([Refusal(queries.clause(exam), "watch_why", field="why")])
    if not WatchSpan.objects.filter(pk=row.pk, void_at=None).update(
        void_by=by.ref, void_at=at, void_why=why.strip()
    ):
        raise Stale
    _event(events.WATCH_VOIDED, exam, [row], by, at, why=why.strip())


@write("custody:store:manage")
def review_watch(
    *,
    exam: Exam,
    span_id: int,
    from_at: datetime,
    to_at: datetime,
    seen: str,
    finding: NewFinding | None = None,
    by: Actor,
    at: datetime,
) -> WatchReview:
    """That stretch of the video was replayed; what was odd is a finding with its owner and term."""
    row = queries.span(exam, span_id, viewer=by)
    hours = (row.starts_at, row.ends_at)
    enforce(rules.check_review(queries.clause(exam), hours, row.means, from_at, to_at, at, seen))
    raised = raise_here(exam=exam, found=[finding], by=by, at=at)[0].pk if finding else None
    made = WatchReview.objects.create(
        exam=exam, office_path=row.office_path, span=row, from_at=from_at, to_at=to_at, seen=seen.strip(),
        odd=finding is not None, finding=raised, by=by.ref, at=at,
    )  # fmt: skip
    _event(events.WATCH_REVIEWED, exam, [row], by, at, review=made.pk, odd=made.odd)
    return made


def _event(kind: str, exam: Exam, rows: Sequence[WatchSpan], by: Actor, at: datetime, **data: object) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"watch:{rows[0].pk}" if len(rows) == 1 else f"watches:{len(rows)}",
        exam=exam.slug,
        office_path=rows[0].office_path if len(rows) == 1 else by.office_path,
        rules=[queries.clause(exam)],
        data={"places": sorted({row.place for row in rows})[:200], "spans": len(rows), **data},
    )
