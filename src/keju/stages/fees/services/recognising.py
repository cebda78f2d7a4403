"""What a line may be: a thing of ours that its remark or serial names exactly, with the same amount."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.stages.fees import queries, rules
from keju.stages.fees.models import Match, PaymentTaken, RefundBatch, RefundItem, Remittance, StatementLine
from keju.stages.registration import queries as registration


@dataclass(frozen=True)
class Part:
    """A part of a line: what it was, whose (`registration_id`, for a fee), which thing (`target`), how much."""

    what: str
    amount: Decimal
    registration_id: int | None = None
    target: str = ""


@dataclass(frozen=True)
class Found:
    """A part of a line that was recognised."""

    line: StatementLine
    part: Part


def there(exam: Exam, line: StatementLine, p: Part) -> bool:
    """The thing that a part names exists under the line's office, with that amount."""
    kind, _, number = p.target.partition(":")
    wanted, find = TARGETS[p.what]
    if kind != wanted or not number.isdecimal() or len(number) > 18:
        return False
    return find(exam, line.office_path, int(number)) == abs(p.amount)


def _slip(exam: Exam, path: str, pk: int) -> Decimal | None:
    found = PaymentTaken.objects.filter(exam=exam, pk=pk, method="transfer", **_under(path)).first()
    return found.national + found.provincial - found.advance if found else None


def _remittance(exam: Exam, path: str, pk: int) -> Decimal | None:
    found = Remittance.objects.filter(exam=exam, pk=pk, **_under(path)).first()
    return found.amount if found else None


def _batch(exam: Exam, path: str, pk: int) -> Decimal | None:
    found = RefundBatch.objects.filter(exam=exam, pk=pk, state="released", **_under(path)).first()
    return found.amount if found else None


def _item(exam: Exam, path: str, pk: int) -> Decimal | None:
    found = RefundItem.objects.filter(exam=exam, pk=pk, state__in=["sent", "bounced"], **_under(path)).first()
    return found.amount if found else None


TARGETS: dict[str, tuple[str, Callable[[Exam, str, int], Decimal | None]]] = {
    "slip": ("payment", _slip),
    "remittance": ("remittance", _remittance),
    "batch": ("batch", _batch),
    "bounce": ("item", _item),
}


def incoming(exam: Exam, region_code: str, lines: Sequence[StatementLine], at: datetime) -> Iterable[Found]:
    """Money in: refunds that came back, candidates by their references, slips taken at a counter."""
    named = {x.pk: rules.references(x.remark) for x in lines}
    ids = {n for codes in named.values() for kind, n in codes if kind == rules.FEE}
    region = Actor.system("fees", path_of(region_code))
    briefs = registration.briefs(viewer=region, exam=exam, ids=sorted(ids)) if ids else {}
    owed = queries.owes(exam, briefs, at)
    path = path_of(region_code)
    slips = _slips(exam, path, [x for x in lines if not named[x.pk]])
    back = _explained(
        exam, "item:", {n for codes in named.values() for kind, n in codes if kind == rules.REFUND}
    )
    for x in lines:
        fees = [n for kind, n in named[x.pk] if kind == rules.FEE and n in briefs]
        items = [n for kind, n in named[x.pk] if kind == rules.REFUND]
        if len(items) == 1 and not fees and items[0] not in back and _item(exam, path, items[0]) == x.amount:
            back.add(items[0])
            yield Found(x, Part("bounce", x.amount, None, f"item:{items[0]}"))
        elif len(fees) == 1:
            yield Found(x, Part("fee", x.amount, fees[0]))
        elif (
            fees
            and sum((owed[n].left for n in fees), Decimal(0)) == x.amount
            and all(owed[n].left for n in fees)
        ):
            yield from (Found(x, Part("fee", owed[n].left, n)) for n in fees)
        elif x.pk in slips:
            yield Found(x, Part("slip", x.amount, None, f"payment:{slips[x.pk]}"))


def _slips(exam: Exam, path: str, lines: Sequence[StatementLine]) -> dict[int, int]:
    """Line → the transfer taken at a counter whose slip names its serial, with the same amount, not explained before."""
    words = {word for x in lines for word in (x.serial, *x.remark.split()) if word}
    taken: dict[str, list[PaymentTaken]] = {}
    rows = PaymentTaken.objects.filter(exam=exam, method="transfer", reference__in=words, **_under(path))
    used = _explained(exam, "payment:", rows.values_list("pk", flat=True))
    for row in rows:
        if row.pk not in used:
            taken.setdefault(row.reference, []).append(row)
    found: dict[int, int] = {}
    for x in lines:
        for word in (x.serial, *x.remark.split()):
            same = [r for r in taken.get(word, ()) if r.national + r.provincial - r.advance == x.amount]
            if len(same) == 1 and same[0].pk not in found.values():
                found[x.pk] = same[0].pk
                break
    return found


def outgoing(exam: Exam, region_code: str, lines: Sequence[StatementLine]) -> Iterable[Found]:
    """Money out: remittances and batches of refunds, each once."""
    if not lines:
        return
    path = path_of(region_code)
    known = {
        r.reference: (f"remittance:{r.pk}", r.amount)
        for r in Remittance.objects.filter(exam=exam, **_under(path))
    }
    known |= {
        b.number: (f"batch:{b.pk}", b.amount)
        for b in RefundBatch.objects.filter(exam=exam, state="released", **_under(path))
    }
    used = set(
        Match.objects.filter(
            exam=exam, target__in=[target for target, _ in known.values()], undone_at=None
        ).values_list("target", flat=True)
    )
    for x in lines:
        for word in (x.serial, *x.remark.split()):
            target, amount = known.get(word, ("", Decimal(0)))
            if target and target not in used and amount == -x.amount:
                used.add(target)
                yield Found(x, Part(target.partition(":")[0], x.amount, None, target))
                break


def _explained(exam: Exam, prefix: str, ids: Iterable[int]) -> set[int]:
    targets = [f"{prefix}{pk}" for pk in ids]
    found = Match.objects.filter(exam=exam, target__in=targets, undone_at=None).values_list(
        "target", flat=True
    )
    return {int(target.removeprefix(prefix)) for target in found}


def _under(path: str) -> dict[str, str]:
    return {"office_path__gte": path, "office_path__lt": path + "~"}
