"""What an exam costs: the public tariff with its approving documents, and the office's form for it (V8.1)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page, public_page, seen_version
from keju.kernel.files.responses import response
from keju.kernel.notices.attaching import keep
from keju.kernel.offices import Actor
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.fees import queries, services
from keju.stages.fees.forms import TariffForm


@require_GET
@public_page
def tariffs(request: Request) -> HttpResponse:
    """What a candidate pays, region by region, now and from the day of a change on."""
    exam = request.exam
    context = {**_listed(request), "refund_days": queries.refund_days(exam)}
    return render(request, "fees/tariffs.html", context)


@require_GET
@public_page
def table(request: Request, region: str = "") -> HttpResponse:
    """The fragment that the announcement holds: the tariff of every region, or of the one (V8.1)."""
    if region and (len(region) != 2 or exams.opening(request.exam, region) is None):
        raise NotPermitted(hidden=True)
    return render(request, "fees/tariff_part.html", {**_listed(request, region), "region": region})


def _listed(request: Request, region: str = "") -> dict[str, object]:
    exam, at = request.exam, now(request.exam)
    known, coming = queries.tariffs(exam, at), queries.coming_tariffs(exam, at)
    names = {c.code: c.name for c in exams.programme(exam).categories}
    national = queries.national_fees(exam)
    rows = [
        (
            o,
            known.get(o.office_id),
            [
                (names[code], fee, fee + known[o.office_id].provincial_fee if o.office_id in known else None)
                for code, fee in national.items()
            ],
            coming.get(o.office_id),
        )
        for o in exams.openings(exam, "region")
        if region in ("", o.office_id)
    ]
    return {"rows": rows, "one_fee": len(set(national.values())) == 1}


@require_GET
@public_page
def approval(request: Request, sha: str) -> HttpResponse:
    """The document that approves a tariff: public, as the tariff is."""
    if not queries.tariff_file(request.exam, sha):
        raise NotPermitted(hidden=True)
    return response(sha, Actor.system("fees"), inline=True)


@require_http_methods(["GET", "POST"])
@office_page("fees:tariff:set")
def tariff(request: Request) -> HttpResponse:
    """The region's own, or, for the centre, the region named in the address; every version stays listed."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    region = by.region_code or request.GET.get("region", "")
    opening = exams.opening(exam, region)
    if opening is None or len(region) != 2:
        raise NotPermitted(hidden=True)
    versions = list(queries.tariff_versions(exam, region))
    last = versions[0] if versions else None
    initial = (
        {"provincial_fee": last.provincial_fee, "approval": last.approval, "payee": last.payee}
        if last
        else None
    )
    form = TariffForm(request.POST or None, request.FILES or None, initial=initial)
    refusals = ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            services.set_tariff(
                exam=exam,
                region_code=region,
                provincial_fee=given["provincial_fee"],
                approval=given["approval"],
                approval_file=keep(given["attached"], office_path=opening.office_path, by=by, at=at) or "",
                payee=given["payee"],
                starts_on=given["starts_on"],
                version=seen_version(request),
                by=by,
                at=at,
            )
        except RuleRefused as refused:
            refusals = refused.refusals
        else:
            messages.success(
                request, str(t("收费标准已保存，考生现在可以看到。", "Saved. Candidates see it now."))
            )
            return redirect("fees-home", exam=exam.slug)
    context = {
        "form": form,
        "opening": opening,
        "refusals": refusals,
        "versions": versions,
        "version": last.version if last else 0,
        "national": sorted(set(queries.national_fees(exam).values())),
    }
    return render(request, "fees/tariff.html", context, status=status(request, refusals))


def status(request: Request, refusals: object) -> int:
    """200 for looking, 409 where the rules refuse, 422 where what was typed is incomplete."""
    if request.method != "POST":
        return 200
    return 409 if refusals else 422
