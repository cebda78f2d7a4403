"""The form on paper, and the scans of what was brought."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import answer, response
from keju.kernel.offices import Actor
from keju.rulebook.words import current_language
from keju.stages.registration import queries as registration
from keju.stages.review import queries, services
from keju.stages.review.forms import ScanForm

READ, DECIDE = "review:list:read", "review:first:decide"
KINDS = {"check": queries.CHECK, "copies": queries.COPIES}


@require_POST
@office_page(DECIDE)
def form(request: Request, registration_id: int) -> HttpResponse:
    """The registration form with photo, code and version mark (V5.3.2b): to check, or in the copies to sign."""
    kind = KINDS.get(request.POST.get("kind", "copies"))
    if kind is None:
        raise NotPermitted(hidden=True)
    printed = services.print_form(
        exam=request.exam,
        registration_id=registration_id,
        kind=kind,
        language=current_language(),
        by=actor(request),
        at=now(request.exam),
    )
    return answer(printed.pdf, "application/pdf", f"form-{registration_id}.pdf", inline=True)


@require_GET
@office_page(DECIDE)
def prints(request: Request, registration_id: int) -> HttpResponse:
    """How the form stands, as a fragment: the desk asks again when the clerk comes back from printing."""
    exam, by = request.exam, actor(request)
    row = registration.row(viewer=by, exam=exam, registration_id=registration_id)
    paper = queries.form_of(viewer=by, exam=exam, registration_id=row.id, version=row.version)
    return render(request, "review/prints.html", {"row": row, "paper": paper})


@require_POST
@office_page(DECIDE)
def add_scan(request: Request, registration_id: int) -> HttpResponse:
    """A page is kept; the desk gets its material's pages back as a fragment, without JavaScript the whole page."""
    exam, by = request.exam, actor(request)
    given = ScanForm(request.POST, request.FILES)
    if given.is_valid():
        page = given.cleaned_data["page"]
        services.add_scan(
            exam=exam,
            registration_id=registration_id,
            material=given.cleaned_data["material"],
            data=page.read(),
            name=page.name,
            by=by,
            at=now(exam),
        )
    elif not _fragment(request):
        messages.error(request, " ".join(str(e) for e in given.non_field_errors()))
    return _pages(request, registration_id, given.errors.get("__all__"))


@require_POST
@office_page(DECIDE)
def remove_scan(request: Request, registration_id: int, scan_id: int) -> HttpResponse:
    """A page taken by mistake is gone."""
    _of(request, registration_id, scan_id)
    services.remove_scan(exam=request.exam, scan_id=scan_id, by=actor(request), at=now(request.exam))
    return _pages(request, registration_id, None)


@require_GET
@office_page(READ)
def scan(request: Request, registration_id: int, scan_id: int) -> HttpResponse:
    """One page, as large as it is kept."""
    found = _of(request, registration_id, scan_id)
    return response(found.sha256, Actor.system("review"), f"{found.material}-{found.pk}", inline=True)


@require_GET
@office_page(READ)
def thumb(request: Request, registration_id: int, scan_id: int) -> HttpResponse:
    """One page, small."""
    found = _of(request, registration_id, scan_id)
    if not found.thumb:
        raise NotPermitted(hidden=True)
    return response(found.thumb, Actor.system("review"), "thumb.jpg", inline=True)


def _of(request: Request, registration_id: int, scan_id: int) -> queries.Scan:
    """The page, if it is one of that registration in the viewer's scope."""
    found = queries.scan(request.exam, scan_id)
    if found.registration_id != registration_id:
        raise NotPermitted(hidden=True)
    return found


def _pages(request: Request, registration_id: int, errors: object) -> HttpResponse:
    exam = request.exam
    if not _fragment(request):
        return redirect("review-desk", exam=exam.slug, registration_id=registration_id)
    row = registration.row(viewer=actor(request), exam=exam, registration_id=registration_id)
    context = {
        "row": row,
        "evidence": queries.evidence(exam, row.id, row.route, {}),
        "scan": ScanForm(),
        "wrong": errors,
        "may_scan": True,
    }
    return render(request, "review/scans.html", context)


def _fragment(request: Request) -> bool:
    return request.headers.get("HX-Request") == "true"
