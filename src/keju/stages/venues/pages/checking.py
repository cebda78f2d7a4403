"""The checklist of a site, and the board of all sites."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.models import Exam
from keju.kernel.exams.paging import number_of
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer, response
from keju.kernel.files.scans import received
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook import RuleRefused
from keju.rulebook.words import Words, t
from keju.stages.venues import queries, rules, services
from keju.stages.venues.forms import CheckForm

STATES = {
    "done": t("已落实", "Settled"),
    "soon": t("待办", "Open"),
    "late": t("有问题或逾期", "Wrong or late"),
    "none": t("未到时间", "Not yet"),
}
COLUMNS = (
    Column("site", t("考试地点", "Site")),
    Column("name", t("名称", "Name")),
    Column("state", t("状态", "State")),
    Column("rule", t("条款", "Clause")),
    Column("item", t("待办事项", "Still open")),
    Column("rooms", t("房间数", "Rooms"), kind="int"),
)


@require_GET
@office_page("venues:site:read")
def checklist(request: Request, site: str) -> HttpResponse:
    """What is to be looked at at the site, how it stands, who answered for it, and a form for each."""
    return _checklist(request, site)


def _checklist(request: Request, site: str, item: str = "", form: CheckForm | None = None) -> HttpResponse:
    """`form`: what came for `item` and was refused; every other item has an empty one."""
    exam, by = request.exam, actor(request)
    row = queries.site(exam, site, viewer=by)
    found = queries.checklist(exam, row, now(exam))
    chosen = request.POST.getlist("rooms")
    facts = {
        "site": row,
        "checks": [
            (
                c,
                form if c.item.code == item and form else CheckForm(auto_id=f"{c.item.code}-%s"),
                STATES[c.state],
            )
            for c in found
        ],
        "chosen": {int(number) for number in chosen if number.isdecimal()},
        "names": queries.names_of(row, found),
        "may_attest": by.may("venues:checklist:attest"),
        "wrong": item,
    }
    return render(request, "venues/checklist.html", facts, status=409 if form else 200)


@require_POST
@office_page("venues:checklist:attest")
def attest(request: Request, site: str, item: str) -> HttpResponse:
    """What was found goes on record, or the page says at the item what stands against it, with what was typed."""
    exam, by = request.exam, actor(request)
    form = CheckForm(request.POST, auto_id=f"{item}-%s")
    if not form.is_valid():
        return _checklist(request, site, item, form)
    try:
        services.attest(
            exam=exam,
            site_code=site,
            item_code=item,
            rooms=[n for text in request.POST.getlist("rooms") if (n := number_of(text)) is not None],
            photos=received(request.FILES.getlist("photos"), rules.MOST_PHOTOS),
            **form.cleaned_data,
            by=by,
            at=now(exam),
        )
    except RuleRefused as refused:
        explain(form, refused, exam)
        return _checklist(request, site, item, form)
    except ValidationError as unreadable:
        form.add_error(None, unreadable)
        return _checklist(request, site, item, form)
    messages.success(request, str(t("已记入检查单。", "It is on the checklist.")))
    return redirect(reverse("venues-checklist", kwargs={"exam": exam.slug, "site": site}) + f"#{item}")


@require_GET
@office_page("venues:site:read")
def photo(request: Request, site: str, sha: str) -> HttpResponseBase:
    exam, by = request.exam, actor(request)
    queries.photo_of(exam, queries.site(exam, site, viewer=by), sha)
    return response(sha, by, inline=True)


@require_GET
@office_page("venues:site:read")
def board(request: Request) -> HttpResponse:
    """Green, amber, red: every site of the office (the nation: every region), with what is missing and where to mend it."""
    exam, by = request.exam, actor(request)
    region = _region(request)
    found = queries.board(exam, viewer=by, at=now(exam), region_code=region, with_refusals=bool(region))
    state = request.GET.get("state", "")
    return render(
        request,
        "venues/board.html",
        {
            "rows": [(s, STATES[s.state]) for s in found if state in ("", s.state)] if region else [],
            "regions": [] if region else _regions(exam, found),
            "colours": [(s, STATES[s], queries.colours(found)[s]) for s in ("late", "soon", "done", "none")],
            "region": region,
            "asked": state,
            "total": len(found),
            "shares": queries.shares(exam, viewer=by, region_code=region),
            "gaokao": exams.programme(exam).clause("P2.1") is not None,
        },
    )


def _region(request: Request) -> str:
    """The region looked at: the viewer's own, or the one that the nation asks for; "" for all."""
    asked = request.GET.get("region", "")
    return actor(request).region_code or (asked if asked.isdecimal() and len(asked) == 2 else "")


def _regions(exam: Exam, found: list[queries.Standing]) -> list[tuple[str, Words, dict[str, int]]]:
    """(code, name, sites in each state) of every region with sites."""
    rows = []
    for o in exams.openings(exam, "region"):
        mine = [s for s in found if s.site.point_code.startswith(o.office_id)]
        if mine:
            rows.append((o.office_id, o.office.name, dict(queries.colours(mine))))
    return rows


@require_GET
@office_page("venues:site:read")
def board_export(request: Request) -> HttpResponse:
    """What is open at every site of the office, one row each, as a spreadsheet."""
    exam, by = request.exam, actor(request)
    rows = (
        (s.site.code, str(s.site.name), str(STATES[o.state]), o.rule, str(o.words), o.rooms or None)
        for s in queries.board(exam, viewer=by, at=now(exam), region_code=_region(request))
        for o in s.open
    )
    return answer(write_table(COLUMNS, rows), XLSX, str(t("考试地点待办.xlsx", "sites-open.xlsx")))


@require_GET
@office_page("venues:site:read")
def shares_export(request: Request) -> HttpResponse:
    """How many of every point's exam rooms have cameras, serve the college-entrance exam, are reached without steps."""
    exam, by = request.exam, actor(request)
    columns = (
        Column("point", t("考点代码", "Point code")),
        Column("rooms", t("考场", "Exam rooms"), kind="int"),
        Column("cameras", t("有监控", "With cameras"), kind="int"),
        Column("gaokao", t("高考考场", "College-entrance rooms"), kind="int"),
        Column("either", t("应优先选用的", "To be preferred"), kind="int"),
        Column("percent", t("比例（%）", "Share (%)"), kind="decimal"),
        Column("step_free", t("无台阶", "Step-free"), kind="int"),
    )
    rows = (
        (s.office, s.rooms, s.cameras, s.gaokao, s.either, s.percent, s.step_free)
        for s in queries.shares(exam, viewer=by, region_code=_region(request))
    )
    return answer(write_table(columns, rows), XLSX, str(t("考场条件.xlsx", "room-shares.xlsx")))
