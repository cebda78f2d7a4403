"""Hints to relatives nobody declared: questions to the office, answered with what was found."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.exams.refusing import explain
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.staffing.forms.recusal import HintFilter, HintForm
from keju.stages.staffing.queries import hints as queries
from keju.stages.staffing.rules.hints import KINDS
from keju.stages.staffing.services import hints as services


@require_GET
@office_page("staffing:people:read")
def hints(request: Request) -> HttpResponse:
    exam, by, after = request.exam, actor(request), after_of(request)
    filters = HintFilter(request.GET or {"state": "open"})
    rows = queries.hints(
        viewer=by, exam=exam, open_only=filters.asked_open(), after=after, size=queries.PAGE + 1
    )
    shown, page = cut(rows, queries.PAGE, after, key="id")
    facts = {
        "rows": [(row, KINDS[row.kind]) for row in shown],
        "filters": filters,
        "page": page,
        "may_look": by.may("staffing:people:edit"),
    }
    return render(request, "staffing/hints.html", facts)


@require_POST
@office_page("staffing:people:edit")
def look(request: Request) -> HttpResponse:
    exam = request.exam
    n = services.ask_for_look(exam=exam, by=actor(request), at=now(exam))
    words = t("{n}处的核对将在几分钟内逐一进行。", "{n} places will be compared one by one within minutes.")
    messages.success(request, str(words.format(n=n)))
    return redirect("staffing-hints", exam=exam.slug)


@require_http_methods(["GET", "POST"])
@office_page("staffing:people:read")
def hint(request: Request, hint_id: int) -> HttpResponse:
    """One hint with the candidates that the office may see, and what was found each time."""
    exam, by = request.exam, actor(request)
    row = queries.hint(viewer=by, exam=exam, hint_id=hint_id)
    form = HintForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            services.answer_hint(
                exam=exam, hint_id=hint_id, version=seen_version(request), related=given["related"] == "yes",
                reason=given["reason"], by=by, at=now(exam),
            )  # fmt: skip
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            messages.success(request, str(t("答复已记录。", "The answer is on record.")))
            return redirect("staffing-hints", exam=exam.slug)
    facts = {"row": row, "kind": KINDS[row.kind], "form": form, "may": by.may("staffing:appointment:make")}
    return render(request, "staffing/hint.html", facts, status=409 if form.errors else 200)
