"""Whose copy is this? From one page, typed or photographed, to site, room and bag."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.scans import received
from keju.stages.custody import queries
from keju.stages.custody.forms.tracing import TraceForm
from keju.stages.custody.queries import naming
from keju.stages.custody.services.tracing import Traced
from keju.stages.custody.services.tracing import trace as trace_copy


@require_http_methods(["GET", "POST"])
@office_page("custody:evidence:make")
def trace(request: Request) -> HttpResponse:
    """The question by GET; by POST the answer, which is on record."""
    exam, by = request.exam, actor(request)
    form = TraceForm(request.POST, request.FILES) if request.method == "POST" else TraceForm()
    found: Traced | None = None
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            photo = received([asked["photo"]], 1)[0] if asked["photo"] else None
            found = trace_copy(exam=exam, typed=asked["typed"], photo=photo, by=by, at=now(exam))
        except ValidationError as unreadable:
            form.add_error("photo" if asked["photo"] else "typed", unreadable)
    sessions, categories = queries.names_of(exam)
    bag = found.bag if found else None
    facts = {
        "form": form,
        "found": found,
        "kind": naming.KINDS[bag.kind] if bag else "",
        "session": sessions.get(bag.session, "") if bag else "",
        "category": categories.get(bag.category, "") if bag else "",
    }
    return render(request, "custody/trace.html", facts, status=422 if form.errors else 200)
