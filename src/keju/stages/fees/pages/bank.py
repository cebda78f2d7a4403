"""The bank and the gateway: statements come in; orders online."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import after_of, cut
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.fees import queries, services
from keju.stages.fees.forms import OrderFilter, StatementForm
from keju.stages.fees.pages.money import READ
from keju.stages.fees.pages.tariffs import status

BOOK = "fees:statement:book"
DONE = t(
    "新入账{added}行，其中{matched}行已自动对上；{known}行以前已入账，未重复。",
    "{added} lines are new, {matched} of them explained at once; {known} were booked before and are not repeated.",
)


@require_http_methods(["GET", "POST"])
@office_page(BOOK)
def statement(request: Request) -> HttpResponse:
    """Upload a statement: whole or not at all, each line once for ever."""
    exam, by = request.exam, actor(request)
    form = StatementForm(request.POST or None, request.FILES or None)
    refusals = ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            done = services.import_statement(
                exam=exam,
                region_code=by.region_code,
                data=given.read(),
                filename=given.name,
                layout=form.cleaned_data["layout"],
                by=by,
                at=now(exam),
            )
        except RuleRefused as refused:
            refusals = refused.refusals
        except ValidationError as error:
            form.add_error("file", error)
        else:
            facts = {"added": done.added, "matched": done.matched, "known": done.known}
            messages.success(request, str(DONE.format(**facts)))
            return redirect("fees-lines", exam=exam.slug)
    context = {"form": form, "refusals": refusals, "statements": queries.statements(exam)[:50]}
    return render(request, "fees/statement.html", context, status=status(request, refusals))


@require_GET
@office_page(READ)
def orders(request: Request) -> HttpResponse:
    """Payments online, by what has become of them."""
    exam = request.exam
    form = OrderFilter(request.GET)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    after = after_of(request)
    found = queries.orders(exam, state=state, after=after, size=queries.PAGE + 1)
    counts = queries.order_counts(exam)
    total = counts[state] if state else counts["open"] + counts["paid"] + counts["closed"]
    rows, page = cut(found, queries.PAGE, after, total=total)
    context = {
        "filters": form,
        "rows": rows,
        "counts": counts,
        "online": services.gateway() is not None,
        "page": page,
    }
    return render(request, "fees/orders.html", context)


@require_POST
@office_page(BOOK)
def ask(request: Request) -> HttpResponse:
    """The gateway is asked about every order that waits, now and not only by the clock."""
    exam, gateway = request.exam, services.gateway()
    if gateway is None:
        messages.warning(request, str(t("没有配置在线支付。", "Paying online is not set up.")))
    else:
        done = services.ask_all(exam=exam, gateway=gateway, at=now(exam))
        words = t(
            "已询问支付平台：支付{pay}笔，关闭{close}笔，无变化{leave}笔，未应答{down}笔。",
            "Asked: {pay} paid, {close} closed, {leave} unchanged, {down} without an answer.",
        )
        facts = {key: done.get(key, 0) for key in ("pay", "close", "leave", "down")}
        messages.success(request, str(words.format(**facts)))
    return redirect("fees-orders", exam=exam.slug)
