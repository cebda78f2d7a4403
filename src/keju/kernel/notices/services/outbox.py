"""The outbox: what waits to leave the house is taken in small batches, sent, and what became of it is kept.

Taking commits before anything is sent, and what became of it is kept only afterwards: a crash in between makes
the same message go out again under the same key, never not at all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import F, Q

from keju.kernel.accounts.models import Candidate
from keju.kernel.accounts.sealed import seal
from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.exams.queries import programme
from keju.kernel.notices.models import Delivery, Gateway
from keju.kernel.notices.services.offices import POST
from keju.kernel.notices.services.waking import wake
from keju.kernel.notices.states import LEASE, OPEN, TRIES, State, wait_after
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import update_rows
from keju.rulebook.model import MessageKind
from keju.rulebook.words import LANGUAGES, Words, current_language, t

Channel = Literal["sms", "email"]
SMALLEST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)
LONGEST_ASKED = timedelta(hours=1)
UNNAMED = t("考试系统消息", "Message of the examination system")
GOODBYE = t(
    "\n\n——\n本邮件由考试系统自动发出，请勿回复。登录报名网站，在“我的消息”中可以看到全部消息，并设置是否接收邮件。",
    "\n\n--\nSent by the examination system; please do not reply. Sign in to the registration site to see all your "
    "messages and to choose whether you get e-mail.",
)


@dataclass(frozen=True)
class Taken:
    """A delivery that this worker is to send: everything in clear, in the language of the one who reads it.

    `fault`: it is not to be sent any more, and why.
    """

    id: int
    key: str
    kind: str
    attempts: int
    language: str
    fault: str = ""
    to: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt. `is_final`: trying again is pointless. `untried`: the gateway was not asked.

    `chance` of 0–1 spreads the next attempts, so that those that failed together do not come back together.
    """

    id: int
    attempts: int
    to: str = field(repr=False)
    ok: bool = False
    provider_id: str = ""
    fault: str = ""
    is_final: bool = False
    untried: bool = False
    chance: float = 0.5


@dataclass(frozen=True)
class Text:
    """What goes to one address, and the office it concerns."""

    to: str = field(repr=False)
    body: str = field(repr=False)
    office_path: str = "/"


@write(None)
def dispatch(
    *,
    channel: Channel,
    to: str,
    kind: str,
    words: Words,
    by: Actor,
    at: datetime,
    title: Words | None = None,
    exam: Exam | None = None,
    candidate_id: int | None = None,
    office_path: str = "/",
    language: str | None = None,
    secret: bool = False,
    until: datetime | None = None,
) -> int | None:
    """A message for one address stands in the outbox, ahead of the bulk, if the caller's transaction commits.

    `secret`: its text is kept sealed, wiped once it was sent or given up, and in no log. `until`: later it is not sent
    any more. `language`: the candidate's, else the one spoken now. A wrong address is found when it is sent, and shown to the
    office. Returns the delivery's number; None in a rehearsal, from which nothing leaves the house.
    """
    with acting(POST):
        spoken = language or _language_of(candidate_id)
    text = Text(to, words.in_(spoken), office_path)
    found = dispatch_many(
        channel=channel, texts=[text], kind=kind, subject=(title or _way(exam, kind).title).in_(spoken), exam=exam,
        candidate_id=candidate_id, language=spoken, secret=secret, urgent=True, until=until, by=by, at=at,
    )  # fmt: skip
    return found[0] if found else None


