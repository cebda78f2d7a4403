"""Asking for an evidence file: of a container, of a site."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.rulebook.words import current_language
from keju.stages.custody.forms.evidence import EvidenceForm
from keju.stages.custody.queries import evidence as queries
from keju.stages.custody.services.evidence import ask_evidence, public_keys

MAKE = "custody:evidence:make"


@require_http_methods(["GET", "POST"])
@office_page(MAKE)
def of_container(request: Request, container: str) -> HttpResponse:
    """A container's."""
    return _asked(request, "container", container)


@require_http_methods(["GET", "POST"])
@office_page(MAKE)
def of_site(request: Request, site: str) -> HttpResponse:
    """Of every container of a site."""
    return _asked(request, "site", site)


def _asked(request: Request, kind: str, code: str) -> HttpResponse:
    """What it will hold and who asked before, by GET; by POST the work begins."""
    exam, by = request.exam, actor(request)
    form = EvidenceForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        job = ask_evidence(
            exam=exam, kind=kind, code=code, reason=form.cleaned_data["reason"], language=current_language(), by=by,
            at=now(exam),
        )  # fmt: skip
        return redirect("jobs-job", exam.slug, job.public)
    about = queries.about(exam, kind, code, viewer=by)
    facts = {
        "form": form,
        "about": about,
        "former": queries.former(exam, about.subject, viewer=by),
        "keys": [str(key) for key in public_keys()],
        "command": f"keju evidence verify evidence-{about.code}.zip --keys keys.txt",
    }
    return render(request, "custody/evidence.html", facts, status=422 if form.errors else 200)
