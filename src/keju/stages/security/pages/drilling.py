"""Drills: the list, planning, and one drill run by its clock on a phone."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import CHINA, now
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.offices.queries import office as office_of
from keju.kernel.sheets import Column
from keju.rulebook.words import t
from keju.stages.security.forms.emergencies import DRILL_STATES, DrillForm, JoinForm, NoteForm
from keju.stages.security.forms.finding_people import as_typed, chosen, like, looks
from keju.stages.security.pages import parts
from keju.stages.security.pages.inspecting import finding_form, new_finding
from keju.stages.security.queries import board, people
from keju.stages.security.queries import emergencies as queries
from keju.stages.security.rules.emergencies import MOVES
from keju.stages.security.services import drilling as services

READ, MAKE = "security:record:read", "security:emergency:make"
HELD_BY = t("{post}（{n}人）", "{post} ({n})")
CHIPS = {"planned": "open", "running": "soon", "paused": "soon", "done": "done", "cancelled": "none"}
STEPS = {
    "start": t("开始", "Start"), "pause": t("暂停", "Pause"), "resume": t("继续", "Go on"), "end": t("结束", "End"),
    "step": t("步骤", "Step"), "observed": t("观察", "Observed"), "lesson": t("问题", "Lesson"),
}  # fmt: skip


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """The drills of the viewer's offices, newest first; which of them count."""
    exam, by, after = request.exam, actor(request), after_of(request)
    rows, page = cut(queries.drills(exam, viewer=by, after=after)[: parts.PAGE + 1], parts.PAGE, after)
    facts = {
        "rows": [(r, CHIPS[r.state], DRILL_STATES[r.state]) for r in rows],
        "page": page,
        "may_make": by.may(MAKE),
    }
    return render(request, "security/drills.html", facts)


@require_GET
@office_page(READ)
def export(request: Request) -> HttpResponse:
    """Every drill with its clock and people, as a spreadsheet."""
    exam, by = request.exam, actor(request)
    names = {kind.code: str(kind.name) for kind in queries.kinds(exam)}
    columns = (
        Column("office", t("单位", "Office")), Column("kinds", t("突发事件", "Emergencies")),
        Column("state", t("状态", "State")), Column("from", t("开始", "Began")), Column("to", t("结束", "Ended")),
        Column("people", t("人数", "People"), kind="int"),
    )  # fmt: skip
    rows = (
        (f"{r.office_code} {office_of(r.office_code).name}", "、".join(names.get(k, k) for k in r.kinds),
         str(DRILL_STATES[r.state]), *(str(at.astimezone(CHINA))[:16] if at else "" for at in (r.started_at, r.ended_at)), r.n)
        for r in queries.drills(exam, viewer=by)[:5_000]
    )  # fmt: skip
    return parts.sheet(columns, rows, str(t("演练.xlsx", "drills.xlsx")))


