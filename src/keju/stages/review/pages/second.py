"""The region's queue: split screen, bulk pass with counts, fail with a reason, the next one loaded."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.words import Words, t
from keju.stages.fees import queries as fees
from keju.stages.registration import queries as registration
from keju.stages.review import queries, services
from keju.stages.review.forms import BulkForm, QueueForm, SecondForm

READ, DECIDE = "review:list:read", "review:second:decide"
MOST = 1_000
"""A list counts no further; a bulk pass counts to the end."""
COLUMNS = (
    Column("number", t("报名号", "Registration")),
    Column("name", t("姓名", "Name")),
    Column("identity", t("证件号码", "Identity")),
    Column("point", t("考点", "Point")),
    Column("category", t("类别", "Category")),
    Column("route", t("报名条件", "Eligible by")),
    Column("first_at", t("初审时间", "First review"), kind="date"),
    Column("second", t("复核", "Second review")),
    Column("reason", t("原因", "Reason")),
)


@require_http_methods(["GET", "POST"])
@office_page(READ)
def queue(request: Request) -> HttpResponse:
    """Who passed the first review; those ticked pass together."""
    if request.method == "GET":
        return _list(request)
    if not actor(request).may(DECIDE):
        raise NotPermitted(DECIDE)
    try:
        done = _pass(request)
    except RuleRefused as refused:
        return _list(request, refused.refusals)
    return redirect("review-bulk", exam=request.exam.slug, bulk_id=done)


def _list(request: Request, refusals: Sequence[Refusal] = ()) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = _filters(request)
    chosen = form.chosen()
    after = after_of(request)
    found = queries.second_queue(viewer=by, exam=exam, queue=chosen, after=after, size=queries.PAGE + 1)
    items, page = cut(found, queries.PAGE, after, key="row.id")
    may = by.may(DECIDE) and queries.batch(exam, by.region_code) is None
    context = {
        "filters": form,
        "items": items,
        "open": chosen.state == "open",
        "may": may,
        **(_whole(request, chosen) if items and may and chosen.state == "open" else {}),
        "refusals": refusals,
        "page": page,
    }
    return render(request, "review/second.html", context, status=409 if refusals else 200)


def _whole(request: Request, chosen: queries.Queue) -> dict[str, object]:
    """How many a bulk pass of the whole list would be about, and up to which registration."""
    by, exam = actor(request), request.exam
    n = queries.second_count(viewer=by, exam=exam, queue=chosen, limit=MOST)
    return {
        "bulk": BulkForm(initial={"upto": queries.second_last(exam)}),
        "all": min(n, MOST),
        "more": n > MOST,
    }


def _pass(request: Request) -> int:
    """Those ticked, or everybody in the list, pass; whoever cannot is left out, counted, and listed with the reason.

    Returns which bulk pass it was.
    """
    exam, by = request.exam, actor(request)
    form = BulkForm(request.POST)
    signed = form.is_valid() and form.cleaned_data["signed"]
    if request.POST.get("whom") == "all":
        done = services.pass_all(
            exam=exam,
            region_code=by.region_code,
            queue=_filters(request).chosen(),
            upto=(form.cleaned_data.get("upto") or 0) if form.is_valid() else 0,
            signed=signed,
            by=by,
            at=now(exam),
        )
    else:
        ids = [int(text) for text in request.POST.getlist("id") if text.isdecimal() and len(text) < 18]
        done = services.pass_some(
            exam=exam, region_code=by.region_code, ids=ids, signed=signed, by=by, at=now(exam)
        )
    return done.pk


@require_http_methods(["GET", "POST"])
@office_page(DECIDE)
def item(request: Request, registration_id: int) -> HttpResponse:
    """One registration: data left, materials, scans and the decision right. After deciding the next one opens."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    found = queries.second_item(viewer=by, exam=exam, registration_id=registration_id)
    form = SecondForm(request.POST or None, initial=_seen(found))
    refusals: tuple[Refusal, ...] = ()
    following = queries.second_next(
        viewer=by, exam=exam, queue=_filters(request).chosen(), after=registration_id
    )
    if request.method == "POST" and form.is_valid():
        passed = request.POST.get("answer") == "pass"
        given = form.cleaned_data
        try:
            if given["version"]:
                services.revise_second(
                    exam=exam,
                    registration_id=registration_id,
                    passed=passed,
                    reason=given["reason"],
                    version=given["version"],
                    by=by,
                    at=at,
                )
            else:
                services.decide_second(
                    exam=exam,
                    region_code=by.region_code,
                    passed=[registration_id] if passed else [],
                    failed={} if passed else {registration_id: given["reason"]},
                    signed=given["signed"],
                    by=by,
                    at=at,
                )
        except RuleRefused as refused:
            refusals = refused.refusals
        else:
            said = (
                t("{name}：复核通过", "{name}: passed")
                if passed
                else t("{name}：复核不通过", "{name}: not passed")
            )
            messages.success(request, str(said.format(name=found.row.name)))
            return redirect(_onward(request, following))
    detail = registration.detail(viewer=by, exam=exam, registration_id=registration_id)
    context = {
        "item": found,
        "row": found.row,
        "found": detail,
        "category": found.category,
        "facts": queries.facts(exam, found.row.route, detail.route_facts),
        "evidence": queries.evidence(exam, registration_id, found.row.route, found.first.materials),
        "corrections": queries.corrections_of(viewer=by, exam=exam, registration_id=registration_id),
        "payment": fees.payment_of(exam, registration_id),
        "form": form,
        "refusals": refusals,
        "next": _onward(request, following) if following else "",
        "query": request.GET.urlencode(),
        "batch": queries.batch(exam, by.region_code),
        "own": found.first.decided_by == by.ref,
    }
    status = 200 if request.method == "GET" else 409 if refusals else 422
    return render(request, "review/second_item.html", context, status=status)


