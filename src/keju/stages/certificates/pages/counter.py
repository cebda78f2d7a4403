"""The counter of a point: finding a certificate, handing it over."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.refusing import explain
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.certificates import documents, queries, services
from keju.stages.certificates.forms import CollectionForm
from keju.stages.certificates.params import Params
from keju.stages.certificates.services import Handover


@require_safe
@office_page("certificates:list:read")
def find(request: Request) -> HttpResponse:
    """From a typed number or a scanned code to its certificate."""
    exam, by = request.exam, actor(request)
    found = queries.find(viewer=by, exam=exam, text=request.GET.get("number", ""))
    if found is None:
        messages.error(
            request,
            str(t("本单位没有这个编号的证书，请核对。", "No certificate of that number here. Check it.")),
        )
        return redirect("certificates-home", exam=exam.slug)
    return redirect("certificates-detail", exam=exam.slug, certificate_id=found)


@require_http_methods(["GET", "POST"])
@office_page("certificates:list:read")
def detail(request: Request, certificate_id: int) -> HttpResponse:
    """One certificate: whose, where it stands; at its point the form of the handing over."""
    exam, by = request.exam, actor(request)
    row = queries.certificate(viewer=by, exam=exam, certificate_id=certificate_id)
    records = by.may("certificates:collection:record")
    form = CollectionForm(request.POST or None, owed=row.diploma_owed)
    if request.method == "POST":
        if not records:
            raise NotPermitted("certificates:collection:record")
        if form.is_valid():
            given = form.cleaned_data
            handover = Handover(
                row.number, given["identity_seen"], given.get("diploma", False), given.get("copies") or 0
            )
            try:
                services.record_collection(exam=exam, handovers=[handover], by=by, at=now(exam))
            except RuleRefused as refused:
                explain(form, refused, exam)
            else:
                messages.success(request, str(t("领取已登记。", "The collection is recorded.")))
                return redirect("certificates-detail", exam=exam.slug, certificate_id=certificate_id)
    programme = exams.programme(exam)
    facts = {
        "row": row,
        "form": form if records and row.state == "valid" and row.collected_at is None else None,
        "category": documents.category_name(programme, row.category),
        "level": documents.level_name(programme, row.level),
        "scope": documents.scope(row.category),
        "needed": exams.params(exam, Params).copies,
    }
    return render(request, "certificates/detail.html", facts)
