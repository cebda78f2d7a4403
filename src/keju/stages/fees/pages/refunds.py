"""Money back: the list, the batches that two people send off, the bank's file, and what the bank returns (V8.3)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import after_of, cut, number_of
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.fees import queries, services
from keju.stages.fees.forms import BatchForm, BounceForm, RefundFilter
from keju.stages.fees.pages.money import READ
from keju.stages.fees.rules import masked
from keju.stages.registration import queries as registration

EXECUTE = "fees:refund:execute"
REFUNDS = (
    Column("number", t("报名号", "Registration")),
    Column("name", t("姓名", "Name")),
    Column("point", t("考点", "Point")),
    Column("cause", t("原因", "Cause")),
    Column("amount", t("金额（元）", "Amount (yuan)"), kind="decimal"),
    Column("owed_at", t("列入时间", "Listed at"), kind="date"),
    Column("paid_at", t("退费时间", "Paid at"), kind="date"),
)


@require_http_methods(["GET", "POST"])
@office_page(READ)
def refunds(request: Request) -> HttpResponse:
    """Who gets money back and why; those ticked, or all that can go one way, are put into a batch."""
    exam, by = request.exam, actor(request)
    refusals = ()
    if request.method == "POST":
        try:
            done = _propose(request)
        except RuleRefused as refused:
            refusals = refused.refusals
        else:
            return done
    form = RefundFilter(request.GET)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    after = after_of(request)
    counts = queries.refund_counts(exam)
    totals = {"owed": counts["owed"][0], "paid": counts["paid"][0], "": counts["owed"][0] + counts["paid"][0]}
    found = queries.refunds(exam, state=state, after=after, size=queries.PAGE + 1)
    rows, page = cut(found, queries.PAGE, after, total=totals[state])
    ids = [r.registration_id for r in rows if r.registration_id is not None]
    people = registration.rows_of(viewer=by, exam=exam, ids=ids)
    context = {
        "filters": form,
        "rows": [(owed, people.get(owed.refund.registration_id)) for owed in queries.dressed(exam, rows)],
        "counts": counts,
        "ways": queries.WAYS,
        "batches": queries.batches(exam)[:50],
        "refusals": refusals,
        "page": page,
    }
    return render(request, "fees/refunds.html", context, status=409 if refusals else 200)


def _propose(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    if not by.may(EXECUTE):
        raise NotPermitted(EXECUTE)
    form = BatchForm(request.POST)
    way = form.cleaned_data["way"] if form.is_valid() else "bank"
    ids = [number_of(text) or 0 for text in request.POST.getlist("id")]
    batch = services.propose_batch(
        exam=exam, region_code=by.region_code, way=way, refund_ids=ids or None, by=by, at=now(exam)
    )
    words = t(
        "批次{number}已提出：{count}笔，{amount}元。请另一位财务人员核对放行。",
        "Batch {number} is listed: {count:refund|refunds}, {amount} yuan. Another person of finance must release it.",
    )
    facts = {"number": batch.number, "count": batch.count, "amount": batch.amount}
    messages.success(request, str(words.format(**facts)))
    return redirect("fees-batch", exam=exam.slug, refund_batch_id=batch.pk)


@require_GET
@office_page(READ)
def refunds_sheet(request: Request) -> HttpResponse:
    """Exactly the list shown, as a spreadsheet."""
    exam, by = request.exam, actor(request)
    form = RefundFilter(request.GET)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    rows = list(queries.all_refunds(exam, state))
    ids = [r.registration_id for r in rows if r.registration_id is not None]
    people = registration.rows_of(viewer=by, exam=exam, ids=ids)
    lines = (
        {
            "number": person.number if person else "",
            "name": person.name if person else r.line.payer if r.line else "",
            "point": person.point_code if person else r.office_path[1:3],
            "cause": str(queries.CAUSES[r.cause]),
            "amount": r.amount,
            "owed_at": r.owed_at,
            "paid_at": r.paid_at,
        }
        for r, person in ((r, people.get(r.registration_id)) for r in rows)
    )
    return answer(write_table(REFUNDS, lines), XLSX, f"refunds-{exam.slug}.xlsx")


@require_http_methods(["GET", "POST"])
@office_page(READ)
def batch(request: Request, refund_batch_id: int) -> HttpResponse:
    """One batch: what is in it, its release by another person, its file, and what came back."""
    exam, by = request.exam, actor(request)
    found = queries.batch(exam, refund_batch_id)
    refusals = ()
    if request.method == "POST":
        if not by.may(EXECUTE):
            raise NotPermitted(EXECUTE)
        try:
            _decide(request, refund_batch_id)
        except RuleRefused as refused:
            refusals = refused.refusals
        else:
            return redirect("fees-batch", exam=exam.slug, refund_batch_id=refund_batch_id)
    rows = list(queries.items(found))
    ids = [i.refund.registration_id for i in rows if i.refund.registration_id is not None]
    people = registration.rows_of(viewer=by, exam=exam, ids=ids)
    context = {
        "batch": found,
        "way": queries.WAYS[found.way],
        "own": found.proposed_by == by.ref,
        "rows": [
            (i, people.get(i.refund.registration_id), masked(i.account), queries.CAUSES[i.refund.cause])
            for i in rows
        ],
        "bounces": [i for i in rows if i.state == "bounced"],
        "refusals": refusals,
        "form": BounceForm(),
    }
    return render(request, "fees/batch.html", context, status=409 if refusals else 200)


def _decide(request: Request, batch_id: int) -> None:
    exam, by, at = request.exam, actor(request), now(request.exam)
    if request.POST.get("act") == "release":
        digest = request.POST.get("digest", "")
        done = services.release_batch(exam=exam, batch_id=batch_id, digest=digest, by=by, at=at)
        words = t("批次{n}已放行，考生已收到通知。", "Batch {n} is released; the candidates are told.")
        messages.success(request, str(words.format(n=done.number)))
    else:
        services.drop_batch(exam=exam, batch_id=batch_id, by=by, at=at)
        messages.success(
            request,
            str(
                t(
                    "批次已撤销，其中的退费可重新列入。",
                    "The batch is dropped; its refunds can be listed again.",
                )
            ),
        )


@require_POST
@office_page(EXECUTE)
def batch_file(request: Request, refund_batch_id: int) -> HttpResponse:
    """The file for the bank; who took it is on record, hence a POST."""
    exam = request.exam
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    data = services.batch_file(
        exam=exam, batch_id=refund_batch_id, kind=kind, by=actor(request), at=now(exam)
    )
    name = queries.batch(exam, refund_batch_id).number
    return answer(data, "text/csv" if kind == "csv" else XLSX, f"{name}.{kind}")


@require_POST
@office_page(EXECUTE)
def bounce(request: Request, refund_batch_id: int) -> HttpResponse:
    """The bank returned one of the batch: owed again, the candidate asked for another account."""
    exam = request.exam
    found = queries.batch(exam, refund_batch_id)
    form = BounceForm(request.POST)
    if form.is_valid() and queries.items(found).filter(pk=form.cleaned_data["item"]).exists():
        services.record_bounce(
            exam=exam,
            item_id=form.cleaned_data["item"],
            reason=form.cleaned_data["reason"],
            by=actor(request),
            at=now(exam),
        )
        messages.success(request, str(t("已登记退回，考生已收到通知。", "Recorded; the candidate is told.")))
    else:
        messages.error(request, str(t("请写明银行退回的原因。", "Say why the bank returned it.")))
    return redirect("fees-batch", exam=exam.slug, refund_batch_id=refund_batch_id)
