"""A store's sheet, entry log and key register on paper, each copy in the print ledger."""

from collections.abc import Sequence
from datetime import datetime

from keju.kernel.documents.services import Printed, print_document
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook.words import Words, t
from keju.stages.custody.documents import stores as documents
from keju.stages.custody.models import Store
from keju.stages.custody.queries import entries
from keju.stages.custody.queries import stores as queries
from keju.stages.custody.queries.store_names import KEY_ACTS, LOCKS, PURPOSES, ROLES

Cell = Words | str | datetime | None
MOST = 2000
"""Rows of one print."""
TITLES = {
    "sheet": t("保密室情况表", "Sheet of a store"),
    "entries": t("保密室进出登记", "Entries of a store"),
    "keys": t("保密室钥匙登记", "Key register of a store"),
}
YES, NO = t("符合", "in order"), t("不符合", "wanting")
UNSEEN, REFUSED = t("未查看", "not looked at"), t("拒绝进入", "refused")


def print_store(
    *, exam: Exam, store_id: int, what: str, language: str = "zh", by: Actor, at: datetime
) -> Printed:
    """`what` is "sheet", "entries" or "keys"; of many rows the newest. KeyError for anything else."""
    title = TITLES[what]
    row = queries.store(exam, store_id, viewer=by)
    heads, rows = {"sheet": _sheet, "entries": _entries, "keys": _keys}[what](exam, row, at)
    data = documents.store(
        what=what,
        title=title,
        exam=exam.name,
        office=office(row.office_code).name,
        at=at,
        facts=_facts(row),
        heads=heads,
        rows=rows[:MOST],
    )
    return print_document(
        kind=f"store_{what}",
        template="custody/store",
        data=data,
        exam=exam,
        subject=row.place,
        office_path=row.office_path,
        language=language,
        by=by,
        at=at,
    )


def _facts(row: Store) -> list[tuple[Words, Words | str]]:
    acceptance = next(iter(queries.acceptances(row)), None)
    accepted = f"{acceptance.authority} {acceptance.accepted_on}" if acceptance else "—"
    named = [p for p in queries.named(row) if p.ended_at is None]
    return [
        (t("保密室", "Store"), row.name),
        (t("地址", "Address"), row.address),
        (t("自有或租用", "Own or rented"), row.host_name or t("自有", "own")),
        (t("验收", "Accepted"), accepted),
        *((ROLES[p.role], p.person.name) for p in named),
    ]


def _sheet(exam: Exam, row: Store, at: datetime) -> tuple[list[Words], Sequence[Sequence[Cell]]]:
    one = queries.standings(exam, [row.pk], at)[row.pk]
    law = exams.programme(exam)
    rows: list[Sequence[Cell]] = []
    for item in queries.items(exam):
        found = one.entries[item.code]
        last = found[0] if found else None
        state = UNSEEN if last is None else YES if last.settled else NO
        rows.append((item.words, state, last.note if last else "", last.at if last else None))
    against = [(r.words(law), t("待办", "open"), r.rule, None) for r in one.against if r.rule != "V12.2.3"]
    heads = [t("要求", "Standard"), t("结果", "State"), t("说明", "Note"), t("时间", "When")]
    return heads, [*rows, *against]


def _entries(exam: Exam, row: Store, at: datetime) -> tuple[list[Words], Sequence[Sequence[Cell]]]:
    heads = [
        t("进入", "In"), t("离开", "Out"), t("姓名", "Name"), t("事由", "What for"), t("开门人", "Keyholders"),
        t("带出", "Taken"),
    ]  # fmt: skip
    rows = []
    for e in entries.log(row, size=MOST):
        out = getattr(e, "ended", None)
        holders = "、".join(p.name for p in (e.holder_a, e.holder_b) if p) if e.admitted else REFUSED
        rows.append(
            (
                e.at,
                out.at if out else None,
                e.person.name,
                PURPOSES[e.purpose],
                holders,
                out.taken if out else "",
            )
        )
    return heads, rows


def _keys(exam: Exam, row: Store, at: datetime) -> tuple[list[Words], Sequence[Sequence[Cell]]]:
    heads = [
        t("时间", "When"),
        t("锁", "Lock"),
        t("钥匙", "Key"),
        t("办理", "What"),
        t("领取人", "Holder"),
        t("备注", "Note"),
    ]
    rows = [
        (s.at, LOCKS[s.lock], s.label, KEY_ACTS[s.act], s.holder.name if s.holder else "", s.note)
        for s in entries.register(row)
    ]
    return heads, rows
