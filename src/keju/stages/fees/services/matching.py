"""What a line of the statement was: said by a reference in its remark, or by a person who gives the reason (V8.1)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows, insert_rows_returning, update_rows
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, RuleRefused
from keju.stages.fees import events, queries, rules
from keju.stages.fees.models import (
    Account,
    Kind,
    Match,
    StatementLine,
)
from keju.stages.fees.services.advances import Credit, credit
from keju.stages.fees.services.bouncing import bounce
from keju.stages.fees.services.ledger import Draft, lock_regions, post
from keju.stages.fees.services.recognising import TARGETS, Found, Part, incoming, outgoing, there
from keju.stages.registration import queries as registration

COLUMNS = [
    *("exam_id", "office_path", "line_id", "what", "registration_id", "target", "amount", "reason"),
    *("matched_by", "matched_at"),
]
ACCOUNT = {
    "fee": Account.ADVANCE,
    "slip": Account.OUTSTANDING,
    "deposit": Account.OUTSTANDING,
    "remittance": Account.OUTSTANDING,
    "batch": Account.OUTSTANDING,
    "bounce": Account.OUTSTANDING,
    "settlement": Account.GATEWAY,
    "stray": Account.REFUND_PAYABLE,
    "other": Account.OTHER,
}
INCOMING = {"fee", "slip", "deposit", "bounce", "settlement", "stray", "other"}
OUTGOING = {"remittance", "batch", "settlement", "other"}


def match_automatically(
    exam: Exam, region_code: str, lines: Sequence[StatementLine], by: Actor, at: datetime
) -> int:
    """Lines whose remark or serial names exactly what they are, are explained; returns how many. The rest waits for a person."""
    found = [*incoming(exam, region_code, [x for x in lines if x.amount > 0], at)]
    found += outgoing(exam, region_code, [x for x in lines if x.amount < 0])
    _explain(exam, region_code, found, queries.BY_REFERENCE, by, at)
    return len({f.line.pk for f in found})


@write("fees:statement:book")
def match_line(
    *, exam: Exam, line_id: int, parts: Sequence[Part], reason: str, by: Actor, at: datetime
) -> int:
    """A person says what the line was, part by part to the last fen, and why. Returns how many parts.

    RuleRefused if the sum does not fit or a part cannot be so; `Stale` if a thing was explained by another line already.
    """
    line = StatementLine.objects.filter(exam=exam, pk=line_id).first()
    if line is None:
        raise NotPermitted(hidden=True)
    lock_regions(exam, [line.region_code])
    line = StatementLine.objects.select_for_update().get(pk=line_id)
    total = sum((p.amount for p in parts), Decimal(0))
    sign = 1 if line.amount > 0 else -1
    refusals = [*rules.check_explained(line.open * sign, total * sign, reason)]
    refusals += _strange(exam, line, parts, by)
    if refusals:
        raise RuleRefused(dict.fromkeys(refusals))
    _explain(exam, line.region_code, [Found(line, p) for p in parts], reason.strip()[:200], by, at)
    record(
        events.LINE_MATCHED,
        by=by,
        at=at,
        subject=f"line:{line.pk}",
        exam=exam.slug,
        office_path=line.office_path,
        rules=["V8.1"],
        data={"parts": [(p.what, p.target or p.registration_id, p.amount) for p in parts], "reason": reason},
    )
    return len(parts)


def fee_parts(
    *, exam: Exam, amounts: Sequence[tuple[str, Decimal | None]], viewer: Actor, at: datetime
) -> list[Part]:
    """Parts of a grouped payment: a reference or registration number each, with its amount, or what it still owes.

    RuleRefused naming every reference that is none, or is not of this exam.
    """
    ids = [_registration(text) for text, _ in amounts]
    briefs = registration.briefs(viewer=viewer, exam=exam, ids=[pk for pk in ids if pk is not None])
    strange = [text for (text, _), pk in zip(amounts, ids, strict=True) if pk is None or pk not in briefs]
    if strange:
        raise RuleRefused(
            [Refusal("V8.1", "fees_line_reference", {"text": x[:30]}, field="parts") for x in strange[:20]]
        )
    owed = queries.owes(exam, briefs, at)
    return [
        Part("fee", owed[pk].left if amount is None else amount, pk)  # type: ignore[index]
        for (_, amount), pk in zip(amounts, ids, strict=True)
    ]


def _registration(text: str) -> int | None:
    (known,) = queries.registrations_of([text])
    plain = "".join(text.split())
    if known is None and plain.isascii() and plain.isdigit() and len(plain) == 10:
        return int(plain[2:])
    return known


def _strange(exam: Exam, line: StatementLine, parts: Sequence[Part], by: Actor) -> Iterable[Refusal]:
    """Parts that cannot be: of the wrong direction, without a registration in scope, twice the same, or not there."""
    allowed = INCOMING if line.amount > 0 else OUTGOING
    ids = [p.registration_id for p in parts if p.registration_id is not None]
    region = Actor.system("fees", line.office_path)
    seen = registration.briefs(viewer=region, exam=exam, ids=ids)
    for p in parts:
        if p.what not in allowed or p.amount * line.amount <= 0:
            yield Refusal("V8.1", "fees_line_what", field="what")
        elif p.what == "fee" and p.registration_id not in seen:
            yield Refusal("V8.1", "fees_line_reference", {"text": str(p.registration_id)}, field="parts")
        elif p.what in TARGETS and not there(exam, line, p):
            yield Refusal("V8.1", "fees_line_target", field="target")
    # Undoing takes each part back by itself: of one line one part is one registration's.
    before = Match.objects.filter(line=line, registration_id__in=ids, undone_at=None)
    if len(set(ids)) != len(ids) or before.exists():
        yield Refusal("V8.1", "fees_line_twice", field="parts")


def _explain(
    exam: Exam, region_code: str, found: Sequence[Found], reason: str, by: Actor, at: datetime
) -> None:
    """The parts stand beside their lines, the ledger says so, and each has its consequence."""
    if not found:
        return
    path = path_of(region_code)
    rows = [
        (
            exam.pk,
            path,
            f.line.pk,
            f.part.what,
            f.part.registration_id,
            f.part.target,
            f.part.amount,
            reason,
            by.ref,
            at,
        )
        for f in found
    ]
    try:
        with transaction.atomic():
            ids = insert_rows_returning("fees_match", COLUMNS, rows)
    except IntegrityError as error:
        raise Stale from error
    _close(found)
    drafts = []
    for pk, f in zip(ids, found, strict=True):
        lines = rules.explained(ACCOUNT[f.part.what], f.part.amount)
        drafts.append(Draft(Kind.EXPLAINED, path, f.part.registration_id, lines, f"match:{pk}"))
    post(exam, drafts, by, at)
    fees = [
        Credit(f.part.registration_id, f.part.amount, f"match:{pk}", f.line.booked_on, line_id=f.line.pk)
        for pk, f in zip(ids, found, strict=True)
        if f.part.what == "fee" and f.part.registration_id is not None
    ]
    credit(exam, region_code, fees, by, at)
    strays = [(pk, f) for pk, f in zip(ids, found, strict=True) if f.part.what == "stray"]
    _owe_strays(exam, path, strays, by, at)
    for f in found:
        if f.part.what == "bounce":
            bounce(
                exam, int(f.part.target.partition(":")[2]), f.line.remark or reason, by, at, on_statement=True
            )


def _close(found: Sequence[Found]) -> None:
    """What is explained is no longer open; the table refuses more than there was."""
    parts: dict[int, Decimal] = {}
    opens = {}
    for f in found:
        parts[f.line.pk] = parts.get(f.line.pk, Decimal(0)) + f.part.amount
        opens[f.line.pk] = f.line.open
    if len(parts) == 1:
        ((pk, amount),) = parts.items()
        StatementLine.objects.filter(pk=pk).update(open=F("open") - amount)
    else:
        update_rows("fees_statement_line", "id", ["open"], [(pk, opens[pk] - a) for pk, a in parts.items()])


def _owe_strays(exam: Exam, path: str, strays: Sequence[tuple[int, Found]], by: Actor, at: datetime) -> None:
    """A stranger's money is on the list of refunds, to the account that it came from. The explanation is its entry."""
    if not strays:
        return
    insert_rows(
        "fees_refund",
        ["exam_id", "office_path", "cause", "source", "line_id", "amount", "owed_at", "paid_by"],
        ((exam.pk, path, "stray", f"stray:match:{pk}", f.line.pk, f.part.amount, at, "") for pk, f in strays),
    )
