"""A candidate's own ticket, and the public check of a printed one."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, candidate_page, public_page
from keju.kernel.files.responses import answer
from keju.rulebook.words import t
from keju.stages.registration import queries as registration
from keju.stages.tickets import queries, services
from keju.stages.tickets.forms import CodeForm
from keju.stages.venues import queries as venues


@require_GET
@candidate_page
def mine(request: Request) -> HttpResponse:
    """The ticket with its seat and a button to print it, or why it is not there yet: the clause and what is missing."""
    exam, by = request.exam, actor(request)
    own = registration.own(viewer=by, exam=exam)
    facts: dict[str, object] = {"own": own}
    if own is not None:
        ticket = queries.ticket_of(viewer=by, exam=exam, registration_id=own.pk)
        facts["ticket"] = ticket
        if ticket is None:
            facts["closed"] = queries.why_closed(exam, own.point_code[:2], now(exam))
        else:
            facts |= {
                "site": venues.site_facts(exam, ticket.site_code),
                "room": venues.room_facts(exam, ticket.room_id),
                "sittings": services.sittings(exam, ticket.category),
                "category": next(
                    c.name for c in exams.programme(exam).categories if c.code == ticket.category
                ),
            }
    return render(request, "tickets/mine.html", facts)


@require_POST
@candidate_page
def print_own(request: Request) -> HttpResponse:
    """The ticket as PDF; a copy more in the print ledger, hence a POST."""
    exam, by = request.exam, actor(request)
    own = registration.own(viewer=by, exam=exam)
    if own is None:
        raise NotPermitted(hidden=True)
    pdf = services.print_ticket(exam=exam, registration_id=own.pk, by=by, at=now(exam))
    return answer(pdf, "application/pdf", str(t("准考证.pdf", "ticket.pdf")), inline=True)


@require_http_methods(["GET", "POST"])
@public_page
def verify(request: Request) -> HttpResponse:
    """Whether a ticket's code is ours, still holds, and whose face and seat belong to it. Nothing is written."""
    code = (request.POST or request.GET).get("code", "").strip()
    form = CodeForm({"code": code} if code else None)
    found = queries.verify(code) if code else None
    return render(request, "tickets/verify.html", {"form": form, "found": found, "code": code})


@require_GET
@public_page
def photo(request: Request) -> HttpResponse:
    """The photo that belongs to a valid code."""
    data = queries.photo_of(request.GET.get("code", ""))
    if data is None:
        raise NotPermitted(hidden=True)
    return answer(data, "image/jpeg", "photo.jpg", inline=True)
