"""The bank's statements, what nobody has explained yet, and what it may be."""

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

import yaml
from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook.words import Words, t
from keju.stages.fees import rules
from keju.stages.fees.models import (
    Match,
    Order,
    PaymentTaken,
    RefundBatch,
    Remittance,
    Statement,
    StatementLine,
)
from keju.stages.fees.queries.ledger import under
from keju.stages.fees.queries.paying import PAGE
from keju.stages.registration import queries as registration

BY_REFERENCE = "附言中的缴费码 reference in the remark"
Line = StatementLine
"""What pages call a line of a statement: they know no table."""
LAYOUTS = Path(__file__).parents[1] / "layouts"
WHAT: dict[str, Words] = {
    "fee": t("考生缴费", "Candidates' fees"),
    "slip": t("现场登记的转账", "A transfer taken at a counter"),
    "deposit": t("考点缴存现金", "A point's cash"),
    "remittance": t("上缴中心", "Sent to the centre"),
    "batch": t("退费批次", "A batch of refunds"),
    "bounce": t("退费被退回", "A refund that came back"),
    "settlement": t("在线支付结算", "Settlement of online payments"),
    "stray": t("退回付款人", "To go back to the payer"),
    "other": t("其他（利息、手续费等）", "Other (interest, charges)"),
}


