"""Sending, forwarding, opening and acknowledging notices between offices."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Notice, Receipt
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.models import Office
from keju.rulebook.words import Words, t

NOWHERE = t("请至少选择一个接收单位。", "Choose at least one office to send it to.")
NOT_BELOW = t("只能发给本单位的下级：{codes}", "Notices go down the tree; not below your office: {codes}")
POST = Actor.system("notices")


@write("notices:notice:send")
def send(
    *,
    exam: Exam,
    title: Words,
    body: Words,
    to: Collection[str],
    by: Actor,
    at: datetime,
    kind: str = "notice",
    file: str | None = None,
    answer_by: datetime | None = None,
) -> Notice:
    """The notice is delivered to these offices (codes), all below the sender's, each with its own receipt.

    `answer_by`: until when it is to be acknowledged. ValidationError for no office or one that is not below.
    """
    stray = [o.code for o in _offices(to) if not below(o, by)]
    if stray:
        raise ValidationError(str(NOT_BELOW.format(codes=stray)))
    return deliver(
        exam=exam, title=title, body=body, to=to, by=by, at=at, kind=kind, file=file, answer_by=answer_by
    )


@write(None)
def deliver(
    *,
    exam: Exam,
    title: Words,
    body: Words,
    to: Collection[str],
    by: Actor,
    at: datetime,
    kind: str = "notice",
    file: str | None = None,
    answer_by: datetime | None = None,
) -> Notice:
    """As `send`, in any direction: for stages that report upwards and for the system's own reminders."""
    offices = _offices(to)
    if not offices:
        raise ValidationError(str(NOWHERE))
    with acting(POST):
        notice = Notice.objects.create(
            exam=exam,
            kind=kind,
            title_zh=title.zh,
            title_en=title.en,
            body_zh=body.zh,
            body_en=body.en,
            file=file or "",
            sender_code=by.office_code,
            office_path=by.office_path,
            sent_at=at,
            sent_by=by.ref,
            answer_by=answer_by,
        )
        _hand_out(notice, offices, by, at)
    record(
        "notices.notice.sent",
        by=by,
        at=at,
        subject=f"notice:{notice.pk}",
        rules=["V3.2"],
        exam=exam.slug,
        data={"kind": kind, "title": title.zh, "to": sorted(o.code for o in offices), "file": file or ""},
    )
    return notice


@write("notices:notice:send")
def forward(*, notice: int, to: Collection[str], by: Actor, at: datetime) -> int:
    """A recipient has handed the notice, unchanged, to offices below it; who has it already is left alone.

    Returns how many got it now. NotPermitted for a notice that this office did not get.
    """
    own = _own(notice, by)
    offices = _offices(to)
    stray = [o.code for o in offices if not below(o, by)]
    if stray or not offices:
        raise ValidationError(str(NOT_BELOW.format(codes=stray) if stray else NOWHERE))
    added = _hand_out(own.notice, offices, by, at)
    record(
        "notices.notice.forwarded",
        by=by,
        at=at,
        subject=f"notice:{notice}",
        rules=["V3.2"],
        exam=own.exam.slug,
        data={"to": sorted(o.code for o in offices), "added": added},
    )
    return added


@write("notices:notice:read")
def open_notice(*, notice: int, by: Actor, at: datetime) -> None:
    """The office has opened the notice: its receipt says when and by whom it was first read."""
    own = _own(notice, by)
    first = Receipt.objects.filter(pk=own.pk, read_at=None).update(read_at=at, read_by=by.ref)
    _receipt_event("notices.notice.read", own, by, at, first=bool(first))


@write("notices:notice:read")
def acknowledge(*, notice: int, by: Actor, at: datetime) -> None:
    """The office has acknowledged the notice (and so has read it); a second time changes nothing."""
    own = _own(notice, by)
    Receipt.objects.filter(pk=own.pk, read_at=None).update(read_at=at, read_by=by.ref)
    first = Receipt.objects.filter(pk=own.pk, acknowledged_at=None).update(
        acknowledged_at=at, acknowledged_by=by.ref
    )
    _receipt_event("notices.notice.acknowledged", own, by, at, first=bool(first))


def below(office: Office, by: Actor) -> bool:
    """Whether this actor's office may send to that one: lower in the tree, or a fellow national body."""
    if office.code == by.office_code or not by.office_path:
        return False
    return office.path.startswith(by.office_path) and (by.office_path == "/" or office.path != by.office_path)


def _offices(codes: Collection[str]) -> list[Office]:
    found = list(Office.objects.filter(code__in=set(codes)).order_by("code"))
    unknown = set(codes) - {o.code for o in found}
    if unknown:
        raise ValidationError(
            str(t("没有这样的单位：{codes}", "No such office: {codes}").format(codes=sorted(unknown)))
        )
    return found


def _hand_out(notice: Notice, offices: Sequence[Office], by: Actor, at: datetime) -> int:
    before = notice.receipts.count()
    rows = [
        Receipt(
            notice=notice, exam_id=notice.exam_id, office_code=o.code, office_path=o.path,
            from_code=by.office_code, delivered_at=at,
        )
        for o in offices
    ]  # fmt: skip
    Receipt.objects.bulk_create(rows, ignore_conflicts=True)
    return notice.receipts.count() - before


def _own(notice: int, by: Actor) -> Receipt:
    own = (
        Receipt.objects.select_related("notice", "exam")
        .filter(notice=notice, office_code=by.office_code)
        .first()
    )
    if own is None:
        raise NotPermitted(hidden=True)
    return own


def _receipt_event(kind: str, own: Receipt, by: Actor, at: datetime, *, first: bool) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"notice:{own.notice_id}",
        rules=["V3.2"],
        exam=own.exam.slug,
        office_path=own.office_path,
        data={"office": own.office_code, "first": first},
    )
