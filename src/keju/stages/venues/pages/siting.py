"""A host's sites and rooms: entered by form or spreadsheet, checked, reported."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer, response
from keju.kernel.files.services import store
from keju.kernel.sheets import XLSX
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.venues import queries, services
from keju.stages.venues.forms import ImportForm, PictureForm, ReasonForm, RoomForm, SiteForm
from keju.stages.venues.services.importing import DOOR_WORDS, EXAM, KIND_WORDS


@require_http_methods(["GET", "POST"])
@office_page("venues:site:edit")
def add_site(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = SiteForm(request.POST or None, exam=exam)
    if request.method == "POST" and form.is_valid():
        try:
            site = services.add_site(
                exam=exam, point_code=by.office_code, **form.cleaned_data, by=by, at=now(exam)
            )
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            words = t("考试地点已建立，请录入房间。", "The site is there; now enter its rooms.")
            messages.success(request, str(words))
            return redirect("venues-site", exam=exam.slug, site=site.code)
    facts = {"form": form, "title": t("新增考试地点", "Add a site")}
    return render(request, "venues/form.html", facts, status=409 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@office_page("venues:site:edit")
def edit_site(request: Request, site: str) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.site(exam, site, viewer=by)
    form = SiteForm(
        request.POST or None, exam=exam, initial={k: getattr(row, k) for k in SiteForm.base_fields}
    )
    if request.method == "POST" and form.is_valid():
        version = seen_version(request)
        services.edit_site(
            exam=exam, site_code=site, version=version, **form.cleaned_data, by=by, at=now(exam)
        )
        messages.success(request, str(t("已保存。", "Saved.")))
        return redirect("venues-site", exam=exam.slug, site=site)
    facts = {"form": form, "title": t("修改考试地点", "Change the site"), "version": row.version, "site": row}
    return render(request, "venues/form.html", facts)


@require_GET
@office_page("venues:site:read")
def site(request: Request, site: str) -> HttpResponse:
    """The site, its rooms, and what is missing before it can be reported."""
    exam, by = request.exam, actor(request)
    row = queries.site(exam, site, viewer=by)
    ready = queries.readiness(exam, row)
    return render(
        request,
        "venues/site.html",
        {
            "site": row,
            "rooms": [(room, KIND_WORDS[room.kind], DOOR_WORDS[room.door]) for room in queries.rooms(row)],
            "ready": ready,
            "checks": queries.checklist(exam, row, now(exam)),
            "may_report": by.may("venues:site:report"),
            "may_edit": by.may("venues:site:edit") and row.reported_at is None,
            "may_reopen": by.may("venues:host:decide") and row.reported_at is not None,
            "may_picture": by.may("venues:site:edit"),
            "picture_form": PictureForm(auto_id="picture-%s"),
            "import_form": ImportForm(),
            "reason_form": ReasonForm(),
        },
    )


@require_http_methods(["GET", "POST"])
@office_page("venues:site:edit")
def add_room(request: Request, site: str) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.site(exam, site, viewer=by)
    form = RoomForm(request.POST or None, initial=_next_room(queries.rooms(row)))
    if request.method == "POST" and form.is_valid():
        try:
            services.add_rooms(exam=exam, site_code=site, rooms=[form.room()], by=by, at=now(exam))
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            messages.success(request, str(t("房间已加入。", "The room is added.")))
            return redirect("venues-site", exam=exam.slug, site=site)
    facts = {"form": form, "title": t("新增房间", "Add a room"), "site": row}
    return render(request, "venues/form.html", facts, status=409 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@office_page("venues:site:edit")
def edit_room(request: Request, room_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.room(exam, room_id, viewer=by)
    form = RoomForm(request.POST or None, initial={k: getattr(row, k) for k in RoomForm.base_fields})
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_room(exam=exam, room_id=room_id, room=form.room(), by=by, at=now(exam))
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            messages.success(request, str(t("已保存。", "Saved.")))
            return redirect("venues-site", exam=exam.slug, site=row.site.code)
    facts = {"form": form, "title": t("修改房间", "Change the room"), "site": row.site, "room": row}
    return render(request, "venues/form.html", facts, status=409 if form.errors else 200)


@require_POST
@office_page("venues:site:edit")
def remove_room(request: Request, room_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    site = queries.room(exam, room_id, viewer=by).site.code
    services.remove_room(exam=exam, room_id=room_id, by=by, at=now(exam))
    messages.success(request, str(t("房间已删除。", "The room is removed.")))
    return redirect("venues-site", exam=exam.slug, site=site)


@require_POST
@office_page("venues:site:edit")
def bring_in(request: Request, site: str) -> HttpResponse:
    """Rooms from a spreadsheet, or a page that tells every wrong row, with a workbook to mend."""
    exam, by = request.exam, actor(request)
    row = queries.site(exam, site, viewer=by)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        facts = {"form": form, "title": t("导入房间", "Import rooms"), "site": row}
        return render(request, "venues/form.html", facts, status=409)
    file = form.cleaned_data["file"]
    done = services.import_rooms(
        exam=exam, site_code=site, data=file.read(), filename=file.name, by=by, at=now(exam)
    )
    if not done.errors:
        words = t("已导入 {n} 个房间。", "{n:room is|rooms are} imported.").format(n=done.added)
        messages.success(request, str(words))
        return redirect("venues-site", exam=exam.slug, site=site)
    sha = store(
        data=done.workbook,
        name=f"{site}-errors.xlsx",
        content_type=XLSX,
        office_path=row.office_path,
        by=by,
        at=now(exam),
    )
    return render(request, "venues/import.html", {"site": row, "result": done, "sha": sha}, status=409)


@require_GET
@office_page("venues:site:edit")
def import_errors(request: Request, sha: str) -> HttpResponse:
    return response(sha, actor(request))


@require_GET
@office_page("venues:site:edit")
def template(request: Request) -> HttpResponse:
    name = str(t("房间模板.xlsx", "rooms-template.xlsx"))
    return answer(services.template_workbook(), XLSX, name)


@require_GET
@office_page("venues:site:read")
def export(request: Request, site: str) -> HttpResponse:
    """The site's rooms, in the form of the template."""
    row = queries.site(request.exam, site, viewer=actor(request))
    book = services.rooms_workbook(room.facts for room in queries.rooms(row))
    return answer(book, XLSX, f"{site}.xlsx")


