"""Carrying out one act with containers: the only way into the log of custody."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows
from keju.rulebook import Refusal, RuleRefused
from keju.stages.custody import events, queries
from keju.stages.custody.models import Operation
from keju.stages.custody.models.chain import FATES
from keju.stages.custody.rules.chain import (
    CARRIES,
    Act,
    Change,
    State,
    check_contents,
    check_step,
    digest,
    following,
    sha,
)

COLUMNS = (
    "operation_id", "exam_id", "office_path", "container_id", "act", "number", "at", "place", "place_path", "custodian",
    "holder_id", "parent_id", "seal", "frozen", "copies", *FATES,
)  # fmt: skip
NAMED = 5  # containers that a refusal names


@write(None)
def carry_out(
    *,
    exam: Exam,
    key: UUID,
    act: Act,
    changes: Mapping[int, Change],
    office_path: str,
    subject: str = "",
    proposal_id: int | None = None,
    reason: str = "",
    rules: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> Operation:
    """The act is done with all these containers (id → what changes), or with none; each has one step more.

    `key`: the operation's id from the device: a second arrival changes nothing and returns the first; Stale if it meant
    something else. RuleRefused names the containers that stand in the way; Stale if one moved meanwhile; NotPermitted for
    one out of sight.
    """
    former = _again(exam, key, act, changes)
    if former is not None:
        record(
            events.REPEATED, by=by, at=at, subject=f"operation:{former.pk}", exam=exam.slug,
            office_path=former.office_path, rules=sorted(rules), data={"act": former.act},
        )  # fmt: skip
        return former
    held = queries.held(exam, changes)
    if not changes or len(held) != len(changes):
        raise NotPermitted(hidden=True)
    outers = _outers(exam, act, changes, {pk: h.state for pk, h in held.items()})
    inside = queries.contents(exam, list(changes)) if act in CARRIES else {}
    after: dict[int, State] = {}
    found: dict[tuple[str, str], tuple[Refusal, list[str]]] = {}
    for pk, change in changes.items():
        before = held[pk].state
        after[pk] = following(before, at, **change)
        into, out_of = outers.get(after[pk].parent_id), outers.get(before.parent_id)
        refusals = [
            *check_step(act, before, after[pk], outer_before=out_of, outer_after=into),
            *check_contents(act, [h.state for h in inside.get(pk, ())]),
        ]
        for refusal in refusals:
            found.setdefault((refusal.rule, refusal.code), (refusal, []))[1].append(held[pk].container.code)
    if found:
        raise RuleRefused([_naming(refusal, codes) for refusal, codes in found.values()])
    paths = {pk: held[pk].office_path for pk in changes}
    return log(
        exam=exam, key=key, act=act, states=after, paths=paths, office_path=office_path, subject=subject,
        proposal_id=proposal_id, reason=reason, rules=rules, by=by, at=at,
    )  # fmt: skip


@write(None)
def log(
    *,
    exam: Exam,
    key: UUID,
    act: Act,
    states: Mapping[int, State],
    paths: Mapping[int, str],
    office_path: str,
    subject: str,
    proposal_id: int | None,
    reason: str,
    rules: Sequence[str],
    identities: str = "",
    by: Actor,
    at: datetime,
) -> Operation:
    """The operation and its steps stand (states: container → after it); the database has judged them. Stale after a race.

    Its event binds the steps, the signatures it stands on, its reason, and what the containers are that it makes.
    """
    row = Operation.objects.create(
        exam=exam,
        office_path=office_path,
        key=key,
        act=act,
        subject=subject,
        proposal_id=proposal_id,
        reason=reason,
        containers=len(states),
        digest=digest(states),
        by=by.ref,
        at=at,
    )
    try:
        insert_rows(
            "custody_step", COLUMNS, (_row(row, pk, s, paths[pk]) for pk, s in sorted(states.items()))
        )
    except IntegrityError as raced:
        if "custody_step_number" in str(raced):
            raise Stale from raced
        raise
    record(
        f"{events.CHAIN}.{act}",
        by=by,
        at=at,
        subject=subject or f"operation:{row.pk}",
        exam=exam.slug,
        office_path=office_path,
        rules=sorted(rules),
        data={
            "operation": row.pk, "containers": row.containers, "digest": row.digest, "proposal": proposal_id,
            "reason": sha(reason), **({"identities": sha(identities)} if identities else {}),
        },
    )  # fmt: skip
    return row


def _row(operation: Operation, pk: int, state: State, path: str) -> tuple[object, ...]:
    counts = [getattr(state.counts, fate) for fate in FATES]
    return (
        operation.pk, operation.exam_id, path, pk, operation.act, state.number, state.at, state.place, state.place_path,
        state.custodian, state.holder_id, state.parent_id, state.seal, state.frozen, state.counts.total, *counts,
    )  # fmt: skip


def repeated(exam: Exam, key: UUID, by: Actor, at: datetime) -> Operation | None:
    """The operation of this key, where a device says once more what it had no answer to; None for a new key.

    For the services that take the key: what stands is their answer, before any rule asks whether it could be done again.
    """
    row = Operation.objects.filter(exam=exam, key=key).first()
    if row is not None:
        record(
            events.REPEATED, by=by, at=at, subject=f"operation:{row.pk}", exam=exam.slug, office_path=row.office_path,
            data={"act": row.act},
        )  # fmt: skip
    return row


def _again(exam: Exam, key: UUID, act: Act, changes: Mapping[int, Change]) -> Operation | None:
    row = Operation.objects.filter(exam=exam, key=key).first()
    if row is not None and not did(row, act, changes):
        raise Stale
    return row


def did(row: Operation, act: Act, changes: Mapping[int, Change]) -> bool:
    """Whether the operation was exactly this act with these containers and to this effect."""
    after = {step.container_id: step.state for step in row.steps.all()}
    return (
        row.act == act
        and after.keys() == changes.keys()
        and all(getattr(after[pk], name) == value for pk, to in changes.items() for name, value in to.items())
    )


def _outers(
    exam: Exam, act: Act, changes: Mapping[int, Change], held: Mapping[int, State]
) -> dict[int | None, State]:
    """The outer containers that are packed into or taken out of."""
    if act not in (Act.PACKED, Act.UNPACKED):
        return {}
    wanted = {c.get("parent_id") for c in changes.values()} | {s.parent_id for s in held.values()}
    return {pk: h.state for pk, h in queries.held(exam, [pk for pk in wanted if pk is not None]).items()}


def _naming(refusal: Refusal, codes: Sequence[str]) -> Refusal:
    more = f" … ({len(codes)})" if len(codes) > NAMED else ""
    return replace(refusal, facts={**refusal.facts, "containers": "、".join(codes[:NAMED]) + more})
