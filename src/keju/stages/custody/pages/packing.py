"""Repacking in the store: choose boxes, scan what is in them, get packs by point with their labels."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.refusing import explain
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.custody.forms.packing import PackingForm
from keju.stages.custody.queries import naming
from keju.stages.custody.queries import packing as queries
from keju.stages.custody.services.packing import repack

DONE = t(
    "已按考点重新装箱加封，共 {n} 包。请打印标签。",
    "Repacked by point and sealed: {n:pack|packs}. Print their labels.",
)
BOX = t("{code} · {place} · {n} 袋", "{code} · {place} · {n:bag|bags}")


@require_http_methods(["GET", "POST"])
@office_page("custody:containers:pack")
def packing(request: Request) -> HttpResponse:
    """Boxes in the office's own store; by POST those chosen are repacked."""
    exam, by = request.exam, actor(request)
    rows = queries.own_boxes(exam, viewer=by)
    places = naming.place_names(exam, (row.place for row, _ in rows))
    choices = [
        (row.container.code, BOX.format(code=row.container.code, place=places[row.place], n=n))
        for row, n in rows
    ]
    if request.method == "POST":
        form = PackingForm(request.POST, choices=choices)
        if form.is_valid():
            asked = form.cleaned_data
            try:
                packs = repack(
                    exam=exam,
                    box_codes=asked["boxes"],
                    scanned=asked["scanned"].split(),
                    key=asked["key"],
                    by=by,
                    at=now(exam),
                )
            except RuleRefused as refused:
                explain(form, refused, exam)
            else:
                messages.success(request, str(DONE.format(n=len(packs))))
                return redirect(reverse("custody-containers", kwargs={"exam": exam.slug}) + "?kind=pack")
    else:
        form = PackingForm(choices=choices, initial={"key": uuid4()})
    facts = {"form": form, "has_boxes": bool(choices)}
    return render(request, "custody/packing.html", facts, status=422 if form.errors else 200)
