"""The board of an office, of a room, on a wall; as a spreadsheet; and the card on the office's home."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import answer
from keju.kernel.offices.looking import look
from keju.kernel.readiness import exporting, services
from keju.kernel.readiness.asking import code_of
from keju.kernel.readiness.boards import board, own_path, rows
from keju.kernel.readiness.forms import FilterForm, OverrideForm
from keju.kernel.readiness.gates import closed, obstacles
from keju.kernel.readiness.registry import Gate, is_site
from keju.kernel.readiness.showing import Filters
from keju.kernel.sheets import XLSX
from keju.rulebook.words import t

WRONG_CODE = t(
    "动态码或签字码不对，或者已经用过。请稍候再试。",
    "The code is wrong or was used. Wait a moment and try again.",
)
READ = "readiness:board:read"


@require_GET
@office_page(READ)
def own(request: Request) -> HttpResponse:
    return _board(request, code_of(actor(request).office_path))


@require_GET
@office_page(READ)
def office(request: Request, code: str) -> HttpResponse:
    return _board(request, code)


@require_GET
@office_page(READ)
def room(request: Request, site: str, room: int) -> HttpResponse:
    return _board(request, site, room)


@require_GET
@office_page(READ)
def export(request: Request, code: str) -> HttpResponse:
    """Every row of the office and of everything below it, under the filters."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    filters = FilterForm(request.GET).filters()
    found = rows(viewer=by, exam=exam, code=code, at=at, filters=filters)
    return answer(exporting.workbook(exam, found), XLSX, f"{exam.slug}-readiness-{code}.xlsx")


@require_GET
@office_page(READ)
def figures(request: Request) -> HttpResponse:
    """How the offices below stand, for the home of the office."""
    by = actor(request)
    found = board(
        viewer=by, exam=request.exam, code=code_of(by.office_path), at=now(request.exam), filters=Filters()
    )
    return render(request, "readiness/figures.html", {"board": found})


@require_GET
@office_page(READ)
def wall(request: Request, code: str = "") -> HttpResponse:
    """For a screen in a command room: what is wrong first, readable from afar, renewed by itself."""
    by, at = actor(request), now(request.exam)
    code = code or code_of(by.office_path)
    found = board(viewer=by, exam=request.exam, code=code, at=at, filters=Filters(state="open"))
    return render(request, "readiness/wall.html", {"board": found, "at": at})


@require_http_methods(["GET", "POST"])
@office_page("readiness:gate:override")
def override(request: Request, site: str) -> HttpResponse:
    """What keeps the site closed, and letting some of it pass."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    path = own_path(by, site)
    red = closed(obstacles(exam, [path], Gate.EXAM, at)[path])
    may_pass = [o for o in red if o.may_be_overridden]
    form = OverrideForm(request.POST or None, obstacles=may_pass)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        made = services.override(
            exam=exam,
            site_code=site,
            clauses=said["rules"],
            seen=_seen(request, said["rules"]),
            reason=said["reason"],
            code=said["code"],
            by=by,
            at=at,
        )
        if made:
            words = t("{n}项已特批放行，并已记录。", "{n:clause|clauses} overridden, and recorded.")
            messages.success(request, str(words.format(n=len(made))))
            return redirect("readiness-office", exam=exam.slug, code=site)
        form.add_error("code", str(WRONG_CODE))
    context = {"form": form, "site": site, "red": red, "may_pass": may_pass}
    return render(
        request, "readiness/override.html", context, status=422 if request.method == "POST" else 200
    )


def _seen(request: Request, rules: list[str]) -> int:
    """How many things the form showed missing under the chosen clauses."""
    shown = [request.POST.get(f"seen-{rule}", "") for rule in rules]
    return sum(int(n) for n in shown if n.isascii() and n.isdecimal() and len(n) < 10)


def _board(request: Request, code: str, room: int | None = None) -> HttpResponse:
    form = FilterForm(request.GET)
    exam, at, gate = request.exam, now(request.exam), None
    with look():
        found = board(viewer=actor(request), exam=exam, code=code, at=at, filters=form.filters(), room=room)
        if is_site(found.path) and room is None:
            gate = obstacles(exam, [found.path], Gate.EXAM, at)[found.path]
    context = {
        "board": found,
        "gate": gate,
        "filters": form,
        "at": at,
        "export": reverse("readiness-export", kwargs={"exam": request.exam.slug, "code": found.code}),
    }
    return render(request, "readiness/board.html", context)
