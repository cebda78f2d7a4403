"""Emergency plans: how every office stands, one office's plans, writing one, and whom to call."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.offices.queries import office as office_of
from keju.kernel.sheets import Column
from keju.rulebook.words import t
from keju.stages.security.forms.emergencies import PLAN_STATES, PlanForm
from keju.stages.security.pages import parts
from keju.stages.security.queries import board
from keju.stages.security.queries import emergencies as queries
from keju.stages.security.services import emergencies as services
from keju.stages.security.services.emergencies import NewPlan

READ, MAKE = "security:record:read", "security:emergency:make"
CHIPS = {"draft": "open", "proposed": "soon", "approved": "done", "superseded": "none"}


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """Every region and host of the viewer: plans in force of those needed, drills that count."""
    exam, by = request.exam, actor(request)
    places = board.places(exam, by.office_path)
    codes = [*places.regions, *places.hosts] or [by.office_code[:4]]
    return render(
        request, "security/emergencies.html", {"rows": queries.preparedness(exam, by.office_path, codes)}
    )


@require_GET
@office_page(READ)
def export(request: Request) -> HttpResponse:
    """What the list shows, as a spreadsheet."""
    exam, by = request.exam, actor(request)
    columns = (
        Column("office", t("单位", "Office")),
        Column("needed", t("应有预案", "Plans needed"), kind="int"),
        Column("in_force", t("现行预案", "In force"), kind="int"),
        Column("drills", t("有效演练", "Drills that count"), kind="int"),
    )
    places = board.places(exam, by.office_path)
    found = queries.preparedness(exam, by.office_path, [*places.regions, *places.hosts])
    rows = ((f"{o.code} {office_of(o.code).name}", o.needed, o.in_force, o.drills) for o in found)
    return parts.sheet(columns, rows, str(t("应急准备.xlsx", "emergencies.xlsx")))


@require_GET
@office_page(READ)
def office(request: Request, office: str) -> HttpResponse:
    """One office's plans by class, and what comes next."""
    exam, by = request.exam, actor(request)
    queries.own(by, office)
    found = queries.of_office(exam, office)
    facts = {
        "office": office,
        "rows": [
            (one, one.coming and (CHIPS[one.coming.state], PLAN_STATES[one.coming.state])) for one in found
        ],
        "drafts": any(one.coming and one.coming.state == "draft" for one in found),
        "may_make": by.may(MAKE),
    }
    return render(request, "security/emergency_office.html", facts)


@require_http_methods(["GET", "POST"])
@office_page(MAKE)
def write(request: Request, office: str, kind: str) -> HttpResponse:
    """The next version of one plan; what is in force holds until the leader approves it."""
    exam, by = request.exam, actor(request)
    queries.own(by, office)
    chosen = queries.kind_of(exam, kind)
    plans = {one.kind.code: one.coming or one.current for one in queries.of_office(exam, office)}
    last = plans.get(kind)
    reached: queries.Contacts = {}  # the police are the same in every plan: what another one says stands here already
    for row in (*(row for code, row in plans.items() if code != kind), last):
        reached |= queries.contacts_of(row) if row else {}
    form = PlanForm(
        request.POST or None,
        kind=chosen,
        partners=queries.partners(exam),
        contacts=reached,
        initial={"measures": last.measures if last else ""},
    )
    if request.method == "POST" and form.is_valid():
        plan = NewPlan(office, kind, form.cleaned_data["measures"], form.contacts())
        if parts.tried(
            form, exam, lambda: services.draft_plans(exam=exam, plans=[plan], by=by, at=now(exam))
        ):
            messages.success(
                request, str(t("已存为草稿，请报领导批准。", "Kept as a draft; now have it approved."))
            )
            return redirect("security-emergency", exam=exam.slug, office=office)
    title = t("{kind}应急预案 {office}", "{kind}: plan of {office}").format(
        kind=chosen.name, office=office_of(office).name
    )
    facts = {"form": form, "title": title, "back": "security-emergencies"}
    return render(request, "security/form.html", facts, status=409 if form.errors else 200)


@require_POST
@office_page(MAKE)
def propose(request: Request, office: str) -> HttpResponse:
    """The drafts wait for the leader's signature."""
    exam, by = request.exam, actor(request)
    services.propose_plans(exam=exam, office_code=office, by=by, at=now(exam))
    messages.success(request, str(t("已报领导批准。", "They wait for the leader.")))
    return redirect("security-emergency", exam=exam.slug, office=office)


@require_POST
@office_page(READ)
def contacts(request: Request, office: str) -> HttpResponse:
    """Whom to call, with the telephones in clear; that somebody looked is on record."""
    exam, by = request.exam, actor(request)
    names = {kind.code: kind.name for kind in queries.kinds(exam)}
    partners = queries.partners(exam)
    found = services.show_contacts(exam=exam, office_code=office, by=by, at=now(exam))
    rows = [
        (
            names[kind],
            [(partners[code].name, c.get("name", ""), c.get("phone", "")) for code, c in who.items()],
        )
        for kind, who in found
    ]
    return render(request, "security/contacts.html", {"office": office, "rows": rows})
