"""A site of an earlier year chosen, looked at, copied; and its picture."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import response
from keju.kernel.files.scans import received
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.venues import queries, services
from keju.stages.venues.forms import PictureForm

COPIED = t("已按往年资料建立，复制了 {n} 个房间。", "Set up like the earlier year's, with {n:room|rooms}.")
LEFT_OUT = t(
    "这些房间不符合本年规则，没有复制：{rooms}。",
    "This year's rules do not allow these rooms; left out: {rooms}.",
)


@require_http_methods(["GET", "POST"])
@office_page("venues:site:edit")
def copy(request: Request) -> HttpResponse:
    """The sites of earlier years; with one chosen (`from`), what would be copied and the button."""
    exam, by = request.exam, actor(request)
    asked = (request.POST or request.GET).get("from", "")
    chosen = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 18 else 0
    if request.method == "POST":
        done = services.copy_site(exam=exam, site_id=chosen, by=by, at=now(exam))
        messages.success(request, str(COPIED.format(n=done.rooms)))
        if done.left_out:
            messages.warning(request, str(LEFT_OUT.format(rooms=done.left_out)))
        return redirect("venues-site", exam=exam.slug, site=done.site.code)
    plan = queries.copy_plan(exam, chosen, viewer=by) if chosen else None
    if chosen and plan is None:
        raise NotPermitted(hidden=True)
    facts = {"earlier": queries.earlier_sites(exam, viewer=by), "plan": plan}
    return render(request, "venues/copy.html", facts)


@require_POST
@office_page("venues:site:edit")
def set_picture(request: Request, site: str) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.site(exam, site, viewer=by)
    form = PictureForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            (data,) = received([form.cleaned_data["file"]], 1)
            services.set_picture(exam=exam, site_code=site, data=data, by=by, at=now(exam))
        except RuleRefused as refused:
            for r in refused.refusals:
                form.add_error("file", str(r.words(exams.programme(exam))))
        except ValidationError as unreadable:
            form.add_error("file", unreadable)
        else:
            messages.success(request, str(t("图片已更换。", "The picture is set.")))
            return redirect("venues-site", exam=exam.slug, site=site)
    facts = {"form": form, "title": t("考试地点图片", "Picture of the site"), "site": row}
    return render(request, "venues/form.html", facts, status=409)


@require_GET
@office_page("venues:site:read")
def picture(request: Request, site: str) -> HttpResponseBase:
    """The picture as the offices see it, also before the site is reported."""
    exam, by = request.exam, actor(request)
    return response(queries.site(exam, site, viewer=by).picture, by, inline=True)
