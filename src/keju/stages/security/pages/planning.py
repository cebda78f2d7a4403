"""The office's implementation plan, those below, and the gap list (P5.1)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import CHINA, now
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.files.responses import response as stored
from keju.kernel.notices.attaching import keep
from keju.kernel.offices import Actor
from keju.rulebook.words import t
from keju.stages.security.forms.finding_people import as_typed, chosen, like, looks
from keju.stages.security.forms.inspecting import FINDING_STATES, SEVERITY
from keju.stages.security.forms.planning import GapForm, PlanForm
from keju.stages.security.pages import parts
from keju.stages.security.queries import people
from keju.stages.security.queries import planning as queries
from keju.stages.security.services import findings
from keju.stages.security.services import planning as services
from keju.stages.security.services.findings import NewFinding

READ, MAKE, FIND = "security:record:read", "security:plan:make", "security:inspection:make"
CHIP = {
    "draft": ("none", t("起草中", "Draft")),
    "proposed": ("soon", t("等待批准", "Waiting for approval")),
    "approved": ("done", t("已批准", "Approved")),
    "replaced": ("none", t("已被新版替代", "Replaced")),
}
RETURNED = ("late", t("已退回，须修改后重新提请", "Returned: change it and propose anew"))
CLAUSE = "P5.1"


@require_GET
@office_page(READ)
def plans(request: Request) -> HttpResponse:
    """The plans of the viewer's offices and the gap list."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    today = at.astimezone(CHINA).date()
    gaps = list(queries.gaps(exam, by.office_path)[:200])
    context = {
        "rows": [(row, _chip(row, at)) for row in queries.plans(exam, by.office_path)[:300]],
        "own": queries.in_work(exam, by.office_code),
        "gaps": [
            (g, SEVERITY[g.severity], FINDING_STATES[g.state], g.state != "closed" and g.due_on < today)
            for g in gaps
        ],
        "late": queries.late(gaps, today),
        "may_make": by.may(MAKE),
        "may_find": by.may(FIND),
    }
    return render(request, "security/plans.html", context)


@require_http_methods(["GET", "POST"])
@office_page(MAKE)
def edit(request: Request) -> HttpResponse:
    """The own plan in work, or a new one."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    row = queries.in_work(exam, by.office_code)
    before = row or queries.in_force(exam, by.office_code)
    initial = {"title": before.title, "text": before.text} if before else {}
    form = PlanForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in ("title", "text")}

        def act() -> None:
            sha = keep(form.cleaned_data["file"], office_path=by.office_path, by=by, at=at) or ""
            sha = sha or (row.file if row else "")
            services.save_plan(exam=exam, **facts, file=sha, version=seen_version(request), by=by, at=at)

        if parts.tried(form, exam, act):
            messages.success(
                request, str(t("方案已保存，尚未提请批准。", "Saved; not proposed for approval yet."))
            )
            saved = queries.in_work(exam, by.office_code)
            return redirect("security-plan", exam.slug, saved.pk if saved else 0)
    context = {"form": form, "version": row.version if row else 0, "row": row}
    return render(request, "security/plan_edit.html", context, status=422 if form.errors else 200)


@require_GET
@office_page(READ)
def plan(request: Request, plan_id: int) -> HttpResponse:
    exam, by, at = request.exam, actor(request), now(request.exam)
    row = queries.plan(exam, plan_id, viewer=by)
    own = by.may(MAKE) and row.office_code == by.office_code
    context = {
        "row": row,
        "chip": _chip(row, at),
        "standing": queries.waiting(row, at),
        "may_change": own and queries.may_change(row, at),
    }
    return render(request, "security/plan.html", context)


@require_POST
@office_page(MAKE)
def propose(request: Request, plan_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    proposal = services.propose_plan(
        exam=exam, plan_id=plan_id, version=seen_version(request), by=by, at=now(exam)
    )
    messages.success(
        request, str(t("已提请批准，等待负责人签署。", "Proposed; it waits for the leader's signature."))
    )
    return redirect("approvals-proposal", exam.slug, proposal.pk)


@require_GET
@office_page(READ)
def file(request: Request, plan_id: int) -> HttpResponse:
    row = queries.plan(request.exam, plan_id, viewer=actor(request))
    if not row.file:
        raise NotPermitted(hidden=True)
    return stored(row.file, Actor.system("security", row.office_path))


@require_http_methods(["GET", "POST"])
@office_page(FIND)
def gap(request: Request) -> HttpResponse:
    """A gap of the own office: who mends it, by when. From here on it is a finding."""
    exam, by = request.exam, actor(request)
    owners = people.people_at(by.office_path, like(request), chosen(request, "owner_id"))
    form = GapForm(request.POST or None, owners=owners)
    if looks(request):
        as_typed(form, request)
    elif request.method == "POST" and form.is_valid():
        del form.cleaned_data["like"]
        new = NewFinding(
            office_code=by.office_code, owner_code=by.office_code, source=queries.GAPS, rule=_rule(exam),
            **form.cleaned_data,
        )  # fmt: skip
        if parts.tried(
            form, exam, lambda: findings.raise_findings(exam=exam, found=[new], by=by, at=now(exam))
        ):
            messages.success(request, str(t("已列入漏洞清单。", "It is on the gap list.")))
            return redirect("security-plans", exam=exam.slug)
    context = {"form": form, "title": t("登记漏洞", "Enter a gap"), "back": "security-plans"}
    return render(request, "security/form.html", context, status=409 if form.errors else 200)


def _rule(exam: services.Exam) -> str:
    return CLAUSE if CLAUSE in services.exams.programme(exam).rules else ""


def _chip(row: queries.Plan, at: object) -> tuple[str, object]:
    if row.state == "proposed" and queries.may_change(row, at):  # type: ignore[arg-type]
        return RETURNED
    return CHIP[row.state]
