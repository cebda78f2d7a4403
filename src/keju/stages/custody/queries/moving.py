"""What is wrong on the way, when a journey was watched, and what its place is called."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta

from django.db.models import QuerySet

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import office
from keju.rulebook.words import Words, t
from keju.stages.custody.models import Holding, Journey, JourneyEntry
from keju.stages.custody.models.journeys import ARRIVED, UNDER_WAY
from keju.stages.custody.params import Params
from keju.stages.custody.queries.alarms import Alarm, watches
from keju.stages.custody.queries.journeys import silence_of, under
from keju.stages.custody.queries.life import covers
from keju.stages.custody.queries.naming import names_places
from keju.stages.custody.rules.journeys import Mode
from keju.stages.custody.rules.places import Spot, journey, read
from keju.stages.custody.rules.watch import Span


def _alarm(kind: str, clause: str, row: Journey, since: datetime, zh: str, en: str) -> Alarm:
    words = t(zh, en).format(sender=row.sender_code, receiver=row.receiver_code)
    return Alarm(
        kind,
        clause,
        f"journey:{row.pk}",
        row.office_path,
        since,
        words,
        "custody-journey",
        {"journey_id": row.pk},
    )


def _moving(exam: Exam, path: str) -> QuerySet[Journey]:
    return Journey.objects.filter(exam=exam, state=UNDER_WAY, **under(path))


@covers(Spot.JOURNEY)
def watched(exam: Exam, places: Collection[str], during: Span) -> Mapping[str, list[Span]]:
    """A journey is watched as long as it is heard of: from each entry on until the next one has to be there. Two statements."""
    figures = exams.params(exam, Params)
    allowed = timedelta(minutes=figures.journey_report_minutes + figures.journey_grace_minutes)
    ids = [int(read(place).key) for place in places]
    rows = Journey.objects.filter(exam=exam, pk__in=ids, departed_at__lt=during.until)
    ends = {row.pk: row.arrived_at or during.until for row in rows.exclude(mode=Mode.POST)}
    found: dict[str, list[Span]] = {place: [] for place in places}
    for entry in JourneyEntry.objects.filter(journey_id__in=list(ends)).order_by("at"):
        until = min(entry.at + allowed, ends[entry.journey_id], during.until)
        if entry.at < until:
            found[str(journey(entry.journey_id))].append(Span(entry.at, until))
    return found


@names_places(Spot.JOURNEY)
def named(exam: Exam, keys: Collection[str]) -> Mapping[str, Words]:
    """Journey → from where to where."""
    words = t("{sender}→{receiver}（第{id}程）", "{sender} → {receiver} (no. {id})")
    rows = Journey.objects.filter(exam=exam, pk__in=[int(key) for key in keys])
    return {
        str(r.pk): words.format(
            sender=office(r.sender_code).name, receiver=office(r.receiver_code).name, id=r.pk
        )
        for r in rows
    }


@watches("journey_overdue")
def overdue(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """Under way after the planned arrival and its grace."""
    figures = exams.params(exam, Params)
    grace = timedelta(minutes=figures.journey_grace_minutes)
    for row in _moving(exam, path).filter(arrive_at__lt=at - grace):
        zh, en = (
            "{sender}至{receiver}的试卷超过计划到达时间",
            "Papers from {sender} to {receiver} are past their planned arrival",
        )
        yield _alarm("journey_overdue", "V10.2.4", row, row.arrive_at + grace, zh, en)


@watches("journey_silent")
def silent(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """Under way by escort and not heard of in time."""
    figures = exams.params(exam, Params)
    allowed = timedelta(minutes=figures.journey_report_minutes + figures.journey_grace_minutes)
    for row in _moving(exam, path).exclude(mode=Mode.POST).filter(last_heard_at__lt=at - allowed):
        since = silence_of(row, at, figures)
        zh, en = (
            "{sender}至{receiver}的押运没有按时报告",
            "The escort from {sender} to {receiver} has not reported in time",
        )
        yield _alarm("journey_silent", "V10.2.4", row, since or at, zh, en)


@watches("journey_trouble")
def troubled(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """Trouble on the way that is not solved."""
    for row in _moving(exam, path).filter(trouble_since__isnull=False):
        zh, en = (
            "{sender}至{receiver}的押运途中遇到问题",
            "The escort from {sender} to {receiver} is in trouble",
        )
        yield _alarm("journey_trouble", "V10.2.4", row, row.trouble_since or at, zh, en)


@watches("journey_not_unloaded")
def not_unloaded(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """Arrived, and the papers are still aboard after the time allowed: straight to the store (V11.3.1)."""
    allowed = timedelta(minutes=exams.params(exam, Params).journey_unload_minutes)
    rows = list(
        Journey.objects.filter(
            exam=exam, state=ARRIVED, arrived_at__lt=at - allowed, pk__in=_with_cargo(exam), **under(path)
        )
    )
    for row in rows:
        zh, en = (
            "{sender}至{receiver}的试卷到达后没有及时交接",
            "Papers from {sender} to {receiver} arrived and are not handed over",
        )
        yield _alarm("journey_not_unloaded", "V11.3.1", row, (row.arrived_at or at) + allowed, zh, en)


def _with_cargo(exam: Exam) -> list[int]:
    prefix = f"{Spot.JOURNEY}:"
    places = Holding.objects.filter(exam=exam, place__gte=prefix, place__lt=prefix + "~").values_list(
        "place", flat=True
    )
    return [int(place.removeprefix(prefix)) for place in places.distinct()]
