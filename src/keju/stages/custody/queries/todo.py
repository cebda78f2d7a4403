"""What an office has to do now with its papers: the first lines of its home."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.models import Kind, Office
from keju.kernel.offices.queries import office
from keju.rulebook.words import Words, t
from keju.stages.custody.queries import (
    cases,
    daily,
    destinations,
    handovers,
    journeys,
    making,
    packing,
    stores,
)
from keju.stages.custody.queries.naming import HANDOVER_STATES

MOST = 5  # handovers by name; the list has all
KEEPERS = (Kind.REGION, Kind.POINT)
JOURNEYS = {
    "draft": t("{n} 个运送方案还没有提交", "{n:journey|journeys} to be submitted"),
    "settled": t("{n} 次运送已定，等装车出发", "{n:journey|journeys} to be loaded and to leave"),
    "under_way": t("{n} 次运送在途", "{n:journey|journeys} under way"),
}


@dataclass(frozen=True)
class Todo:
    """`url`: name of the page where it is done, with `args`, and `query` after the address."""

    url: str
    words: Words
    args: dict[str, object] = field(default_factory=dict)
    query: str = ""


def todo(exam: Exam, *, viewer: Actor, at: datetime) -> list[Todo]:
    """Only what the viewer may do, what is begun first."""
    own = office(viewer.office_code) if viewer.office_code else None
    if own is None:
        return []
    found = list(_handovers(exam, own, viewer))
    if viewer.may("custody:containers:pack") and (n := len(packing.unopened(exam, viewer=viewer, at=at))):
        said = t(
            "保密室有 {n} 箱（包）待拆开清点",
            "{n:box or pack waits|boxes or packs wait} to be opened and counted",
        )
        found.append(Todo("custody-packing", said.format(n=n)))
    found += _orders(exam, own, viewer)
    if viewer.may("custody:journey:plan"):
        found += _journeys(exam, own, viewer)
    if viewer.may("custody:store:manage") and own.kind in KEEPERS:
        found += _stores(exam, own, viewer, at)
    return found


def _handovers(exam: Exam, own: Office, viewer: Actor) -> Iterator[Todo]:
    if not viewer.may("custody:handover:make"):
        return
    mine = handovers.living(exam, viewer.office_path or "-").filter(
        Q(sender_code=own.code) | Q(receiver_code=own.code)
    )
    for row in mine.order_by("pk")[:MOST]:
        said = t("交接{id}号 {kind}：{state}", "Handover no. {id}, {kind}: {state}")
        kind, state = handovers.kind_of(exam, row.kind).name, HANDOVER_STATES[row.state]
        yield Todo(
            "custody-handover", said.format(id=row.pk, kind=kind, state=state), {"handover_id": row.pk}
        )
    ready = [
        r for r in destinations.ready(exam, own, viewer=viewer) if r.kind.code not in packing.COUNTED.values()
    ]
    if ready:
        said = t("有箱袋可以交接，共 {n} 种", "Containers stand ready for {n:kind|kinds} of handover")
        yield Todo("custody-handover-new", said.format(n=len({r.kind.code for r in ready})))


def _orders(exam: Exam, own: Office, viewer: Actor) -> Iterator[Todo]:
    if viewer.may("custody:containers:make") and (n := making.unmade(exam, viewer=viewer)):
        said = t(
            "{n} 个考区已确认用量，还没有印制", "{n:region has|regions have} confirmed and no papers yet"
        )
        yield Todo("custody-making", said.format(n=n))
    if viewer.may("custody:case:instruct"):
        waiting = handovers.exceptions(exam, viewer=viewer, open_only=True).exclude(reported_by=viewer.ref)
        if own.path != "/":
            waiting = waiting.exclude(office_path=own.path)
        if n := waiting.count():
            said = t("{n} 件异常等您指示", "{n:exception waits|exceptions wait} for your instruction")
            yield Todo("custody-exceptions", said.format(n=n), query="?open=yes")
    if n := cases.cases(exam, viewer=viewer, state="open").count():
        said = t("{n} 起破损或事件没有结案", "{n:case|cases} of damage or incident open")
        yield Todo("custody-cases", said.format(n=n), query="?state=open")


def _journeys(exam: Exam, own: Office, viewer: Actor) -> Iterator[Todo]:
    rows = journeys.journeys(exam, viewer=viewer).filter(Q(sender_code=own.code) | Q(receiver_code=own.code))
    counted = dict(rows.filter(state__in=JOURNEYS).values_list("state").annotate(n=Count("pk")))
    for state, said in JOURNEYS.items():
        if n := counted.get(state, 0):
            yield Todo("custody-journeys", said.format(n=n), query=f"?state={state}")


def _stores(exam: Exam, own: Office, viewer: Actor, at: datetime) -> Iterator[Todo]:
    rows = stores.of_office(exam, own.code)
    if not rows:
        yield Todo("custody-stores", t("登记本单位的保密室", "Enter your office's store"))
    for pk, against in stores.receivable_many(exam, [row.pk for row in rows], at).items():
        if against:
            said = t("保密室还缺 {n} 项条件", "A store lacks {n:condition|conditions}")
            yield Todo("custody-store", said.format(n=len(against)), {"store_id": pk})
    day = daily.today(at)
    lying = daily.lying(exam, [row.place for row in rows], viewer.office_path or "-")
    if lying and own.code not in daily.last_sent(exam, day, own.path):
        yield Todo("custody-daily", t("今天的安全报告还没有上报", "Today's safety report is not sent"))
