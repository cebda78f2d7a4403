"""New appointments: one person to one post, many from a workbook, what is missing filled as proposed."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import number_of
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.staffing import queries, services
from keju.stages.staffing.forms import AppointForm, ImportForm
from keju.stages.staffing.pages import shared
from keju.stages.staffing.pages.appointing import MAKE, NOBODY
from keju.stages.staffing.pages.shared import kept, kind_of
from keju.stages.staffing.services import NewAppointment


@require_http_methods(["GET", "POST"])
@office_page(MAKE)
def add(request: Request, post: str, place: str) -> HttpResponse:
    """One person to one post at one place, found by searching the registry; floor from the address of the gap."""
    exam, by = request.exam, actor(request)
    kind, asked = shared.known_post(exam, post), request.GET.get("q", "")
    if place not in {p.office_code for p in queries.all_places(exam, by.office_path)[kind.code]}:
        raise NotPermitted(MAKE, hidden=True)
    building, floor = request.GET.get("building", ""), request.GET.get("floor", "")
    offered = shared.offered(exam, by, kind, asked)
    typed = request.POST.get("member", "")
    choices = [*offered, (member, typed)] if (member := number_of(typed)) else offered
    form = AppointForm(request.POST or None, post=kind, members=choices)
    if request.method == "POST" and form.is_valid():
        new = NewAppointment(
            form.cleaned_data["member"], kind.code, place, building, _floor(floor),
            form.cleaned_data.get("room"), form.cleaned_data["substitute"],
        )  # fmt: skip
        try:
            [made] = services.appoint(exam=exam, appointments=[new], by=by, at=now(exam))
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            messages.success(
                request, str(t("已提名。接下来邀请本人答复。", "Proposed. Next, ask the person."))
            )
            return redirect("staffing-appointment", exam=exam.slug, appointment=made)
    facts = {
        "form": form, "post": kind, "place": place, "building": building, "floor": floor, "asked": asked,
        "offered": offered,
    }  # fmt: skip
    return render(request, "staffing/appoint.html", facts, status=409 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@office_page(MAKE)
def bring_in(request: Request) -> HttpResponse:
    """Many appointments from a workbook, or the page that tells every wrong row."""
    exam, by = request.exam, actor(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    del form.fields["partly"]
    if request.method != "POST" or not form.is_valid():
        facts = {
            "form": form,
            "title": t("批量任用", "Appoint from a sheet"),
            "template": "staffing-appointments-template",
        }
        return render(request, "staffing/import.html", facts, status=409 if form.errors else 200)
    file = form.cleaned_data["file"]
    done = services.import_appointments(exam=exam, data=file.read(), filename=file.name, by=by, at=now(exam))
    if not done.errors:
        messages.success(
            request, str(t("已提名{n}人。", "{n:person is|people are} proposed.").format(n=done.added))
        )
        return redirect(reverse("staffing-appointments", kwargs={"exam": exam.slug}) + "?state=proposed")
    facts = {
        "result": done,
        "sha": kept(done.workbook, by, now(exam)),
        "again": "staffing-appointments-import",
    }
    return render(request, "staffing/wrong_rows.html", facts, status=409)


@require_GET
@office_page(MAKE)
def template(request: Request) -> HttpResponse:
    return answer(
        services.appointments_template(), XLSX, str(t("任用模板.xlsx", "appointments-template.xlsx"))
    )


@require_http_methods(["GET", "POST"])
@office_page(MAKE)
def fill(request: Request) -> HttpResponse:
    """What is missing is filled from the registry as proposed, by whoever looks it over; nothing happens by looking."""
    exam, by = request.exam, actor(request)
    posts = [code for code in request.GET.getlist("post") if exams.programme(exam).post(code)]
    refusals: Sequence[object] = ()
    if request.method == "POST":
        picked = [_picked(key) for key in request.POST.getlist("pick")]
        new = [one for one in picked if one is not None]
        if not new:
            raise ValidationError(str(NOBODY))
        try:
            services.appoint(exam=exam, appointments=new, by=by, at=now(exam))
        except RuleRefused as refused:
            refusals = refused.refusals
        else:
            messages.success(
                request, str(t("已提名{n}人。", "{n:person is|people are} proposed.").format(n=len(new)))
            )
            return redirect(reverse("staffing-appointments", kwargs={"exam": exam.slug}) + "?state=proposed")
    found = queries.fill(exam, viewer=by, by_kind=kind_of(by), posts=posts)
    facts = {"filling": found, "refusals": refusals}
    return render(request, "staffing/fill.html", facts, status=409 if refusals else 200)


def _picked(key: str) -> NewAppointment | None:
    """A line of the proposal as the form sends it back; None if it is none."""
    parts = key.split("|", 4)
    if len(parts) != 5 or not parts[3].isdecimal() or len(parts[3]) > 18:
        return None
    post, place, floor, member, building = parts
    return NewAppointment(int(member), post, place, building, _floor(floor))


def _floor(typed: str) -> int | None:
    """The floor, below ground with a minus; None for what is none."""
    return int(typed) if typed.removeprefix("-").isdecimal() and len(typed) < 4 else None
