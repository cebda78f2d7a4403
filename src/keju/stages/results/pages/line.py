"""The passing line and the release, as the bodies that decide them see them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.models import Exam
from keju.kernel.exams.refusing import explain
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.results import documents, queries, rules, services
from keju.stages.results.forms import LineForm
from keju.stages.results.params import Params


@require_safe
@office_page("results:line:read")
def home(request: Request) -> HttpResponse:
    """Where the results stand; with numbers only for those who may know them yet."""
    exam, by = request.exam, actor(request)
    out, line = queries.release(exam), queries.decision(exam)
    facts: dict[str, Any] = {
        "release": out,
        "decision": line,
        "lines": _named(exam, line.lines) if line else [],
        "quorum": exams.params(exam, Params).quorum,
        "steps": _steps(exam, out, line),
    }
    if by.office_path == "/" and queries.sees_distribution(by):
        latest = queries.latest_proposal(exam)
        shown = line.lines if line else latest.lines if latest else {}
        facts |= {
            "pictures": pictures(exam, queries.distribution(viewer=by, exam=exam), shown),
            "proposals": [_proposal(exam, by, p, latest) for p in queries.proposals(viewer=by, exam=exam)],
        }
    if by.may("results:release:publish") and out is None:
        facts["why_not_release"] = queries.why_not_release(exam)
    return render(request, "results/home.html", facts)


@require_http_methods(["GET", "POST"])
@office_page("results:line:propose")
def propose(request: Request) -> HttpResponse:
    """The office tries lines (GET shows what they would mean) and proposes one (POST)."""
    exam, by = request.exam, actor(request)
    highest, programme = queries.highest(exam), exams.programme(exam)
    data = request.POST or request.GET or None
    form = LineForm(data, programme=programme, highest=highest)
    if request.method == "POST" and form.is_valid():
        try:
            services.propose_line(
                exam=exam, lines=form.lines(), reason=form.cleaned_data["reason"], by=by, at=now(exam)
            )
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            messages.success(request, str(t("建议已提交委员会表决。", "The proposal is with the committee.")))
            return redirect("results-home", exam=exam.slug)
    tried = _tried(form)
    levels = [level.code for level in programme.levels]
    refusals = (
        list(rules.check_lines(tried, [c.code for c in programme.categories], levels, highest))
        if tried
        else []
    )
    totals = queries.distribution(viewer=by, exam=exam)
    if request.method == "GET" and data:
        form.errors.pop("reason", None)
    facts = {
        "form": form,
        "refusals": refusals,
        "impact": impact_rows(exam, rules.impact(totals, tried, levels)) if tried and not refusals else [],
        "pictures": pictures(exam, totals, rules.plain_lines(tried)),
        "frozen": bool(totals),
    }
    fragment = "HX-Request" in request.headers
    return render(request, "results/impact.html" if fragment else "results/propose.html", facts)


@require_POST
@office_page("results:line:decide")
def vote(request: Request, proposal_id: int) -> HttpResponse:
    services.vote(
        exam=request.exam,
        proposal_id=proposal_id,
        approve=request.POST.get("answer") == "approve",
        seen=request.POST.get("seen", "-"),
        by=actor(request),
        at=now(request.exam),
    )
    messages.success(request, str(t("您的一票已记录。", "Your vote is recorded.")))
    return redirect("results-home", exam=request.exam.slug)


@require_POST
@office_page("results:line:decide")
def decide(request: Request, proposal_id: int) -> HttpResponse:
    exam = request.exam
    services.decide_line(exam=exam, proposal_id=proposal_id, by=actor(request), at=now(exam))
    messages.success(request, str(t("合格分数线已决定。", "The passing line is decided.")))
    return redirect("results-home", exam=exam.slug)


@require_POST
@office_page("results:release:publish")
def release(request: Request) -> HttpResponse:
    exam = request.exam
    out = services.release(exam=exam, by=actor(request), at=now(exam))
    words = t("成绩已发布：{n}人，合格{p}人。", "Released: {n:result|results}, {p} passed.")
    messages.success(request, str(words.format(n=out.count, p=out.passed)))
    return redirect("results-home", exam=exam.slug)


@require_safe
@office_page("results:line:read")
def figures(request: Request) -> HttpResponse:
    """For the home of the office."""
    exam = request.exam
    return render(request, "results/figures.html", {"figures": queries.figures(exam, viewer=actor(request))})


@require_safe
@office_page("results:line:read")
def badge(request: Request) -> HttpResponse:
    """One, where a proposal waits for this member's vote; else nothing."""
    exam, by = request.exam, actor(request)
    return render(request, "results/badge.html", {"waits": queries.vote_waits(viewer=by, exam=exam)})


def pictures(exam: Exam, totals: rules.Totals, lines: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    programme, highest = exams.programme(exam), queries.highest(exam)
    found = []
    for category in programme.categories:
        counts = totals.get(category.code, {})
        if counts:
            mine = lines.get(category.code, {})  # stored as JSON, whose keys have no order of their own
            names = {str(level.name): mine[level.code] for level in programme.levels if level.code in mine}
            found.append(
                {"name": category.name, **documents.histogram(counts, highest[category.code], names)}
            )
    return found


def impact_rows(exam: Exam, impact: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """Per category: candidates, and how many would reach each level, with their share."""
    programme = exams.programme(exam)
    order = [level.code for level in programme.levels]
    rows = []
    for category in programme.categories:
        found = impact.get(category.code)
        if found:
            total = sum(found.values())
            levels = [
                {"name": documents.level_name(programme, code), "count": n, "share": f"{100 * n / total:.1f}%" if total else "—"}
                for code in (*order, "")
                if (n := found.get(code)) is not None
            ]  # fmt: skip
            rows.append({"name": category.name, "total": total, "levels": levels})
    return rows


def _tried(form: LineForm) -> dict[tuple[str, str], int]:
    if not form.is_bound:
        return {}
    form.is_valid()
    return form.lines()


def _named(exam: Exam, lines: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    programme = exams.programme(exam)
    return [
        {"category": c.name, "level": level.name, "points": lines[c.code][level.code]}
        for c in programme.categories
        for level in programme.levels
        if level.code in lines.get(c.code, {})
    ]


def _proposal(exam: Exam, by: Any, p: Any, latest: Any) -> dict[str, Any]:
    approvals, refusals = queries.votes(p)
    return {
        "row": p,
        "latest": p == latest,
        "lines": _named(exam, p.lines),
        "impact": impact_rows(exam, p.impact),
        "approvals": approvals,
        "refusals": refusals,
        "mine": any(v.by == by.ref for v in p.votes.all()),
        "own": p.proposed_by == by.ref,
        "why_not": queries.why_not_decide(viewer=by, exam=exam, proposal=p),
    }


def _steps(exam: Exam, out: Any, line: Any) -> list[dict[str, Any]]:
    frozen = queries.frozen_at(exam)
    known = exams.milestones(exam)
    decided = line is not None or "line_decided" in known
    return [
        {
            "title": t("成绩封存", "Scores frozen"),
            "state": "done" if frozen or decided else "current",
            "at": frozen,
        },
        {
            "title": t("合格分数线决定", "Passing line decided"),
            "state": "done" if decided else "current" if frozen else "later",
            "at": known.get("line_decided"),
        },
        {
            "title": t("成绩发布", "Results released"),
            "state": "done" if out else "current" if decided else "later",
            "at": out.released_at if out else None,
        },
    ]
