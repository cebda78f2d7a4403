"""Whose copy is this? From one page, typed or photographed, to site, room, bag and whoever had it."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import number_of
from keju.kernel.files.scans import received
from keju.stages.custody import queries
from keju.stages.custody.forms.tracing import TraceForm
from keju.stages.custody.queries import cases, naming
from keju.stages.custody.queries import tracing as reads
from keju.stages.custody.queries.naming import VERDICTS_OF_COPIES as VERDICTS
from keju.stages.custody.services.tracing import Traced
from keju.stages.custody.services.tracing import trace as trace_copy


@require_http_methods(["GET", "POST"])
@office_page("custody:evidence:make")
def trace(request: Request) -> HttpResponse:
    """The question by GET, `?case=` in whose course it is asked; by POST the answer, which is on record."""
    exam, by = request.exam, actor(request)
    asked_in = number_of(request.GET.get("case", ""))
    form = (
        TraceForm(request.POST, request.FILES)
        if request.method == "POST"
        else TraceForm(initial={"case": asked_in})
    )
    found: list[Traced] = []
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        asked_in = asked["case"]
        try:
            photo = received([asked["photo"]], 1)[0] if asked["photo"] else None
            found = trace_copy(
                exam=exam, typed=asked["typed"], photo=photo, case_id=asked_in, by=by, at=now(exam)
            )
        except ValidationError as unreadable:
            form.add_error("photo" if asked["photo"] else "typed", unreadable)
    sessions, categories = queries.names_of(exam)
    answers = []
    for one in found:
        bag = one.bag
        answers.append(
            {
                "read": one.read,
                "verdict": one.verdict,
                "chip": VERDICTS[one.verdict],
                "bag": bag,
                "kind": naming.KINDS[bag.kind] if bag else "",
                "session": sessions.get(bag.session, "") if bag else "",
                "category": categories.get(bag.category, "") if bag else "",
                "group": reads.group(exam, bag, viewer=by) if bag else None,
                "held": reads.holders(exam, bag) if bag else [],
            }
        )
    facts = {
        "form": form,
        "answers": answers,
        "case": cases.one(exam, asked_in, viewer=by) if asked_in else None,
        "recent": [(row, *VERDICTS[row.verdict]) for row in reads.recent(exam, viewer=by)],
        "may_report": by.may("custody:case:report"),
    }
    return render(request, "custody/trace.html", facts, status=422 if form.errors else 200)
