"""The reconciliation: every figure against what stands behind it, on the screen, on paper, as a workbook."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook.words import current_language, t
from keju.stages.fees import queries, services
from keju.stages.fees.pages.money import READ

CHECKS = (
    Column("check", t("核对项目", "Check")),
    Column("left", t("账面", "Ledger"), kind="decimal"),
    Column("right", t("明细", "Records"), kind="decimal"),
    Column("difference", t("差额", "Difference"), kind="decimal"),
    Column("entry", t("分录", "Entry")),
    Column("source", t("来源", "Follows from")),
)


@require_GET
@office_page(READ)
def books(request: Request) -> HttpResponse:
    """Of the region asked for within one's scope, or of everything that one sees."""
    exam, path = request.exam, _path(request)
    checks = queries.checks(exam, path)
    wrong = [c for c in checks if not c.holds]
    regions = []
    if path == "/":
        balances = queries.by_region(exam)
        # Entry by entry the nation's checks are the regions' checks: only where one fails is each region asked.
        regions = [
            (
                o,
                balances.get(o.office_id, {}),
                [c for c in queries.checks(exam, o.office_path) if not c.holds] if wrong else [],
            )
            for o in exams.openings(exam, "region")
        ]
    context = {
        "path": path,
        "place": path.strip("/").split("/")[-1],
        "asked": request.GET.get("region", ""),
        "facts": queries.reconciliation(exam, path),
        "balances": queries.trial_balance(exam, path),
        "checks": checks,
        "open": wrong,
        "regions": regions,
    }
    return render(request, "fees/books.html", context)


@require_POST
@office_page(READ)
def books_print(request: Request) -> HttpResponse:
    """The report as PDF; every copy is in the print ledger."""
    path = _path(request)
    region = path.strip("/").split("/")[0]
    printed = services.print_reconciliation(
        exam=request.exam,
        region_code=region,
        language=current_language(),
        by=actor(request),
        at=now(request.exam),
    )
    return answer(printed.pdf, "application/pdf", f"reconciliation-{region or 'all'}.pdf", inline=True)


@require_GET
@office_page(READ)
def books_sheet(request: Request) -> HttpResponse:
    """The checks with every fault, as a workbook."""
    exam, path = request.exam, _path(request)
    lines = []
    for check in queries.checks(exam, path):
        facts = {
            "check": str(check.words),
            "left": check.left,
            "right": check.right,
            "difference": check.difference,
        }
        lines.append({**facts, "entry": "", "source": ""})
        lines += [
            {
                "check": str(check.words), "left": f.booked, "right": f.should, "difference": f.booked - f.should,
                "entry": str(f.entry or ""), "source": f.source,
            }
            for f in check.faults
        ]  # fmt: skip
    return answer(write_table(CHECKS, lines), XLSX, f"reconciliation-{exam.slug}.xlsx")


def _path(request: Request) -> str:
    """The office asked for: within one's own subtree, or it does not exist."""
    own = actor(request).office_path
    region = request.GET.get("region", "")
    if not region:
        return own
    path = f"/{region}/"
    if not path.startswith(own) or exams.opening(request.exam, region) is None or len(region) != 2:
        raise NotPermitted(hidden=True)
    return path
