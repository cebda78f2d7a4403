"""Do the papers add up? The office, one level below it, and what is missing."""

from collections.abc import Iterable
from functools import reduce
from itertools import groupby
from operator import add

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keju.kernel.audit import NotPermitted
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import answer
from keju.kernel.offices import queries as offices
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook.words import Words, t
from keju.stages.custody import queries
from keju.stages.custody.forms.closure import ClosureFilter
from keju.stages.custody.queries import closure, naming
from keju.stages.custody.queries.closure import Line
from keju.stages.custody.rules.closure import Verdict, verdict

READ = "custody:chain:read"
STATES = {
    Verdict.CLOSED: ("done", t("相符", "Adds up")),
    Verdict.UNDER_WAY: ("soon", t("未了", "Not yet")),
    Verdict.WRONG: ("late", t("不符", "Does not add up")),
}
COLUMNS = (
    Column("office", t("单位（考场）", "Office or room")),
    Column("name", t("名称", "Name")),
    Column("kind", t("种类", "Kind")),
    Column("session", t("场次", "Session")),
    Column("category", t("类别", "Category")),
    Column("ordered", t("确认用量", "Ordered"), kind="int"),
    Column("printed", t("印制", "Printed"), kind="int"),
    *(Column(fate, name, kind="int") for fate, name in naming.FATES.items()),
    Column("cases", t("立案", "In cases"), kind="int"),
    Column("state", t("结论", "Verdict")),
)


@require_GET
@office_page(READ)
def closure_page(request: Request, office: str = "") -> HttpResponse:
    """The sums one level below an office, for all sessions or one; below a site, of its rooms."""
    exam, by = request.exam, actor(request)
    path, code = _place(request, office)
    form = ClosureFilter(request.GET, sessions=queries.names_of(exam)[0])
    found = _narrowed(closure.lines(exam, path, viewer=by), form)
    names = offices.names({line.child for line in found})
    tables = []
    for kind in naming.KINDS:
        mine = [line for line in found if line.kind == kind]
        rows = [
            _row(child, names.get(child), reduce(add, (line.sums for line in of)))
            for child, of in groupby(mine, key=lambda line: line.child)
        ]
        if rows:
            whole = _row("", None, reduce(add, (line.sums for line in mine)))
            tables.append((kind, naming.KINDS[kind], rows, whole))
    lacking = closure.differences(exam, path, viewer=by)
    places = naming.place_names(exam, (d.right_place for d in lacking))
    facts = {
        "filters": form,
        "code": code,
        "is_site": path.count("/") > len(closure.LEVELS),
        "above": _above(code, by.office_path) if path != by.office_path else [],
        "tables": tables,
        "fates": naming.FATES,
        "lacking": [
            (d, naming.KINDS[d.kind], naming.ACTS[d.right_act], places[d.right_place]) for d in lacking
        ],
        "cases": {
            case.container_id: (case.name, reverse(case.url, kwargs={"exam": exam.slug, **case.args}))
            for case in closure.cases(exam, path)
        },
    }
    return render(request, "custody/closure.html", facts)


@require_GET
@office_page(READ)
def export(request: Request, office: str = "") -> HttpResponse:
    """What the page shows, by kind, session and category."""
    exam, by = request.exam, actor(request)
    path, _ = _place(request, office)
    sessions, categories = queries.names_of(exam)
    form = ClosureFilter(request.GET, sessions=sessions)
    found = _narrowed(closure.lines(exam, path, viewer=by), form)
    names = offices.names({line.child for line in found})
    rows = (
        (
            line.child,
            names.get(line.child, ""),
            naming.KINDS[line.kind],
            sessions.get(line.session, line.session),
            categories.get(line.category, line.category),
            line.sums.ordered,
            line.sums.printed,
            *(getattr(line.sums.counts, fate) for fate in naming.FATES),
            line.sums.in_cases,
            STATES[line.verdict][1],
        )
        for line in found
    )
    return answer(write_table(COLUMNS, rows), XLSX, str(t("试卷账目.xlsx", "papers-account.xlsx")))


def _place(request: Request, office: str) -> tuple[str, str]:
    """(path, code) of the office asked for, the viewer's own unless named; hidden outside of the viewer's scope."""
    by = actor(request)
    path = offices.path_of(office) if office else by.office_path
    if not path.startswith(by.office_path or "-"):
        raise NotPermitted(hidden=True)
    return path, office or by.office_code


def _narrowed(found: Iterable[Line], form: ClosureFilter) -> list[Line]:
    session, kind = form.asked()
    return [x for x in found if session in (None, x.session) and kind in ("", x.kind)]


def _row(child: str, name: Words | None, sums: closure.Sums) -> dict[str, object]:
    chip, words = STATES[verdict(sums)]
    return {
        "child": child, "name": name, "sums": sums, "counts": [getattr(sums.counts, f) for f in naming.FATES],
        "chip": chip, "words": words,
    }  # fmt: skip


def _above(code: str, path: str) -> list[str]:
    """The offices from the viewer's down to this one; of the three national ones, which have one account, the nearest."""
    nearest: dict[str, str] = {}
    for up in offices.ladder(code):
        nearest.setdefault(offices.path_of(up), up)
    return [up for there, up in reversed(nearest.items()) if there.startswith(path)]
