"""Notices of an office: what came, what it sent, who has read what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Count, F, Min, Q

from keju.kernel.audit import NotPermitted
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Notice, Receipt
from keju.kernel.offices import Actor
from keju.kernel.offices.models import Kind, Office
from keju.rulebook.words import Words, t

State = Literal["late", "unread", "read", "acknowledged"]
PRESSING = 100
PAGE = 50
STATE_WORDS: Mapping[str, Words] = {
    "late": t("逾期未确认", "Acknowledgement late"),
    "unread": t("未读", "Unread"),
    "read": t("已读，未确认", "Read, not acknowledged"),
    "acknowledged": t("已确认", "Acknowledged"),
}
SYSTEM = t("系统提醒", "Reminder of the system")


@dataclass(frozen=True)
class Item:
    """A notice in an inbox, or a recipient in the list of a notice."""

    receipt: Receipt
    office: Words
    sender: Words
    state: State

    @property
    def state_words(self) -> Words:
        return STATE_WORDS[self.state]


@dataclass(frozen=True)
class Inbox:
    """`pressing`: unread or late in being acknowledged, latest term first; `rest`: newest first, from `next` on."""

    pressing: Sequence[Item]
    rest: Sequence[Item]
    unread: int
    next: str
    is_first: bool

    @property
    def shown(self) -> int:
        return len(self.pressing) + len(self.rest)

    total = None


@dataclass(frozen=True)
class Sent:
    """A notice that an office sent or forwarded, with how far it got with those recipients."""

    notice: Notice
    at: datetime
    recipients: int
    read: int
    acknowledged: int

    @property
    def unread(self) -> int:
        return self.recipients - self.read


@dataclass(frozen=True)
class Outbox:
    rows: Sequence[Sent]
    next: str
    is_first: bool
    total = None

    @property
    def shown(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Opened:
    """A notice as one office sees it. `own`: its receipt, None for who only sent it or looks on from above."""

    notice: Notice
    sender: Words
    own: Receipt | None
    recipients: Sequence[Item]
    unread: int
    state: State | None

    @property
    def readable(self) -> bool:
        """Whether the text is shown: a recipient opens it first, so that the receipt is true."""
        return self.own is None or self.own.read_at is not None

    @property
    def state_words(self) -> Words | None:
        return STATE_WORDS[self.state] if self.state else None


def inbox(*, viewer: Actor, exam: Exam, at: datetime, after: str = "") -> Inbox:
    """What came to the viewer's office; what presses first."""
    mine = Receipt.objects.filter(exam=exam, office_code=viewer.office_code).select_related("notice")
    presses = _presses(at)
    pressing = list(
        mine.filter(presses).order_by(F("notice__answer_by").asc(nulls_last=True), "-delivered_at")[:PRESSING]
    )
    rest = mine.exclude(pk__in=mine.filter(presses).values("pk")).order_by("-delivered_at", "-pk")
    stamp, _, pk = after.partition("_")
    if pk.isdecimal() and (moment := moment_of(stamp)):
        rest = rest.filter(Q(delivered_at__lt=moment) | Q(delivered_at=moment, pk__lt=int(pk)))
    rows = list(rest[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return Inbox(
        pressing=[] if after else _items(pressing, at),
        rest=_items(rows, at),
        unread=unread(viewer=viewer, exam=exam),
        next=f"{rows[-1].delivered_at.isoformat()}_{rows[-1].pk}" if more else "",
        is_first=not after,
    )


def unread(*, viewer: Actor, exam: Exam) -> int:
    """How many notices the viewer's office has not opened."""
    return Receipt.objects.filter(exam=exam, office_code=viewer.office_code, read_at=None).count()


def outbox(*, viewer: Actor, exam: Exam, after: str = "") -> Outbox:
    """What the viewer's office sent or forwarded, newest first."""
    handed = Receipt.objects.filter(exam=exam, from_code=viewer.office_code)
    if after.isdecimal():
        handed = handed.filter(notice__lt=int(after))
    found = list(
        handed.values("notice")
        .annotate(
            at=Min("delivered_at"),
            recipients=Count("pk"),
            seen=Count("pk", filter=Q(read_at__isnull=False)),
            confirmed=Count("pk", filter=Q(acknowledged_at__isnull=False)),
        )
        .order_by("-notice")[: PAGE + 1]
    )
    more, found = len(found) > PAGE, found[:PAGE]
    notices = Notice.objects.in_bulk([row["notice"] for row in found])
    rows = [Sent(notices[r["notice"]], r["at"], r["recipients"], r["seen"], r["confirmed"]) for r in found]
    return Outbox(rows, str(found[-1]["notice"]) if more else "", not after)


def notice(*, viewer: Actor, exam: Exam, notice: int, at: datetime) -> Opened:
    """The notice with every recipient that the viewer may see, unread ones first.

    `NotPermitted(hidden=True)` where it neither came from nor went to the viewer's offices.
    """
    found = Notice.objects.filter(pk=notice, exam=exam).first()
    if found is None:
        raise NotPermitted(hidden=True)
    receipts = list(Receipt.objects.filter(notice=found).select_related("notice").order_by("office_path"))
    items = sorted(_items(receipts, at), key=lambda item: list(STATE_WORDS).index(item.state))
    own = next((i for i in items if i.receipt.office_code == viewer.office_code), None)
    others = [i for i in items if i is not own]
    return Opened(
        notice=found,
        sender=_names({found.sender_code}).get(found.sender_code, SYSTEM),
        own=own.receipt if own else None,
        recipients=others,
        unread=sum(i.receipt.read_at is None for i in others),
        state=own.state if own else None,
    )


def recipients_of(viewer: Actor) -> list[Office]:
    """The offices directly below the viewer's: 31 regions, or the points of a region."""
    if viewer.office_path == "/":
        return list(Office.objects.filter(kind=Kind.REGION))
    return list(Office.objects.filter(parent_id=viewer.office_code))


def all_below(viewer: Actor) -> list[Office]:
    """Every office below the viewer's, at any depth."""
    path = viewer.office_path
    found = Office.objects.filter(kind__in=[Kind.REGION, Kind.POINT], path__gte=path, path__lt=path + "~")
    return list(found.exclude(code=viewer.office_code))


def state_of(receipt: Receipt, at: datetime) -> State:
    if receipt.acknowledged_at is not None:
        return "acknowledged"
    if receipt.notice.answer_by is not None and receipt.notice.answer_by < at:
        return "late"
    return "unread" if receipt.read_at is None else "read"


def _presses(at: datetime) -> Q:
    return Q(acknowledged_at__isnull=True) & (Q(read_at__isnull=True) | Q(notice__answer_by__lt=at))


def _items(receipts: Sequence[Receipt], at: datetime) -> list[Item]:
    names = _names({r.office_code for r in receipts} | {r.from_code for r in receipts})
    return [Item(r, names[r.office_code], names.get(r.from_code, SYSTEM), state_of(r, at)) for r in receipts]


def _names(codes: set[str]) -> dict[str, Words]:
    return {o.code: o.name for o in Office.objects.filter(code__in=codes)}


def moment_of(stamp: str) -> datetime | None:
    """The instant written in an address; None if it is none."""
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
