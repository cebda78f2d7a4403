"""Late obligations climb the tree."""

from datetime import datetime, timedelta

from keju.algorithms.workdays import CHINA
from keju.kernel.duties.models import OPEN, Obligation
from keju.kernel.duties.settling import specs_of
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services import deliver
from keju.kernel.offices import Actor
from keju.kernel.offices.models import Office
from keju.kernel.offices.queries import ladder
from keju.rulebook.words import Words, t

EVERY = timedelta(days=3)
LISTED = 50
"""So many late duties are listed in one notice; the rest is counted."""


def level_due(code: str, due_at: datetime, at: datetime, every: timedelta) -> int:
    """How far up the ladder it belongs by now: 0 in time, 1 once it is late, at most the whole ladder."""
    return 0 if at <= due_at else min(len(ladder(code)), 1 + (at - due_at) // every)


def climb(exam: Exam, *, by: Actor, at: datetime, every: timedelta) -> tuple[int, dict[str, int]]:
    """Every overdue obligation is at its level, offices newly reached are told. Returns how many, whom."""
    reached: dict[int, list[int]] = {}
    told: dict[str, list[Obligation]] = {}
    late = Obligation.objects.filter(OPEN, exam=exam, due_at__lt=at).order_by("due_at", "id")
    for row in late.select_for_update():
        level = level_due(row.owner_code, row.due_at, at, every)
        if level > row.escalated_level:
            for code in ladder(row.owner_code)[row.escalated_level : level]:
                told.setdefault(code, []).append(row)
            reached.setdefault(level, []).append(row.pk)
    for level, ids in reached.items():
        Obligation.objects.filter(pk__in=ids).update(escalated_level=level)
    names = {spec.code: spec.name for spec in specs_of(exam)}
    for code, rows in sorted(told.items()):
        title = t("逾期事项：{n}项", "Overdue: {n}").format(n=len(rows))
        deliver(exam=exam, title=title, body=_body(rows, names), to=[code], kind="late", by=by, at=at)
    return sum(map(len, reached.values())), {code: len(rows) for code, rows in sorted(told.items())}


def _body(rows: list[Obligation], names: dict[str, Words]) -> Words:
    offices = {o.code: o.name for o in Office.objects.filter(code__in={r.owner_code for r in rows})}
    lines = [
        t("{office}：{duty}（{rule}），应于{due}前完成。", "{office}: {duty} ({rule}), due by {due}.").format(
            office=offices[r.owner_code],
            duty=names.get(r.code, r.code),
            rule=r.rule,
            due=r.due_at.astimezone(CHINA),
        )
        for r in rows[:LISTED]
    ]
    if len(rows) > LISTED:
        lines.append(t("另有{n}项。", "And {n} more.").format(n=len(rows) - LISTED))
    return t("\n".join(x.zh for x in lines), "\n".join(x.en for x in lines))
