"""What was abnormal at handovers, and the instruction of the office above."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.exams.refusing import explain
from keju.kernel.offices import Actor
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.custody.forms import handovers as typed
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.queries.naming import FLAWS
from keju.stages.custody.services import handovers as services

READ, INSTRUCT = "custody:chain:read", "custody:case:instruct"
PAGE = 50


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """What was abnormal in the viewer's offices, newest first; `open` only what waits for an instruction."""
    return _listing(request)


def _listing(request: Request, tried: int = 0, form: forms.Form | None = None) -> HttpResponse:
    exam, by = request.exam, actor(request)
    only, after = request.GET.get("open") == "yes", after_of(request)
    found = reads.exceptions(exam, viewer=by, open_only=only)
    if after:
        found = found.filter(pk__lt=after)
    rows, page = cut(found[: PAGE + 1], PAGE, after)
    may = by.may(INSTRUCT)
    facts = {
        "rows": [
            (
                e, FLAWS.get(e.kind, e.kind), e.office_path.rstrip("/").rpartition("/")[2] or "centre",
                _form_of(e.pk, tried, form) if may and (_is_above(by, e) or e.pk == tried) else None, e.pk == tried,
                may and e.instructed_at is None and e.reported_by == by.ref,
            )
            for e in rows
        ],
        "only": only,
        "page": page,
        "may_report": by.may("custody:case:report"),
    }  # fmt: skip
    return render(request, "custody/handovers/exceptions.html", facts, status=422 if form else 200)


@require_POST
@office_page(INSTRUCT)
def instruct(request: Request, exception_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = typed.InstructForm(request.POST, auto_id=f"e{exception_id}-%s")
    if form.is_valid():
        try:
            services.instruct(exam=exam, exception_id=exception_id, **form.cleaned_data, by=by, at=now(exam))
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            messages.success(request, str(t("指示已记录。", "The instruction stands.")))
            return redirect("custody-exceptions", exam=exam.slug)
    return _listing(request, exception_id, form)


def _is_above(by: Actor, row: reads.CustodyException) -> bool:
    """Whether a form to instruct is shown; the service decides."""
    above = row.office_path != by.office_path or by.office_path == "/"
    open_ = row.instructed_at is None and row.case_id is None
    return open_ and above and row.reported_by != by.ref


def _form_of(pk: int, tried: int, form: forms.Form | None) -> forms.Form:
    return form if form is not None and pk == tried else typed.InstructForm(auto_id=f"e{pk}-%s")
