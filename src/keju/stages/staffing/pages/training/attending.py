"""Who was at a course and what they did there: sheets to fill in, paper that comes back, links handed out."""

from typing import Any

import segno
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer
from keju.kernel.files.scans import MAX_BYTES
from keju.kernel.sheets import XLSX
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.staffing.forms.training import ScanForm, SheetForm
from keju.stages.staffing.pages.training.courses import HOLD, show_course
from keju.stages.staffing.queries import training as queries
from keju.stages.staffing.services import training

READ_IN = t(
    "表格已登记：{n}人到场，新成绩{k}份，新承诺书{m}份。",
    "From the sheet: {n} present, {k:new result|new results}, {m:new pledge|new pledges}.",
)


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
        return show_course(request, course_id, {"scan": form})
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
    return show_course(request, course_id, {"sheet": form})


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
    return show_course(request, course_id, {"paper": form})


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
