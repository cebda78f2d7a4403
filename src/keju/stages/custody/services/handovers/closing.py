"""Signing a handover, each with an own code; with the last signature everything found has another custodian (V11.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid5

from django.db import transaction

from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.effects import carries_out
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.needing import Capacity
from keju.kernel.approvals.services import Signer
from keju.kernel.audit import write
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services.offices import deliver
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.rulebook.words import t
from keju.stages.custody import events, queries
from keju.stages.custody.models import Handover, HandoverItem, HandoverPerson
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.queries.handover_sheets import stays_as_signed
from keju.stages.custody.queries.naming import ROLES
from keju.stages.custody.rules import handovers as rules
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.handovers import Seen
from keju.stages.custody.rules.places import Spot, read
from keju.stages.custody.services.chain import carry_out
from keju.stages.custody.services.handovers import hooks
from keju.stages.custody.services.handovers.informing import inform
from keju.stages.custody.services.handovers.noting import noted
from keju.stages.custody.services.handovers.preparing import changed, inbox_of, locked
from keju.stages.custody.services.handovers.scanning import KIND

RECEIPT = t("交接单：{kind}（{n}件）", "Handover sheet: {kind} ({n} containers)")
RECEIVED = t(
    "{receiver}已清点签字接收：应交{expected}件，完好{found}件，不完好{damaged}件，缺少{missing}件。交接单{number}号可在“试卷—交接”中打开。",
    "{receiver} has counted and signed: {expected} expected, {found} intact, {damaged} not intact, {missing} missing. Sheet "
    "no. {number} is under Papers, Handovers.",
)


@dataclass(frozen=True)
class Signed:
    """Whether the signature stands, and if not, why. `closed`: it was the last one."""

    stands: bool
    closed: bool = False
    refusals: Sequence[Refusal] = ()


@write("custody:handover:make")
def sign(
    *,
    exam: Exam,
    handover_id: int,
    person_id: int,
    code: str,
    content_hash: str,
    by: Actor,
    at: datetime,
) -> Signed:
    """The person has signed exactly what was shown (`content_hash`), by their own device or signing code; several sign on one
    telephone. With the last signature the handover is closed.

    It does not raise for who may not sign or whose code is wrong: the attempt is on record. Stale if the content is another.
    """
    row = locked(exam, handover_id, by, "signing")
    named = {p.person_id: p for p in reads.people(row)}
    one = named.get(person_id)
    against = list(rules.check_signer(one is not None, f"#{person_id}"))
    if one is not None:
        against = list(_check_able(exam, row, one))
    if one is not None and not against:
        now = {s.code for s in reads.stays(row)}
        against = list(rules.check_as_signed(stays_as_signed(row.proposal) if row.proposal else (), now))
    if one is not None and not against:
        against = _signed(row, one, code, content_hash, by, at)
    if against:
        noted(
            events.HANDOVER_REFUSED,
            row,
            by,
            at,
            {"person": person_id, "why": [r.code for r in against]},
            sorted({r.rule for r in against}),
        )
        return Signed(False, refusals=against)
    row.refresh_from_db()
    noted(events.HANDOVER_SIGNED, row, by, at, {"person": person_id, "role": one.role if one else ""})
    return Signed(True, row.state == "closed")


def _signed(
    row: Handover, one: HandoverPerson, code: str, content_hash: str, by: Actor, at: datetime
) -> list[Refusal]:
    assert row.proposal_id is not None  # it waits for its signatures
    capacity = Capacity(f"post:{one.post}", path_of(reads.side_code(row, one.side)))
    try:
        with transaction.atomic():
            given = approvals.sign(
                proposal_id=row.proposal_id,
                content_hash=content_hash,
                code=code,
                signer=Signer(one.person_id, one.name, [capacity]),
                by=by,
                at=at,
            )
    except RuleRefused as refused:
        return list(refused.refusals)
    return [] if given else [Refusal("V11.1", "handover_code", {"name": one.name}, field="code")]


def _check_able(exam: Exam, row: Handover, one: HandoverPerson) -> Sequence[Refusal]:
    """Who was named in force may have been barred since (V2.9)."""
    of = reads.kind_of(exam, row.kind)
    need = of.role(one.side, one.role)
    if need is None or not need.posts:
        return []
    able = reads.candidates(exam, reads.side_code(row, one.side), need)
    if any(c.person_id == one.person_id for c in able):
        return []
    return [Refusal("V2.9", "handover_unqualified", {"role": ROLES[one.role], "count": 1, "least": 1})]


@carries_out(KIND, t("交接", "Handover"))
@write(None)
def close(*, proposal: Proposal, by: Actor, at: datetime) -> Handover:
    """The handover is closed: one operation for all that was found whole and is free; the sheet is with the superior."""
    exam = proposal.exam
    assert exam is not None
    row = locked(exam, int(proposal.subject.partition(":")[2]), by, "signing")
    approvals.consume(
        proposal_id=proposal.pk, kind=KIND, subject=row.subject, content_hash=proposal.content_hash, by=by, at=at
    )  # fmt: skip
    items = {i.container_id: i for i in row.items.filter(seen=Seen.INTACT)}
    whole = sorted(items.keys() - {s.container_id for s in reads.stays(row)})
    _check_as_counted(exam, row, [items[pk] for pk in whole])
    answers = row.people.filter(left=False, side="receiver", answers=True).first()
    change = Change(
        place=row.place,
        place_path=path_at(row.place, row.receiver_code),
        custodian=row.receiver_code,
        holder_id=answers.person_id if answers else None,
    )
    if whole:
        row.operation = carry_out(
            exam=exam, key=uuid5(row.key, "handed over"), act=Act.HANDED_OVER, changes=dict.fromkeys(whole, change),
            office_path=row.office_path, subject=row.subject, proposal_id=proposal.pk,
            rules=["V11.1", reads.kind_of(exam, row.kind).rule], by=by, at=at,
        )  # fmt: skip
    row.items.update(living=False)
    row.state, row.ended_at = "closed", at
    row.receipt_at = at if row.receipt_to else None
    changed(row, "state", "ended_at", "operation", "receipt_at")
    noted(
        events.HANDOVER_CLOSED, row, by, at, {"handed_over": len(whole), "expected": row.containers, "proposal": proposal.pk}
    )  # fmt: skip
    if row.receipt_to:
        _send_receipt(exam, row, by, at)
    if whole and (after := reads.told_after(exam, row.kind)):
        inform(exam=exam, row=row, after=after, container_ids=whole, by=by, at=at)
    hooks.after_closing(exam=exam, row=row, container_ids=whole, by=by, at=at)
    return row


def _check_as_counted(exam: Exam, row: Handover, items: Sequence[HandoverItem]) -> None:
    """RuleRefused where something is not as it was listed, counted and signed: opened, sealed anew, emptied, moved since."""
    origin = reads.kind_of(exam, row.kind).origin
    ids = [item.container_id for item in items]
    held, inside = queries.held(exam, ids), queries.contents(exam, ids)
    other = []
    for item in items:
        now = held[item.container_id]
        same = (now.seal, len(inside[item.container_id]), now.custodian) == (
            item.seal,
            item.inside,
            row.sender_code,
        )
        if not same or not now.place or str(read(now.place).spot) not in origin:
            other.append(item.code)
    if other:
        named = {"containers": "、".join(sorted(other)[:5]), "count": len(other)}
        enforce([Refusal("V11.1", "handover_changed", named)])


def path_at(place: str, receiver_code: str) -> str:
    """The path of a place: of the site for its rooms, else of the office that receives there."""
    where = read(place)
    return path_of(
        where.key.partition("/")[0] if where.spot in (Spot.SEAL_ROOM, Spot.ROOM) else receiver_code
    )


def _send_receipt(exam: Exam, row: Handover, by: Actor, at: datetime) -> None:
    """V10.2.1, V11.2.2, V11.2.3: the signed sheet is with the superior at once."""
    done = reads.progress(row)
    kind = reads.kind_of(exam, row.kind)
    deliver(
        exam=exam,
        title=RECEIPT.format(kind=kind.name, n=row.containers),
        body=RECEIVED.format(
            receiver=office(row.receiver_code).name, expected=done.expected, found=done.found, damaged=done.damaged,
            missing=done.missing, number=row.pk,
        ),
        to=[inbox_of(row.receipt_to)],
        kind="custody",
        by=by,
        at=at,
    )  # fmt: skip
    clauses = {"centre": ["V10.2.1", "V11.2.2"], "region": ["V11.2.3"]}
    to = str(office(row.receipt_to).kind)
    noted(events.RECEIPT_SENT, row, by, at, {"to": row.receipt_to}, clauses.get(to, ["V11.1"]))
