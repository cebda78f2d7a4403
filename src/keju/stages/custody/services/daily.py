"""The day's report of an office's papers goes up with one click (V12.4, and what V15.9.1 asks of papers and cards)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.duties import services as duties
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import enforce
from keju.stages.custody import events
from keju.stages.custody.models import DailyReport
from keju.stages.custody.queries import daily as queries
from keju.stages.custody.rules import daily as rules

AT = ("region", "point")


@write("custody:store:manage")
def send_daily(
    *,
    exam: Exam,
    office_codes: Sequence[str],
    progress: Mapping[str, str] | None = None,
    by: Actor,
    at: datetime,
) -> list[DailyReport]:
    """Each office's report of today stands as the log has it, and its duties of the day (V12.4, V15.9.1) are done.

    `progress`: office → what there is to say; needed where something is not in order. A further one corrects the former.
    """
    said = progress or {}
    day = at.astimezone(CHINA).date()
    for code in office_codes:
        if str(office(code).kind) not in AT or not path_of(code).startswith(by.office_path or "-"):
            raise NotPermitted("custody:store:manage", hidden=True)
    days = queries.prefilled(exam, office_codes, day, at)
    former = queries.last_sent(exam, day, by.office_path)
    refusals = []
    rows = []
    for code, found in days.items():
        words = said.get(code, "").strip()
        last = former.get(code)
        refusals += rules.check_daily(found, words, former=last.row.digest if last else "")
        rows.append(
            DailyReport(
                exam=exam, office_path=path_of(code), office_code=code, day=day,
                number=last.row.number + 1 if last else 1, safe=found.is_safe, progress=words, facts=found.plain(),
                digest=rules.digest(found, words), sent_by=by.ref, sent_at=at,
            )
        )  # fmt: skip
    enforce(refusals)
    DailyReport.objects.bulk_create(rows, batch_size=1000)
    for rule in queries.RULES:
        evidence = f"daily:{rows[0].pk}" if len(rows) == 1 else f"daily:{day.isoformat()}"
        duties.discharge_many(
            exam=exam, rule=rule, owners=list(days), evidence=evidence, day=day, by=by, at=at
        )
    record(
        events.DAILY_SENT,
        by=by,
        at=at,
        subject=f"daily:{rows[0].pk}" if len(rows) == 1 else f"daily:{day.isoformat()}",
        exam=exam.slug,
        office_path=rows[0].office_path if len(rows) == 1 else by.office_path,
        rules=["V12.4", "V15.9.1"],
        data={
            "day": day,
            "offices": list(days)[:500],
            "safe": sum(row.safe for row in rows),
            "digests": [row.digest for row in rows[:500]],
        },
    )
    return rows
