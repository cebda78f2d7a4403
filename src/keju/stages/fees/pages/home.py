"""The ledger at a glance, and the receipts."""

from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.fees import queries, services
from keju.stages.fees.forms import RangeForm
from keju.stages.fees.pages.tariffs import status

READ = "fees:ledger:read"


@require_GET
@office_page(READ)
def home(request: Request) -> HttpResponse:
    """Balances, what the region owes the centre, receipts and refunds, in the viewer's scope."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    nation = by.office_path == "/"
    balances = queries.trial_balance(exam, by.office_path)
    taken = queries.taken_at(exam, by.office_path)
    context = {
        "nation": nation,
        "balances": balances,
        "debit": sum((b.debit or Decimal(0) for b in balances), Decimal(0)),
        "credit": sum((b.credit or Decimal(0) for b in balances), Decimal(0)),
        "total": queries.ledger_sum(exam),
        "taken": taken,
        "taken_number": sum(n for n, _ in taken.values()),
        "taken_amount": sum((a for _, a in taken.values()), Decimal(0)),
        "refunds": queries.refund_counts(exam),
        "open_lines": queries.line_counts(exam),
        "remittances": queries.remittances(exam)[:200],
        "waiting": [(code, queries.unreceipted(exam, code)) for code in _waiting(request)] if nation else [],
        "fiscal": queries.fiscal_receipts(exam)[:200],
    }
    if nation:
        known = queries.tariffs(exam, at)
        books = queries.by_region(exam)
        context["regions"] = [
            (s, known.get(code), books.get(code, {})) for code, s in queries.standings(exam, at).items()
        ]
    else:
        context["standing"] = queries.standing(exam, by.region_code, at)
        context["tariff"] = queries.tariff(exam, by.region_code, at)
        context["uses"] = queries.range_uses(exam, by.region_code)
    return render(request, "fees/home.html", context)


def _waiting(request: Request) -> list[str]:
    """Regions whose money arrived and waits for the centre's receipt."""
    return sorted(
        {
            r.region_code
            for r in queries.remittances(request.exam)
            if r.received_at is not None and r.fiscal_receipt is None
        }
    )


@require_http_methods(["GET", "POST"])
@office_page(READ)
def receipts(request: Request) -> HttpResponse:
    """Ranges of stamped receipts, how far they are used, gaps and duplicates; a form for a further range."""
    exam, by = request.exam, actor(request)
    may = by.may("fees:receipts:register")
    form = RangeForm(request.POST or None) if may else None
    refusals = ()
    if request.method == "POST" and form is None:
        raise NotPermitted("fees:receipts:register")
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            services.register_receipts(
                exam=exam, region_code=by.region_code, **form.cleaned_data, by=by, at=now(exam)
            )
        except RuleRefused as refused:
            refusals = refused.refusals
        else:
            messages.success(request, str(t("票据号段已登记。", "The range is registered.")))
            return redirect("fees-receipts", exam=exam.slug)
    context = {"form": form, "refusals": refusals, "uses": queries.range_uses(exam)}
    return render(request, "fees/receipts.html", context, status=status(request, refusals))


@require_GET
@office_page(READ)
def figures(request: Request) -> HttpResponse:
    """The fragment for the office home."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    taken = queries.taken_at(exam, by.office_path)
    standing = queries.standing(exam, by.region_code, at) if by.region_code else None
    defaults = None if standing else len(queries.in_default(exam, at))
    context = {
        "number": sum(n for n, _ in taken.values()),
        "amount": sum((a for _, a in taken.values()), Decimal(0)),
        "standing": standing,
        "defaults": defaults,
        "refunds": queries.refund_counts(exam)["owed"],
    }
    return render(request, "fees/figures.html", context)


@require_GET
@office_page(READ)
def badge(request: Request) -> HttpResponse:
    """Open work: refunds to pay and lines to explain for the region, money to receive for the centre."""
    by = actor(request)
    count = 0
    if by.may("fees:refund:execute"):
        lines = queries.line_counts(request.exam)
        count = queries.refund_counts(request.exam)["owed"][0] + lines["in"][0] + lines["out"][0]
    elif by.may("fees:remittance:receive"):
        count = queries.remittances(request.exam).filter(received_at=None).count()
    return render(request, "fees/badge.html", {"count": count})
