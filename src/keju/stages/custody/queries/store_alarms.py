"""What is wrong with stores right now: no guard, keyholders on guard, people who did not come out, papers out of place or
too early, no report. Each in a few statements for the whole nation."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection

from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.looking import once_a_look
from keju.kernel.offices.queries import office
from keju.rulebook.words import Words, t
from keju.stages.custody.models import Entry, Store
from keju.stages.custody.params import Params
from keju.stages.custody.queries import daily, guards, stores, watching
from keju.stages.custody.queries.alarms import Alarm, watches
from keju.stages.custody.rules.stores import Hours
from keju.stages.custody.rules.watching import unwatched

BACK = timedelta(days=1)
"""An hour without a guard is an alarm for so long; afterwards it stands in the day's report and on the map."""
# Stores at and under a path in which something lies now, and since when anything did.
FULL = """
SELECT s.id, (SELECT min(p.at) FROM custody_step p WHERE p.exam_id = s.exam_id AND p.place = 'store:' || s.id)
FROM custody_store s
WHERE s.exam_id = %s AND s.office_path >= %s AND s.office_path < %s || '~'
  AND EXISTS (SELECT FROM custody_holding h WHERE h.exam_id = s.exam_id AND h.place = 'store:' || s.id)
"""
# What an office has in its custody anywhere but in a store of its own, without anything that explains it (V12.2.0).
ASTRAY = """
SELECT c.code, h.office_path, h.at, h.place
FROM custody_holding h
JOIN custody_container c ON c.id = h.container_id
LEFT JOIN custody_store s ON s.exam_id = h.exam_id AND h.place = 'store:' || s.id
LEFT JOIN exams_session e ON e.exam_id = h.exam_id AND e.number = nullif(c.session, 0)
WHERE h.exam_id = %(exam)s AND h.office_path >= %(path)s AND h.office_path < %(path)s || '~'
  AND h.parent_id IS NULL AND h.custodian ~ '^[0-9]{2}([0-9]{2})?$' AND c.kind <> 'card_bag' AND h.place <> 'destroyed'
  AND CASE
    WHEN h.place LIKE 'store:%%' THEN s.id IS NULL OR s.office_code <> h.custodian
    WHEN h.place LIKE 'mail_room:%%' THEN h.at < %(mail)s
    WHEN h.place LIKE 'journey:%%' THEN false
    WHEN h.place LIKE 'seal_room:%%' OR h.place LIKE 'room:%%' THEN
      coalesce(e.starts_at, (SELECT min(starts_at) FROM exams_session m WHERE m.exam_id = h.exam_id)) > %(midnight)s
    ELSE true END
"""


@once_a_look
def full(exam: Exam, path: str) -> tuple[list[Store], dict[int, datetime]]:
    """(the stores in which something lies now, store → since when anything did), at and under the path."""
    with connection.cursor() as cursor:
        cursor.execute(FULL, [exam.pk, path, path])
        since = dict(cursor.fetchall())
    return list(Store.objects.filter(pk__in=since).order_by("pk")), since


@watches("guard_uncovered")
def uncovered(exam: Exam, path: str, at: datetime) -> Iterable[Alarm]:
    """Papers lie in a store and nobody stands guard, or nobody did at some time of the last day (V12.2.4)."""
    rows, since = full(exam, path)
    found = guards.guards_of(exam, rows, at - BACK, at + timedelta(minutes=1))
    for row in rows:
        open_ = gaps(since[row.pk], at, [g.hours for g in found[row.pk]])
        if open_:
            words = t("{store}从{a}到{b}没有人看守", "{store} had no guard from {a} to {b}")
            facts = {"store": row.name, "a": open_[0][0], "b": open_[0][1]}
            yield _alarm("guard_uncovered", row, open_[0][0], words.format(**facts))


def gaps(since: datetime, at: datetime, covered: Sequence[Hours]) -> list[Hours]:
    """The moment of the look counts: at night somebody stands there or nobody does."""
    begins = max(since, at - BACK)
    return unwatched([(begins, max(at, begins + timedelta(minutes=1)))], covered)


@watches("uncovered_span")
def unseen(exam: Exam, path: str, at: datetime) -> Iterable[Alarm]:
    """P7.2, where a programme has it: papers lie in a store or seal room and neither video nor persons watch."""
    if watching.clause(exam) != "P7.2":
        return
    statement = """SELECT place, min(at), min(office_path) FROM custody_holding
      WHERE exam_id = %s AND office_path >= %s AND office_path < %s || '~' AND place ~ '^(store|seal_room):' GROUP BY 1"""
    with connection.cursor() as cursor:
        cursor.execute(statement, [exam.pk, path, path])
        rows = cursor.fetchall()
    video, persons = watching.watch(exam, [place for place, _, _ in rows], (at, at + timedelta(minutes=1)))
    for place, since, office_path in rows:
        if not video.get(place) and not persons.get(place):
            words = t("{place}没有录像，也没有人值守", "{place} is under neither video nor persons' eyes")
            yield Alarm(
                "uncovered_span",
                "P7.2",
                place,
                office_path,
                since,
                words.format(place=place),
                "custody-watch",
            )