@write(None)
def dispatch_many(
    *,
    channel: Channel,
    texts: Sequence[Text],
    kind: str,
    subject: str,
    language: str,
    by: Actor,
    at: datetime,
    exam: Exam | None = None,
    candidate_id: int | None = None,
    secret: bool = False,
    urgent: bool = False,
    until: datetime | None = None,
) -> list[int]:
    """As `dispatch`, each text to its own address, behind what is urgent; a few statements, however many. Their numbers."""
    rows: list[Delivery] = []
    if texts and (exam is None or not exam.is_rehearsal):
        with acting(POST):
            rows = Delivery.objects.bulk_create(
                (
                    Delivery(
                        exam=exam, candidate_id=candidate_id, office_path=one.office_path, kind=kind, channel=channel,
                        is_urgent=urgent, until=until, language=language, address=one.to or "-", subject=subject,
                        body=one.body, is_secret=secret, made_at=at,
                    )
                    for one in texts
                ),
                batch_size=1000,
            )  # fmt: skip
        wake([channel])
    paths = {one.office_path for one in texts}
    record(
        "notices.delivery.queued",
        by=by,
        at=at,
        subject=f"delivery:{rows[0].pk}" if len(rows) == 1 else "deliveries" if rows else "delivery:none",
        exam=exam.slug if exam else "",
        office_path=paths.pop() if len(paths) == 1 else None,
        data={"kind": kind, "channel": channel, "secret": secret, "count": len(rows)},
    )
    return [row.pk for row in rows]


def claim(*, channel: str, most: int, per_second: float, at: datetime) -> tuple[list[Taken], datetime]:
    """Up to `most` due deliveries belong to the caller for `LEASE`, urgent ones first; and from when they may go.

    None while the gateway is paused. Nobody else gets them meanwhile, and each has one attempt more. It is a lease and
    no event: `settle` records what came of it.
    """
    with acting(POST):
        gateway = _gateway(channel)
        starts = max(at, gateway.free_at or at)
        if (gateway.paused_until and gateway.paused_until > at) or starts > at + LEASE / 4:
            return [], starts
        due = Delivery.objects.filter(Q(due_at=None) | Q(due_at__lte=at), channel=channel, state__in=OPEN)
        ids = list(
            due.order_by(F("is_urgent").desc(), F("due_at").asc(nulls_first=True), "id")
            .select_for_update(skip_locked=True)
            .values_list("pk", flat=True)[:most]
        )
        if not ids:
            return [], starts
        Delivery.objects.filter(pk__in=ids).update(attempts=F("attempts") + 1, due_at=at + LEASE)
        busy = timedelta(seconds=len(ids) / per_second)
        Gateway.objects.filter(pk=channel).update(free_at=starts + busy)
        found = Delivery.objects.select_related("message", "candidate", "exam").in_bulk(ids)
        return [_taken(found[pk], at) for pk in ids], starts


@write(None)
def settle(
    *,
    channel: str,
    outcomes: Sequence[Outcome],
    gateway: str,
    by: Actor,
    at: datetime,
    pause: str = "",
    pause_for: timedelta | None = None,
) -> Mapping[str, int]:
    """What became of a batch is kept: sent, waiting for the next attempt, or given up. Returns how many of each.

    `pause`: why the gateway is left alone for a while, longer each time in a row. What somebody else has closed
    meanwhile stays as it is.
    """
    with acting(POST):
        mine = _still_mine(outcomes)
        rows = [_settled(outcome, gateway, at) for outcome in mine]
        closed = [row[0] for row in rows if row[1] not in OPEN]
        Delivery.objects.filter(pk__in=closed, is_secret=True).update(body="", subject="")
        update_rows("notices_delivery", "id", COLUMNS, rows)
        if pause:
            _pause(channel, pause, pause_for, at)
        elif any(outcome.ok for outcome in outcomes):
            Gateway.objects.filter(pk=channel).update(failures=0, paused_until=None, fault="")
    counts = Counter(str(row[1]) for row in rows)
    record(
        "notices.deliveries.settled",
        by=by,
        at=at,
        subject=f"channel:{channel}",
        office_path="/",
        data={
            "channel": channel,
            "gateway": gateway,
            "states": counts,
            "faults": Counter(o.fault for o in mine if o.fault),
            "paused": pause,
        },
    )
    return counts