@cache
def layouts() -> dict[str, rules.Layout]:
    """Every known layout of a statement, by code: a further bank is a further file."""
    found = {}
    for path in sorted(LAYOUTS.glob("*.yaml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        found[path.stem] = rules.Layout(
            path.stem,
            t(data["name"]["zh"], data["name"]["en"]),
            {key: tuple(titles) for key, titles in data["columns"].items()},
            tuple(data["days"]),
            tuple(data.get("out", ())),
            tuple(data.get("ends", ())),
        )
    return found


def statements(exam: Exam) -> QuerySet[Statement]:
    """Statements in the viewer's scope, newest first."""
    return Statement.objects.filter(exam=exam).order_by("-pk")


def statement_lines(
    exam: Exam, *, state: str = "", text: str = "", after: int = 0, size: int = PAGE
) -> list[StatementLine]:
    """The next lines after an id in the viewer's scope; `state` "open", "in", "out" or "" for all.

    `text`: an amount, or what stands in the payer's name, the remark or at the beginning of the serial.
    """
    found = StatementLine.objects.filter(exam=exam, pk__gt=after)
    if text:
        found = found.filter(_named(text))
    if state == "open":
        found = found.exclude(open=0)
    elif state:
        found = found.filter(amount__gt=0) if state == "in" else found.filter(amount__lt=0)
    standing = Prefetch("matches", Match.objects.filter(undone_at=None).order_by("pk"))
    return list(found.order_by("pk").prefetch_related(standing)[:size])


def _named(text: str) -> Q:
    words = Q(payer__contains=text) | Q(remark__contains=text) | Q(serial__gte=text, serial__lt=text + "~")
    try:
        amount = Decimal(text.replace(",", "").replace("¥", ""))
    except InvalidOperation:
        return words
    if not amount.is_finite() or abs(amount) >= 10**12:
        return words
    return words | Q(amount=amount) | Q(amount=-amount)


def all_lines(exam: Exam, *, state: str = "", text: str = "") -> Iterator[StatementLine]:
    """Every such line in the viewer's scope, a thousand at a time."""
    after = 0
    while rows := statement_lines(exam, state=state, text=text, after=after, size=1000):
        yield from rows
        after = rows[-1].pk


def grounds(match: Match) -> Words | str:
    """Why a line is what it was said to be: a person's words, or that its remark says so."""
    if match.reason == BY_REFERENCE:
        return t("附言中有缴费码", "its remark names it")
    return match.reason


def statement_line(exam: Exam, line_id: int) -> StatementLine:
    """One of them; `StatementLine.DoesNotExist` outside the viewer's scope."""
    return StatementLine.objects.get(exam=exam, pk=line_id)


def matches_of(line: StatementLine) -> list[Match]:
    """What the line was found to be, in order; what was undone too."""
    return list(line.matches.order_by("pk"))


def line_counts(exam: Exam) -> dict[str, tuple[int, Decimal]]:
    """(lines, yuan) "all", and "in" and "out" of those not yet explained, in the viewer's scope."""
    found = StatementLine.objects.filter(exam=exam).aggregate(
        n=Count("pk"), a=Sum("amount"),
        i=Count("pk", filter=Q(open__gt=0)), ia=Sum("open", filter=Q(open__gt=0)),
        o=Count("pk", filter=Q(open__lt=0)), oa=Sum("open", filter=Q(open__lt=0)),
    )  # fmt: skip
    return {
        "all": (int(found["n"]), found["a"] or Decimal(0)),
        "in": (int(found["i"]), found["ia"] or Decimal(0)),
        "out": (int(found["o"]), -(found["oa"] or Decimal(0))),
    }


def closing_balance(exam: Exam, region_code: str) -> Decimal | None:
    """What the bank says the region's account holds after the last line known; None if its statements do not say."""
    last = (
        StatementLine.objects.filter(exam=exam, region_code=region_code, balance__isnull=False)
        .order_by("-pk")
        .first()
    )
    return last.balance if last else None


def suggestions(exam: Exam, line: StatementLine, viewer: Actor) -> list[tuple[str, str, str]]:
    """(what, target, words) of what the line may be: same amount, same name. For a person to choose from."""
    path, found = line.office_path, []
    if line.amount < 0:
        for row in Remittance.objects.filter(exam=exam, amount=-line.open, **under(path)):
            found.append(("remittance", f"remittance:{row.pk}", row.reference))
        for row in RefundBatch.objects.filter(exam=exam, amount=-line.open, state="released", **under(path)):
            found.append(("batch", f"batch:{row.pk}", row.number))
    else:
        slips = PaymentTaken.objects.filter(exam=exam, method="transfer", **under(path)).filter(
            Q(reference=line.serial) | Q(reference__in=line.remark.split())
        )
        found += [("slip", f"payment:{row.pk}", row.receipt) for row in slips[:5]]
        if line.payer:
            filters = registration.Filters(text=line.payer.strip())
            for row in registration.rows(viewer=viewer, exam=exam, filters=filters, size=5):
                found.append(("fee", rules.reference(row.id), f"{row.name} {row.number}"))
    used = set(
        Match.objects.filter(exam=exam, target__in=[x for _, x, _ in found], undone_at=None).values_list(
            "target", flat=True
        )
    )
    return [one for one in found if one[1] not in used]


def registrations_of(references: Sequence[str]) -> list[int | None]:
    """The registration that each reference names; None where it is none."""
    found = []
    for text in references:
        known = [number for kind, number in rules.references(text) if kind == rules.FEE]
        found.append(known[0] if len(known) == 1 else None)
    return found


def orders(exam: Exam, *, state: str = "", after: int = 0, size: int = PAGE) -> list[Order]:
    """The next orders after an id in the viewer's scope; `state` open, paid, closed, "trouble" or "" for all."""
    found = Order.objects.filter(exam=exam, pk__gt=after)
    if state == "trouble":
        found = found.exclude(trouble="")
    elif state:
        found = found.filter(state=state)
    return list(found.order_by("pk")[:size])


def order_counts(exam: Exam) -> dict[str, int]:
    """Orders by state in the viewer's scope, and those with trouble."""
    found = dict(Order.objects.filter(exam=exam).values_list("state").annotate(n=Count("pk")))
    found["trouble"] = Order.objects.filter(exam=exam).exclude(trouble="").count()
    return {key: int(found.get(key, 0)) for key in ("open", "paid", "closed", "trouble")}


def orders_of(exam: Exam, registration_id: int) -> list[Order]:
    """A registration's orders, newest first, within the viewer's scope."""
    return list(Order.objects.filter(exam=exam, registration_id=registration_id).order_by("-pk"))
