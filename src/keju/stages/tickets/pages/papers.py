"""The papers of a site: what there is, what is printed and still good, and printing it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import answer
from keju.kernel.jobs import services as jobs
from keju.kernel.offices.queries import path_of
from keju.rulebook.words import current_language, t
from keju.stages.tickets import queries, rules, services
from keju.stages.tickets.forms import PhoneForm, SheetForm
from keju.stages.tickets.jobs import SHEETS
from keju.stages.tickets.services import KINDS, TICKETS, site_path


@require_GET
@office_page("tickets:list:read")
def site(request: Request, site: str) -> HttpResponse:
    """A site's papers in the print shop's order, each with its last print; and its rooms with their numbers."""
    exam, by = request.exam, actor(request)
    rooms = queries.rooms(viewer=by, exam=exam, site_code=site)
    if not rooms:
        raise NotPermitted(hidden=True)
    phone = queries.supervision_phone(exam, site)
    own, region = (queries.supervision(exam, path) for path in (site_path(site), path_of(site[:2])))
    seen = {
        "phone": phone,
        "version": own.version if own else 0,
        "region_version": region.version if region else 0,
    }
    facts = {
        "site": site,
        "rooms": rooms,
        "papers": queries.papers(viewer=by, exam=exam, site_code=site),
        "room_kinds": [(code, kind.name) for code, kind in KINDS.items() if kind.by_room],
        "lost": queries.unprintable(viewer=by, exam=exam, site_code=site),
        "opened": queries.opened_at(exam, site[:2]),
        "phone": phone,
        "obstacles": list(rules.check_phone(True, phone)),
        "order": SheetForm(initial={"language": current_language()}),
        "form": PhoneForm(initial=seen),
        "of_region": by.office_path in ("/", path_of(site[:2])),
    }
    return render(request, "tickets/site.html", facts)


@require_POST
@office_page("tickets:sheets:print")
def order(request: Request, site: str) -> HttpResponse:
    """A worker prints; its page shows how far it is and offers the file. A second click finds the same work."""
    exam = request.exam
    form = SheetForm(request.POST)
    if not form.is_valid():
        raise NotPermitted(hidden=True)
    asked = form.cleaned_data
    job = jobs.start(
        SHEETS,
        exam=exam,
        site_code=site,
        paper=asked["kind"],
        language=asked["language"] or current_language(),
        layout=asked["layout"],
        by=actor(request),
        at=now(exam),
    )
    return redirect("jobs-job", exam.slug, job.public)


@require_POST
@office_page("tickets:sheets:print")
def room_sheets(request: Request, site: str, room: int) -> HttpResponse:
    """The papers of one room, or its tickets, at once."""
    exam, by = request.exam, actor(request)
    kind = request.POST.get("kind", "")
    if kind == TICKETS:
        pdf = services.print_tickets(exam=exam, site_code=site, room_number=room, by=by, at=now(exam))
    else:
        pdf = services.print_sheets(
            exam=exam,
            site_code=site,
            kind=kind,
            room_number=room,
            layout=request.POST.get("layout", ""),
            language=current_language(),
            by=by,
            at=now(exam),
        )
    return answer(pdf, "application/pdf", f"{site}-{room:03d}-{kind}.pdf", inline=True)


@require_POST
@office_page("tickets:sheets:print")
def phone(request: Request, site: str) -> HttpResponse:
    """The supervision phone number of the site, or of its whole region."""
    exam, by = request.exam, actor(request)
    form = PhoneForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(t("请填写监督电话。", "Enter the supervision phone number.")))
        return redirect("tickets-site", exam=exam.slug, site=site)
    asked = form.cleaned_data
    services.set_phone(
        exam=exam,
        office_path=path_of(site[:2]) if asked["whole"] else site_path(site),
        phone=asked["phone"],
        version=asked["region_version"] if asked["whole"] else asked["version"],
        by=by,
        at=now(exam),
    )
    messages.success(request, str(t("监督电话已保存。", "The supervision phone number is saved.")))
    return redirect("tickets-site", exam=exam.slug, site=site)
