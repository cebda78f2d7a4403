"""Notices that were not acknowledged in time climb: to the office that handed them down, then further up (V3.2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from keju.kernel.audit import record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Receipt
from keju.kernel.notices.services.offices import POST, deliver
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.models import Office
from keju.kernel.offices.queries import ladder
from keju.rulebook.words import Words, t

EVERY = timedelta(days=3)
LISTED = 50
"""So many are listed in one reminder; the rest is counted."""
LINE = t("{office}：{title}，应于{by}前确认。", "{office}: {title}, to be acknowledged by {by}.")


def remind_late(*, exam: Exam, by: Actor, at: datetime) -> int:
    """Each level of each late receipt has been told once, all of an office in one notice. Returns how many climbed.

    Called every minute: with nothing to do it leaves no trace.
    """
    with acting(POST):
        late = _late(exam, at)
    return _climb(exam=exam, late=[row.pk for row in late], by=by, at=at) if late else 0


@write(None)
def _climb(*, exam: Exam, late: Sequence[int], by: Actor, at: datetime) -> int:
    told: dict[str, list[Receipt]] = {}
    with acting(POST):
        rows = list(
            Receipt.objects.filter(pk__in=late)
            .select_related("notice")
            .order_by("pk")
            .select_for_update(of=["self"])
        )
        for row in rows:
            steps, due = _steps(row), _level(row, at)
            for code in steps[row.escalated_level : due]:
                told.setdefault(code, []).append(row)
            Receipt.objects.filter(pk=row.pk).update(escalated_level=max(due, row.escalated_level))
        names = {o.code: o.name for o in Office.objects.filter(code__in={r.office_code for r in rows})}
        for code, theirs in sorted(told.items()):
            title = t("逾期未确认的通知：{n}份", "Notices not acknowledged in time: {n}").format(
                n=len(theirs)
            )
            deliver(exam=exam, title=title, body=_body(theirs, names), to=[code], kind="late", by=by, at=at)
    record(
        "notices.receipts.escalated",
        by=by,
        at=at,
        subject=f"exam:{exam.slug}",
        rules=["V3.2"],
        exam=exam.slug,
        office_path="/",
        data={"receipts": len(rows), "told": {code: len(theirs) for code, theirs in sorted(told.items())}},
    )
    return len(rows)


def _late(exam: Exam, at: datetime) -> list[Receipt]:
    open_ones = Receipt.objects.filter(exam=exam, acknowledged_at=None, notice__answer_by__lt=at)
    return [row for row in open_ones.select_related("notice") if _level(row, at) > row.escalated_level]


def _steps(row: Receipt) -> list[str]:
    """Who is told, in turn: who handed it down, then the offices above that one."""
    return [row.from_code, *ladder(row.from_code)] if row.from_code else []


def _level(row: Receipt, at: datetime) -> int:
    if row.notice.answer_by is None or at <= row.notice.answer_by:
        return 0
    return min(len(_steps(row)), 1 + (at - row.notice.answer_by) // EVERY)


def _body(rows: Sequence[Receipt], names: Mapping[str, Words]) -> Words:
    lines = [
        LINE.format(
            office=names[row.office_code],
            title=row.notice.title,
            by=row.notice.answer_by.astimezone(CHINA),
        )
        for row in rows[:LISTED]
    ]
    if len(rows) > LISTED:
        lines.append(t("另有{n}份。", "And {n} more.").format(n=len(rows) - LISTED))
    return t("\n".join(line.zh for line in lines), "\n".join(line.en for line in lines))
