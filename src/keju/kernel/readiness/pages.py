"""The board of an office, of a room, on a wall; as a spreadsheet; and the card on the office's home."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keju.kernel.calendar import now
from keju.kernel.exams.access import actor, office_page
from keju.kernel.files.responses import answer
from keju.kernel.readiness import exporting
from keju.kernel.readiness.asking import code_of
from keju.kernel.readiness.boards import Filters, board, rows
from keju.kernel.readiness.forms import FilterForm

READ = "readiness:board:read"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@office_page(READ)
def own(request: HttpRequest) -> HttpResponse:
    return _board(request, code_of(actor(request).office_path))


@require_GET
@office_page(READ)
def office(request: HttpRequest, code: str) -> HttpResponse:
    return _board(request, code)


@require_GET
@office_page(READ)
def room(request: HttpRequest, site: str, room: int) -> HttpResponse:
    return _board(request, site, room)


@require_GET
@office_page(READ)
def export(request: HttpRequest, code: str) -> HttpResponse:
    """Every row of the office and of everything below it, under the filters."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    filters = FilterForm(request.GET).filters()
    found = rows(viewer=by, exam=exam, code=code, at=at, filters=filters)
    return answer(exporting.workbook(exam, found), XLSX, f"{exam.slug}-readiness-{code}.xlsx")


@require_GET
@office_page(READ)
def figures(request: HttpRequest) -> HttpResponse:
    """How the offices below stand, for the home of the office."""
    by = actor(request)
    found = board(
        viewer=by, exam=request.exam, code=code_of(by.office_path), at=now(request.exam), filters=Filters()
    )
    return render(request, "readiness/figures.html", {"board": found})


@require_GET
@office_page(READ)
def wall(request: HttpRequest, code: str = "") -> HttpResponse:
    """For a screen in a command room: what is wrong first, readable from afar, renewed by itself."""
    by, at = actor(request), now(request.exam)
    code = code or code_of(by.office_path)
    found = board(viewer=by, exam=request.exam, code=code, at=at, filters=Filters(state="open"))
    return render(request, "readiness/wall.html", {"board": found, "at": at})


def _board(request: HttpRequest, code: str, room: int | None = None) -> HttpResponse:
    form = FilterForm(request.GET)
    found = board(
        viewer=actor(request),
        exam=request.exam,
        code=code,
        at=now(request.exam),
        filters=form.filters(),
        room=room,
    )
    context = {
        "board": found,
        "filters": form,
        "at": now(request.exam),
        "export": reverse("readiness-export", kwargs={"exam": request.exam.slug, "code": found.code}),
    }
    return render(request, "readiness/board.html", context)