@require_POST
@office_page("venues:site:report")
def report(request: Request, site: str) -> HttpResponse:
    exam = request.exam
    services.report_site(exam=exam, site_code=site, by=actor(request), at=now(exam))
    messages.success(request, str(t("考试地点已上报考区。", "The site is reported to the region.")))
    return redirect("venues-site", exam=exam.slug, site=site)


@require_POST
@office_page("venues:host:decide")
def reopen(request: Request, site: str) -> HttpResponse:
    exam = request.exam
    form = ReasonForm(request.POST)
    if form.is_valid():
        services.reopen_site(exam=exam, site_code=site, **form.cleaned_data, by=actor(request), at=now(exam))
        messages.success(request, str(t("已退回考点修改。", "Given back to the host.")))
    else:
        messages.error(request, str(t("请写明退回的理由。", "Say why it is given back.")))
    return redirect("venues-site", exam=exam.slug, site=site)


REPEATED = (
    "building",
    "floor",
    "columns",
    "rows",
    "gap_cm",
    "step_free",
    "cameras",
    "gaokao",
    "door",
    "stair",
)


def _next_room(rooms: list) -> dict[str, object]:  # type: ignore[type-arg]
    """The next room usually stands beside the last exam room entered."""
    halls = [room for room in rooms if room.kind == EXAM]
    if not halls:
        return {"number": len(rooms) + 1}
    kept = {name: getattr(halls[-1], name) for name in REPEATED}
    return {**kept, "number": max(room.number for room in rooms) + 1}
