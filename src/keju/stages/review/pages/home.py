"""How far the review is, point by point; the batch; what the office home shows."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.rulebook.words import t
from keju.stages.review import queries, services

READ = "review:list:read"
MOST = 9_999
"""The badge counts no further."""


@require_GET
@office_page(READ)
def home(request: Request) -> HttpResponse:
    """Progress per point, the region's batch, and the way to the queues."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    rows = queries.progress(viewer=by, exam=exam)
    region = by.region_code
    batch = queries.batch(exam, region) if region else None
    may_set = by.may("review:second:decide") and len(by.office_path) == 4 and batch is None
    context = {
        "rows": rows,
        "totals": _totals(rows),
        "batch": batch,
        "regions": _regions(request) if not region else [],
        "may_set": may_set,
        "stands_against": queries.against_batch(viewer=by, exam=exam, region_code=region, at=at)
        if may_set
        else (),
        "corrections": queries.waiting(viewer=by, exam=exam),
        "ends": exams.milestone(exam, "confirmation_ends", by.office_path),
    }
    return render(request, "review/home.html", context)


def _regions(request: Request) -> list[tuple[object, object]]:
    """Every region taking part, with its batch or None."""
    batches = queries.batches(request.exam)
    return [(o, batches.get(o.office_id)) for o in exams.openings(request.exam, "region")]


def _totals(rows: list[queries.Progress]) -> dict[str, int]:
    keys = ("waiting", "passed", "failed", "second_passed", "second_failed", "second_open", "all")
    return {key: sum(getattr(row, key) for row in rows) for key in keys}


@require_POST
@office_page("review:second:decide")
def set_batch(request: Request) -> HttpResponse:
    """The region's results are set, all at once."""
    exam, by = request.exam, actor(request)
    batch = services.set_batch(exam=exam, region_code=by.region_code, by=by, at=now(exam))
    words = t(
        "复核结果已设置：通过{passed}人，不通过{failed}人。不通过的已通知考生并列入退费名单。",
        "The results are set: {passed} passed, {failed} did not; those are told and listed for refund.",
    )
    messages.success(request, str(words.format(passed=batch.passed, failed=batch.failed)))
    return redirect("review-home", exam=exam.slug)


@require_GET
@office_page(READ)
def figures(request: Request) -> HttpResponse:
    """The fragment for the office home."""
    rows = queries.progress(viewer=actor(request), exam=request.exam)
    return render(request, "review/figures.html", {"totals": _totals(rows)})


@require_GET
@office_page(READ)
def badge(request: Request) -> HttpResponse:
    """Open work: second decisions for the region, corrections to decide."""
    by = actor(request)
    exam, count = request.exam, 0
    if by.may("review:second:decide") and by.region_code:
        count = queries.second_count(viewer=by, exam=exam, queue=queries.Queue(), limit=MOST)
    if by.may("review:correction:decide"):
        count += queries.waiting(viewer=by, exam=exam)
    return render(request, "review/badge.html", {"count": count})
