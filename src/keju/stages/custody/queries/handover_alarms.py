"""What is wrong with handovers right now: late, overdue, short, strange, waiting (V10.2.1, V11.2.1, V11.3.1, V11.3.3)."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef, Q

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.rulebook.words import Words, t
from keju.stages.custody.models import CustodyException, Handover, HandoverItem, Holding
from keju.stages.custody.params import Params
from keju.stages.custody.queries import handovers
from keju.stages.custody.queries.alarms import Alarm, watches
from keju.stages.custody.rules.handovers import Flaw


@watches("receipt_late")
def receipt_late(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """The hour runs from the end of the count, after which the sheet goes up at once; a count that was taken up again was
    finished before. What began and is not counted in its time owes a receipt, too: nobody would ever miss it.
    """
    figures = exams.params(exam, Params)
    allowed, counting = timedelta(minutes=figures.receipt_minutes), timedelta(minutes=figures.count_minutes)
    owed = handovers.living(exam, path).exclude(receipt_to="")
    late = t("交接{n}号的签字交接单还没有送到上级", "The signed sheet of handover no. {n} has not gone up")
    slow = t("交接{n}号没有按时清点完毕", "The count of handover no. {n} is not finished in time")
    for row in owed.filter(
        Q(counted_at__lt=at - allowed) | Q(counted_at=None, begun_at__lt=at - counting)
    ).order_by("pk"):
        since = row.counted_at + allowed if row.counted_at else (row.begun_at or at) + counting
        words = late if row.counted_at else slow
        yield _alarm("receipt_late", "V10.2.1", row.pk, row.office_path, since, words.format(n=row.pk))


@watches("handover_overdue")
def overdue(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """Announced, and long after the expected arrival nobody counts."""
    grace = timedelta(minutes=exams.params(exam, Params).handover_grace_minutes)
    late = handovers.living(exam, path).filter(begun_at=None, arrives_at__lt=at - grace)
    words = t(
        "交接{n}号过了预计到达时间还没有开始清点",
        "Handover no. {n} is past its expected arrival and not begun",
    )
    for row in late:
        since = (row.arrives_at or at) + grace
        yield _alarm("handover_overdue", "V11.3.1", row.pk, row.office_path, since, words.format(n=row.pk))


@watches("mail_waiting")
def unfetched(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """Papers were signed for where they may not stay, whoever receives next was told, and nobody prepares that (V11.2.1,
    V11.2.3). One alarm for each handover; one statement."""
    allowed = timedelta(minutes=exams.params(exam, Params).mail_told_minutes)
    kinds = {kind.code: kind for kind in exams.programme(exam).handovers if kind.informs}
    there = Holding.objects.filter(
        container_id=OuterRef("container_id"), place=OuterRef("handover__place"), frozen=False
    )
    expected = HandoverItem.objects.filter(container_id=OuterRef("container_id"), living=True)
    items = HandoverItem.objects.filter(
        Exists(there), ~Exists(expected), handover__exam=exam, handover__office_path__gte=path,
        handover__office_path__lt=path + "~", handover__kind__in=list(kinds), handover__state="closed",
        handover__ended_at__lt=at - allowed,
    )  # fmt: skip
    rows = items.values("handover_id", "handover__kind", "handover__ended_at", "handover__office_path")
    words = t(
        "交接{n}号签收的{count}件还在收发室，没有人准备入库交接",
        "{count} of handover no. {n} still lie in the mail room and nobody has prepared their way into the store",
    )
    for row in rows.annotate(count=Count("pk")).order_by("handover_id"):
        since, pk = row["handover__ended_at"] + allowed, row["handover_id"]
        said = words.format(n=pk, count=row["count"])
        rule = kinds[row["handover__kind"]].rule
        yield _alarm("mail_waiting", rule, pk, row["handover__office_path"], since, said)


@watches("handover_short")
def short(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """Containers were missing, and the superior has not instructed."""
    words = t("交接{n}号缺少{count}件", "Handover no. {n} is short of {count}")
    return _uninstructed("handover_short", exam, path, [Flaw.MISSING], words)


@watches("handover_seal")
def seals(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """Seals were broken or of another number."""
    words = t(
        "交接{n}号有{count}件封条破损或号码不符", "Handover no. {n}: {count} with a broken or another seal"
    )
    return _uninstructed("handover_seal", exam, path, [Flaw.BROKEN, Flaw.OTHER_SEAL], words)


@watches("handover_strange")
def strange(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """Something was there that is not on the list, or that no list has."""
    words = t("交接{n}号有{count}件不在清单上", "Handover no. {n}: {count} not on the list")
    return _uninstructed("handover_strange", exam, path, [Flaw.EXTRA, Flaw.FOREIGN, Flaw.UNKNOWN], words)


@watches("handover_label")
def labels(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """Two containers bear one label."""
    words = t("交接{n}号有{count}个标签重复", "Handover no. {n}: {count} labels on two containers")
    return _uninstructed("handover_label", exam, path, [Flaw.DUPLICATE], words)


def _uninstructed(kind: str, exam: Exam, path: str, flaws: Collection[str], words: Words) -> Iterator[Alarm]:
    """One alarm for each handover with such exceptions; one statement."""
    rows = CustodyException.objects.filter(
        exam=exam, office_path__gte=path, office_path__lt=path + "~", instructed_at=None, kind__in=list(flaws),
        handover__isnull=False,
    )  # fmt: skip
    counted = rows.values("handover_id", "office_path").annotate(n=Count("pk"), since=Min("reported_at"))
    for row in counted.order_by("handover_id"):
        said = words.format(n=row["handover_id"], count=row["n"])
        yield _alarm(kind, "V11.3.3", row["handover_id"], row["office_path"], row["since"], said)


def _alarm(kind: str, rule: str, pk: int, path: str, since: datetime, words: Words) -> Alarm:
    return Alarm(
        kind, rule, Handover(pk=pk).subject, path, since, words, "custody-handover", {"handover_id": pk}
    )
