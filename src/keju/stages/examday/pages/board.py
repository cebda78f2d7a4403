"""The day at a glance: sessions, rooms, the report of absences, marking by spreadsheet."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import after_of, by_place
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX
from keju.rulebook.words import t
from keju.stages.examday import queries, services
from keju.stages.examday.forms import RoomFilter, SheetForm

READ, RECORD, REPORT = "examday:room:read", "examday:room:record", "examday:report:send"
MOST_SITES = 20


@require_GET
@office_page(READ)
def home(request: Request) -> HttpResponse:
    """Sessions with their totals, the rooms with their state, what may be done now."""
    exam, by = request.exam, actor(request)
    sessions = exams.sessions(exam)
    names = {s.number: s.name for s in sessions}
    filters = RoomFilter(request.GET, sessions=[(str(s.number), s.name) for s in sessions])
    wanted = filters.cleaned_data if filters.is_valid() else {}
    number = int(wanted["session"]) if wanted.get("session") else None
    found = queries.rooms(
        viewer=by,
        exam=exam,
        session_number=number,
        site_code=wanted.get("q", ""),
        state=wanted.get("state", ""),
    )
    start = after_of(request)
    rows = list(found[start : start + queries.PAGE])
    totals = queries.totals(viewer=by, exam=exam)
    sites_waiting = (
        sorted(queries.closed_sites(viewer=by, exam=exam, at=now(exam)).items()) if by.may(RECORD) else []
    )
    context = {
        "totals": [(names[t.session_number], t) for t in totals],
        "rows": [(r, names[r.session_number]) for r in rows],
        "filters": filters,
        "page": by_place(start, len(rows), found.count()),
        "unopened": [(names[t.session_number], t) for t in totals if t.rooms > t.opened],
        "closed": sites_waiting[:MOST_SITES],
        "closed_more": max(0, len(sites_waiting) - MOST_SITES),
        "obstacles": queries.report_refusals(viewer=by, exam=exam) if by.may(REPORT) else [],
        "absences": [(names[t.session_number], t.absent) for t in totals],
    }  # fmt: skip
    return render(request, "examday/home.html", context)


@require_POST
@office_page(RECORD)
def open_site(request: Request, site: str) -> HttpResponse:
    exam = request.exam
    services.open_sites(exam=exam, site_codes=[site], by=actor(request), at=now(exam))
    messages.success(
        request,
        str(
            t("考试地点{site}已开放，可以开放考场。", "Site {site} is open; its rooms may be opened.").format(
                site=site
            )
        ),
    )
    return redirect("examday-home", exam=exam.slug)


@require_POST
@office_page(RECORD)
def open_session(request: Request, session: int) -> HttpResponse:
    exam = request.exam
    opened = services.open_rooms(exam=exam, session_number=session, by=actor(request), at=now(exam))
    messages.success(
        request,
        str(
            t("{n} 个考场已开考，可以开始标记。", "{n:room is|rooms are} open; marking may begin.").format(
                n=opened
            )
        ),
    )
    return redirect("examday-home", exam=exam.slug)


@require_POST
@office_page(REPORT)
def report(request: Request) -> HttpResponse:
    exam = request.exam
    absent = services.report_absences(exam=exam, by=actor(request), at=now(exam))
    words = t("缺考情况已上报：共 {n} 人次。", "Absences are reported: {n} in all sessions.")
    messages.success(request, str(words.format(n=sum(absent.values()))))
    return redirect("examday-home", exam=exam.slug)


@office_page(RECORD)
def sheet(request: Request) -> HttpResponse:
    """Marking a whole site by spreadsheet: all rows, or none and the reasons."""
    exam, by = request.exam, actor(request)
    sessions = [(str(s.number), s.name) for s in exams.sessions(exam)]
    sites = queries.sites(viewer=by, exam=exam)
    form = SheetForm(request.POST or None, request.FILES or None, sessions=sessions, sites=sites)
    errors: list[object] = []
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            done = services.bring_in(
                exam=exam,
                session_number=int(form.cleaned_data["session"]),
                site_code=form.cleaned_data["site"],
                data=upload.read(),
                filename=upload.name,
                by=by,
                at=now(exam),
            )
        except ValidationError as error:
            form.add_error("file", error)
        else:
            if not done.errors:
                words = t(
                    "{rooms} 个考场的 {n} 个座位已标记。", "{n:seat|seats} in {rooms:room|rooms} marked."
                )
                messages.success(request, str(words.format(rooms=done.rooms, n=done.marked)))
                return redirect("examday-home", exam=exam.slug)
            errors = list(done.errors)
    status = 200 if request.method == "GET" else 422
    context = {
        "form": form,
        "errors": errors[:100],
        "error_count": len(errors),
        "sessions": sessions,
        "sites": sites,
    }
    return render(request, "examday/sheet.html", context, status=status)


@require_GET
@office_page(RECORD)
def template(request: Request, session: int, site: str) -> HttpResponse:
    """The site's open rooms as a workbook to fill in."""
    exam, by = request.exam, actor(request)
    if site not in queries.sites(viewer=by, exam=exam):
        raise NotPermitted(hidden=True)
    data = services.sheet_of(viewer=by, exam=exam, session_number=session, site_code=site)
    return answer(data, XLSX, f"attendance-{site}-{session}.xlsx")


@require_GET
@office_page(READ)
def figures(request: Request) -> HttpResponse:
    """What the office's home shows of this stage."""
    exam, by = request.exam, actor(request)
    names = {s.number: s.name for s in exams.sessions(exam)}
    totals = [(names[t.session_number], t) for t in queries.totals(viewer=by, exam=exam)]
    return render(request, "examday/figures.html", {"totals": totals})