def _seen(found: queries.SecondItem) -> dict[str, object]:
    if found.second is None:
        return {"version": 0}
    return {"version": found.second.version, "reason": found.second.reason, "signed": found.second.signed}


def _onward(request: Request, following: int | None) -> str:
    """The next one, in the same list; the list itself after the last."""
    slug, filters = request.exam.slug, request.GET.urlencode()
    address = (
        reverse("review-second-item", kwargs={"exam": slug, "registration_id": following})
        if following
        else reverse("review-second", kwargs={"exam": slug})
    )
    return address + (f"?{filters}" if filters else "")


@require_GET
@office_page(READ)
def sheet(request: Request) -> HttpResponse:
    """Exactly the list that the filters choose, as a spreadsheet."""
    exam = request.exam
    lines = (
        {
            "number": i.row.number,
            "name": i.row.name,
            "identity": i.row.identity_masked,
            "point": i.row.point_code,
            "category": str(i.category),
            "route": str(i.route),
            "first_at": i.first.decided_at,
            "second": str(_word(i)),
            "reason": i.second.reason if i.second else "",
        }
        for i in queries.second_all(viewer=actor(request), exam=exam, queue=_filters(request).chosen())
    )
    return answer(write_table(COLUMNS, lines), XLSX, f"second-review-{exam.slug}.xlsx")


def _word(item: queries.SecondItem) -> Words:
    if item.second is None:
        return t("待复核", "to decide")
    return t("通过", "passed") if item.second.passed else t("不通过", "not passed")


def _filters(request: Request) -> QueueForm:
    programme = exams.programme(request.exam)
    return QueueForm(
        request.GET,
        points=_points(request),
        categories=[(c.code, c.name) for c in programme.categories],
        routes=[(r.code, r.name) for r in programme.routes],
    )


def _points(request: Request) -> Sequence[tuple[str, Words]]:
    path = actor(request).office_path
    return [
        (o.office_id, o.office.name)
        for o in exams.openings(request.exam, "point")
        if o.office_path.startswith(path)
    ]
