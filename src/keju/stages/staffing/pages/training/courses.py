"""Courses and rehearsals: planning, inviting, who was there, the code on the wall, papers (V4.1, V4.2)."""

from typing import Any

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.paging import Page, after_of
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer
from keju.kernel.offices.queries import office
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.registration.queries import mask_phone
from keju.stages.staffing.forms.training import NoteForm, PlanForm, ScanForm, SheetForm
from keju.stages.staffing.queries import training as queries
from keju.stages.staffing.services import training

HOLD, READ = "staffing:training:hold", "staffing:people:read"
LACKING = (
    Column("office", t("单位代码", "Office code")),
    Column("name", t("姓名", "Name")),
    Column("what", t("岗位", "Post or role")),
    Column("lacking", t("还缺的培训", "Still lacking")),
)
STATES = {
    "planned": ("open", t("已安排", "Planned")),
    "held": ("done", t("已举行", "Held")),
    "cancelled": ("none", t("已取消", "Cancelled")),
}


@require_GET
@office_page(HOLD)
def courses(request: Request) -> HttpResponse:
    """The courses of the office and of those below, newest first."""
    after = after_of(request)
    kind = request.GET.get("kind", "")
    lines, onward = queries.courses(
        request.exam,
        viewer=actor(request),
        kind=kind,
        after=after or None,
    )
    page = Page(len(lines), onward, not after)
    facts = {
        "lines": [(line, STATES[line.course.state]) for line in lines],
        "page": page,
        "tab": "courses",
        "kind": kind,
    }
    return render(request, "staffing/training/courses.html", facts)


