"""Refunds leave in batches: listed by one person, released by another, each once; the bank's file belongs to it (V8.3)."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from procrastinate.contrib.django import app

from keju.kernel.accounts.sealed import seal
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services import tell_candidates
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows_returning
from keju.kernel.offices.queries import path_of
from keju.kernel.sheets import Column, write_csv, write_table
from keju.rulebook import enforce
from keju.rulebook.words import Words, t
from keju.stages.fees import events, queries, rules
from keju.stages.fees.models import (
    Kind,
    PayoutAccount,
    Refund,
    RefundBatch,
    RefundItem,
)
from keju.stages.fees.services.ledger import Draft, lock_regions, own, post
from keju.stages.fees.services.refunds import complete
from keju.stages.registration import queries as registration

SEND_REFUNDS = "keju.fees.send_refunds"
ITEM = [
    "exam_id",
    "office_path",
    "batch_id",
    "refund_id",
    "amount",
    "state",
    "holder",
    "bank",
    "account",
    "reason",
]
SENT = t(
    "应退您的{amount}元已由{way}退出，一般数日内到账。",
    "Your refund of {amount} yuan is on its way ({way}); it usually takes a few days.",
)
FILE = (
    Column("n", t("序号", "No."), kind="int"),
    Column("holder", t("收款人户名", "Account holder")),
    Column("bank", t("开户银行", "Bank")),
    Column("account", t("收款账号", "Account number")),
    Column("amount", t("金额", "Amount"), kind="decimal"),
    Column("remark", t("附言", "Remark")),
)


@write("fees:own:pay")
def enter_account(*, exam: Exam, holder: str, bank: str, number: str, by: Actor, at: datetime) -> None:
    """Refunds of the candidate go to this account from the next batch on."""
    mine = registration.own(viewer=by, exam=exam)
    if mine is None:
        raise NotPermitted(hidden=True)
    enforce(rules.check_account(holder, bank, number))
    digits = number.replace(" ", "").replace("-", "")
    PayoutAccount.objects.create(
        exam=exam,
        registration=mine,
        candidate_id=mine.candidate_id,
        office_path=mine.office_path,
        holder=holder.strip(),
        bank=bank.strip(),
        number=digits,
        entered_at=at,
    )
    record(
        events.ACCOUNT_ENTERED,
        by=by,
        at=at,
        subject=f"registration:{mine.pk}",
        exam=exam.slug,
        office_path=mine.office_path,
        rules=["V8.3"],
        data={"ends_with": digits[-4:]},
    )


@write("fees:refund:execute")
def propose_batch(
    *,
    exam: Exam,
    region_code: str,
    way: str = "bank",
    refund_ids: Sequence[int] | None = None,
    by: Actor,
    at: datetime,
) -> RefundBatch:
    """Everything owed (or of it the `refund_ids`) that can go this way is in a batch, waiting for another person's release.

    By the bank goes what has an account (the candidate's, else the payer's of the transfer); online what came online; by
    hand whatever is chosen. RuleRefused if nothing can.
    """
    path = path_of(region_code)
    own(by, path)
    lock_regions(exam, [region_code])
    owed = queries.waiting(exam, path).select_related("line")
    if refund_ids is not None:
        owed = owed.filter(pk__in=refund_ids)
    rows = list(owed)
    accounts = queries.accounts(exam, [r.registration_id for r in rows if r.registration_id is not None])
    chosen = [r for r in rows if _goes(r, way, accounts)]
    enforce(rules.check_proposal(len(chosen), len(rows) - len(chosen)))
    batch = RefundBatch.objects.create(
        exam=exam,
        region_code=region_code,
        office_path=path,
        number=_number(exam, region_code),
        way=way,
        count=len(chosen),
        amount=sum((r.amount for r in chosen), Decimal(0)),
        digest=_digest(chosen, way),
        proposed_by=by.ref,
        proposed_at=at,
    )
    try:
        with transaction.atomic():
            insert_rows_returning("fees_refund_item", ITEM, _items(batch, chosen, accounts))
    except IntegrityError as error:
        raise Stale from error
    _record(events.BATCH_PROPOSED, batch, by, at)
    return batch


@write("fees:refund:execute")
def release_batch(*, exam: Exam, batch_id: int, digest: str, by: Actor, at: datetime) -> RefundBatch:
    """Another person has looked (`digest`: at exactly this) and the money leaves: each refund is paid, its candidate told.

    With the last one of a region its duty of V8.3 is done.
    """
    batch = _open(exam, batch_id)
    enforce(rules.check_release(batch.proposed_by, by.ref, digest, batch.digest))
    items = list(RefundItem.objects.filter(batch=batch).select_related("refund").order_by("pk"))
    RefundItem.objects.filter(batch=batch).update(state="sent")
    Refund.objects.filter(pk__among=[i.refund_id for i in items]).update(paid_at=at, paid_by=by.ref)
    post(
        exam,
        [
            Draft(
                Kind.REFUND,
                i.refund.office_path,
                i.refund.registration_id,
                rules.refund(i.amount, batch.way),
                f"item:{i.pk}",
            )
            for i in items
        ],
        by,
        at,
    )
    _decide(batch, "released", by, at)
    _tell(exam, batch, items, by, at)
    complete(exam, batch.region_code, by, at)
    _record(events.BATCH_RELEASED, batch, by, at)
    if batch.way == "gateway":
        # What has left the house cannot be rolled back: nothing leaves before all of this stands.
        transaction.on_commit(lambda: _send_later(exam, batch_id))
    return batch


def _send_later(exam: Exam, batch_id: int) -> None:
    """A worker tells the gateway, again and again until it has heard."""
    app.configure_task(SEND_REFUNDS, queue="work").defer(exam=exam.slug, batch_id=batch_id)


@write("fees:refund:execute")
def drop_batch(*, exam: Exam, batch_id: int, by: Actor, at: datetime) -> RefundBatch:
    """The batch does not leave; what was in it waits for another one."""
    batch = _open(exam, batch_id)
    RefundItem.objects.filter(batch=batch).update(state="dropped")
    _decide(batch, "dropped", by, at)
    _record(events.BATCH_DROPPED, batch, by, at)
    return batch


@write("fees:refund:execute")
def batch_file(*, exam: Exam, batch_id: int, kind: str, by: Actor, at: datetime) -> bytes:
    """The file for the bank, "csv" or "xlsx", with the accounts in clear: who took it is on record. Only once released."""
    batch = queries.batch(exam, batch_id)
    if batch.state != "released":
        raise Stale
    rows = [
        {
            "n": n,
            "holder": item.holder,
            "bank": item.bank,
            "account": item.account,
            "amount": item.amount,
            "remark": f"{rules.reference(item.pk, rules.REFUND)} 退费",
        }
        for n, item in enumerate(queries.items(batch), 1)
    ]
    data = write_csv(FILE, rows) if kind == "csv" else write_table(FILE, rows)
    _record(events.BATCH_FILE_TAKEN, batch, by, at, file=kind, sha256=hashlib.sha256(data).hexdigest())
    return data


def _goes(refund: Refund, way: str, accounts: dict[int, PayoutAccount]) -> bool:
    if way == "gateway":
        return refund.order_id is not None
    if way == "bank":
        named = refund.registration_id is not None and refund.registration_id in accounts
        return refund.order_id is None and (named or bool(refund.line and refund.line.account))
    return way == "hand"


def _items(
    batch: RefundBatch, refunds: Sequence[Refund], accounts: dict[int, PayoutAccount]
) -> Iterable[tuple[object, ...]]:
    for r in refunds:
        named = accounts.get(r.registration_id) if r.registration_id is not None else None
        holder, bank, number = "", "", ""
        if batch.way == "bank" and named is not None:
            holder, bank, number = named.holder, named.bank, named.number
        elif batch.way == "bank" and r.line is not None:
            holder, number = r.line.payer, r.line.account
        yield (
            batch.exam_id, r.office_path, batch.pk, r.pk, r.amount, "listed", seal(holder), seal(bank), seal(number), "",
        )  # fmt: skip


def _digest(refunds: Sequence[Refund], way: str) -> str:
    listed = "\n".join(rules.batch_digest_line(r.pk, r.amount, way) for r in refunds)
    return hashlib.sha256(listed.encode()).hexdigest()


def _number(exam: Exam, region_code: str) -> str:
    """The batch's readable number: TF, year, region, serial. The region's money is locked, so none is given twice."""
    made = RefundBatch.objects.filter(exam=exam, region_code=region_code).count()
    return f"TF{exam.year % 100:02d}{region_code}{made + 1:03d}"


def _open(exam: Exam, batch_id: int) -> RefundBatch:
    batch = RefundBatch.objects.filter(exam=exam, pk=batch_id).first()
    if batch is None:
        raise NotPermitted(hidden=True)
    lock_regions(exam, [batch.region_code])
    batch = RefundBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state != "proposed":
        raise Stale
    return batch


def _decide(batch: RefundBatch, state: str, by: Actor, at: datetime) -> None:
    batch.state, batch.decided_by, batch.decided_at = state, by.ref, at
    batch.save(update_fields=["state", "decided_by", "decided_at"])


def _tell(exam: Exam, batch: RefundBatch, items: Sequence[RefundItem], by: Actor, at: datetime) -> None:
    said: dict[Words, list[int]] = {}
    for item in items:
        if item.refund.candidate_id is not None:
            words = SENT.format(amount=rules.money(item.amount), way=queries.WAYS[batch.way])
            said.setdefault(words, []).append(item.refund.candidate_id)
    for words, ids in said.items():
        tell_candidates(
            exam=exam,
            candidate_ids=ids,
            office_path=batch.office_path,
            kind="fees.refund.sent",
            words=words,
            by=by,
            at=at,
        )


def _record(kind: str, batch: RefundBatch, by: Actor, at: datetime, **more: object) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"refund batch:{batch.number}",
        exam=batch.exam.slug,
        office_path=batch.office_path,
        rules=["V8.3"],
        data={"count": batch.count, "amount": batch.amount, "way": batch.way, "digest": batch.digest, **more},
    )
