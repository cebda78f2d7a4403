"""What a bulk pass did: on the screen, and to download."""

from collections import Counter

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook.words import t
from keju.stages.registration import queries as registration
from keju.stages.review import queries

READ = "review:list:read"
SKIPPED = (
    Column("number", t("报名号", "Registration")),
    Column("name", t("姓名", "Name")),
    Column("point", t("考点", "Point")),
    Column("why", t("未通过批量的原因", "Why it was left out")),
)
WHY = {
    "own": t("本人初审的，须由他人复核（V5.4）", "You did its first review; somebody else must (V5.4)"),
    "decided": t("已有复核结论", "Decided already"),
    "asked": t("有待批准的更正申请", "A correction waits for a decision"),
    "unsigned": t("更正后尚未重新签字", "Corrected, and not signed again yet"),
    "changed": t(
        "初审后信息有变，请逐份复核", "Its data changed since the first review: decide it one by one"
    ),
}


@require_GET
@office_page(READ)
def bulk(request: Request, bulk_id: int) -> HttpResponse:
    """What a bulk pass did: how many passed, who was left out and why."""
    exam, by = request.exam, actor(request)
    done = queries.bulk(exam, bulk_id)
    some = done.skipped[: queries.PAGE]
    rows = registration.rows_of(viewer=by, exam=exam, ids=[pk for pk, _ in some])
    context = {
        "done": done,
        "counts": [
            (WHY.get(why, why), n) for why, n in Counter(why for _, why in done.skipped).most_common()
        ],
        "left_out": [(rows[pk], WHY.get(why, why)) for pk, why in some if pk in rows],
        "more": len(done.skipped) - len(some),
    }
    return render(request, "review/bulk.html", context)


@require_GET
@office_page(READ)
def bulk_sheet(request: Request, bulk_id: int) -> HttpResponse:
    """Everybody whom it left out, with the reason, as a spreadsheet."""
    exam, by = request.exam, actor(request)
    done = queries.bulk(exam, bulk_id)
    rows = registration.rows_of(viewer=by, exam=exam, ids=[pk for pk, _ in done.skipped])
    lines = (
        {
            "number": rows[pk].number,
            "name": rows[pk].name,
            "point": rows[pk].point_code,
            "why": str(WHY.get(why, why)),
        }
        for pk, why in done.skipped
        if pk in rows
    )
    return answer(write_table(SKIPPED, lines), XLSX, f"left-out-{bulk_id}.xlsx")