@write("notices:notice:send")
def ask_again(*, exam: Exam, kind: str, channel: str, by: Actor, at: datetime) -> int:
    """What was given up of this kind and channel, in the actor's offices, waits again. Returns how many.

    A secret whose text is wiped stays given up: whoever needs one asks for a new one.
    """
    again = Delivery.objects.filter(
        exam=exam, kind=kind, channel=channel, state=State.GIVEN_UP, is_secret=False
    ).update(state=State.QUEUED, attempts=0, due_at=None, closed_at=None, fault="")
    record(
        "notices.deliveries.asked_again",
        by=by,
        at=at,
        subject=f"message:{kind}",
        exam=exam.slug,
        data={"kind": kind, "channel": channel, "count": again},
    )
    if again:
        wake([channel])
    return again


COLUMNS = ("state", "attempts", "due_at", "fault", "gateway", "provider_id", "address", "closed_at")


def _settled(o: Outcome, gateway: str, at: datetime) -> tuple[Any, ...]:
    """The row of the delivery: its id, then `COLUMNS`."""
    if o.ok:
        return (o.id, State.SENT, o.attempts, None, "", gateway, o.provider_id, seal(o.to), at)
    if o.untried:
        before = o.attempts - 1
        state = State.FAILED if before else State.QUEUED
        return (o.id, state, before, None, o.fault, gateway, "", seal(o.to), None)
    if o.is_final or o.attempts >= TRIES:
        return (o.id, State.GIVEN_UP, o.attempts, None, o.fault, gateway, "", seal(o.to), at)
    due = at + wait_after(o.attempts, o.chance)
    return (o.id, State.FAILED, o.attempts, due, o.fault, gateway, "", seal(o.to), None)


def _still_mine(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Those whose delivery is open and was not taken by another since; one that did go out counts in any case."""
    held = dict(
        Delivery.objects.filter(pk__in=[o.id for o in outcomes], state__in=OPEN)
        .order_by("pk")
        .select_for_update()
        .values_list("pk", "attempts")
    )
    return [o for o in outcomes if o.id in held and (o.ok or held[o.id] == o.attempts)]


def _taken(row: Delivery, at: datetime) -> Taken:
    fault = ""
    if row.until is not None and row.until <= at:
        fault = "too_late"
    elif row.attempts > TRIES:
        fault = "interrupted"  # every attempt ended without an answer, the last one too
    if row.message is None:
        language, to, subject, text = row.language, row.address, row.subject, row.body
    else:
        person, way = row.candidate, _way(row.exam, row.kind)
        language = person.language
        to = person.phone if row.channel == "sms" else person.email
        words = way.sms if row.channel == "sms" and way.sms else row.message.words
        subject, text = way.title.in_(language), words.in_(language)
    if row.channel == "email":
        text += GOODBYE.in_(language)
    return Taken(row.pk, str(row.key), row.kind, row.attempts, language, fault, to, subject, text)


def _way(exam: Exam | None, kind: str) -> MessageKind:
    found = programme(exam).messages.get(kind) if exam else None
    return found or MessageKind(kind, exam.name if exam else UNNAMED)


def _language_of(candidate_id: int | None) -> str:
    known = Candidate.objects.filter(pk=candidate_id).values_list("language", flat=True).first()
    return known if known in LANGUAGES else current_language()


def _gateway(channel: str) -> Gateway:
    Gateway.objects.bulk_create([Gateway(channel=channel)], ignore_conflicts=True)
    return Gateway.objects.select_for_update().get(pk=channel)


def _pause(channel: str, fault: str, asked: timedelta | None, at: datetime) -> None:
    gateway = _gateway(channel)
    wait = min(LONGEST_PAUSE, SMALLEST_PAUSE * 2 ** min(gateway.failures, 10))
    gateway.failures = min(gateway.failures + 1, 1000)
    gateway.paused_until = at + min(max(wait, asked or wait), LONGEST_ASKED)
    gateway.fault = fault
    gateway.save()