@require_http_methods(["GET", "POST"])
@office_page(HOLD)
def plan(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    hosts = [(code, office(code).name) for code in sorted(training.hosts(exam, by.office_path))]
    form = PlanForm(request.POST or None, exam=exam, hosts=hosts, initial={"trainer": by.name})
    if request.method == "POST" and form.is_valid():
        try:
            made = training.plan_course(exam=exam, **form.cleaned_data, by=by, at=now(exam))
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            messages.success(request, str(t("已安排。请邀请人员。", "It is planned. Now invite people.")))
            return redirect("training-course", exam=exam.slug, course_id=made.pk)
    facts = {"form": form, "tab": "courses"}
    return render(request, "staffing/training/plan.html", facts, status=422 if form.errors else 200)


@require_GET
@office_page(HOLD)
def course(request: Request, course_id: int) -> HttpResponse:
    return show_course(request, course_id)


def show_course(request: Request, course_id: int, wrong: dict[str, Any] | None = None) -> HttpResponse:
    """The course with everybody invited; `wrong`: a form that was refused, by its name."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    row = queries.course(exam, course_id)
    wall = queries.wall(row, exam)
    teaching = exams.programme(exam).teaching
    people = queries.attendees(row)
    facts = {
        "course": row,
        "state": STATES[row.state],
        "modules": [m.name for m in teaching.modules if m.code in row.modules],
        "handbooks": [
            (next((h.name for h in teaching.handbooks if h.code == code), code), version, sha)
            for code, version, sha in row.handbooks
        ],
        "people": [(p, mask_phone(p.person.phone)) for p in people],
        "attended": sum(p.attended_at is not None for p in people),
        "is_own": row.office_path == by.office_path,
        "begun": at >= wall.opens_at,
        "is_on": wall.opens_at <= at <= row.ends_at and row.state != "cancelled",
        "checked": [m for m in teaching.modules if m.code in row.modules],
        "forms": {"scan": ScanForm(auto_id="s-%s"), "sheet": SheetForm(auto_id="t-%s"), "note": NoteForm(auto_id="n-%s"),
                  "cancel": NoteForm(auto_id="x-%s"), "paper": ScanForm(auto_id="p-%s"), **(wrong or {})},
        "questions": queries.questions_of_a_check(exam),
        "tab": "courses",
    }  # fmt: skip
    return render(request, "staffing/training/course.html", facts, status=409 if wrong else 200)


@require_POST
@office_page(HOLD)
def invite(request: Request, course_id: int) -> HttpResponse:
    """Everybody below who lacks what is taught is invited."""
    exam, by = request.exam, actor(request)
    n = training.invite(exam=exam, course_id=course_id, by=by, at=now(exam))
    messages.success(request, str(t("新邀请{n}人。", "{n:person is|people are} newly invited.").format(n=n)))
    return redirect("training-course", exam=exam.slug, course_id=course_id)


@require_GET
@office_page(HOLD)
def wall(request: Request, course_id: int) -> HttpResponse:
    """The code of this minute, readable from the last row; the page fetches the next one by itself."""
    exam, at = request.exam, now(request.exam)
    row = queries.course(exam, course_id)
    found = queries.wall(row, exam)
    is_on = found.opens_at <= at <= row.ends_at and row.state != "cancelled"
    code = found.code(at)
    there = request.build_absolute_uri(
        reverse("training-scan", kwargs={"course_id": row.pk}) + f"?code={code}"
    )
    qr = segno.make(there, error="m").svg_data_uri(scale=8, border=3, light="white") if is_on else ""
    facts = {"course": row, "is_on": is_on, "code": code, "qr": qr, "left": found.left(at), "wall": found}
    return render(request, "staffing/training/wall.html", facts)


@require_POST
@office_page(HOLD)
def hold(request: Request, course_id: int) -> HttpResponse:
    """The course took place."""
    exam, by = request.exam, actor(request)
    form = NoteForm(request.POST, auto_id="n-%s")
    if form.is_valid():
        row = queries.course(exam, course_id)
        if row.about and not form.cleaned_data["note"].strip():
            form.add_error(
                "note",
                str(
                    t(
                        "请写明演练情况和需要整改的问题。",
                        "Say how the rehearsal went and what is to be mended.",
                    )
                ),
            )
            return show_course(request, course_id, {"note": form})
        training.hold_course(
            exam=exam,
            course_id=course_id,
            **form.cleaned_data,
            seen=seen_version(request),
            by=by,
            at=now(exam),
        )
        messages.success(request, str(t("已记为举行。", "It is recorded as held.")))
    return redirect("training-course", exam=exam.slug, course_id=course_id)


@require_POST
@office_page(HOLD)
def cancel(request: Request, course_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = NoteForm(request.POST, auto_id="x-%s")
    if not form.is_valid() or not form.cleaned_data["note"].strip():
        form.add_error("note", str(t("请写明取消的原因。", "Say why it is cancelled.")))
        return show_course(request, course_id, {"cancel": form})
    training.cancel_course(
        exam=exam, course_id=course_id, **form.cleaned_data, seen=seen_version(request), by=by, at=now(exam)
    )
    messages.success(request, str(t("已取消。", "It is cancelled.")))
    return redirect("training-course", exam=exam.slug, course_id=course_id)


@require_GET
@office_page(READ)
def lacking(request: Request) -> HttpResponse:
    """Who at the office and below still lacks which module (no training, no duty)."""
    exam, by = request.exam, actor(request)
    everybody = queries.trainees(exam, by.office_path, now(exam), states=("invited", "accepted"))
    names = {m.code: m.name for m in exams.programme(exam).teaching.modules}
    module = request.GET.get("module", "")
    found = [one for one in everybody if (module in one.lacking if module else one.lacking)]
    if request.GET.get("format") == "xlsx":
        rows = (
            (
                one.office_code,
                one.name,
                "、".join(map(str, one.what)),
                "、".join(str(names[m]) for m in one.lacking),
            )
            for one in found
        )
        return answer(write_table(LACKING, rows), XLSX, str(t("未通过培训人员.xlsx", "untrained.xlsx")))
    counts = [
        (m, sum(m in one.lacking for one in everybody), sum(m in one.needed for one in everybody))
        for m in names
    ]
    facts = {
        "people": [(one, [names[m] for m in one.lacking]) for one in found[:500]],
        "total": len(found),
        "counts": [(code, names[code], n, all_) for code, n, all_ in counts if all_],
        "everybody": len(everybody),
        "module": module,
        "tab": "lacking",
    }
    return render(request, "staffing/training/lacking.html", facts)
