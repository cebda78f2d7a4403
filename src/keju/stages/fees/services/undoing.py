"""What a line was said to be turns out to be wrong: another person undoes it, and the line waits to be explained anew (V8.1).

Nothing is erased: the explanation stays, marked; the ledger gets compensating entries; an advance is taken back by one below
zero. Refunds that followed and only wait are cancelled, and what is still too much is owed back anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Sum

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services import tell_candidates
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import insert_rows
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.words import Words, t
from keju.stages.fees import events, queries, rules
from keju.stages.fees.models import Advance, Kind, Match, PaymentTaken, Refund, RefundItem, StatementLine
from keju.stages.fees.services.advances import ADVANCE, Credit, owe
from keju.stages.fees.services.ledger import Draft, lock_regions, post
from keju.stages.fees.services.matching import ACCOUNT
from keju.stages.registration import queries as registration
from keju.stages.registration.queries import Brief

ENDED = "certificates_granted"
"""With the last act of the exam's year its books are closed."""
TAKEN_BACK = t(
    "此前记在您名下的{amount}元经核对不是您的缴费，已更正。如有疑问请联系考区财务。",
    "{amount} yuan that were noted as your payment were not yours; this is corrected. Ask the region's finance if in doubt.",
)


@dataclass(frozen=True)
class _Own:
    """A registration whose money an explanation was: its part, its refunds that only wait, and what it holds."""

    match: Match
    waiting: Sequence[Refund]
    held: rules.Held
    receipt: str


@write("fees:statement:book")
def undo_matches(
    *, exam: Exam, line_id: int, match_ids: Sequence[int], reason: str, by: Actor, at: datetime
) -> int:
    """These parts of the line are open again, as if nobody had explained them; returns how many.

    RuleRefused to who explained one of them, and where the money was used or has left meanwhile; `Stale` if undone already.
    """
    line = StatementLine.objects.filter(exam=exam, pk=line_id).first()
    if line is None:
        raise NotPermitted(hidden=True)
    lock_regions(exam, [line.region_code])
    line = StatementLine.objects.select_for_update().get(pk=line_id)
    rows = list(Match.objects.filter(line=line, pk__in=match_ids).order_by("pk"))
    if not rows or len(rows) != len(set(match_ids)):
        raise NotPermitted(hidden=True)
    if any(m.undone_at for m in rows):
        raise Stale
    people = _people(exam, line, rows, by)
    owns = [_own(exam, line, m) for m in rows if m.what == "fee"]
    strays = [Refund.objects.get(exam=exam, source=f"stray:match:{m.pk}") for m in rows if m.what == "stray"]
    if refusals := dict.fromkeys(_refusals(exam, line, rows, owns, strays, people, reason, by, at)):
        raise RuleRefused(refusals)
    _mark(exam, line, rows, reason, by, at)
    _cancel(exam, strays, by, at)
    _take_back(exam, line, owns, people, by, at)
    record(
        events.LINE_UNDONE,
        by=by,
        at=at,
        subject=f"line:{line.pk}",
        exam=exam.slug,
        office_path=line.office_path,
        rules=["V8.1"],
        data={
            "parts": [(m.pk, m.what, m.target or m.registration_id, m.amount, m.matched_by) for m in rows],
            "cancelled": [r.pk for r in (*strays, *(r for o in owns for r in o.waiting))],
            "reason": reason.strip(),
        },
    )
    return len(rows)


def _people(exam: Exam, line: StatementLine, rows: Sequence[Match], by: Actor) -> dict[int, Brief]:
    """Wherever they are registered by now: their region keeps what came here until it gives it back."""
    ids = [m.registration_id for m in rows if m.registration_id is not None]
    system = Actor.system("fees")
    with acting(system):
        return registration.briefs(viewer=system, exam=exam, ids=ids) if ids else {}


def _own(exam: Exam, line: StatementLine, m: Match) -> _Own:
    under = {"office_path__gte": line.office_path, "office_path__lt": line.office_path + "~"}
    mine = {"exam": exam, "registration_id": m.registration_id}
    came = Advance.objects.filter(**mine, **under).aggregate(a=Sum("amount"))["a"] or Decimal(0)
    payment = PaymentTaken.objects.filter(**mine, **under).first()
    refunds = list(
        Refund.objects.filter(**mine, **under, cause__in=("surplus", "lapsed"), cancelled_at=None).order_by(
            "pk"
        )
    )
    listed = _listed(refunds)
    held = rules.Held(
        came=came,
        used=payment.advance if payment else Decimal(0),
        listed=sum((r.amount for r in refunds if r.paid_at is None and r.pk in listed), Decimal(0)),
        sent=sum((r.amount for r in refunds if r.paid_at is not None), Decimal(0)),
    )
    waiting = [r for r in refunds if r.paid_at is None and r.pk not in listed]
    return _Own(m, waiting, held, payment.receipt if payment else "")


