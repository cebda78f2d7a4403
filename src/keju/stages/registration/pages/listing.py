"""The offices' list of registrations: filters in the address, keyset paging, export of what is shown."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from keju.kernel.calendar import now
from keju.kernel.documents.codes import verify_code
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.files.responses import answer
from keju.kernel.jobs import services as jobs
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import points, regions
from keju.kernel.sheets import XLSX
from keju.rulebook.words import Words, t
from keju.stages.registration import documents, queries
from keju.stages.registration.forms import Filter
from keju.stages.registration.jobs import EXPORT
from keju.stages.registration.queries import PAGE, Filters

COUNTED = 10_000
AT_ONCE = 20_000
NOTHING = t("没有可导出的报名。", "There is nothing to export.")


@require_safe
@office_page("registration:list:read")
def listing(request: Request) -> HttpResponse:
    """The registrations in the viewer's scope."""
    exam, by = request.exam, actor(request)
    form, filters = _asked(request)
    after = after_of(request)
    found = queries.rows(viewer=by, exam=exam, filters=filters, after=after, size=PAGE + 1)
    if len(found) == 1 and not after and _is_code(request):
        return redirect("registration-detail", exam=exam.slug, registration_id=found[0].id)
    total = queries.total(viewer=by, exam=exam, filters=filters, limit=COUNTED)
    many = bool(filters.text) and total > COUNTED
    found, page = cut(found, PAGE, after, key="id", total=None if many else total)
    programme, names = exams.programme(exam), _point_names(by)
    rows = [
        {
            "row": r,
            "category": documents.category_name(programme, r.category),
            "state": documents.STATES.get(r.state, r.state),
            "point": names.get(r.point_code, r.point_code),
        }
        for r in found
    ]
    return render(
        request,
        "registration/list.html",
        {
            "filters": form,
            "rows": rows,
            "filtered": any(form.asked().values()),
            "many": many,
            "page": page,
            "export": reverse("registration-export", kwargs={"exam": exam.slug}),
        },
    )


@require_safe
@office_page("registration:list:read")
def export(request: Request) -> HttpResponse:
    """The spreadsheet at once, or the button that starts the job where it would take long."""
    exam, by = request.exam, actor(request)
    form, filters = _asked(request)
    total = queries.total(viewer=by, exam=exam, filters=filters, limit=AT_ONCE)
    if not total:
        raise ValidationError(str(NOTHING))
    if total > AT_ONCE:
        return render(request, "registration/export.html", {"asked": form.asked(), "limit": AT_ONCE})
    data = queries.export(viewer=by, exam=exam, filters=filters)
    return answer(data, XLSX, f"{exam.slug}-registrations.xlsx")


@require_POST
@office_page("registration:list:read")
def export_job(request: Request) -> HttpResponse:
    """The export waits for a worker."""
    exam, by = request.exam, actor(request)
    _, filters = _asked(request)
    job = jobs.start(EXPORT, by=by, at=now(exam), exam=exam, **vars(filters))
    return redirect("jobs-job", exam=exam.slug, job=job.public)


@require_safe
@office_page("registration:list:read")
def figures(request: Request) -> HttpResponse:
    """How many registrations are in which state, for the home of the office and above the list."""
    exam, by = request.exam, actor(request)
    found = queries.counts(viewer=by, exam=exam)
    address = reverse("registration-list", kwargs={"exam": exam.slug})
    boxes = [
        {"label": documents.STATES[state], "value": found[state], "url": f"{address}?state={state}"}
        for state in documents.STATES
    ]
    return render(request, "registration/figures_card.html", {"boxes": boxes, "total": sum(found.values())})


def _asked(request: Request) -> tuple[Filter, Filters]:
    exam, by = request.exam, actor(request)
    form = Filter(
        request.POST if request.method == "POST" else request.GET,
        programme=exams.programme(exam),
        places=_places(by),
    )
    asked = form.asked()
    return form, Filters(asked["state"], asked["category"], asked["point"], _text(asked["q"], exam.slug))


def _places(by: Actor) -> list[tuple[str, Words]]:
    """What a list can be narrowed to: regions for the nation, points for a region, nothing for a point."""
    if by.office_path == "/":
        return [(o.code, o.name) for o in regions()]
    depth = by.office_path.count("/")
    return [(o.code, o.name) for o in points(by.region_code)] if depth == 2 else []


def _point_names(by: Actor) -> dict[str, Words]:
    return {o.code: o.name for o in points(by.region_code or None)}


def _text(typed: str, slug: str) -> str:
    """A scanned code stands for the registration number that it signs; of another exam or forged it finds nothing."""
    if not typed.startswith("K1."):
        return typed.strip()
    kind, payload = verify_code(typed) or ("", "")
    exam, _, number = payload.partition("|")
    return number if kind == "registration" and exam == slug else "—"


def _is_code(request: Request) -> bool:
    return request.GET.get("q", "").startswith("K1.")
