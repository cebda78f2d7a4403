"""The point makes itself ready: its confirmation place (V5.1.1); and brings in forms that came on paper."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files import responses
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX, write_table
from keju.rulebook.words import t
from keju.stages.registration import services
from keju.stages.registration.documents import DEGREES, MAJORS, TITLES
from keju.stages.registration.forms import ImportForm, PlaceForm
from keju.stages.registration.services import MAX_ROWS, MAX_ZIP

FIELDS = ("address", "hours", "contact", "phone")
MAX_WORKBOOK = 10 * 1024 * 1024


@office_page("registration:point:prepare")
def place(request: Request) -> HttpResponse:
    """Where candidates of this point confirm; until it is said, nobody can choose the point."""
    exam, by = request.exam, actor(request)
    opening = exams.opening(exam, by.office_code)
    form = PlaceForm(
        request.POST or None, initial={key: getattr(opening, key) for key in FIELDS} if opening else None
    )
    if request.method == "POST" and form.is_valid():
        services.prepare_point(exam=exam, point_code=by.office_code, **form.cleaned_data, by=by, at=now(exam))
        messages.success(
            request, str(t("已保存，考生可以选择本考点。", "Saved: candidates can choose this point."))
        )
        return redirect("registration-point", exam=exam.slug)
    return render(
        request,
        "registration/point.html",
        {"form": form, "opening": opening},
        status=422 if form.errors else 200,
    )


@office_page("registration:import:run")
def bring_in(request: Request) -> HttpResponse:
    """Paper forms from a workbook with a zip of photos; bad rows come back in a workbook with reasons."""
    exam, by = request.exam, actor(request)
    form = ImportForm(request.POST or None, request.FILES or None, initial={"whole": "rows"})
    result = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        result = services.import_forms(
            exam=exam,
            workbook=data["workbook"].read(MAX_WORKBOOK + 1),
            filename=data["workbook"].name,
            photos=data["photos"].read(MAX_ZIP + 1) if data["photos"] else b"",
            whole=data["whole"] == "whole",
            by=by,
            at=now(exam),
        )
    programme = exams.programme(exam)
    known = {
        "document_kind": list(services.known_documents(programme).values()),
        "category": [c.name for c in programme.categories],
        "route": list(services.known_routes(programme).values()),
        "degree": list(DEGREES.values()),
        "major": [name for key, name in MAJORS.items() if key != "other"],
        "title": list(TITLES.values()),
    }
    return render(
        request,
        "registration/import.html",
        {
            "form": form,
            "result": result,
            "errors": result.errors[:50] if result else [],
            "known": [(c.title, known[c.key]) for c in services.import_columns(programme) if c.key in known],
            "max_rows": MAX_ROWS,
        },
        status=422 if form.errors or (result and result.errors) else 200,
    )


@require_safe
@office_page("registration:import:run")
def template(request: Request) -> HttpResponse:
    """The empty workbook with the headings."""
    columns = services.import_columns(exams.programme(request.exam))
    return answer(write_table(columns, []), XLSX, "keju-registration-import.xlsx")


@require_safe
@office_page("registration:import:run")
def import_errors(request: Request, sha: str) -> HttpResponse:
    """The rows that were refused, with the reasons, to be mended and uploaded again."""
    return responses.response(sha, actor(request))
