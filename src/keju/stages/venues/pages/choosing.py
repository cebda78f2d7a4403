"""The region chooses its hosts: proposals side by side, a list that is edited by hand, what each change costs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from keju.algorithms.siting import picture
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.models import Exam
from keju.kernel.jobs import services as jobs
from keju.kernel.offices.queries import office
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.words import Words, t
from keju.stages.venues import queries, rules, services
from keju.stages.venues.forms import SettledForm
from keju.stages.venues.jobs import PROPOSE

KEPT = t("已保存为第{n}版。", "Kept as version {n}.")
PROPOSED = t(
    "第{n}版建议：{hosts}个承考考点，平均{km}公里。",
    "Version {n} proposes {hosts:host|hosts}, {km} km on average.",
)
DECIDED = t(
    "已确定 {n} 个承考考点，通知已发出。", "Decided: {n:host point|host points}; the notices are sent."
)


@dataclass(frozen=True)
class Row:
    """A point in the list: what is chosen for it, how far that is, why, and whether it differs from the version compared."""

    code: str
    name: Words
    candidates: int
    chosen: str
    compared: str
    km: int | None
    why: Words | str

    @property
    def changed(self) -> bool:
        return self.chosen != self.compared


def region(
    request: Request,
    refusals: tuple[Refusal, ...] = (),
    chosen: Mapping[str, str] | None = None,
    reason: str = "",
) -> HttpResponse:
    """The region's page: versions, the list with its picture, what it costs before and after."""
    exam, by = request.exam, actor(request)
    code = by.region_code
    asked = _number(request.GET.get("v") or request.POST.get("v"))
    decision, decided = queries.decision(exam, code), queries.assignment(exam, code)
    base = queries.proposal(exam, code, asked) if asked else decision and decision.based_on
    base = base or queries.proposal(exam, code)
    other = queries.proposal(exam, code, _number(request.GET.get("with")) or 0)
    compared = (base.assignment if base else {}) if asked or not decided else decided
    compared = other.assignment if other else compared
    chosen = chosen or _chosen(request.GET) or (base.assignment if other and base else compared)
    question = queries.question(exam, code, **queries.settled(base))
    named = queries.names(code)
    shown = {p: h for p, h in chosen.items() if p in named and h in named}
    rows = _rows(exam, code, question, shown, compared)
    costs, before = rules.costs_of(question, shown), rules.costs_of(question, compared)
    terms = question.terms
    against = rules.check_hosts(shown, question.counts, list(question.counts), terms.minimum, terms.most)
    listed = {row.code for row in rows}
    return render(
        request,
        "venues/region.html",
        {
            "rows": rows,
            "changes": sum(row.changed for row in rows),
            "base": base,
            "other": other,
            "outdated": bool(base and not queries.is_current(base, question)),
            "versions": queries.versions(exam, code),
            "costs": costs,
            "measures": _measures(before, costs),
            "against": _with_names(against, named) if shown and not refusals else [],
            "picture": picture(
                [p for p in question.points if p.code in listed], shown, {c: str(n) for c, n in named.items()}
            ),
            "new": {row.code for row in rows if row.changed},
            "decision": decision,
            "differs": bool(decision and decision.proposal != decided),
            "sites": queries.sites(exam, viewer=by, region_code=code),
            "waiting": (waiting := queries.unreported_hosts(exam, code)),
            "short": queries.short_hosts(exam, set(decided.values()) - set(waiting)),
            "terms": terms,
            "opened": queries.tickets_opened(exam, code),
            "refusals": _with_names(refusals, named),
            "reason": reason or request.GET.get("reason", "")[:500],
            "figures": queries.figures(exam, viewer=by),
            "total": sum(row.candidates for row in rows),
        },
        status=409 if refusals else 200,
    )


@require_POST
@office_page("venues:host:decide")
def decide(request: Request) -> HttpResponse:
    """The list as it was chosen becomes the decision, or comes back with what stands against it."""
    exam, by = request.exam, actor(request)
    chosen, reason = _chosen(request.POST), request.POST.get("reason", "")[:500]
    try:
        done = services.decide_hosts(
            exam=exam,
            region_code=by.region_code,
            assignment=chosen,
            reason=reason,
            expected_version=seen_version(request),
            proposal=_number(request.POST.get("v")),
            by=by,
            at=now(exam),
        )
    except RuleRefused as refused:
        return region(request, refused.refusals, chosen, reason)
    messages.success(request, str(DECIDED.format(n=len(set(chosen.values())))))
    return redirect("venues-home", exam=done.exam.slug)


