"""Recordings: the register with what is missing, one recording, and orders of disposal."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import CHINA, now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook.words import t
from keju.stages.security.forms.devices import ImportForm
from keju.stages.security.forms.recordings import (
    DisposalForm,
    DisposeForm,
    RecordingFilter,
    ReplayForm,
    VerifyForm,
)
from keju.stages.security.pages import parts
from keju.stages.security.pages.inspecting import finding_form, new_finding
from keju.stages.security.queries import people
from keju.stages.security.queries import recordings as queries
from keju.stages.security.services import disposing
from keju.stages.security.services import recordings as services

READ, KEEP, REPLAY = "security:record:read", "security:recording:keep", "security:inspection:make"
ORDER_STATES = {
    "proposed": ("soon", t("待签批", "To be signed")),
    "approved": ("open", t("已签批，待销毁", "Signed")),
    "done": ("done", t("已销毁", "Destroyed")),
}


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """The register, newest first, with what is missing and what is to be replayed at each site."""
    exam, by, after = request.exam, actor(request), after_of(request)
    filters = RecordingFilter(request.GET)
    found = queries.recordings(exam, viewer=by, **filters.cleaned_data, after=after)
    rows, page = cut(found[: parts.PAGE + 1], parts.PAGE, after)
    sites = [] if after else queries.sites(exam, by.office_path, now(exam))
    facts = {
        "filters": filters,
        "rows": rows,
        "page": page,
        "sites": [one for one in sites if one.missing or one.wanted > one.replayed][:50],
        "gaps": [] if after else queries.gaps(exam, by.office_path, now(exam))[:100],
        "sampled": {sha for found in queries.sampled(exam, by.office_path).values() for sha in found},
        "kept": queries.kept_points(exam, by.office_path, now(exam)) if by.may(KEEP) and not after else [],
        "may_keep": by.may(KEEP),
    }
    return render(request, "security/recordings.html", facts)


@require_POST
@office_page(KEEP)
def report_kept(request: Request, point: str) -> HttpResponse:
    """A point kept its recordings for the whole term."""
    exam, by = request.exam, actor(request)
    disposing.report_kept(exam=exam, point_code=point, by=by, at=now(exam))
    messages.success(request, str(t("已报告录像保存期满。", "It is reported that the recordings were kept.")))
    return redirect("security-recordings", exam=exam.slug)


@require_GET
@office_page(READ)
def export(request: Request) -> HttpResponse:
    """What the list shows, as a spreadsheet."""
    exam, by = request.exam, actor(request)
    columns = (
        *services.COLUMNS,
        Column("keep_until", t("保存至", "Kept until"), kind="date"),
        Column("disposed", t("处置日期", "Disposed of"), kind="date"),
    )
    rows = (
        (r.site_code, r.room, r.session, r.medium, r.sha256, r.size, r.custodian.name, r.place, r.keep_until,
         r.disposed_at.astimezone(CHINA).date() if r.disposed_at else None)
        for r in queries.recordings(exam, viewer=by, **RecordingFilter(request.GET).cleaned_data)[:50_000]
    )  # fmt: skip
    return parts.sheet(columns, rows, str(t("录像登记.xlsx", "recordings.xlsx")))


@require_GET
@office_page(KEEP)
def template(request: Request) -> HttpResponse:
    """A workbook to fill in, with a row for each recording that is missing."""
    exam, by = request.exam, actor(request)
    rows = (
        (site, room, session, "", "", None, "", "")
        for site, room, session in queries.gaps(exam, by.office_path, now(exam))
    )
    return answer(
        write_table(services.COLUMNS, rows), XLSX, str(t("待登记录像.xlsx", "recordings-missing.xlsx"))
    )


@require_http_methods(["GET", "POST"])
@office_page(KEEP)
def bring_in(request: Request) -> HttpResponse:
    """Many recordings at once, or every wrong row with its reason."""
    exam, by = request.exam, actor(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    errors: list[Any] = []
    done: list[services.ImportResult] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        facts = {"exam": exam, "data": file.read(), "filename": file.name, "by": by, "at": now(exam)}
        if parts.tried(form, exam, lambda: done.append(services.import_recordings(**facts))):
            errors = done[0].errors
            if not errors:
                words = t("已登记 {n} 份录像。", "{n:recording is|recordings are} entered.").format(
                    n=done[0].added
                )
                messages.success(request, str(words))
                return redirect("security-recordings", exam=exam.slug)
    status = 409 if errors or form.errors else 200
    return render(request, "security/recordings_import.html", {"form": form, "errors": errors}, status=status)


@require_GET
@office_page(READ)
def recording(request: Request, recording_id: int) -> HttpResponse:
    """One recording: where it is, whether it is still the same, who watched what of it."""
    return _recording(request, recording_id)


def _recording(
    request: Request, recording_id: int, wrong: dict[str, forms.Form] | None = None
) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.recording(exam, recording_id, viewer=by)
    replays, checks = queries.replays(row), queries.checks(row)
    facts = {
        "row": row,
        "keeper": people.names_by_id([row.custodian_id], row.office_path).get(row.custodian_id, ""),
        "checks": checks,
        "replays": replays,
        "names": people.names({one.by_ref for one in [*replays, *checks]}, row.office_path),
        "forms": {
            "verify": VerifyForm(auto_id="verify-%s"),
            "replay": ReplayForm(auto_id="replay-%s"),
            "finding": finding_form(exam, row.site_code, "major", by),
            **(wrong or {}),
        },
        "wrong": set(wrong or {}),
        "may_keep": by.may(KEEP) and row.disposed_at is None,
        "may_replay": by.may(REPLAY) and row.disposed_at is None,
    }
    return render(request, "security/recording.html", facts, status=409 if wrong else 200)


@require_POST
@office_page(KEEP)
def verify(request: Request, recording_id: int) -> HttpResponse:
    """The checksum computed again; a difference needs its finding."""
    exam, by = request.exam, actor(request)
    row = queries.recording(exam, recording_id, viewer=by)
    form = VerifyForm(request.POST, auto_id="verify-%s")
    finding = finding_form(exam, row.site_code, "major", by, request.POST)
    lesson = new_finding(row.site_code, finding, source="recording") if finding.is_valid() else None
    lesson = lesson if lesson and lesson.words else None
    if form.is_valid() and parts.tried(
        finding if lesson else form,
        exam,
        lambda: services.verify(
            exam=exam,
            recording_id=row.pk,
            sha256=form.cleaned_data["sha256"],
            finding=lesson,
            by=by,
            at=now(exam),
        ),
    ):
        return redirect("security-recording", exam=exam.slug, recording_id=row.pk)
    blank = finding_form(exam, row.site_code, "major", by)
    return _recording(request, recording_id, {"verify": form, "finding": finding if lesson else blank})


@require_POST
@office_page(REPLAY)
def replay(request: Request, recording_id: int) -> HttpResponse:
    """What was watched and seen; what is odd becomes a finding."""
    exam, by = request.exam, actor(request)
    row = queries.recording(exam, recording_id, viewer=by)
    form = ReplayForm(request.POST, auto_id="replay-%s")
    odd = bool(request.POST.get("odd"))
    finding = finding_form(exam, row.site_code, "major", by, request.POST if odd else None)
    if not form.is_valid() or (odd and not finding.is_valid()):
        return _recording(request, recording_id, {"replay": form, "finding": finding})
    facts = {key: form.cleaned_data[key] for key in ("from_minute", "to_minute", "seen")}
    lesson = new_finding(row.site_code, finding, source="replay") if odd else None
    if parts.tried(
        finding if odd else form,
        exam,
        lambda: services.replay(exam=exam, recording_id=row.pk, **facts, finding=lesson, by=by, at=now(exam)),
    ):
        return redirect("security-recording", exam=exam.slug, recording_id=row.pk)
    return _recording(request, recording_id, {"replay": form, "finding": finding})


@require_GET
@office_page(READ)
def disposals(request: Request) -> HttpResponse:
    return _disposals(request)


def _disposals(request: Request, form: forms.Form | None = None, number: int = 0) -> HttpResponse:
    """Orders of disposal, and what could be disposed of by now."""
    exam, by = request.exam, actor(request)
    today = now(exam).astimezone(CHINA).date()
    kept = queries.recordings(exam, viewer=by, state="kept")
    over = kept.filter(keep_until__lt=today)
    facts = {
        "orders": [
            (
                o,
                *ORDER_STATES[o.state],
                form if o.pk == number and form else DisposeForm(auto_id=f"o{o.pk}-%s"),
            )
            for o in queries.disposals(exam, viewer=by)
        ],
        "kept": kept.count(),
        "over": over.count(),
        "next": kept.order_by("keep_until").values_list("keep_until", flat=True).first(),
        "form": form if form and not number else DisposalForm(),
        "may_keep": by.may(KEEP),
        "may_propose": by.may(KEEP) and by.region_code != "",
    }
    return render(request, "security/disposals.html", facts, status=409 if form else 200)


@require_POST
@office_page(KEEP)
def propose(request: Request) -> HttpResponse:
    """Everything whose term is over goes into one order for the leaders."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    form = DisposalForm(request.POST)
    over = queries.recordings(exam, viewer=by, state="kept").filter(
        keep_until__lt=at.astimezone(CHINA).date()
    )
    ids = list(over.values_list("pk", flat=True))
    if form.is_valid() and parts.tried(
        form,
        exam,
        lambda: disposing.propose_disposal(exam=exam, recording_ids=ids, **form.cleaned_data, by=by, at=at),
    ):
        messages.success(request, str(t("处置令已报领导签批。", "The order waits for the leaders.")))
        return redirect("security-disposals", exam=exam.slug)
    return _disposals(request, form)


@require_POST
@office_page(KEEP)
def dispose(request: Request, disposal_id: int) -> HttpResponse:
    """What the signed order lists was destroyed."""
    exam, by = request.exam, actor(request)
    form = DisposeForm(request.POST, auto_id=f"o{disposal_id}-%s")
    if form.is_valid() and parts.tried(
        form,
        exam,
        lambda: disposing.dispose(
            exam=exam, disposal_id=disposal_id, **form.cleaned_data, by=by, at=now(exam)
        ),
    ):
        messages.success(request, str(t("已记录销毁。", "The disposal is on record.")))
        return redirect("security-disposals", exam=exam.slug)
    return _disposals(request, form, disposal_id)