def _listed(refunds: Sequence[Refund]) -> set[int]:
    """Those that are in a batch on its way."""
    found = RefundItem.objects.filter(refund__in=refunds, state__in=("listed", "sent"))
    return set(found.values_list("refund_id", flat=True))


def _refusals(
    exam: Exam,
    line: StatementLine,
    rows: Sequence[Match],
    owns: Sequence[_Own],
    strays: Sequence[Refund],
    people: dict[int, Brief],
    reason: str,
    by: Actor,
    at: datetime,
) -> Iterator[Refusal]:
    ended = exams.milestone(exam, ENDED, line.office_path)
    day = ended.astimezone(CHINA).date() if ended is not None and ended <= at else None
    yield from rules.check_undo((m.matched_by for m in rows), by.ref, reason, (m.what for m in rows), day)
    for o in owns:
        who = registration.number_of(exam, o.match.registration_id or 0)
        yield from rules.check_undo_fee(o.match.amount, o.held, who, o.receipt)
    listed = _listed(strays)
    for r in strays:
        yield from rules.check_undo_stray(r.amount, listed=r.pk in listed, sent=r.paid_at is not None)


def _mark(
    exam: Exam, line: StatementLine, rows: Sequence[Match], reason: str, by: Actor, at: datetime
) -> None:
    """The parts are open again, in the list and in the ledger."""
    Match.objects.filter(pk__in=[m.pk for m in rows]).update(
        undone_at=at, undone_by=by.ref, undone_reason=reason.strip()[:200]
    )
    total = sum((m.amount for m in rows), Decimal(0))
    StatementLine.objects.filter(pk=line.pk).update(open=F("open") + total)
    drafts = [
        Draft(
            Kind.UNDONE,
            line.office_path,
            m.registration_id,
            rules.undone(ACCOUNT[m.what], m.amount),
            f"match:{m.pk}",
        )
        for m in rows
    ]
    post(exam, drafts, by, at)


def _cancel(exam: Exam, refunds: Sequence[Refund], by: Actor, at: datetime) -> None:
    """They are owed no more. A stranger's needs no entry of its own: the explanation was the one that owed it."""
    Refund.objects.filter(pk__in=[r.pk for r in refunds]).update(cancelled_at=at)
    drafts = [
        Draft(Kind.UNOWED, r.office_path, r.registration_id, rules.unowed(r.amount), r.source)
        for r in refunds
        if r.cause != "stray"
    ]
    post(exam, drafts, by, at)


def _take_back(
    exam: Exam, line: StatementLine, owns: Sequence[_Own], people: dict[int, Brief], by: Actor, at: datetime
) -> None:
    """What came for them came no more; of the rest, what is still too much is owed back; each is told."""
    if not owns:
        return
    _cancel(exam, [r for o in owns for r in o.waiting], by, at)
    insert_rows(
        "fees_advance",
        ADVANCE,
        (
            (exam.pk, pk, people[pk].candidate_id, line.office_path, -o.match.amount,
             f"undone:match:{o.match.pk}", line.booked_on, at)
            for o in owns if (pk := o.match.registration_id) is not None
        ),
    )  # fmt: skip
    _owe_rest(exam, line, owns, people, by, at)
    said: dict[Words, list[int]] = {}
    for o in owns:
        words = TAKEN_BACK.format(amount=rules.money(o.match.amount))
        said.setdefault(words, []).append(people[o.match.registration_id or 0].candidate_id)
    with acting(Actor.system("fees")):
        for words, ids in said.items():
            tell_candidates(
                exam=exam,
                candidate_ids=ids,
                office_path=line.office_path,
                kind="fees.taken_back",
                words=words,
                by=by,
                at=at,
            )


def _owe_rest(
    exam: Exam, line: StatementLine, owns: Sequence[_Own], people: dict[int, Brief], by: Actor, at: datetime
) -> None:
    """What is too much without that money is owed back by the ways and for the causes of the refunds that were cancelled."""
    region = line.region_code
    here = {pk: b for pk, b in people.items() if b.point_code[:2] == region}
    owed = queries.owes(exam, here, at)
    back: dict[str, list[tuple[Credit, Decimal]]] = {}
    for o in owns:
        pk = o.match.registration_id or 0
        rest = rules.too_much(owed[pk], here[pk].state) if pk in here else o.held.free - o.match.amount
        for r in reversed(o.waiting):
            part = min(rest, r.amount)
            if part > 0:
                of = None if r.line_id == line.pk else r.line_id
                as_before = Credit(
                    pk, part, f"undone:{r.pk}", line.booked_on, order_id=r.order_id, line_id=of
                )
                back.setdefault(r.cause, []).append((as_before, part))
                rest -= part
        if rest > 0:
            anew = Credit(pk, rest, f"undone:match:{o.match.pk}", line.booked_on)
            back.setdefault("surplus", []).append((anew, rest))
    with acting(Actor.system("fees")):
        for cause, found in back.items():
            owe(exam, line.office_path, people, found, cause, by, at)
