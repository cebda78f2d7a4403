"""The first review, at the point, with the candidate at the counter (V5.3.1a–V5.3.2c)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services import tell_candidates
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.words import Words, t
from keju.stages.announcement import queries as announcement
from keju.stages.fees import queries as fees
from keju.stages.fees import services as money
from keju.stages.fees.services import Payment
from keju.stages.registration import queries as registration
from keju.stages.registration import services as registering
from keju.stages.registration.queries import Brief
from keju.stages.review import events, queries, rules
from keju.stages.review.rules import Desk, Form, Ticks

COLUMNS = [
    *("exam_id", "registration_id", "candidate_id", "office_path", "form_version", "form", "materials"),
    *("returned", "passed", "reason", "decided_by", "decided_at"),
]
PASSED = t(
    "您的报名已现场确认，初审通过，等待考区复核。",
    "Your registration is confirmed: the first review is passed and the region's second review follows.",
)
FAILED = t("您的报名初审未通过，原因：{reason}", "Your registration did not pass the first review: {reason}")


@dataclass(frozen=True)
class FirstDecision:
    """What was found and done at the counter. `materials`: code → (complete, true, valid); `payment` if taken now.

    `signed`: the candidate signed both copies of the form as the data now stand (V5.3.2b).
    `version`: of the registration that the clerk saw (0: not said); another one by now is `Stale`.
    """

    registration_id: int
    passed: bool
    materials: Mapping[str, Ticks] = field(default_factory=dict)
    returned: bool = False
    reason: str = ""
    payment: Payment | None = None
    version: int = 0
    signed: bool = False


@write("review:first:decide")
def decide_first(
    *, exam: Exam, decisions: Sequence[FirstDecision], by: Actor, at: datetime
) -> dict[int, str]:
    """Each registration is confirmed (fee taken, receipt given) or rejected with its reason, and the candidate told.

    All or none. Returns the receipt number by registration. `Stale` if somebody decided one of them first.
    """
    briefs = registration.briefs(viewer=by, exam=exam, ids=[d.registration_id for d in decisions])
    if any(d.registration_id not in briefs for d in decisions):
        raise NotPermitted(hidden=True)
    if any(b.state != "submitted" for b in briefs.values()) or len(briefs) != len(decisions):
        raise Stale
    if any(d.version not in (0, briefs[d.registration_id].version) for d in decisions):
        raise Stale
    forms = queries.forms(viewer=by, exam=exam, versions={pk: b.version for pk, b in briefs.items()})
    _judge(exam, decisions, briefs, forms, at)
    try:
        with transaction.atomic():
            insert_rows(
                "review_first",
                COLUMNS,
                (
                    _row(exam, d, briefs[d.registration_id], forms[d.registration_id], by, at)
                    for d in decisions
                ),
            )
    except IntegrityError as error:
        # A colleague decided it a moment ago; the constraint waited for their transaction and is the judge.
        raise Stale from error
    receipts: dict[int, str] = {}
    payments = [d.payment for d in decisions if d.payment is not None]
    # Whose whole fee arrived before, by the bank or online, only gets the receipt.
    bare = {d.registration_id: briefs[d.registration_id] for d in decisions if d.passed and d.payment is None}
    payments += money.prepayments(exam, bare, at)
    if payments:
        taken = money.take_payments(exam=exam, payments=payments, by=by, at=at)
        receipts = {one.registration_id: one.receipt for one in taken}
    _set_results(exam, decisions, briefs, by, at)
    _event(exam, decisions, briefs, by=by, at=at)
    return receipts


def _judge(
    exam: Exam,
    decisions: Sequence[FirstDecision],
    briefs: Mapping[int, Brief],
    forms: Mapping[int, Form],
    at: datetime,
) -> None:
    """RuleRefused with everything that stands against any of the decisions."""
    ids = list(briefs)
    doubted = registration.judged_photos(exam=exam, ids=ids)
    paid = fees.paid(exam, ids) | fees.covered(exam, briefs, at).keys()
    refusals: list[Refusal] = []
    for region in {b.point_code[:2] for b in briefs.values()}:
        windows = announcement.windows(exam, f"/{region}/")
        refusals += rules.check_confirmation_open(at, windows.confirmation_opens, windows.confirmation_ends)
    required = {
        route: tuple(m.code for m in queries.materials(exam, route))
        for route in {b.route for b in briefs.values()}
    }
    for d in decisions:
        desk = Desk(
            d.materials,
            d.payment is not None,
            d.registration_id in paid,
            d.returned,
            d.signed,
            d.passed,
            d.reason,
        )
        route, form = briefs[d.registration_id].route, forms[d.registration_id]
        refusals += rules.check_first(desk, required[route], d.registration_id in doubted, form)
    if refusals:
        raise RuleRefused(_distinct(exam, refusals))


def _distinct(exam: Exam, refusals: Sequence[Refusal]) -> list[Refusal]:
    """Each once, the missing materials by their names."""
    programme = exams.programme(exam)
    names = {
        m.code: m.name for m in (*programme.identity, *(m for r in programme.routes for m in r.materials))
    }
    found: dict[tuple[str, str], Refusal] = {}
    for r in refusals:
        facts = dict(r.facts)
        if "missing" in facts:
            facts["missing"] = _listed([names[code] for code in facts["missing"]])  # type: ignore[attr-defined]
        found.setdefault((r.code, str(facts)), Refusal(r.rule, r.code, facts, r.strength, r.field))
    return list(found.values())


def _listed(words: Sequence[Words]) -> Words:
    return t("、".join(w.zh for w in words), ", ".join(w.en for w in words))


def _row(
    exam: Exam, d: FirstDecision, brief: Brief, form: Form, by: Actor, at: datetime
) -> tuple[object, ...]:
    materials = json.dumps({code: list(ticks) for code, ticks in d.materials.items()})
    return (
        exam.pk, brief.id, brief.candidate_id, brief.office_path, brief.version, form.kind if d.passed else "",
        materials, d.returned, d.passed, "" if d.passed else d.reason.strip(), by.ref, at,
    )  # fmt: skip


def _set_results(
    exam: Exam, decisions: Sequence[FirstDecision], briefs: Mapping[int, Brief], by: Actor, at: datetime
) -> None:
    passed = [d.registration_id for d in decisions if d.passed]
    reasons = {d.registration_id: d.reason.strip() for d in decisions if not d.passed}
    if passed:
        versions = {pk: briefs[pk].version for pk in passed}
        registering.mark_confirmed(exam=exam, registration_ids=passed, versions=versions, by=by, at=at)
        _tell(exam, [briefs[pk] for pk in passed], "review.first.passed", PASSED, by, at)
    if reasons:
        registering.mark_rejected(exam=exam, reasons=reasons, by=by, at=at)
    for reason in dict.fromkeys(reasons.values()):
        told = [briefs[pk] for pk, said in reasons.items() if said == reason]
        _tell(exam, told, "review.first.failed", FAILED.format(reason=reason), by, at)


def _tell(exam: Exam, briefs: Sequence[Brief], kind: str, words: Words, by: Actor, at: datetime) -> None:
    for path in dict.fromkeys(b.office_path for b in briefs):
        ids = [b.candidate_id for b in briefs if b.office_path == path]
        tell_candidates(exam=exam, candidate_ids=ids, office_path=path, kind=kind, words=words, by=by, at=at)


def _event(
    exam: Exam, decisions: Sequence[FirstDecision], briefs: Mapping[int, Brief], *, by: Actor, at: datetime
) -> None:
    one = briefs[decisions[0].registration_id] if len(decisions) == 1 else None
    listed = "\n".join(f"{d.registration_id} {d.passed} {d.reason}" for d in decisions)
    record(
        events.FIRST_DECIDED,
        by=by,
        at=at,
        subject=f"registration:{one.id}" if one else "registrations",
        exam=exam.slug,
        office_path=one.office_path if one else None,
        rules=["V5.3.1a", "V5.3.2a", "V5.3.2b", "V5.3.2c"],
        data={
            "count": len(decisions),
            "passed": sum(d.passed for d in decisions),
            "digest": hashlib.sha256(listed.encode()).hexdigest(),
        },
    )
