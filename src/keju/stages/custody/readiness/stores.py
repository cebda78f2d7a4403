"""Chapter 12 on the readiness board: stores accepted, up to the standard, answered for, locked and guarded; the day's report."""

from collections.abc import Iterator
from datetime import datetime

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.kernel.readiness import AMBER, GREEN, GREY, MUST, PRINCIPLE, RED, Row, is_site, provides
from keju.rulebook.words import t
from keju.stages.custody.queries import daily, store_alarms, watching
from keju.stages.custody.queries import stores as queries
from keju.stages.venues import queries as venues

RULES = ("V12.1", "V12.2.1", "V12.2.2", "V12.2.3", "V12.2.4")
NONE = t("还没有登记保密室", "No store is entered")
UNCOVERED = t(
    "{store}有时段既没有录像也没有人员", "{store} was at times under neither video nor persons' eyes"
)


@provides(*RULES, strength=MUST, title=t("保密室可以存放试卷", "Stores may hold papers"))
def fit(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """A row for each store and clause; red once papers lie in it, amber before. An office without a store: amber."""
    rows = list(queries.stores(exam, viewer=Actor.system("custody", path)))
    full = {row.pk for row in store_alarms.full(exam, path)[0]}
    programme = exams.programme(exam)
    for one in queries.standings(exam, [row.pk for row in rows], at).values():
        for rule in RULES:
            against = [r for r in one.against if r.rule == rule]
            state = GREEN if not against else RED if one.store.pk in full else AMBER
            yield Row(
                one.store.office_path,
                state,
                against[0].words(programme) if against else None,
                "custody-store",
                {"store_id": one.store.pk},
                mends="custody:store:manage",
                lacking=len(against),
                rule=rule,
            )
    having = {row.office_code for row in rows}
    keepers = {opening.office_id for opening in exams.openings_under(exam, path, "region")}
    keepers |= {site.point_code for site in venues.sites_of_hosts(exam, path) if not is_site(path)}
    for code in sorted(keepers - having):
        yield Row(
            path_of(code), AMBER, NONE, "custody-stores", mends="custody:store:manage", lacking=1, rule="V12.2.2"
        )  # fmt: skip


@provides("V12.3", strength=MUST, title=t("试卷不过早存放", "Papers are not kept too early"))
def in_time(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Red where papers lie earlier than the rule or the region allows."""
    early = {a.office_path: a.words for a in store_alarms.early(exam, path, at)}
    for row in store_alarms.full(exam, path)[0]:
        words = early.get(row.office_path)
        yield Row(
            row.office_path, RED if words else GREEN, words, "custody-store", {"store_id": row.pk}, lacking=int(words is not None)
        )  # fmt: skip


@provides("V12.2.0", strength=MUST, title=t("试卷都在保密室", "Papers are in their store"))
def in_place(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """A red row for each container astray; a green one for each store with papers."""
    for alarm in store_alarms.astray(exam, path, at):
        yield Row(alarm.office_path, RED, alarm.words, alarm.url, alarm.args, lacking=1)
    for row in store_alarms.full(exam, path)[0]:
        yield Row(row.office_path, GREEN, None, "custody-store", {"store_id": row.pk})


@provides("V12.4", strength=PRINCIPLE, title=t("每日安全报告", "Daily report"))
def reported(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Of every office with papers: green once it has reported today, grey until four o'clock, then red."""
    missing = {a.subject: a for a in store_alarms.unreported(exam, path, at)}
    sent = daily.last_sent(exam, daily.today(at), path)
    for code, office_path in sorted(
        {(r.office_code, r.office_path) for r in store_alarms.full(exam, path)[0]}
    ):
        late = missing.get(f"office:{code}")
        state = GREEN if code in sent else RED if late else GREY
        yield Row(
            office_path, state, late.words if late else None, "custody-daily", lacking=int(late is not None)
        )


@provides("P7.2", strength=PRINCIPLE, title=t("监控覆盖", "Coverage by video or persons"))
def covered(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Stores with papers: red where somebody or something failed to watch within the last day."""
    if watching.clause(exam) != "P7.2":
        return
    rows, since = store_alarms.full(exam, path)
    during = (at - store_alarms.BACK, at)
    video, persons = watching.watch(exam, [row.place for row in rows], during)
    for row in rows:
        gaps = store_alarms.gaps(since[row.pk], at, [*video.get(row.place, ()), *persons.get(row.place, ())])
        words = UNCOVERED.format(store=row.name) if gaps else None
        yield Row(row.office_path, RED if gaps else GREEN, words, "custody-watch", lacking=len(gaps))
