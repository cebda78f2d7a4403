"""Containers: the list, the life of one, where it was at a moment, and which ones nobody watched."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from keju.kernel.accounts.queries import staff_names
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.models import Exam
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook.words import Words, t
from keju.stages.custody import queries
from keju.stages.custody.forms.containers import ContainerFilter, MomentForm, SpanForm
from keju.stages.custody.queries import closure, containers, naming
from keju.stages.custody.queries import life as lives
from keju.stages.custody.rules.containers import read_code

READ = "custody:chain:read"
MOST_UNWATCHED = 500  # on the page; the spreadsheet has all
COLUMNS = (
    Column("code", t("编号", "Code")),
    Column("kind", t("种类", "Kind")),
    Column("site", t("考试地点", "Site")),
    Column("room", t("考场", "Room"), kind="int"),
    Column("session", t("场次", "Session"), kind="int"),
    Column("category", t("类别", "Category")),
    Column("copies", t("份数", "Copies"), kind="int"),
    Column("first", t("首号", "First serial"), kind="int"),
    Column("last", t("末号", "Last serial"), kind="int"),
    Column("place", t("地点", "Place")),
    Column("custodian", t("保管单位", "Custodian")),
    Column("outer", t("所在箱包", "Inside")),
    Column("seal", t("封条号", "Seal")),
    Column("frozen", t("封存待查", "Frozen")),
    Column("at", t("最近一步", "Last step")),
)
UNWATCHED = (
    Column("code", t("编号", "Code")),
    Column("kind", t("种类", "Kind")),
    Column("site", t("考试地点", "Site")),
    Column("place", t("地点", "Place")),
    Column("custodian", t("保管单位", "Custodian")),
    Column("since", t("从", "From")),
    Column("until", t("到", "To")),
)


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """The containers of the viewer's offices; a scanned code leads straight to its container."""
    exam, by = request.exam, actor(request)
    form, after = _filter(request), after_of(request)
    filters = form.filters()
    found = containers.rows(exam, viewer=by, filters=filters, after=after)
    rows, page = cut(found[: containers.PAGE + 1], containers.PAGE, after, key="container_id")
    if len(rows) == 1 and not after and read_code(filters.code):
        return redirect("custody-container", exam=exam.slug, container=rows[0].container.code)
    sessions, categories = queries.names_of(exam)
    places = naming.place_names(exam, (r.stands or "" for r in rows))
    facts = {
        "filters": form,
        "rows": [
            {
                "row": r,
                "kind": naming.KINDS[r.container.kind],
                "place": places[r.stands or ""],
                "session": sessions.get(r.container.session, ""),
                "category": categories.get(r.container.category, ""),
                "sealed": bool(r.seal or (r.parent and r.parent.holding.seal)),
            }
            for r in rows
        ],
        "page": page,
    }
    return render(request, "custody/containers.html", facts)


@require_GET
@office_page(READ)
def export(request: Request) -> HttpResponse:
    """What the list shows, in whole."""
    exam, by = request.exam, actor(request)
    found = containers.rows(exam, viewer=by, filters=_filter(request).filters())
    name = str(t("箱包袋.xlsx", "containers.xlsx"))
    return answer(write_table(COLUMNS, _sheet(exam, found)), XLSX, name)


@require_GET
@office_page(READ)
def container(request: Request, container: str) -> HttpResponse:
    """One container: what it is, where it is, its whole life; and where it was at the moment asked for."""
    exam, by = request.exam, actor(request)
    row = containers.container(exam, container, viewer=by)
    moments = lives.life(row)
    asked = MomentForm(request.GET if "at" in request.GET else None)
    then = queries.position(row, asked.cleaned_data["at"]) if asked.is_valid() else None
    inside = queries.contents(exam, [row.pk])[row.pk]
    current = queries.position(row, now(exam))
    sessions, categories = queries.names_of(exam)
    seen = [m.step.place for m in moments] + [p.place for p in (then, current) if p]
    places = naming.place_names(exam, seen)
    people = staff_names({m.operation.by for m in moments if m.operation})
    facts = {
        "row": row,
        "kind": naming.KINDS[row.kind],
        "session": sessions.get(row.session, ""),
        "category": categories.get(row.category, ""),
        "current": current,
        "moments": [
            {
                "step": m.step,
                "act": naming.ACTS[m.step.act],
                "outer": m.outer,
                "place": places[m.step.place],
                "operation": m.operation,
                "who": _who(m.operation.by, people) if m.operation else "",
                "changed": _changed(m),
            }
            for m in moments
        ],
        "here": places[current.place] if current else "",
        "there": places[then.place] if then else "",
        "inside": [(h, naming.KINDS[h.container.kind]) for h in inside],
        "fates": [(name, getattr(row.holding, fate)) for fate, name in naming.FATES.items()]
        if row.copies
        else [],
        "finding": [c for c in closure.cases(exam, row.office_path) if c.container_id == row.pk]
        if row.copies and row.holding.missing and by.may("custody:case:report")
        else [],
        "asked": asked,
        "then": then,
        "asked_at": asked.cleaned_data["at"] if asked.is_valid() else None,
    }
    return render(request, "custody/container.html", facts)


def _who(ref: str, people: dict[str, str]) -> str:
    """Whose step it was; of somebody whom the viewer may not know, that it was another office's."""
    elsewhere = str(t("外单位", "another office")) if ref.startswith("person:") else ref
    return people.get(ref, elsewhere)


@require_GET
@office_page(READ)
def unwatched(request: Request) -> HttpResponse:
    """Bags that were neither sealed nor watched at some time in a span."""
    exam, by = request.exam, actor(request)
    form = SpanForm(request.GET if request.GET else None)
    found = lives.unwatched(exam, form.span(), viewer=by) if form.is_valid() else []
    if request.GET.get("as") == "sheet" and form.is_valid():
        rows = (
            (u.code, naming.KINDS[u.kind], u.site, u.place, u.custodian, span.since, span.until)
            for u in found
            for span in u.spans
        )
        return answer(write_table(UNWATCHED, rows), XLSX, str(t("无封无人看管.xlsx", "unwatched.xlsx")))
    shown = list(islice(found, MOST_UNWATCHED))
    places = naming.place_names(exam, (u.place or "" for u in shown))
    facts = {
        "form": form,
        "asked": form.is_bound and form.is_valid(),
        "rows": [(u, naming.KINDS[u.kind], places[u.place or ""]) for u in shown],
        "total": len(found),
    }
    return render(request, "custody/unwatched.html", facts)


def _filter(request: Request) -> ContainerFilter:
    return ContainerFilter(request.GET, sessions=queries.names_of(request.exam)[0])


def _sheet(exam: Exam, found: Iterable[Any]) -> Iterator[tuple[object, ...]]:
    names: dict[str, Words] = {}
    for r in found:
        c, stands = r.container, r.stands or ""
        if stands not in names:
            names |= naming.place_names(exam, [stands])
        yield (
            c.code, naming.KINDS[c.kind], c.site_code, c.room, c.session, c.category, c.copies, c.first_serial,
            c.last_serial, names[stands], r.keeper, r.parent.code if r.parent else "", r.seal,
            str(t("是", "yes")) if r.frozen else "", r.at,
        )  # fmt: skip


def _changed(moment: lives.Moment) -> list[tuple[Words, int, int]]:
    """Sheets by fate where the step counted them otherwise: (fate, before, after)."""
    if moment.before is None:
        return []
    pairs = [(name, getattr(moment.before, f), getattr(moment.step, f)) for f, name in naming.FATES.items()]
    return [pair for pair in pairs if pair[1] != pair[2]]