@watches("keyholder_on_guard")
def keyholders(exam: Exam, path: str, at: datetime) -> Iterable[Alarm]:
    """Somebody has a key of a store and stands on the roster of its guards (V12.2.4)."""
    rows = list(Store.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~"))
    keys, guarding = (
        stores.keys_now([r.pk for r in rows]),
        guards.guarding(exam, {r.office_code for r in rows}),
    )
    both = {
        row.pk: {k.human for k in keys[row.pk] if k.human} & guarding.get(row.office_code, set())
        for row in rows
    }
    names = stores.people_named(human for found in both.values() for human in found)
    for row in rows:
        for human in sorted(both[row.pk]):
            words = t(
                "{name}掌管{store}的钥匙，又在看守表上",
                "{name} has a key of {store} and is on its roster of guards",
            )
            said = words.format(name=names.get(human, "—"), store=row.name)
            yield _alarm("keyholder_on_guard", row, at, said, subject=f"{row.place}/person:{human}")


@watches("entry_open")
def inside(exam: Exam, path: str, at: datetime) -> Iterable[Alarm]:
    """Somebody went in and has not come out for longer than a count takes."""
    hours = exams.params(exam, Params).entry_hours
    found = Entry.objects.filter(
        exam=exam, office_path__gte=path, office_path__lt=path + "~", admitted=True, ended=None,
        at__lt=at - timedelta(hours=hours),
    )  # fmt: skip
    for entry in found.select_related("store", "person"):
        words = t("{name}进入{store}后还没有登记离开", "{name} went into {store} and has not come out")
        said = words.format(name=entry.person.name, store=entry.store.name)
        yield _alarm("entry_open", entry.store, entry.at, said, subject=f"entry:{entry.pk}")


@watches("out_of_store")
def astray(exam: Exam, path: str, at: datetime) -> Iterable[Alarm]:
    """Papers in an office's custody lie outside of its store, on no journey, before the day of their session (V12.2.0)."""
    midnight = at.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    mail = at - timedelta(hours=exams.params(exam, Params).mail_room_hours)
    asked = {"exam": exam.pk, "path": path, "mail": mail, "midnight": midnight}
    with connection.cursor() as cursor:
        cursor.execute(ASTRAY, asked)
        rows = cursor.fetchall()
    for code, office_path, since, place in rows:
        words = t("{code}不在保密室，在{place}", "{code} is not in the store but at {place}")
        said = words.format(code=code, place=place)
        yield Alarm(
            "out_of_store",
            "V12.2.0",
            f"container:{code}",
            office_path,
            since,
            said,
            "custody-container",
            {"container": code},
        )


@watches("kept_too_long")
def early(exam: Exam, path: str, at: datetime) -> Iterable[Alarm]:
    """A point has papers earlier than the rule or its region allows (V12.3)."""
    rows, since = full(exam, path)
    first = stores.earliest(exam, [row for row in rows if str(office(row.office_code).kind) == "point"])
    today = at.astimezone(CHINA).date()
    for row in rows:
        day = first.get(row.pk)
        if day is not None and today < day:
            words = t("{store}过早存放试卷：最早{day}", "{store} keeps papers too early: from {day} on")
            yield _alarm(
                "kept_too_long", row, since[row.pk], words.format(store=row.name, day=day), rule="V12.3"
            )


@watches("daily_missing")
def unreported(exam: Exam, path: str, at: datetime) -> Iterable[Alarm]:
    """It is past four o'clock, papers are kept, and the office has not said that they are safe (V12.4)."""
    local = at.astimezone(CHINA)
    due = datetime.combine(local.date(), daily.DUE, CHINA)
    if at < due:
        return
    rows, since = full(exam, path)
    sent = daily.last_sent(exam, local.date(), path)
    told: set[str] = set()
    for row in rows:
        if row.office_code not in sent and row.office_code not in told and since[row.pk] < due:
            told.add(row.office_code)
            name = office(row.office_code).name
            words = t(
                "{office}今天没有报告试卷安全", "{office} has not reported today that its papers are safe"
            )
            yield Alarm(
                "daily_missing", "V12.4", f"office:{row.office_code}", row.office_path, due, words.format(office=name),
                "custody-daily",
            )  # fmt: skip


def _alarm(
    kind: str, row: Store, since: datetime, words: Words, *, subject: str = "", rule: str = "V12.2.4"
) -> Alarm:
    return Alarm(
        kind, rule, subject or row.place, row.office_path, since, words, "custody-store", {"store_id": row.pk}
    )
