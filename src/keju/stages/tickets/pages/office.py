"""Numbering and opening; lists; one ticket."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import cut
from keju.kernel.files.responses import answer
from keju.kernel.jobs import services as jobs
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook.words import t
from keju.stages.registration import queries as registration
from keju.stages.seating import queries as seating
from keju.stages.tickets import queries, rules, services
from keju.stages.tickets.forms import FilterForm, ReasonForm
from keju.stages.tickets.jobs import GENERATE

COLUMNS = (
    Column("number", t("准考证号", "Ticket number")),
    Column("site", t("考试地点", "Site")),
    Column("room", t("考场", "Room"), kind="int"),
    Column("seat", t("座位", "Seat"), kind="int"),
    Column("category", t("类别", "Category")),
    Column("registration", t("报名号", "Registration number")),
    Column("state", t("状态", "State")),
)


@require_GET
@office_page("tickets:list:read")
def home(request: Request) -> HttpResponse:
    """The centre opens, a region generates, a host prints: what is next for the viewer, and what blocks it."""
    exam, by = request.exam, actor(request)
    at = now(exam)
    if by.office_path == "/":
        states = queries.region_states(exam, at)
        obstacles = list(rules.check_opening(states)) or list(
            rules.check_something_to_open([s.code for s in states if s.ready])
        )
        facts: dict[str, object] = {
            "states": states,
            "obstacles": obstacles,
            "ready": sum(s.ready for s in states),
            "figures": queries.figures(exam, viewer=by),
        }
        return render(request, "tickets/nation.html", facts)
    region = by.region_code
    facts = {
        "sites": queries.site_rows(exam, viewer=by),
        "opened": queries.opened_at(exam, region),
        "closed": queries.why_closed(exam, region, at),
    }
    if by.may("tickets:numbers:generate"):
        state = seating.region_state(exam, region, viewer=by)
        made = queries.generation(exam, region)
        facts |= {
            "state": state,
            "generation": made,
            "stale": bool(made and made.plans != state.hash),
            "default": next((s.default for s in queries.region_states(exam, at) if s.code == region), None),
            "obstacles": list(
                rules.check_seated(state.eligible, state.seated, state.eligible - state.seated, 0)
            ),
        }
    return render(request, "tickets/home.html", facts)


@require_POST
@office_page("tickets:numbers:generate")
def generate(request: Request) -> HttpResponse:
    """The work is begun; its page shows how far it is. A second click finds the same work."""
    exam, by = request.exam, actor(request)
    job = jobs.start(GENERATE, exam=exam, region_code=by.region_code, by=by, at=now(exam))
    return redirect("jobs-job", exam.slug, job.public)


@require_POST
@office_page("tickets:printing:open")
def open_printing(request: Request) -> HttpResponse:
    exam = request.exam
    done = services.open_printing(exam=exam, by=actor(request), at=now(exam))
    words = t("已为 {n} 个考区开放准考证打印。", "Printing is open for {n:region|regions}.").format(
        n=len(done.opened)
    )
    messages.success(request, str(words))
    if done.closed:
        left = t("欠缴考务费、未开放：{codes}", "Closed because fees are owed: {codes}")
        messages.warning(request, str(left.format(codes=sorted(done.closed))))
    return redirect("tickets-home", exam=exam.slug)


@require_GET
@office_page("tickets:list:read")
def listing(request: Request) -> HttpResponse:
    """Tickets in number order, by the page."""
    exam, by = request.exam, actor(request)
    form = FilterForm(request.GET or None, sites=queries.sites_in_use(viewer=by, exam=exam))
    asked = form.cleaned_data if form.is_valid() else {}
    wanted = queries.Filters(site_code=asked.get("site", ""), text=asked.get("q", ""))
    after = request.GET.get("after", "")
    rows = queries.rows(viewer=by, exam=exam, filters=wanted, after=after, size=queries.PAGE + 1)
    rows, page = cut(rows, queries.PAGE, after, key="number")
    return render(request, "tickets/list.html", {"filters": form, "rows": rows, "page": page})


@require_GET
@office_page("tickets:list:read")
def export(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = FilterForm(request.GET or None, sites=[row[0] for row in queries.site_rows(exam, viewer=by)])
    asked = form.cleaned_data if form.is_valid() else {}
    wanted = queries.Filters(site_code=asked.get("site", ""), text=asked.get("q", ""))
    names = {c.code: str(c.name) for c in exams.programme(exam).categories}
    void = str(t("作废", "revoked"))
    rows = (
        (
            k.number, k.site_code, k.room_number, k.seat, names.get(k.category, k.category),
            registration.number_of(exam, k.registration_id), void if k.revoked_at else "",
        )
        for k in queries.stream(viewer=by, exam=exam, filters=wanted).iterator(chunk_size=5000)
    )  # fmt: skip
    return answer(write_table(COLUMNS, rows), XLSX, str(t("准考证.xlsx", "tickets.xlsx")))


@require_GET
@office_page("registration:list:read")
def find(request: Request) -> HttpResponse:
    """To the desk of whoever has that ticket; back to the counter, which sent it here, if that is nobody of the viewer's."""
    exam = request.exam
    number = request.GET.get("q", "")[:20]
    found = queries.registration_named(viewer=actor(request), exam=exam, number=number)
    if found is None:
        return redirect(
            f"{reverse('review-counter', args=[exam.slug])}?{urlencode({'q': number, 'ticket': ''})}"
        )
    return redirect("review-desk", exam=exam.slug, registration_id=found)


@require_GET
@office_page("tickets:list:read")
def detail(request: Request, number: str) -> HttpResponse:
    exam, by = request.exam, actor(request)
    ticket = queries.by_number(viewer=by, exam=exam, number=number)
    if ticket is None:
        raise NotPermitted(hidden=True)
    people = queries.room_tickets(
        viewer=by, exam=exam, site_code=ticket.site_code, room_number=ticket.room_number
    )
    person = next((p for p in people if p.number == number), None)
    return render(request, "tickets/detail.html", {"ticket": ticket, "person": person, "form": ReasonForm()})


@require_POST
@office_page("tickets:numbers:generate")
def change(request: Request, number: str) -> HttpResponse:
    """The former print is void (reissue), or the ticket as a whole (revoke)."""
    exam, by = request.exam, actor(request)
    ticket = queries.by_number(viewer=by, exam=exam, number=number)
    form = ReasonForm(request.POST)
    if ticket is None:
        raise NotPermitted(hidden=True)
    if not form.is_valid():
        messages.error(request, str(t("请写明理由。", "Give the reason.")))
        return redirect("tickets-detail", exam=exam.slug, number=number)
    act = services.revoke if request.POST.get("act") == "revoke" else services.reissue
    act(exam=exam, registration_id=ticket.registration_id, **form.cleaned_data, by=by, at=now(exam))
    messages.success(
        request, str(t("已记录，以前打印的准考证作废。", "Recorded: what was printed before is void."))
    )
    return redirect("tickets-detail", exam=exam.slug, number=number)


@require_GET
@office_page("tickets:list:read")
def figures(request: Request) -> HttpResponse:
    found = queries.figures(request.exam, viewer=actor(request))
    return render(request, "tickets/figures.html", {"figures": found})
