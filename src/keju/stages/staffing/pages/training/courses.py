"""Courses and rehearsals: planning, inviting, who was there, the code on the wall, papers (V4.1, V4.2)."""

from typing import Any

import segno
from django.contrib import messages
from django.core.exceptions import ValidationError
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
from keju.kernel.files.scans import MAX_BYTES
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
READ_IN = t(
    "表格已登记：{n}人到场，新成绩{k}份，新承诺书{m}份。",
    "From the sheet: {n} present, {k:new result|new results}, {m:new pledge|new pledges}.",
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
    return _course(request, course_id)


def _course(request: Request, course_id: int, wrong: dict[str, Any] | None = None) -> HttpResponse:
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


@require_POST
@office_page(HOLD)
def attendance(request: Request, course_id: int) -> HttpResponse:
    """Those ticked were there, or (`ticked=absent`) everybody but those; a scan of the signed list is kept."""
    exam, by = request.exam, actor(request)
    ids = {int(n) for n in request.POST.getlist("there") if n.isdecimal()}
    if request.POST.get("ticked") == "absent":
        people = queries.attendees(queries.course(exam, course_id))
        ids = {p.pk for p in people if p.attended_at is None} - ids
    file = request.FILES.get("scan")
    try:
        n = training.enter_attendance(
            exam=exam, course_id=course_id, attendee_ids=ids, scan=file.read(MAX_BYTES + 1) if file else b"",
            by=by, at=now(exam),
        )  # fmt: skip
    except ValidationError as unreadable:
        form = ScanForm({}, auto_id="s-%s")
        form.add_error(None, unreadable)
        return _course(request, course_id, {"scan": form})
    messages.success(
        request, str(t("已登记{n}人到场。", "{n:person was|people were} entered as present.").format(n=n))
    )
    return redirect("training-course", exam=exam.slug, course_id=course_id)


@require_POST
@office_page(HOLD)
def import_sheet(request: Request, course_id: int) -> HttpResponse:
    """Attendance, checks and pledges on paper from the sheet; wrong rows are named and nothing is entered."""
    exam, by = request.exam, actor(request)
    form = SheetForm(request.POST, request.FILES, auto_id="t-%s")
    if form.is_valid():
        file, scan = form.cleaned_data["file"], form.cleaned_data["scan"]
        try:
            done = training.import_attendance(
                exam=exam, course_id=course_id, data=file.read(MAX_BYTES + 1), filename=file.name,
                scan=scan.read(MAX_BYTES + 1) if scan else b"", by=by, at=now(exam),
            )  # fmt: skip
        except RuleRefused as refused:
            explain(form, refused, exam)
        except ValidationError as unreadable:
            form.add_error(None, unreadable)
        else:
            if not done.errors:
                messages.success(request, str(READ_IN.format(n=done.entered, k=done.results, m=done.pledges)))
                return redirect("training-course", exam=exam.slug, course_id=course_id)
            for words in done.errors[:20]:
                form.add_error("file", str(words))
    return _course(request, course_id, {"sheet": form})


@require_GET
@office_page(HOLD)
def sheet(request: Request, course_id: int) -> HttpResponse:
    """The list of those invited, to be filled in and brought back."""
    exam = request.exam
    data = training.attendance_workbook(exam, queries.course(exam, course_id))
    return answer(data, XLSX, str(t("签到表.xlsx", "attendance.xlsx")))


@require_POST
@office_page(HOLD)
def print_list(request: Request, course_id: int) -> HttpResponse:
    """The list to sign, as PDF."""
    exam, by = request.exam, actor(request)
    language = getattr(request, "language", "zh")
    pdf = training.print_attendance(exam=exam, course_id=course_id, language=language, by=by, at=now(exam))
    return answer(pdf, "application/pdf", str(t("培训签到表.pdf", "attendance.pdf")), inline=True)


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
def links(request: Request, course_id: int) -> HttpResponse:
    """Personal links of those invited, to print and hand out; shown in this answer alone. Earlier ones end."""
    exam, by = request.exam, actor(request)
    people = queries.attendees(queries.course(exam, course_id))
    tokens = training.give_links(exam=exam, person_ids={p.person_id for p in people}, by=by, at=now(exam))
    slips = []
    for person in people:
        there = request.build_absolute_uri(
            reverse("training-link", kwargs={"token": tokens[person.person_id]})
        )
        slips.append(
            (person, there, segno.make(there, error="m").svg_data_uri(scale=3, border=3, light="white"))
        )
    return render(request, "staffing/training/slips.html", {"slips": slips, "course_id": course_id})


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
            return _course(request, course_id, {"note": form})
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
        return _course(request, course_id, {"cancel": form})
    training.cancel_course(
        exam=exam, course_id=course_id, **form.cleaned_data, seen=seen_version(request), by=by, at=now(exam)
    )
    messages.success(request, str(t("已取消。", "It is cancelled.")))
    return redirect("training-course", exam=exam.slug, course_id=course_id)


@require_POST
@office_page(HOLD)
def paper(request: Request, course_id: int) -> HttpResponse:
    """Checks taken on paper (how many are right), or pledges signed on paper, with the scan that shows them."""
    exam = request.exam
    people = queries.attendees(queries.course(exam, course_id))
    file, module = request.FILES.get("scan"), request.POST.get("module", "")
    form = ScanForm(request.POST, request.FILES, auto_id="p-%s")
    if form.is_valid() and file:
        scan = file.read(MAX_BYTES + 1)
        try:
            n = _enter_paper(request, module, [p.person_id for p in people], scan)
        except RuleRefused as refused:
            explain(form, refused, exam)
        except ValidationError as unreadable:
            form.add_error("scan", unreadable)
        else:
            said = t(
                "已记入{n}人；签了承诺书的，一并记入。",
                "{n:result is|results are} entered, and the pledges ticked.",
            )
            messages.success(request, str(said.format(n=n)))
            return redirect("training-course", exam=exam.slug, course_id=course_id)
    return _course(request, course_id, {"paper": form})


def _enter_paper(request: Request, module: str, people: list[int], scan: bytes) -> int:
    exam, by = request.exam, actor(request)
    facts: dict[str, Any] = {"exam": exam, "module_code": module, "scan": scan, "by": by, "at": now(exam)}
    typed = {pk: request.POST.get(f"right-{pk}", "").strip() for pk in people}
    right = {pk: int(n) for pk, n in typed.items() if n.isdecimal()}
    signed = [pk for pk in people if request.POST.get(f"pledge-{pk}")]
    if right:
        training.enter_paper(right=right, **facts)
    if signed:
        training.enter_pledges(person_ids=signed, **facts)
    return len(right)


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
