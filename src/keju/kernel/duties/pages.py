"""The home of an office, its duties, and the discharge of one by hand."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, resolve, reverse
from django.views.decorators.http import require_GET, require_http_methods

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.duties import queries, services
from keju.kernel.duties.forms import DischargeForm, FilterForm
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files import responses
from keju.kernel.notices import queries as notices
from keju.kernel.notices.attaching import keep
from keju.rulebook.words import Words, t

READ, DISCHARGE = "duties:board:read", "duties:duty:discharge"
FIGURES = {
    "readiness": t("准备情况", "Readiness"),
    "registration": t("报名", "Registration"),
    "fees": t("考务费", "Fees"),
    "review": t("资格审核", "Review"),
    "venues": t("考点考场", "Sites"),
    "tickets": t("准考证", "Tickets"),
    "examday": t("考试日", "Exam day"),
    "marking": t("阅卷", "Marking"),
    "results": t("成绩", "Results"),
}


@require_GET
@office_page(READ)
def home(request: Request) -> HttpResponse:
    viewer, at = actor(request), now(request.exam)
    context = {
        "board": queries.board(viewer=viewer, exam=request.exam, at=at),
        "moments": queries.timeline(exam=request.exam, at=at, office_path=viewer.office_path),
        "figures": list(_figures(request)),
        "soon_days": queries.SOON.days,
    }
    if viewer.may("notices:notice:read"):
        context["inbox"] = notices.inbox(viewer=viewer, exam=request.exam, at=at)
    return render(request, "duties/home.html", context)


def _figures(request: Request) -> Iterator[tuple[str, Words]]:
    """Address and name of the stages' cards of figures that this person may open."""
    for stage, name in FIGURES.items():
        try:
            address = reverse(f"{stage}-figures", kwargs={"exam": request.exam.slug})
        except NoReverseMatch:
            continue
        if actor(request).may(getattr(resolve(address).func, "permission", "")):
            yield address, name


@require_GET
@office_page(READ)
def listed(request: Request) -> HttpResponse:
    form = FilterForm(request.GET or None, specs=queries.specs_of(request.exam))
    page = queries.duties(
        viewer=actor(request),
        exam=request.exam,
        at=now(request.exam),
        filters=form.filters(request.GET.get("after", "")),
    )
    return render(request, "duties/list.html", {"filters": form, "page": page})


@require_http_methods(["GET", "POST"])
@office_page(READ)
def duty(request: Request, duty: int) -> HttpResponse:
    viewer, at = actor(request), now(request.exam)
    found = queries.duty(viewer=viewer, exam=request.exam, obligation=duty, at=at)
    may_discharge = found.is_open and found.row.manual and viewer.office_code == found.row.owner_code
    form = DischargeForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = keep(form.cleaned_data["file"], office_path=found.row.office_path, by=viewer, at=at)
        services.discharge_by_hand(
            obligation=duty, evidence=form.cleaned_data["evidence"], file=file, by=viewer, at=at
        )
        messages.success(request, str(t("已办结，凭据已留存。", "Done; the proof is kept.")))
        return redirect("duties-duty", exam=request.exam.slug, duty=duty)
    context = {
        "duty": found,
        "form": form if may_discharge and viewer.may(DISCHARGE) else None,
        "counted": queries.how_counted(request.exam, found.row),
        "begins": queries.begins(request.exam, found.row),
        "provisional": queries.is_provisional(request.exam, found.row),
    }
    return render(request, "duties/duty.html", context, status=422 if request.method == "POST" else 200)


@require_GET
@office_page(READ)
def file(request: Request, duty: int) -> HttpResponse:
    found = queries.duty(viewer=actor(request), exam=request.exam, obligation=duty, at=now(request.exam))
    if not found.row.evidence_file:
        raise NotPermitted(hidden=True)
    # Who may see the duty may see its proof, wherever that is stored.
    return responses.response(found.row.evidence_file, services.MECHANISM)


@require_GET
@office_page(READ)
def badge(request: Request) -> HttpResponse:
    counts = queries.counts(viewer=actor(request), exam=request.exam, at=now(request.exam))
    return render(request, "duties/badge.html", {"counts": counts})
