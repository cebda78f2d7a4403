"""The point's summary: sent, printed, received."""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import answer
from keju.kernel.offices.queries import path_of
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.words import Words, current_language, t
from keju.stages.fees import queries as fees
from keju.stages.review import queries, services
from keju.stages.review.documents import ITEMS
from keju.stages.review.forms import ParcelForm, ReceiveForm

READ = "review:list:read"
COLUMNS = (
    Column("number", t("报名号", "Registration")),
    Column("name", t("姓名", "Name")),
    Column("identity", t("证件号码", "Identity")),
    Column("category", t("类别", "Category")),
    Column("route", t("报名条件", "Eligible by")),
    Column("receipt", t("票据号", "Receipt")),
    Column("result", t("初审结果", "Result")),
    Column("reason", t("原因", "Reason")),
)


@require_GET
@office_page(READ)
def summary(request: Request, point: str) -> HttpResponse:
    """What the point sends or sent: counts, money, contents, and what still stands against it."""
    return _page(request, point)


def _page(
    request: Request,
    point: str,
    *,
    parcel: ParcelForm | None = None,
    receipt: ReceiveForm | None = None,
    refusals: Sequence[Refusal] = (),
    status: int = 200,
) -> HttpResponse:
    exam, by, at = request.exam, actor(request), now(request.exam)
    path = _own(request, point)
    row = queries.summary(exam, point)
    progress = next((p for p in queries.progress(viewer=by, exam=exam) if p.point_code == point), None)
    context = {
        "point": point,
        "row": row,
        "progress": progress,
        "taken": fees.taken_at(exam, path),
        "stands_against": queries.against_summary(exam=exam, point_code=point, at=at),
        "may_send": by.may("review:summary:send") and by.office_path == path,
        "contents": _listed(row.contents if row else queries.contents(exam, point), row),
        "parcel": parcel or ParcelForm(),
        "form": receipt or (_receipt(request, row) if row else None),
        "refusals": refusals,
    }
    return render(request, "review/summary.html", context, status=status)


@require_POST
@office_page("review:summary:send")
def send(request: Request, point: str) -> HttpResponse:
    """The consignment goes out; the duty of V5.3.3 is done."""
    _own(request, point)
    form = ParcelForm(request.POST)
    if not form.is_valid():
        return _page(request, point, parcel=form, status=422)
    try:
        services.send_summary(
            exam=request.exam, point_code=point, parcel=form.parcel(), by=actor(request), at=now(request.exam)
        )
    except RuleRefused as refused:
        return _page(request, point, parcel=form, refusals=refused.refusals, status=409)
    messages.success(
        request,
        str(
            t(
                "汇总表已报送考区。请打印盖章，随材料一并寄送。",
                "Sent. Print and stamp the sheet; it goes with the papers.",
            )
        ),
    )
    return redirect("review-summary", exam=request.exam.slug, point=point)


@require_POST
@office_page("review:second:decide")
def receive(request: Request, point: str) -> HttpResponse:
    """The region has the consignment."""
    _own(request, point)
    row = queries.summary(request.exam, point)
    if row is None:
        raise NotPermitted(hidden=True)
    form = _receipt(request, row)
    if not form.is_valid():
        return _page(request, point, receipt=form, status=422)
    try:
        services.receive_summary(
            exam=request.exam,
            point_code=point,
            found=form.found(),
            seal_whole=form.seal_whole(),
            remark=form.cleaned_data["remark"],
            by=actor(request),
            at=now(request.exam),
        )
    except RuleRefused as refused:
        return _page(request, point, receipt=form, refusals=refused.refusals, status=409)
    messages.success(request, str(t("已签收。", "Received.")))
    return redirect("review-summary", exam=request.exam.slug, point=point)


@require_POST
@office_page(READ)
def printed(request: Request, point: str) -> HttpResponse:
    """The sheet to stamp, as PDF."""
    _own(request, point)
    made = services.print_summary(
        exam=request.exam,
        point_code=point,
        language=current_language(),
        by=actor(request),
        at=now(request.exam),
    )
    return answer(made.pdf, "application/pdf", f"summary-{point}.pdf", inline=True)


@require_POST
@office_page(READ)
def consignment(request: Request, point: str) -> HttpResponse:
    """The list that travels with the papers, as PDF."""
    _own(request, point)
    made = services.print_consignment(
        exam=request.exam,
        point_code=point,
        language=current_language(),
        by=actor(request),
        at=now(request.exam),
    )
    return answer(made.pdf, "application/pdf", f"consignment-{point}.pdf", inline=True)


@require_GET
@office_page(READ)
def sheet(request: Request, point: str) -> HttpResponse:
    """The same list as a spreadsheet."""
    _own(request, point)
    if queries.summary(request.exam, point) is None:
        raise NotPermitted(hidden=True)
    lines = (
        {
            "number": line.number,
            "name": line.name,
            "identity": line.identity,
            "category": str(line.category),
            "route": str(line.route),
            "receipt": line.receipt,
            "result": str(t("通过", "passed") if line.passed else t("不通过", "not passed")),
            "reason": line.reason,
        }
        for line in queries.summary_lines(viewer=actor(request), exam=request.exam, point_code=point)
    )
    return answer(write_table(COLUMNS, lines), XLSX, f"summary-{point}.xlsx")


def _receipt(request: Request, row: queries.Summary) -> ReceiveForm:
    return ReceiveForm(request.POST or None, contents=row.contents, sealed=bool(row.seal))


def _listed(contents: Mapping[str, int], row: queries.Summary | None) -> list[tuple[Words, int, object]]:
    """(item, packed, found) in the order of the list; found is None before the region counted."""
    found = (row.found if row else None) or {}
    return [(ITEMS[code], contents[code], found.get(code)) for code in ITEMS if code in contents]


def _own(request: Request, point: str) -> str:
    """The point's path, if the viewer's office is above it and it takes part."""
    path = path_of(point)
    by = actor(request)
    if len(point) != 4 or not path.startswith(by.office_path) or exams.opening(request.exam, point) is None:
        raise NotPermitted(hidden=True)
    return path
