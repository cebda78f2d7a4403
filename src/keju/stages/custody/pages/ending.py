"""After the exam: what is on its way back, and what is destroyed."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.approvals import queries as approvals
from keju.kernel.calendar import now
from keju.kernel.duties import queries as duties
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import after_of, by_place, cut
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.custody.forms.ending import DestroyForm, OrderForm
from keju.stages.custody.pages.seal_room import READ, RUN, only_choice
from keju.stages.custody.pages.together import signed
from keju.stages.custody.queries import people
from keju.stages.custody.queries import returns as queries
from keju.stages.custody.services import ending as services
from keju.stages.custody.services.together import Signatures

PAGE = 60


@require_GET
@office_page(READ)
def returns(request: Request) -> HttpResponse:
    """Every site: its cards on their way, its spares, what became of its papers."""
    exam, by, start = request.exam, actor(request), after_of(request)
    q = request.GET.get("q", "").strip()
    rows = queries.returned(exam, viewer=by, site=q)
    shown = rows[start : start + PAGE]
    facts = {
        "rows": shown,
        "page": by_place(start, len(shown), len(rows)),
        "q": q,
        "cards": sum(r.cards for r in rows),
        "cards_back": sum(r.at_centre for r in rows),
        "spares": sum(r.spares for r in rows),
        "spares_back": sum(r.spares_back for r in rows),
        "to_destroy": sum(r.to_destroy for r in rows),
        "destroyed": sum(r.destroyed for r in rows),
        "missing": sum(r.missing for r in rows),
    }
    return render(request, "custody/day/returns.html", facts)


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """Orders and records of destruction, newest first."""
    exam, by, after = request.exam, actor(request), after_of(request)
    found = queries.destructions(exam, viewer=by)
    rows, page = cut((found.filter(pk__lt=after) if after else found)[: PAGE + 1], PAGE, after)
    due = duties.due_at(exam=exam, rule="V16.2.1", owner=by.office_code)
    facts = {"rows": rows, "page": page, "due": due, "may_run": by.may(RUN)}
    return render(request, "custody/day/destructions.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(RUN)
def order(request: Request) -> HttpResponse:
    """All bags of the point that end there, in one order for its leader to sign."""
    exam, by = request.exam, actor(request)
    left = queries.endings(exam, by.office_code, viewer=by)
    bags = {pk: bag for pk, bag in left.items() if bag.to_destroy and not bag.to_return}
    form = OrderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.order(
                exam=exam, point_code=by.office_code, container_ids=list(bags), **form.cleaned_data, by=by, at=now(exam)
            )  # fmt: skip
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            words = t("已送考点负责人批准。", "The leader of the point has it to sign.")
            messages.success(request, str(words))
            return redirect("custody-destruction", exam=exam.slug, destruction_id=row.pk)
    facts = {
        "form": form,
        "bags": len(bags),
        "papers": sum(b.to_destroy for b in bags.values()),
        "whole": [bag.code for bag in left.values() if bag.to_return],
    }
    return render(request, "custody/day/order.html", facts, status=409 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(READ)
def destruction(request: Request, destruction_id: int) -> HttpResponse:
    """An order: waiting for its signature, to be carried out, or done."""
    exam, by = request.exam, actor(request)
    row = queries.destruction(exam, destruction_id, viewer=by)
    found = approvals.standing(row.order.pk, at=now(exam)) if row.order else None
    team = people.team(exam, f"{row.point_code}-01")
    form = DestroyForm(request.POST or None, team=team, initial={"key": uuid4()} | only_choice(team))
    if request.method == "POST" and by.may(RUN) and form.is_valid():
        said = form.cleaned_data

        def go() -> Signatures:
            return services.destroy(
                exam=exam, destruction_id=row.pk, key=said["key"], head=said["head"], officer=said["officer"],
                staff=form.escort().staff, codes=form.codes(), by=by, at=now(exam),
            )  # fmt: skip

        if signed(request, form, go, t("已销毁并记录。", "Destroyed, and on record.")):
            return redirect("custody-destruction", exam=exam.slug, destruction_id=row.pk)
    facts = {
        "row": row,
        "is_approved": found is not None and found.is_approved,
        "form": form,
        "may_run": by.may(RUN),
    }
    return render(request, "custody/day/destruction.html", facts, status=409 if form.errors else 200)


@require_POST
@office_page(RUN)
def record(request: Request, destruction_id: int) -> HttpResponse:
    """The record on paper; each print is a row of the ledger."""
    exam = request.exam
    made = services.print_destruction(
        exam=exam, destruction_id=destruction_id, by=actor(request), at=now(exam)
    )
    return answer(made.pdf, "application/pdf", f"destruction-{destruction_id}.pdf", inline=True)
