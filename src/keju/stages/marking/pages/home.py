"""Where marking stands, and the bags of cards."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import after_of, by_place
from keju.kernel.files.responses import answer
from keju.rulebook.words import t
from keju.stages.marking import queries, services
from keju.stages.tickets import queries as tickets

READ, SCAN, PRINT = "marking:batch:read", "marking:batch:scan", "marking:cards:print"
PAGE = 50
STATES = ("empty", "awaited", "doubts", "done")


@require_GET
@office_page(READ)
def home(request: Request) -> HttpResponse:
    """Sessions with read and expected cards, what blocks the scores, and the bags."""
    exam, by = request.exam, actor(request)
    names = {s.number: s.name for s in exams.sessions(exam)}
    state, session = request.GET.get("state", ""), request.GET.get("session", "")
    every = queries.batch_rows(viewer=by, exam=exam)
    rows = [r for r in every if not session or str(r.session_number) == session]
    empty = [r.pk for r in every if r.state == "empty"]
    if state in STATES:
        rows = [r for r in rows if r.state == state]
    start = after_of(request)
    shown = rows[start : start + PAGE]
    context = {
        "progress": [
            (names[p.session_number], p) for p in queries.progress(viewer=by, exam=exam, rows=every)
        ],
        "blocking": queries.blocking(exam),
        "frozen": queries.frozen(exam),
        "rows": [(r, names[r.session_number]) for r in shown],
        "page": by_place(start, len(shown), len(rows)),
        "names": names.items(),
        "session": session,
        "state": state,
        "empty": len(empty),
        "doubts": queries.open_doubts(exam),
    }
    return render(request, "marking/home.html", context)


@require_POST
@office_page(SCAN)
def open_batches(request: Request) -> HttpResponse:
    exam = request.exam
    opened = services.open_batches(exam=exam, by=actor(request), at=now(exam))
    messages.success(request, str(t("新建 {n} 个卡袋。", "{n:new bag|new bags}.").format(n=opened)))
    return redirect("marking-home", exam=exam.slug)


@require_POST
@office_page(SCAN)
def practise(request: Request) -> HttpResponse:
    """The practice scanner for every bag without images, in a rehearsal."""
    exam, by = request.exam, actor(request)
    wanted = [r.pk for r in queries.batch_rows(viewer=by, exam=exam) if r.state == "empty"]
    job = services.queue_practice(exam=exam, batch_ids=wanted, by=by, at=now(exam))
    return redirect("jobs-job", exam.slug, job.public)


@require_GET
@office_page(PRINT)
def cards(request: Request) -> HttpResponse:
    """Rooms whose answer cards may be printed."""
    exam, by = request.exam, actor(request)
    site = request.GET.get("q", "").strip()
    start = after_of(request)
    shown, total = tickets.rooms_page(viewer=by, exam=exam, site=site, start=start, size=PAGE)
    context = {
        "rooms": shown,
        "sessions": exams.sessions(exam),
        "q": site,
        "page": by_place(start, len(shown), total),
    }
    return render(request, "marking/cards.html", context)


@require_POST
@office_page(PRINT)
def print_cards(request: Request, site: str, room: int, session: int) -> HttpResponse:
    """The room's cards as a PDF; the print stands in the ledger."""
    exam = request.exam
    pdf = services.print_cards(
        exam=exam, site_code=site, room_number=room, session_number=session, by=actor(request), at=now(exam)
    )
    return answer(pdf, "application/pdf", f"cards-{site}-{room:03d}-{session}.pdf", inline=True)


@require_GET
@office_page(READ)
def figures(request: Request) -> HttpResponse:
    """What the centre's home shows of this stage."""
    exam, by = request.exam, actor(request)
    names = {s.number: s.name for s in exams.sessions(exam)}
    every = queries.batch_rows(viewer=by, exam=exam)
    context = {
        "progress": [
            (names[p.session_number], p) for p in queries.progress(viewer=by, exam=exam, rows=every)
        ],
        "frozen": queries.frozen(exam),
    }
    return render(request, "marking/figures.html", context)


@require_GET
@office_page(READ)
def badge(request: Request) -> HttpResponse:
    """How many cards wait for this person's decision."""
    exam, by = request.exam, actor(request)
    waiting = queries.readings_in_doubt(viewer=by, exam=exam) if by.may("marking:reading:adjudicate") else []
    return render(request, "marking/badge.html", {"count": sum(bool(r.mine_open) for r in waiting)})
