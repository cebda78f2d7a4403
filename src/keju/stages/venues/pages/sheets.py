"""The rooms of several sites of a host in one workbook."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import answer
from keju.kernel.files.services import store
from keju.kernel.sheets import XLSX
from keju.rulebook.words import t
from keju.stages.venues import queries, services
from keju.stages.venues.forms import ImportForm


@require_GET
@office_page("venues:site:edit")
def export_many(request: Request) -> HttpResponse:
    """Every room of the office's sites, in the form in which they are imported."""
    exam, by = request.exam, actor(request)
    sites = ((s.code, [r.facts for r in queries.rooms(s)]) for s in queries.sites(exam, viewer=by))
    return answer(services.rooms_of_sites_workbook(sites), XLSX, str(t("全部房间.xlsx", "all-rooms.xlsx")))


@require_POST
@office_page("venues:site:edit")
def import_many(request: Request) -> HttpResponse:
    """Rooms of several sites, or a page that tells every wrong row, with a workbook to mend."""
    exam, by = request.exam, actor(request)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(
            request, "venues/form.html", {"form": form, "title": t("导入房间", "Import rooms")}, status=409
        )
    file = form.cleaned_data["file"]
    done = services.import_rooms_of_sites(
        exam=exam, data=file.read(), filename=file.name, by=by, at=now(exam)
    )
    if not done.errors:
        messages.success(
            request, str(t("已导入 {n} 个房间。", "{n:room is|rooms are} imported.").format(n=done.added))
        )
        return redirect("venues-home", exam=exam.slug)
    sha = store(
        data=done.workbook,
        name="errors.xlsx",
        content_type=XLSX,
        office_path=by.office_path,
        by=by,
        at=now(exam),
    )
    return render(request, "venues/import.html", {"result": done, "sha": sha}, status=409)
