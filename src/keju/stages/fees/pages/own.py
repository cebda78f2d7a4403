"""The candidate's own money: what to pay and how, whether it has arrived, the receipt, and money back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, candidate_page
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.fees import queries, services
from keju.stages.fees.forms import AccountForm
from keju.stages.fees.rules import masked
from keju.stages.registration import queries as registration


@require_GET
@candidate_page
def mine(request: Request) -> HttpResponse:
    """What is owed, the reference for a transfer, orders online with their state, the receipt, refunds."""
    return _shown(request)


def _shown(request: Request, form: AccountForm | None = None, refusals: object = ()) -> HttpResponse:
    exam, by, at = request.exam, actor(request), now(request.exam)
    own = registration.own(viewer=by, exam=exam)
    facts: dict[str, object] = {"own": own, "refusals": refusals}
    if own is not None:
        row = registration.row(viewer=by, exam=exam, registration_id=own.pk)
        account = queries.payout_account(exam, own.pk)
        orders = queries.orders_of(exam, own.pk)
        facts |= {
            "fee": queries.fee_of(exam, row, at),
            "tariff": queries.tariff(exam, row.region_code, at),
            "region": row.region_code,
            "code": registration.fee_reference(own.pk),
            "paid": queries.payment_of(exam, own.pk),
            "orders": orders[:5],
            "waiting": next((o for o in orders if o.state == "open" and at < o.expires_at), None),
            "online": services.gateway() is not None,
            "refunds": [(r, queries.CAUSES[r.cause]) for r in queries.refunds_of(exam, [own.pk])],
            "account": account,
            "masked": masked(account.number) if account else "",
            "form": form or AccountForm(initial={"holder": own.name}),
        }
    return render(request, "fees/mine.html", facts, status=409 if refusals else 422 if form else 200)


@require_POST
@candidate_page
def pay(request: Request) -> HttpResponse:
    """An order is opened and the candidate sent to the gateway; one that is open already is used again.

    By a page of ours: our forms lead nowhere else (form-action), and browsers hold redirects of a form to that.
    """
    exam, gateway = request.exam, services.gateway()
    if gateway is None:
        messages.warning(request, str(t("暂不能在线支付。", "Paying online is not possible here.")))
        return redirect("fees-mine", exam=exam.slug)
    try:
        order = services.open_order(exam=exam, by=actor(request), at=now(exam))
    except RuleRefused as refused:
        return _shown(request, refusals=refused.refusals)
    back = request.build_absolute_uri(reverse("fees-mine", kwargs={"exam": exam.slug}))
    try:
        address = services.address_of(order, gateway, title=str(exam.name), back=back)
    except services.GatewayDown:
        messages.error(
            request,
            str(
                t(
                    "支付平台暂时没有应答，没有扣款。请过几分钟再试。",
                    "The payment service does not answer; nothing was charged. Try again in some minutes.",
                )
            ),
        )
        return redirect("fees-mine", exam=exam.slug)
    answer = render(request, "fees/onward.html", {"address": address})
    answer.headers["Refresh"] = f"0; url={address}"
    return answer


@require_http_methods(["POST"])
@candidate_page
def account(request: Request) -> HttpResponse:
    """Where a refund goes: sealed, shown masked."""
    exam = request.exam
    form = AccountForm(request.POST)
    if not form.is_valid():
        return _shown(request, form=form)
    try:
        services.enter_account(exam=exam, **form.cleaned_data, by=actor(request), at=now(exam))
    except RuleRefused as refused:
        return _shown(request, form=form, refusals=refused.refusals)
    messages.success(
        request, str(t("退款账户已保存，只有财务人员能用。", "Saved. Only the finance office can use it."))
    )
    return redirect("fees-mine", exam=exam.slug)
