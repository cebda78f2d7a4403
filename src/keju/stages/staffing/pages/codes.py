"""Sheets of signing codes: shown once, to their owner behind a link or to the office that hands them over."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page, public_page
from keju.kernel.exams.paging import number_of
from keju.stages.staffing.pages.invited import opened
from keju.stages.staffing.services import codes as services

MAKE = "staffing:appointment:make"


@require_POST
@never_cache
@public_page
def take(request: Request, token: str) -> HttpResponse:
    """The person's own sheet, once."""
    exam = request.exam
    found = opened(request, token)
    made = services.take_codes(invited=found, by=found.actor, at=now(exam))
    back = reverse("staffing-invited", kwargs={"exam": exam.slug, "token": token})
    return _sheets(request, made, back)


@require_POST
@never_cache
@office_page(MAKE)
def hand(request: Request) -> HttpResponse:
    """New sheets for those chosen, to be printed and handed over."""
    exam, by = request.exam, actor(request)
    ids = [pk for typed in request.POST.getlist("id") if (pk := number_of(typed))]
    if not ids:
        raise NotPermitted(MAKE, hidden=True)
    made = services.hand_codes(exam=exam, appointment_ids=ids, by=by, at=now(exam))
    one = reverse("staffing-appointment", kwargs={"exam": exam.slug, "appointment": ids[0]})
    many = reverse("staffing-appointments", kwargs={"exam": exam.slug}) + "?state=accepted"
    return _sheets(request, made, one if len(ids) == 1 else many)


@require_POST
@office_page(MAKE)
def void(request: Request, appointment: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    services.void_codes(exam=exam, appointment_id=appointment, by=by, at=now(exam))
    return redirect("staffing-appointment", exam=exam.slug, appointment=appointment)


def _sheets(request: Request, made: services.CodeSheets, back: str) -> HttpResponse:
    facts = {"made": made, "back": back, "at": now(request.exam)}
    return render(request, "staffing/codes.html", facts)