@require_POST
@office_page("venues:host:decide")
def keep(request: Request) -> HttpResponse:
    """The list as it was chosen becomes a version, to be compared with others."""
    exam, by = request.exam, actor(request)
    chosen, note = _chosen(request.POST), request.POST.get("reason", "")[:200]
    try:
        row = services.keep_hosts(
            exam=exam, region_code=by.region_code, assignment=chosen, note=note, by=by, at=now(exam)
        )
    except RuleRefused as refused:
        return region(request, refused.refusals, chosen, note)
    messages.success(request, str(KEPT.format(n=row.version)))
    return redirect(f"{reverse('venues-home', args=[exam.slug])}?v={row.version}")


@require_http_methods(["GET", "HEAD", "POST"])
@office_page("venues:host:decide")
def propose(request: Request) -> HttpResponse:
    """What is settled beforehand is asked; then a version is proposed, at once or by a job that searches longer."""
    exam, by = request.exam, actor(request)
    code = by.region_code
    question = queries.question(exam, code, **queries.settled(queries.proposal(exam, code)))
    form = SettledForm(
        request.POST if request.method == "POST" else None, question=question, names=queries.names(code)
    )
    found: tuple[Refusal, ...] = ()
    if request.method == "POST" and form.is_valid():
        wishes, seats = form.wishes(), form.seats()
        if form.cleaned_data["longer"]:
            settled = {"wishes": queries.plain_wishes(wishes), "seats": seats}
            job = jobs.start(PROPOSE, exam=exam, region_code=code, **settled, by=by, at=now(exam))
            return redirect("jobs-job", exam.slug, job.public)
        try:
            row = services.propose_hosts(
                exam=exam, region_code=code, wishes=wishes, seats=seats, by=by, at=now(exam)
            )
        except RuleRefused as refused:
            found = refused.refusals
        else:
            average = f"{row.km / max(1, sum(row.counts.values())):.1f}"
            messages.success(request, str(PROPOSED.format(n=row.version, hosts=row.hosts, km=average)))
            return redirect(f"{reverse('venues-home', args=[exam.slug])}?v={row.version}")
    facts = {
        "form": form,
        "terms": question.terms,
        "refusals": _with_names(found, queries.names(code)),
        "total": sum(question.counts.values()),
    }
    status = 409 if found else 422 if form.errors else 200
    return render(request, "venues/propose.html", facts, status=status)


def _rows(
    exam: Exam, code: str, question: rules.Question, chosen: Mapping[str, str], compared: Mapping[str, str]
) -> list[Row]:
    why = rules.explain(question, chosen, lambda host: office(host).name)
    km = rules.distances(question, chosen)
    return [
        Row(
            p.code,
            p.name,
            p.candidates,
            chosen.get(p.code, ""),
            compared.get(p.code, ""),
            km.get(p.code),
            why.get(p.code, ""),
        )
        for p in queries.rows(exam, code)
    ]


def _measures(before: rules.Costs, after: rules.Costs) -> list[dict[str, Any]]:
    """What the list costs, before and after the changes: words, both figures, and whether it became dearer."""
    rows = (
        (t("考生行程合计（公里）", "Travel of all candidates (km)"), before.km, after.km),
        (t("平均每人（公里）", "Average way (km)"), round(before.average, 1), round(after.average, 1)),
        (t("最远（公里）", "Longest way (km)"), before.longest, after.longest),
        (t("承考考点（个）", "Hosts"), len(before.hosts), len(after.hosts)),
        (t("人数不足的承考考点（个）", "Hosts below the minimum"), len(before.small), len(after.small)),
        (
            t("综合成本（折合公里）", "All weighed together (in km)"),
            before.weighed,
            after.weighed,
        ),
    )
    return [
        {"name": name, "before": f"{a:,}", "after": f"{b:,}", "change": _signed(a, b)} for name, a, b in rows
    ]


def _with_names(refusals: Iterable[Refusal], names: Mapping[str, Words]) -> list[Refusal]:
    """The refusals with the names of points beside their codes, for people who know them by name."""
    return [
        replace(r, facts={key: _with_code(fact, names) for key, fact in r.facts.items()}) for r in refusals
    ]


def _with_code(fact: object, names: Mapping[str, Words]) -> object:
    if not isinstance(fact, str) or fact not in names:
        return fact
    return t(f"{names[fact].zh}（{fact}）", f"{names[fact].en} ({fact})")


def _signed(before: float, after: float) -> str:
    """By how much it grew; "" for not at all."""
    if before == after:
        return ""
    return f"{after - before:+,.1f}" if isinstance(after, float) else f"{after - before:+,}"


def _chosen(data: QueryDict) -> dict[str, str]:
    """The list as it was sent: point → host."""
    return {
        name.removeprefix("host-"): value
        for name, value in data.items()
        if name.startswith("host-") and isinstance(value, str) and value
    }


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else None
