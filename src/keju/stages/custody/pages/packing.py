"""Repacking in the store: choose boxes, scan what is in them, sign together, get packs by point with their labels."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer
from keju.rulebook import RuleRefused
from keju.rulebook.words import current_language, t
from keju.stages.custody.forms.packing import PackingForm
from keju.stages.custody.forms.seal_room import unsigned
from keju.stages.custody.queries import naming
from keju.stages.custody.queries import packing as queries
from keju.stages.custody.rules.chain import Act
from keju.stages.custody.services.labels import print_labels
from keju.stages.custody.services.packing import repack
from keju.stages.custody.services.packing_prints import print_record

DONE = t(
    "已按考点和半天重新装包加封，共 {n} 包，回执已送上级。请打印标签和记录。",
    "Packed anew by point and half-day, and sealed: {n:pack|packs}; the superior has the receipt. Print labels and record.",
)
BOX = t("{code} · {place} · {n} 袋", "{code} · {place} · {n:bag|bags}")
SEALED = t("{code} · {place} · {n} 袋 · 已装好", "{code} · {place} · {n:bag|bags} · packed already")
HALF = t(
    "有人还没有签字或签名码不对，还没有拆箱。其余签字已保留。",
    "Somebody has not signed yet, or a code was wrong: nothing is repacked. The other signatures stand.",
)
SHOWN = 20  # records on the page


@require_http_methods(["GET", "POST"])
@office_page("custody:containers:pack")
def packing(request: Request) -> HttpResponse:
    """Boxes in the office's own store; by POST those chosen are repacked once all who take part have signed."""
    exam, by = request.exam, actor(request)
    rows = queries.own_boxes(exam, viewer=by)
    places = naming.place_names(exam, (row.place for row, _ in rows))
    choices = [
        (
            row.container.code,
            (SEALED if row.act == Act.SEALED else BOX).format(
                code=row.container.code, place=places[row.place], n=n
            ),
        )
        for row, n in rows
    ]
    crew = queries.crew(exam, by.office_code)
    if request.method == "POST":
        form = PackingForm(request.POST, choices=choices, crew=crew)
        if form.is_valid():
            asked = form.cleaned_data
            try:
                done = repack(
                    exam=exam,
                    box_codes=asked["boxes"],
                    scanned=asked["scanned"].split(),
                    key=asked["key"],
                    hands=form.hands(),
                    by=by,
                    at=now(exam),
                )
            except RuleRefused as refused:
                explain(form, refused, exam)
            else:
                if done.packs:
                    messages.success(request, str(DONE.format(n=len(done.packs))))
                    return redirect("custody-packing", exam=exam.slug)
                form.add_error(None, str(HALF))
                if done.signatures is not None:
                    unsigned(form, done.signatures.failed, form.signing())
    else:
        form = PackingForm(choices=choices, crew=crew, initial={"key": uuid4()})
    waiting = {row.container.code for row in queries.unopened(exam, viewer=by, at=now(exam))}
    facts = {
        "form": form,
        "waits": form.is_bound or bool(waiting),
        "has_boxes": bool(choices),
        "records": [(r, r.proposal.content.facts) for r in queries.records(exam, viewer=by)[:SHOWN]],
        "least": crew.least,
    }
    return render(request, "custody/packing.html", facts, status=422 if form.errors else 200)


@require_POST
@office_page("custody:chain:read")
def print_packing(request: Request, operation_id: int) -> HttpResponse:
    """The record as PDF; a copy more in the print ledger, hence a POST."""
    exam = request.exam
    made = print_record(
        exam=exam, operation_id=operation_id, language=current_language(), by=actor(request), at=now(exam)
    )
    return answer(made.pdf, "application/pdf", str(t("拆箱装箱记录.pdf", "packing-record.pdf")), inline=True)


@require_POST
@office_page("custody:containers:pack")
def labels(request: Request, operation_id: int) -> HttpResponse:
    """The labels of all packs of a record, without those of the bags, which have theirs."""
    exam, by = request.exam, actor(request)
    packs = queries.record(exam, operation_id, viewer=by).packs
    pdf = print_labels(
        exam=exam, containers=packs, outer_only=True, language=current_language(), by=by, at=now(exam)
    )
    return answer(pdf, "application/pdf", f"labels-{operation_id}.pdf", inline=True)
