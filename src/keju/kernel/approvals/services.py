"""Proposing, signing, refusing, withdrawing, and using what was approved, once."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from keju.kernel.accounts import queries as people
from keju.kernel.accounts import services as accounts
from keju.kernel.accounts.models import Person, Proof
from keju.kernel.approvals import effects, events, queries
from keju.kernel.approvals.content import Content, canonical, digest
from keju.kernel.approvals.models import NeededSignature, Proposal, Signature
from keju.kernel.approvals.needing import Capacity, Need, chosen
from keju.kernel.approvals.states import APPROVED, LIVING, OPEN, REFUSED, SUPERSEDED, USED, WITHDRAWN
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import Refusal, RuleRefused

NO_RULE = "approvals"
SYSTEM = Actor.system("approvals")


@dataclass(frozen=True)
class Signer:
    """Who signs on a telephone where somebody else is signed in. The calling stage vouches for the capacities."""

    person_id: int
    name: str
    capacities: Sequence[Capacity]


@write(None)
def propose(
    *,
    kind: str,
    subject: str,
    exam: Exam | None,
    office_path: str,
    content: Content,
    content_hash: str = "",
    needs: Sequence[Need],
    expires_at: datetime,
    rules: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> Proposal:
    """The content waits for the signatures of distinct people other than the proposer, until `expires_at`.

    `content_hash`: SHA-256 (hex) of what takes effect, by default that of the content as shown. A living proposal about the
    same subject is superseded by other content; the same content by the same person is the same proposal.
    """
    content_hash = content_hash or digest(content)
    _locked_subject(kind, subject, exam)
    living = Proposal.objects.filter(kind=kind, subject=subject, exam=exam, state__in=LIVING).first()
    seen = canonical(
        {
            "kind": kind,
            "subject": subject,
            "exam": exam.slug if exam else "",
            "office_path": office_path,
            "content_hash": content_hash,
            "content": content.plain(),
            "needs": [[n.what, n.count, n.at_path] for n in needs],
        }
    )
    if living is not None:
        same = living.seen == seen and living.proposer_id == by.person_id and living.expires_at > at
        if same:
            _record(events.PROPOSED, living, by, at, {"again": True})
            return living
        _end(living, SUPERSEDED, events.SUPERSEDED, by=by, at=at)
    row = Proposal.objects.create(
        exam=exam,
        kind=kind,
        subject=subject,
        office_path=office_path,
        office_code=by.office_code,
        content_hash=content_hash,
        seen=seen,
        seen_hash=_sha(seen),
        rules=sorted(rules),
        needed=sum(n.count for n in needs),
        proposer_id=by.person_id,
        proposed_by=by.ref,
        proposed_at=at,
        expires_at=expires_at,
    )
    places = [(n.what, n.at_path) for n in needs for _ in range(n.count)]
    NeededSignature.objects.bulk_create(
        NeededSignature(proposal=row, office_path=office_path, number=k, what=what, at_path=place)
        for k, (what, place) in enumerate(places, 1)
    )
    _record(events.PROPOSED, row, by, at, {"needs": [f"{n.what} × {n.count}" for n in needs]})
    return row


@write(None)
def sign(
    *,
    proposal_id: int,
    content_hash: str,
    code: str,
    signer: Signer | None = None,
    by: Actor,
    at: datetime,
) -> Signature | None:
    """The person consents to exactly this content; with the last signature the proposal is approved and carried out.

    None if the code does not prove the person: it does not raise, because a wrong try is remembered. Stale if the
    content is another or the proposal has ended; RuleRefused says why somebody may not sign.
    """
    row = _locked(proposal_id)
    person_id, name = (signer.person_id, signer.name) if signer else (by.person_id, by.name)
    if person_id is None:
        raise NotPermitted
    held = signer.capacities if signer else queries.capacities(by)
    if row.state != OPEN or content_hash != row.content_hash:
        raise Stale
    slot = chosen(queries.open_slots(row), held, office_path=row.office_path)
    _refuse_if(row, "approval_expired", at >= row.expires_at)
    mine = _own_entries(person_id)
    _refuse_if(row, "approval_own", row.proposer_id in mine)
    _refuse_if(row, "approval_twice", row.signatures.filter(person_id__in=mine).exists())
    if slot is None:
        raise _refusal(row, "approval_not_yours")
    proof = accounts.prove(person_id=person_id, code=code, purpose=f"proposal:{row.pk}", by=by, at=at)
    if proof is None:
        return None
    _refuse_if(row, "approval_code_known", _is_known(proof, row))
    signature = Signature.objects.create(
        proposal=row,
        need_id=slot.pk,
        office_path=row.office_path,
        person_id=person_id,
        signer_name=name,
        proof=proof,
        content_hash=content_hash,
        seen_hash=row.seen_hash,
        signed_at=at,
    )
    _record(events.SIGNED, row, by, at, {"person": person_id, "as": slot.what, "means": proof.means})
    if not queries.open_slots(row):
        _end(row, APPROVED, events.APPROVED, by=by, at=at)
        effect = effects.effect(row.kind)
        if effect is not None:
            effect(proposal=row, by=by, at=at)
    return signature


@write(None)
def refuse(*, proposal_id: int, reason: str, by: Actor, at: datetime) -> None:
    """The proposal ends, for the reason given: by anybody who could sign it or has signed it."""
    row = _locked(proposal_id)
    _living(row)
    if not queries.may_refuse(by, row):
        raise _refusal(row, "approval_not_yours")
    _reasoned(row, reason)
    _end(row, REFUSED, events.REFUSED, reason=reason, by=by, at=at)


@write(None)
def withdraw(*, proposal_id: int, reason: str, by: Actor, at: datetime) -> None:
    """The proposal ends by who made it, also if everybody had signed, as long as it is not carried out."""
    row = _locked(proposal_id)
    _living(row)
    if row.proposed_by != by.ref:
        raise _refusal(row, "approval_not_yours")
    _reasoned(row, reason)
    _end(row, WITHDRAWN, events.WITHDRAWN, reason=reason, by=by, at=at)


@write(None)
def consume(
    *,
    proposal_id: int,
    kind: str,
    subject: str,
    content_hash: str,
    needs: Sequence[Need] | None = None,
    by: Actor,
    at: datetime,
) -> Proposal:
    """The approval is used, now and never again, for this kind, subject and content; `needs`: if given, it had these.

    RuleRefused if it is not approved, used already, expired, or for something else.
    """
    row = _locked(proposal_id)
    fits = (row.kind, row.subject, row.content_hash) == (kind, subject, content_hash)
    _refuse_if(row, "approval_other", not fits)
    _refuse_if(row, "approval_other", needs is not None and _counted(needs) != _counted_of(row))
    _refuse_if(row, "approval_used", row.state == USED)
    _refuse_if(row, "approval_missing", row.state != APPROVED)
    _refuse_if(row, "approval_expired", at >= row.expires_at)
    _end(row, USED, events.USED, by=by, at=at)
    return row


def _locked_subject(kind: str, subject: str, exam: Exam | None) -> None:
    """Two proposals about one subject at once: one waits for the other."""
    name = f"approvals:{exam.pk if exam else 0}:{kind}:{subject}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _locked(proposal_id: int) -> Proposal:
    return Proposal.objects.select_for_update(of=["self"]).select_related("exam").get(pk=proposal_id)


def _end(row: Proposal, state: str, event: str, *, by: Actor, at: datetime, reason: str = "") -> None:
    row.state, row.decided_by, row.decided_at, row.reason = state, by.ref, at, reason.strip()[:500]
    row.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    _record(event, row, by, at, {})  # the reason, which may name people, stands in the row


def _record(event: str, row: Proposal, by: Actor, at: datetime, data: dict[str, object]) -> None:
    record(
        event,
        by=by,
        at=at,
        subject=f"proposal:{row.pk}",
        rules=row.rules,
        exam=row.exam.slug if row.exam else "",
        office_path=row.office_path,
        data={
            "kind": row.kind,
            "of": row.subject,
            "content": row.content_hash,
            "seen": row.seen_hash,
            **data,
        },
    )


def _own_entries(person_id: int) -> list[int]:
    """The ids of one human, however often they were entered (ADR 19), held: a joining meanwhile waits."""
    with acting(SYSTEM):
        Person.objects.select_for_update(no_key=True).get(pk=person_id)
        return people.own_ids(person_id)


def _is_known(proof: Proof, row: Proposal) -> bool:
    """Whether who made a sheet of codes, and so has seen it, would have a part beside its owner in this proposal."""
    with acting(SYSTEM):
        signed = list(row.signatures.values_list("person_id", "proof__issuer_id"))
    parts = people.humans_of([row.proposer_id, *(person for person, _ in signed)])
    made = people.humans_of([proof.issuer_id]) & parts
    makers = people.humans_of(issuer for _, issuer in signed)
    return bool(made or makers & people.humans_of([proof.person_id]))


def _living(row: Proposal) -> None:
    if row.state not in LIVING:
        raise Stale


def _reasoned(row: Proposal, reason: str) -> None:
    _refuse_if(row, "approval_reason", not reason.strip())


def _refuse_if(row: Proposal, code: str, applies: bool) -> None:
    if applies:
        raise _refusal(row, code)


def _refusal(row: Proposal, code: str) -> RuleRefused:
    rule = row.rules[0] if row.rules else NO_RULE
    return RuleRefused([Refusal(rule, code, {"expired": row.expires_at})])


def _counted(needs: Sequence[Need]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for need in needs:
        found[need.what, need.at_path] += need.count
    return found


def _counted_of(row: Proposal) -> Counter[tuple[str, str]]:
    return Counter(row.needs.values_list("what", "at_path"))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
