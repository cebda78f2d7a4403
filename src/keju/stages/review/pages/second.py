"""The region's queue: split screen, bulk pass with counts, fail with a reason, the next one loaded."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import actor, office_page
from keju.kernel.files.responses import answer
from keju.kernel.sheets import Column, write_table
from keju.rulebook import RuleRefused
from keju.rulebook.words import Words, t
from keju.stages.fees import queries as fees
from keju.stages.registration import queries as registration
from keju.stages.review import queries, services
from keju.stages.review.forms import QueueForm, SecondForm

READ, DECIDE = "review:list:read", "review:second:decide"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
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
def queue(request: HttpRequest) -> HttpResponse:
    """Who passed the first review; those ticked pass together."""
    exam, by = request.exam, actor(request)
    if request.method == "POST":
        return _bulk(request)
    form = QueueForm(request.GET, points=_points(request))
    chosen = form.chosen()
    after = _after(request)
    items = queries.second_queue(viewer=by, exam=exam, after=after, **chosen)
    full = len(items) == queries.PAGE
    context = {
        "filters": form,
        "items": items,
        "open": chosen["state"] == "open",
        "may": by.may(DECIDE) and queries.batch(exam, by.region_code) is None,
        "page": {
            "total": None,
            "shown": len(items),
            "next": items[-1].row.id if full else "",
            "is_first": not after,
        },
    }
    return render(request, "review/second.html", context)


def _bulk(request: HttpRequest) -> HttpResponse:
    """Those ticked pass; whom one reviewed first oneself, or somebody decided meanwhile, is left out and counted."""
    exam, by = request.exam, actor(request)
    if not by.may(DECIDE):
        raise NotPermitted(DECIDE)
    ids = [int(text) for text in request.POST.getlist("id") if text.isdecimal() and len(text) < 18]
    able, own, decided = queries.passable(viewer=by, exam=exam, ids=ids)
    if able:
        services.decide_second(
            exam=exam, region_code=by.region_code, passed=able, failed={}, by=by, at=now(exam)
        )
    words = t(
        "复核通过{done}人；略过{own}人（本人初审的，须他人复核），{decided}人（已有结论）。",
        "{done} passed; left out: {own} (reviewed first by yourself, somebody else must), {decided} (decided already).",
    )
    messages.success(request, str(words.format(done=len(able), own=len(own), decided=len(decided))))
    return redirect(request.get_full_path())


@require_http_methods(["GET", "POST"])
@office_page(DECIDE)
def item(request: HttpRequest, registration_id: int) -> HttpResponse:
    """One registration: data left, the first review and the decision right. After deciding the next one opens."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    found = queries.second_item(viewer=by, exam=exam, registration_id=registration_id)
    initial = (
        {"version": found.second.version, "reason": found.second.reason} if found.second else {"version": 0}
    )
    form = SecondForm(request.POST or None, initial=initial)
    refusals = ()
    following = _next(request, registration_id)
    if request.method == "POST" and form.is_valid():
        passed = request.POST.get("answer") == "pass"
        reason = form.cleaned_data["reason"]
        try:
            if form.cleaned_data["version"]:
                services.revise_second(
                    exam=exam,
                    registration_id=registration_id,
                    passed=passed,
                    reason=reason,
                    version=form.cleaned_data["version"],
                    by=by,
                    at=at,
                )
            else:
                services.decide_second(
                    exam=exam,
                    region_code=by.region_code,
                    passed=[registration_id] if passed else [],
                    failed={} if passed else {registration_id: reason},
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
            if following:
                return redirect("review-second-item", exam=exam.slug, registration_id=following)
            return redirect("review-second", exam=exam.slug)
    detail = registration.detail(viewer=by, exam=exam, registration_id=registration_id)
    context = {
        "item": found,
        "row": found.row,
        "found": detail,
        "category": found.category,
        "facts": queries.facts(exam, found.row.route, detail.route_facts),
        "materials": queries.materials_of(exam, found),
        "payment": fees.payment_of(exam, registration_id),
        "form": form,
        "refusals": refusals,
        "next": following,
        "batch": queries.batch(exam, by.region_code),
        "own": found.first.decided_by == by.ref,
    }
    status = 200 if request.method == "GET" else 409 if refusals else 422
    return render(request, "review/second_item.html", context, status=status)


def _next(request: HttpRequest, registration_id: int) -> int | None:
    """The next undecided one; after the last, the first that was passed over."""
    by, exam = actor(request), request.exam
    for after in (registration_id, 0):
        for found in queries.second_queue(viewer=by, exam=exam, after=after, size=2):
            if found.row.id != registration_id:
                return found.row.id
    return None


@require_GET
@office_page(READ)
def sheet(request: HttpRequest) -> HttpResponse:
    """Exactly the list that the filters choose, as a spreadsheet."""
    exam = request.exam
    form = QueueForm(request.GET, points=_points(request))
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
        for i in queries.second_all(viewer=actor(request), exam=exam, **form.chosen())
    )
    return answer(write_table(COLUMNS, lines), XLSX, f"second-review-{exam.slug}.xlsx")


def _word(item: queries.SecondItem) -> Words:
    if item.second is None:
        return t("待复核", "to decide")
    return t("通过", "passed") if item.second.passed else t("不通过", "not passed")


def _points(request: HttpRequest) -> Sequence[tuple[str, Words]]:
    path = actor(request).office_path
    return [
        (o.office_id, o.office.name)
        for o in exams.openings(request.exam, "point")
        if o.office_path.startswith(path)
    ]


def _after(request: HttpRequest) -> int:
    text = request.GET.get("after", "")
    return int(text) if text.isdecimal() and len(text) < 18 else 0
