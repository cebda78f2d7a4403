"""The centre opens regions, a region its points; a region is deferred."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.words import t
from keju.stages.announcement import queries, services
from keju.stages.announcement.forms import DeferralForm, OpeningForm


@office_page("exams:opening:set")
def offices(request: Request) -> HttpResponse:
    """The offices below: which take part, who leads them, what is missing; the rest can be opened at once."""
    found = queries.below(request.exam, viewer=actor(request))
    forms = {
        s.office.code: OpeningForm(request.POST or None, prefix=s.office.code, office=s.office)
        for s in found
        if s.opening is None
    }
    refusals: Iterable[Refusal] = ()
    status = 200
    if request.method == "POST":
        chosen = [f for f in forms.values() if "all" in request.POST or f.is_chosen()]
        if not chosen:
            messages.warning(request, str(t("请先勾选要开通的机构。", "Tick the offices to open first.")))
        elif all(form.is_valid() for form in chosen):
            try:
                new = services.open_offices(
                    exam=request.exam,
                    openings=[f.opening() for f in chosen],
                    by=actor(request),
                    at=now(request.exam),
                )
            except RuleRefused as refused:
                refusals, status = refused.refusals, 409
            else:
                messages.success(
                    request, str(t("已开通{n}个机构。", "{n:office|offices} opened.").format(n=new))
                )
                return redirect("announcement-offices", exam=request.exam.slug)
        else:
            status = 422
    rows = [(s, forms.get(s.office.code)) for s in found]
    facts = {
        "rows": rows,
        "closed": len(forms),
        "opened": len(found) - len(forms),
        "lacking": sum(bool(s.missing) for s in found),
        "refusals": refusals,
        "own": _own(request),
    }
    return render(request, "announcement/offices.html", facts, status=status)


@office_page("exams:opening:set")
def office(request: Request, code: str) -> HttpResponse:
    """Who leads an office and how it is reached."""
    standing = queries.standing(request.exam, code, viewer=actor(request))
    if standing.opening is None:
        raise NotPermitted(hidden=True)
    facts = {k: getattr(standing.opening, k) for k in ("leader", "contact", "phone")}
    form = OpeningForm(request.POST or None, initial=facts, office=standing.office, alone=True)
    refusals: Iterable[Refusal] = ()
    if request.method == "POST" and form.is_valid():
        try:
            services.open_offices(
                exam=request.exam, openings=[form.opening()], by=actor(request), at=now(request.exam)
            )
        except RuleRefused as refused:
            refusals = refused.refusals
        else:
            messages.success(request, str(t("已保存。", "Saved.")))
            return redirect("announcement-offices", exam=request.exam.slug)
    context = {"form": form, "standing": standing, "refusals": refusals}
    status = 409 if refusals else 422 if form.errors else 200
    return render(request, "announcement/office_form.html", context, status=status)


@office_page("exams:exam:manage")
def defer(request: Request, code: str) -> HttpResponse:
    """By decision the region runs on its own later calendar."""
    standing = queries.standing(request.exam, code, viewer=actor(request))
    if standing.opening is None or standing.office.kind != "region":
        raise NotPermitted(hidden=True)
    form = DeferralForm(request.POST or None, initial={"reason": standing.opening.deferred_reason})
    if request.method == "POST" and form.is_valid():
        services.defer_region(
            exam=request.exam,
            region_code=code,
            reason=form.cleaned_data["reason"],
            by=actor(request),
            at=now(request.exam),
        )
        messages.success(
            request,
            str(
                t(
                    "{region}已延期，全国环节不再等它。",
                    "{region} is deferred; the nation does not wait for it.",
                ).format(region=standing.office.name)
            ),
        )
        return redirect("announcement-offices", exam=request.exam.slug)
    context = {"form": form, "standing": standing}
    return render(request, "announcement/defer.html", context, status=422 if form.errors else 200)


def _own(request: Request) -> queries.Standing | None:
    by = actor(request)
    if by.office_path == "/":
        return None
    return queries.standing(request.exam, by.region_code, viewer=by)
