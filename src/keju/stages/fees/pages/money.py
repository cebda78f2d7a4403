"""Money on its way to the centre, the centre's receipts, and the list of payments."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook import RuleRefused
from keju.rulebook.words import current_language, t
from keju.stages.fees import queries, services
from keju.stages.fees.forms import FiscalForm, PaymentFilter, RemitForm
from keju.stages.registration import queries as registration

READ = "fees:ledger:read"
PAYMENTS = (
    Column("number", t("报名号", "Registration")),
    Column("point", t("考点", "Point")),
    Column("method", t("方式", "Method")),
    Column("reference", t("转账凭证号", "Bank reference")),
    Column("national", t("考务费（元）", "National fee (yuan)"), kind="decimal"),
    Column("provincial", t("考试费（元）", "Provincial fee (yuan)"), kind="decimal"),
    Column("receipt", t("票据号", "Receipt")),
    Column("taken_at", t("收费时间", "Taken at"), kind="date"),
)
METHODS = {
    "cash": t("现金", "cash"),
    "transfer": t("转账", "transfer"),
    "prepaid": t("预缴已到账", "paid before"),
}


@require_http_methods(["GET", "POST"])
@office_page("fees:remittance:record")
def remit(request: Request) -> HttpResponse:
    """The region records what it has sent to the centre."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    standing = queries.standing(exam, by.region_code, at)
    left = standing.account.due - standing.account.sent
    form = RemitForm(request.POST or None, initial={"amount": max(left, 0)})
    refusals = ()
    if request.method == "POST" and form.is_valid():
        try:
            services.remit(exam=exam, region_code=by.region_code, **form.cleaned_data, by=by, at=at)
        except RuleRefused as refused:
            refusals = refused.refusals
        else:
            messages.success(
                request, str(t("上缴已登记，等待中心确认到账。", "Recorded; the centre will confirm it."))
            )
            return redirect("fees-home", exam=exam.slug)
    context = {"form": form, "standing": standing, "left": left, "refusals": refusals}
    status = 200 if request.method == "GET" else 409 if refusals else 422
    return render(request, "fees/remit.html", context, status=status)


@require_POST
@office_page("fees:remittance:receive")
def receive(request: Request, remittance_id: int) -> HttpResponse:
    """The centre confirms that the money has arrived."""
    services.receive_remittance(
        exam=request.exam, remittance_id=remittance_id, by=actor(request), at=now(request.exam)
    )
    messages.success(request, str(t("已确认到账。", "The money is confirmed.")))
    return redirect("fees-home", exam=request.exam.slug)


@require_http_methods(["GET", "POST"])
@office_page("fees:remittance:receive")
def fiscal(request: Request, region: str) -> HttpResponse:
    """The centre issues its receipt for what has arrived from a region."""
    exam = request.exam
    total = queries.unreceipted(exam, region)
    form = FiscalForm(request.POST or None, initial={"region": region})
    if request.method == "POST" and form.is_valid():
        row = services.issue_fiscal_receipt(
            exam=exam, region_code=region, number=form.cleaned_data["number"], by=actor(request), at=now(exam)
        )
        messages.success(
            request, str(t("财政票据{n}已登记。", "Fiscal receipt {n} is recorded.").format(n=row.number))
        )
        return redirect("fees-home", exam=exam.slug)
    context = {"form": form, "region": region, "total": total}
    return render(request, "fees/fiscal.html", context, status=200 if request.method == "GET" else 422)


@require_POST
@office_page(READ)
def fiscal_print(request: Request, receipt_id: int) -> HttpResponse:
    """The receipt as PDF; every copy is in the print ledger."""
    printed = services.print_fiscal_receipt(
        exam=request.exam,
        receipt_id=receipt_id,
        language=current_language(),
        by=actor(request),
        at=now(request.exam),
    )
    return answer(printed.pdf, "application/pdf", f"fiscal-receipt-{receipt_id}.pdf", inline=True)


@require_GET
@office_page(READ)
def payments(request: Request) -> HttpResponse:
    """Payments with their receipts, found by receipt number."""
    exam, by = request.exam, actor(request)
    form = PaymentFilter(request.GET)
    text = form.cleaned_data["q"].strip() if form.is_valid() else ""
    after = after_of(request)
    found = queries.payments(exam, after=after, text=text, size=queries.PAGE + 1)
    total = None if text else sum(n for n, _ in queries.taken_at(exam, by.office_path).values())
    rows, page = cut(found, queries.PAGE, after, key="registration_id", total=total)
    people = registration.rows_of(viewer=by, exam=exam, ids=[r.registration_id for r in rows])
    context = {
        "filters": form,
        "rows": [(r, people[r.registration_id]) for r in rows if r.registration_id in people],
        "page": page,
    }
    return render(request, "fees/payments.html", context)


@require_GET
@office_page(READ)
def payments_sheet(request: Request) -> HttpResponse:
    """Every payment in the viewer's scope as a spreadsheet, in constant memory."""
    exam = request.exam
    lines = (
        {
            "number": registration.number_of(exam, r.registration_id),
            "point": r.office_path[4:8],
            "method": str(METHODS[r.method]),
            "reference": r.reference,
            "national": r.national,
            "provincial": r.provincial,
            "receipt": r.receipt,
            "taken_at": r.taken_at,
        }
        for r in queries.all_payments(exam)
    )
    return answer(write_table(PAYMENTS, lines), XLSX, f"payments-{exam.slug}.xlsx")
