"""A candidate's inbox: what was said, and how else it went out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from keju.kernel.exams.models import Exam
from keju.kernel.exams.queries import programme
from keju.kernel.notices.gateways.letters import masked
from keju.kernel.notices.models import Delivery, Message, Silence, State
from keju.kernel.notices.queries.offices import moment_of
from keju.kernel.offices import Actor
from keju.rulebook.words import Words, t

MESSAGES = 200
NEWS = t("考试消息", "News of the exam")
NOBODY = {"no_address", "bad_address", "http_422"}
CHANNELS = {"sms": t("短信", "Text message"), "email": t("电子邮件", "E-mail")}


@dataclass(frozen=True)
class Way:
    """How else a message went out. `to`: where to, masked; `at`: when it was handed over, None if it was not yet.

    `is_wrong`: it was given up because nobody is reached there.
    """

    channel: Words
    to: str
    at: datetime | None
    is_given_up: bool
    is_wrong: bool


@dataclass(frozen=True)
class Letter:
    """A message as its reader sees it."""

    message: Message
    title: Words
    ways: Sequence[Way]


@dataclass(frozen=True)
class InboxPage:
    """`unread`: in the whole inbox, not on this page alone."""

    rows: Sequence[Letter]
    unread: int
    next: str
    is_first: bool
    total = None

    @property
    def shown(self) -> int:
        return len(self.rows)


def messages(*, viewer: Actor, exam: Exam) -> list[Message]:
    """What was said to the candidate in this exam, newest first, at most `MESSAGES`."""
    if viewer.candidate_id is None:
        return []
    return list(_own(viewer, exam).order_by("-sent_at", "-pk")[:MESSAGES])


def messages_page(*, viewer: Actor, exam: Exam, after: str = "", most: int = MESSAGES) -> InboxPage:
    """A page of the inbox, newest first, from `after` on."""
    found = _own(viewer, exam).order_by("-sent_at", "-pk")
    stamp, _, pk = after.partition("_")
    if pk.isdecimal() and len(pk) < 19 and (moment := moment_of(stamp)):
        found = found.filter(Q(sent_at__lt=moment) | Q(sent_at=moment, pk__lt=int(pk)))
    rows = list(found[: most + 1])
    more, rows = len(rows) > most, rows[:most]
    ways: dict[int, list[Way]] = {}
    for row in Delivery.objects.filter(message__in=[m.pk for m in rows]).order_by("-channel"):
        ways.setdefault(row.message_id, []).append(_way(row))
    titles = {code: kind.title for code, kind in programme(exam).messages.items()}
    return InboxPage(
        [Letter(m, titles.get(m.kind, NEWS), ways.get(m.pk, [])) for m in rows],
        unread_messages(viewer=viewer, exam=exam),
        f"{rows[-1].sent_at.isoformat()}_{rows[-1].pk}" if more else "",
        not after,
    )


def unread_messages(*, viewer: Actor, exam: Exam) -> int:
    """How many messages the candidate has not marked as read."""
    return 0 if viewer.candidate_id is None else _own(viewer, exam).filter(read_at=None).count()


def wants_silence(*, viewer: Actor) -> bool:
    """Whether the candidate asked for no e-mail that is not essential."""
    return Silence.objects.filter(candidate=viewer.candidate_id).exists()


def _own(viewer: Actor, exam: Exam) -> QuerySet[Message]:
    return Message.objects.filter(exam=exam, candidate_id=viewer.candidate_id)


def _way(row: Delivery) -> Way:
    sent = row.state == State.SENT
    return Way(
        CHANNELS[row.channel],
        masked(row.address) if row.address else "",
        row.closed_at if sent else None,
        row.state == State.GIVEN_UP,
        row.fault in NOBODY or row.fault.startswith("smtp_55"),
    )
