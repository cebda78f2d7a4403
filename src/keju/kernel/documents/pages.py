"""The print ledger of an exam."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from keju.kernel.documents import queries
from keju.kernel.documents.forms import LedgerFilter
from keju.kernel.exams.access import Request, actor, office_page


@require_GET
@office_page("documents:ledger:read")
def ledger(request: Request) -> HttpResponse:
    slug = request.exam.slug
    form = LedgerFilter(request.GET or None, kinds=queries.kinds(viewer=actor(request), exam_slug=slug))
    asked = form.cleaned_data if form.is_valid() else {}
    page = queries.ledger(
        viewer=actor(request),
        exam_slug=slug,
        kind=asked.get("kind", ""),
        text=asked.get("q", ""),
        after=request.GET.get("after", ""),
    )
    return render(request, "documents/ledger.html", {"filters": form, "page": page})
