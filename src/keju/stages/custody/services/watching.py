"""Who and what watches a place when is entered, voided, and replayed (P7.2). A single stretch is a batch of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction

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
def enter_watch(
    *, exam: Exam, key: UUID, spans: Sequence[NewSpan], by: Actor, at: datetime
) -> list[WatchSpan]:
    """All of these stretches count as watched; in order. `key`: of the device; what arrives again changes nothing.
    NotPermitted (hidden) for a place that is not the actor's.
    """
    keys = [uuid5(key, f"span {n}") for n in range(len(spans))]
    if former := _entered(exam, keys, by, at):
        return former
    clause = queries.clause(exam)
    enforce(
        r for one in spans for r in rules.check_span(clause, one.means, one.what, one.starts_at, one.ends_at)
    )
    paths = queries.paths_of(exam, {one.place for one in spans})
    if any(not paths.get(one.place, "").startswith(by.office_path or "-") for one in spans):
        raise NotPermitted("custody:store:manage", hidden=True)
    made = [
            WatchSpan(
                exam=exam, office_path=paths[one.place], key=once, place=one.place, means=one.means, what=one.what.strip(),
                starts_at=one.starts_at, ends_at=one.ends_at, made_by=by.ref, made_at=at,
            )
            for one, once in zip(spans, keys, strict=True)
        ]  # fmt: skip
    try:
        with transaction.atomic():
            rows = WatchSpan.objects.bulk_create(made, batch_size=1000)
    except IntegrityError as clash:  # the same, sent at the same moment
        raise Stale from clash
    _event(events.WATCH_ENTERED, exam, rows, by, at)
    return rows


def _entered(exam: Exam, keys: Sequence[UUID], by: Actor, at: datetime) -> list[WatchSpan]:
    """What was entered under these keys before."""
    rows = list(
        WatchSpan.objects.filter(exam=exam, key__in=keys, office_path__startswith=by.office_path or "-")
    )
    if rows:
        _event(events.REPEATED, exam, rows, by, at)
    return sorted(rows, key=lambda row: keys.index(row.key))


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
