"""A candidate's own certificate, and the public check of any."""

from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, candidate_page, public_page
from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import office
from keju.rulebook.words import t
from keju.stages.certificates import documents, queries, services
from keju.stages.certificates.forms import VerifyForm

TRIES, WINDOW = 60, 600


@require_safe
@candidate_page
def mine(request: Request) -> HttpResponse:
    """The certificate, where it is, what to bring, and how to ask for a new one."""
    return render(request, "certificates/mine.html", _own(request))


@require_safe
@candidate_page
def step(request: Request) -> HttpResponse:
    """The certificate's step of the candidate's page."""
    return render(request, "certificates/step.html", _own(request))


@require_POST
@candidate_page
def ask(request: Request) -> HttpResponse:
    """The holder asks for a new certificate; the point still wants to see them with the identity copy."""
    exam, by = request.exam, actor(request)
    found = queries.own(viewer=by, exam=exam)
    if not found:
        raise NotPermitted(hidden=True)
    services.ask_reissue(
        exam=exam, number=found[0].number, reason=request.POST.get("reason", ""), by=by, at=now(exam)
    )
    messages.success(
        request,
        str(
            t(
                "申请已提交。请带身份证和复印件到考点。",
                "Sent. Go to your point with your identity card and a copy.",
            )
        ),
    )
    return redirect("certificates-mine", exam=exam.slug)


@require_http_methods(["GET", "POST"])
@public_page
def verify(request: Request) -> HttpResponse:
    """Whether a certificate with this code or number is valid, void or unknown; the name is masked. Writes nothing."""
    exam: Exam | None = getattr(request, "exam", None)
    text = (request.POST or request.GET).get("text", "").strip()
    facts: dict[str, Any] = {"form": VerifyForm({"text": text} if text else None)}
    if text:
        if _too_often(request):
            return render(request, "certificates/verify.html", {**facts, "slow": True}, status=429)
        found = _first(text, exam)
        facts["found"] = found
        if found.exam is not None:
            programme = exams.programme(found.exam)
            facts |= {
                "category": documents.category_name(programme, found.category),
                "level": documents.level_name(programme, found.level),
                "region": office(found.region_code).name,
            }
    return render(request, "certificates/verify.html", facts)


def _first(text: str, exam: Exam | None) -> queries.Verified:
    """In the exam of the address, else in every real exam of the number's year."""
    if exam is not None or not text.isdigit():
        return queries.verify(text=text, exam=exam)
    for one in exams.exams():
        if str(one.year) == text[:4]:
            found = queries.verify(text=text, exam=one)
            if found.state != "unknown":
                return found
    return queries.Verified("unknown")


def _own(request: Request) -> dict[str, Any]:
    exam, by = request.exam, actor(request)
    found = queries.own(viewer=by, exam=exam)
    if not found:
        return {"certificate": None}
    programme, latest = exams.programme(exam), found[0]
    return {
        "certificate": latest,
        "former": found[1:],
        "collected": getattr(latest, "collection", None),
        "category": documents.category_name(programme, latest.grant.category),
        "level": documents.level_name(programme, latest.grant.level),
        "scope": documents.scope(latest.grant.category),
        "point": exams.opening(exam, latest.point_code),
        "request_open": queries.own_request(viewer=by, exam=exam),
        "delivered": queries.arrived(viewer=by, exam=exam, point_code=latest.point_code),
        "diploma": queries.owes_diploma(viewer=by, exam=exam, registration_id=latest.grant.registration_id),
    }


def _too_often(request: Request) -> bool:
    name = f"certificates-verify:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(name, 0, WINDOW)
    try:
        return cache.incr(name) > TRIES
    except ValueError:  # it ran out between the two
        return False
