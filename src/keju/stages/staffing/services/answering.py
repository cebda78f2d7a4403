"""Asking people whether they accept, and keeping what they answer: by one-time link, or on signed paper."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files import scans
from keju.kernel.files.services import NewFile, store_many
from keju.kernel.notices.services import Text, dispatch_many
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import insert_rows
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.rulebook.words import current_language, t
from keju.stages.staffing import events, queries
from keju.stages.staffing.models import APPOINTMENT_TRANSITIONS, Appointment, Invitation, State
from keju.stages.staffing.queries import Invited, recusal
from keju.stages.staffing.rules.recusal import check_declared
from keju.stages.staffing.services.appointing import clauses, finish, record_about
from keju.stages.staffing.services.people import NATION

LASTS = timedelta(days=14)
"""How long a link may be answered; a new one may be sent at any time."""
LINK, PAPER = "link", "paper"
TITLE = t("考务任用通知", "Appointment for the examination")
TEXT = t(
    "{name}：您被任用为{exam}{post}，请在{days}天内打开链接回复是否接受：{url} （本人专用，请勿转发）",
    "{name}: you are appointed “{post}” for {exam}. Answer within {days} days: {url} (yours alone; do not pass it on)",
)
COLUMNS = ("appointment_id", "office_path", "token_hash", "expires_at", "made_by", "made_at", "printed")


@dataclass(frozen=True)
class Link:
    """A fresh one-time link. The token stands nowhere else: who loses it is sent another."""

    appointment_id: int
    token: str


@write("staffing:appointment:make")
def invite(
    *,
    exam: Exam,
    appointment_ids: Sequence[int],
    base: str,
    printed: bool = False,
    by: Actor,
    at: datetime,
) -> list[Link]:
    """Each of these people is asked: a fresh link to each, by text message where there is a telephone; earlier links end.

    `base`: what the token is added to for the whole address; `printed`: the office has it on paper as well.
    `NotPermitted(hidden=True)` if one is out of scope,
    RuleRefused if one is answered or ended.
    """
    rows = _held(exam, appointment_ids, by)
    _refuse_unless(rows, "invite")
    Invitation.objects.filter(appointment__in=rows, used_at=None, ended_at=None).update(ended_at=at)
    links = [Link(row.pk, secrets.token_urlsafe(16)) for row in rows]
    insert_rows(
        "staffing_invitation",
        COLUMNS,
        (
            (row.pk, row.office_path, queries.token_hash(link.token), at + LASTS, by.ref, at, printed)
            for row, link in zip(rows, links, strict=True)
        ),
    )
    Appointment.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.INVITED, version=F("version") + 1
    )
    _send(exam, rows, links, base, by, at)
    record(
        events.APPOINTMENTS_INVITED,
        by=by,
        at=at,
        exam=exam.slug,
        subject=f"appointment:{rows[0].pk}" if len(rows) == 1 else "appointments",
        office_path=rows[0].office_path if len(rows) == 1 else by.office_path,
        rules=clauses(exam, [row.post for row in rows]),
        data={"count": len(rows)},
    )
    return links


def _send(
    exam: Exam, rows: Sequence[Appointment], links: Sequence[Link], base: str, by: Actor, at: datetime
) -> None:
    """Text messages with the links; none where no telephone is known, for slips are printed for those."""
    programme, spoken = exams.programme(exam), current_language()
    texts = []
    for row, link in zip(rows, links, strict=True):
        person, post = row.member.person, programme.post(row.post)
        if person.phone and post is not None:
            words = TEXT.format(
                name=person.name, exam=exam.name, post=post.name, days=LASTS.days, url=base + link.token
            )
            texts.append(Text(person.phone, words.in_(spoken), row.office_path))
    if texts and not exam.is_rehearsal:
        dispatch_many(
            channel="sms", texts=texts, kind="staffing_invitation", subject=TITLE.in_(spoken), language=spoken,
            exam=exam, secret=True, until=at + LASTS, by=by, at=at,
        )  # fmt: skip


@write(None)
def answer(*, invited: Invited, accept: bool, reason: str = "", at: datetime, by: Actor) -> None:
    """The person behind the link accepts or declines, once. RuleRefused if the link is over by now."""
    with acting(NATION):
        link = Invitation.objects.select_for_update().get(pk=invited.invitation_id)
        row = (
            Appointment.objects.select_for_update(of=["self"])
            .select_related("exam", "member__person")
            .get(pk=link.appointment_id)
        )
        over = link.used_at is not None or link.ended_at is not None or link.expires_at <= at
        if over or row.state != State.INVITED:
            raise RuleRefused([Refusal(invited.post.rule, "staffing_link_over")])
        if accept:
            enforce(check_declared(recusal.names_undeclared(row.exam, [row])))
        link.used_at = at
        link.save(update_fields=["used_at"])
        finish(row, "accept" if accept else "decline", by=by, at=at, answered=LINK, reason=reason)
        event = events.APPOINTMENT_ACCEPTED if accept else events.APPOINTMENT_DECLINED
        record_about(event, row, by, at, way=LINK)


@write("staffing:appointment:make")
def accept_on_paper(
    *, exam: Exam, appointment_ids: Sequence[int], scan: bytes, by: Actor, at: datetime
) -> None:
    """These people have accepted on the signed paper of which this is the scan: one list may hold many signatures."""
    if not scan:
        raise RuleRefused([Refusal("V2.8", "staffing_no_scan", field="scan")])
    page = scans.prepare(scan)
    rows = _held(exam, appointment_ids, by)
    _refuse_unless(rows, "accept")
    enforce(check_declared(recusal.names_undeclared(exam, rows)))
    [sha] = store_many(
        files=[NewFile(page.data, "acceptance", page.content_type, by.office_path)], by=by, at=at
    )
    settle(exam=exam, appointment_ids=[row.pk for row in rows], scan=sha, by=by, at=at)


@write(None)
def settle(*, exam: Exam, appointment_ids: Sequence[int], scan: str, by: Actor, at: datetime) -> int:
    """These living appointments are accepted on paper, with the scan of this SHA-256; links to them end. Set-based."""
    rows = Appointment.objects.filter(
        exam=exam, pk__in=appointment_ids, state__in=[State.PROPOSED, State.INVITED]
    )
    posts = sorted(set(rows.values_list("post", flat=True)))
    Invitation.objects.filter(appointment__in=rows, used_at=None, ended_at=None).update(ended_at=at)
    done = rows.update(
        state=State.ACCEPTED, answered=PAPER, scan=scan, decided_at=at, version=F("version") + 1
    )
    one = len(appointment_ids) == 1
    record(
        events.APPOINTMENT_ACCEPTED,
        by=by,
        at=at,
        exam=exam.slug,
        subject=f"appointment:{appointment_ids[0]}" if one else "appointments",
        rules=clauses(exam, posts),
        data={"count": done, "way": PAPER, "scan": scan},
    )
    return done


@write("staffing:appointment:make")
def decline_on_paper(*, exam: Exam, appointment_id: int, reason: str, by: Actor, at: datetime) -> None:
    """The person told the office that they decline, and why; the post is free for somebody else."""
    [row] = _held(exam, [appointment_id], by)
    enforce([Refusal("V2.8", "staffing_no_reason", field="reason")] if not reason.strip() else [])
    _refuse_unless([row], "decline")
    finish(row, "decline", by=by, at=at, answered=PAPER, reason=reason)
    record_about(events.APPOINTMENT_DECLINED, row, by, at, way=PAPER)


def _held(exam: Exam, appointment_ids: Sequence[int], by: Actor) -> list[Appointment]:
    """The appointments in their order, held for this transaction; hidden if one is outside the actor's scope."""
    found = Appointment.objects.select_for_update(of=["self"]).select_related("member__person", "exam")
    rows = found.filter(exam=exam, pk__in=appointment_ids, **queries.under(by.office_path or "-"))
    by_id = {row.pk: row for row in rows.order_by("pk")}
    if not by_id or set(appointment_ids) != by_id.keys():
        raise NotPermitted("staffing:appointment:make", hidden=True)
    return [by_id[pk] for pk in dict.fromkeys(appointment_ids)]


def _refuse_unless(rows: Sequence[Appointment], verb: str) -> None:
    if any(verb not in APPOINTMENT_TRANSITIONS[State(row.state)] for row in rows):
        raise RuleRefused([Refusal("V2.8", "staffing_not_acceptable")])