@require_http_methods(["GET", "POST"])
@office_page(MAKE)
def plan(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    places = board.places(exam, by.office_path)
    form = DrillForm(
        request.POST or None,
        offices=[(c, f"{c} {office_of(c).name}") for c in [*places.regions, *places.hosts]],
        kinds=[(k.code, k.name) for k in queries.kinds(exam)],
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if parts.tried(form, exam, lambda: services.plan_drills(exam=exam, **given, by=by, at=now(exam))):
            messages.success(request, str(t("演练已安排。", "The drill is planned.")))
            return redirect("security-drills", exam=exam.slug)
    facts = {"form": form, "title": t("安排演练", "Plan a drill"), "back": "security-drills"}
    return render(request, "security/form.html", facts, status=409 if form.errors else 200)


@require_GET
@office_page(READ)
def drill(request: Request, drill_id: int) -> HttpResponse:
    """One drill: its clock, what may come next, what happened, who took part, what was learnt."""
    return _drill(request, drill_id)


def _drill(request: Request, drill_id: int, wrong: dict[str, forms.Form] | None = None) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.drill(exam, drill_id, viewer=by)
    steps = queries.steps(row)
    names = {kind.code: kind.name for kind in queries.kinds(exam)}
    listed = people.people_at(row.office_path, like(request), chosen(request, "people"))
    joined = set(queries.people_of(row))
    joining = JoinForm(
        posts=[
            (code, HELD_BY.format(post=name, n=len(ids - joined)))
            for code, name, ids in people.posts_at(exam, row.office_path)
            if ids - joined
        ],
        people=[(str(pk), n) for pk, n in listed if pk not in joined],
        auto_id="join-%s",
    )
    if looks(request):
        as_typed(joining, request)
    facts = {
        "row": row,
        "chip": (CHIPS[row.state], DRILL_STATES[row.state]),
        "kinds": [(names.get(kind, kind), row.plans.get(kind)) for kind in row.kinds],
        "ran": int(queries.clock(steps, now(exam)).total_seconds() // 60),
        "moves": [(move, STEPS[move]) for move, (state, _) in MOVES.items() if state == row.state],
        "steps": [(s, STEPS[s.kind]) for s in steps],
        "people": sorted(people.names_by_id(joined, row.office_path).values()),
        "forms": {
            "note": NoteForm(auto_id="note-%s"),
            "join": joining,
            "lesson": finding_form(exam, row.office_code, "major", by),
            **(wrong or {}),
        },
        "wrong": set(wrong or {}),
        "looks": looks(request),
        "may_make": by.may(MAKE) and row.state != "cancelled",
        "is_on": row.state in ("running", "paused", "done"),
    }
    return render(request, "security/drill.html", facts, status=409 if wrong else 200)


@require_POST
@office_page(MAKE)
def move(request: Request, drill_id: int) -> HttpResponse:
    """The clock starts, pauses, goes on or ends."""
    exam, by = request.exam, actor(request)
    services.move(
        exam=exam,
        drill_id=drill_id,
        move=request.POST.get("move", ""),
        version=seen_version(request),
        by=by,
        at=now(exam),
    )
    return redirect("security-drill", exam=exam.slug, drill_id=drill_id)


@require_POST
@office_page(MAKE)
def note(request: Request, drill_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = NoteForm(request.POST, auto_id="note-%s")
    if form.is_valid() and parts.tried(
        form,
        exam,
        lambda: services.note(exam=exam, drill_id=drill_id, **form.cleaned_data, by=by, at=now(exam)),
    ):
        return redirect("security-drill", exam=exam.slug, drill_id=drill_id)
    return _drill(request, drill_id, {"note": form})


@require_POST
@office_page(MAKE)
def join(request: Request, drill_id: int) -> HttpResponse:
    if looks(request):
        return _drill(request, drill_id)
    exam, by = request.exam, actor(request)
    who = set(chosen(request, "people"))
    row, posts = queries.drill(exam, drill_id, viewer=by), request.POST.getlist("posts")
    for code, _, ids in people.posts_at(exam, row.office_path) if posts else ():
        who |= ids if code in posts else set()
    services.join(exam=exam, drill_id=drill_id, person_ids=sorted(who), by=by, at=now(exam))
    return redirect("security-drill", exam=exam.slug, drill_id=drill_id)


@require_POST
@office_page(MAKE)
def lesson(request: Request, drill_id: int) -> HttpResponse:
    """What the drill taught becomes a finding."""
    exam, by = request.exam, actor(request)
    row = queries.drill(exam, drill_id, viewer=by)
    form = finding_form(exam, row.office_code, "major", by, request.POST)
    if form.is_valid() and parts.tried(
        form,
        exam,
        lambda: services.learn(
            exam=exam,
            drill_id=drill_id,
            lesson=new_finding(row.office_code, form, source="drill"),
            by=by,
            at=now(exam),
        ),
    ):
        return redirect("security-drill", exam=exam.slug, drill_id=drill_id)
    return _drill(request, drill_id, {"lesson": form})
