"""Reading the ledger and what stands behind it. Row-level security shows each viewer their offices' rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import Substr

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.rulebook.words import Words, t
from keju.stages.fees import rules
from keju.stages.fees.models import (
    Account,
    FiscalReceipt,
    PaymentTaken,
    Posting,
    ReceiptRange,
    Refund,
    Remittance,
    Tariff,
)
from keju.stages.fees.params import Params
from keju.stages.registration import queries as registration

PAGE = 50
ACCOUNTS: dict[str, Words] = {
    Account.RECEIVABLE: t("应收考生费用", "Owed by candidates"),
    Account.CASH: t("考点现金", "Cash at points"),
    Account.BANK: t("考区银行存款", "Regions' banks"),
    Account.IN_TRANSIT: t("上缴在途", "On its way to the centre"),
    Account.NATIONAL_PAYABLE: t("应缴中心考务费", "National fees owed to the centre"),
    Account.PROVINCIAL: t("考试费收入（考区）", "Provincial fees earned"),
    Account.REFUND_PAYABLE: t("应退考生费用", "Refunds owed to candidates"),
    Account.CENTRE_BANK: t("中心银行存款", "The centre's bank"),
    Account.NATIONAL: t("考务费收入（中心）", "National fees earned by the centre"),
}


@dataclass(frozen=True)
class Fee:
    """What a candidate of a category pays in a region, in yuan; `provincial` None until the tariff is set."""

    region_code: str
    category: str
    national: Decimal
    provincial: Decimal | None
    approval: str = ""

    @property
    def total(self) -> Decimal | None:
        return None if self.provincial is None else self.national + self.provincial


@dataclass(frozen=True)
class Balance:
    """An account's sums in yuan; the balance stands on one side, the other is None."""

    account: str
    name: Words
    amount: Decimal

    @property
    def debit(self) -> Decimal | None:
        return self.amount if self.amount > 0 else None

    @property
    def credit(self) -> Decimal | None:
        return -self.amount if self.amount < 0 else None


@dataclass(frozen=True)
class Standing:
    """A region towards the centre (V8.2a): the figures, whether it is in default, and the reason in words."""

    region_code: str
    account: rules.Account
    default: bool
    reason: Words

    @property
    def open(self) -> Decimal:
        return max(self.account.due - self.account.arrived, Decimal(0))


@dataclass(frozen=True)
class RangeUse:
    """A range of receipts with what was found about its numbers (V5.1.2)."""

    range: ReceiptRange
    missing: list[int]
    doubled: list[int]

    @property
    def left(self) -> int:
        return self.range.last - self.range.following + 1


def tariff(exam: Exam, region_code: str) -> Tariff | None:
    """The region's tariff, or None while it is not set. Public."""
    return Tariff.objects.filter(exam=exam, region_code=region_code).first()


def tariffs(exam: Exam) -> dict[str, Tariff]:
    """Every region's tariff by region code."""
    return {row.region_code: row for row in Tariff.objects.filter(exam=exam).order_by("region_code")}


def fee(exam: Exam, region_code: str, category: str) -> Fee:
    """What a candidate of that category pays in that region (V8.1)."""
    found = tariff(exam, region_code)
    return Fee(
        region_code,
        category,
        national_fees(exam)[category],
        found.provincial_fee if found else None,
        found.approval if found else "",
    )


def national_fees(exam: Exam) -> dict[str, Decimal]:
    """The centre's part by category."""
    programme, params = exams.programme(exam), exams.params(exam, Params)
    return {
        c.code: rules.national_fee(sum(c.code in s.categories for s in programme.subjects), params)
        for c in programme.categories
    }


def refund_days(exam: Exam) -> int:
    """Working days after the exam within which refunds are paid (V8.3)."""
    return exams.params(exam, Params).refund_working_days


def paid(exam: Exam, registration_ids: Sequence[int]) -> set[int]:
    """Those of the registrations whose fee was taken, within the viewer's scope."""
    found = PaymentTaken.objects.filter(exam=exam, registration_id__among=registration_ids)
    return set(found.values_list("registration_id", flat=True))


def receipts_of(exam: Exam, registration_ids: Sequence[int]) -> dict[int, str]:
    """Receipt number by registration, within the viewer's scope."""
    found = PaymentTaken.objects.filter(exam=exam, registration_id__among=registration_ids)
    return dict(found.values_list("registration_id", "receipt"))


def payment_of(exam: Exam, registration_id: int) -> PaymentTaken | None:
    """The payment of a registration, within the viewer's scope."""
    return PaymentTaken.objects.filter(exam=exam, registration_id=registration_id).first()


def taken_at(exam: Exam, office_path: str) -> dict[str, tuple[int, Decimal]]:
    """(payments, yuan) by method taken under the office."""
    found = (
        PaymentTaken.objects.filter(exam=exam, **_under(office_path))
        .values_list("method")
        .annotate(n=Count("pk"), amount=Sum("national") + Sum("provincial"))
    )
    return {method: (int(n), amount) for method, n, amount in found}


def amount_due(exam: Exam, region_code: str) -> Decimal:
    """National fees of the region's confirmed candidates, in yuan, whoever asks (V8.2a)."""
    fees = national_fees(exam)
    viewer = _nation(path_of(region_code))
    with acting(viewer):
        counts = registration.confirmed_counts(viewer=viewer, exam=exam)
    return sum((fees[category] * n for (_, category), n in counts.items()), Decimal(0))


def standing(exam: Exam, region_code: str, at: datetime) -> Standing:
    """The region towards the centre at that moment, whoever asks: candidates' pages need it too."""
    return _standings(exam, [region_code], path_of(region_code), at)[region_code]


def standings(exam: Exam, at: datetime) -> dict[str, Standing]:
    """Every opened region towards the centre, by code."""
    codes = [o.office_id for o in exams.openings(exam, "region")]
    return _standings(exam, codes, "/", at)


def in_default(exam: Exam, at: datetime) -> dict[str, Words]:
    """Regions in default of V8.2a at that moment, with the reason to show: the gate of V7.3 for them is closed."""
    return {code: s.reason for code, s in standings(exam, at).items() if s.default}


def ledger_sum(exam: Exam) -> Decimal:
    """The sum of every posting in the viewer's scope: 0."""
    found = Posting.objects.filter(exam=exam).aggregate(total=Sum("amount"))["total"]
    return found or Decimal(0)


def trial_balance(exam: Exam, office_path: str = "/") -> list[Balance]:
    """Every account's balance under the office, in the viewer's scope; the sum of all is 0."""
    found = dict(
        Posting.objects.filter(exam=exam, **_under(office_path))
        .values_list("account")
        .annotate(a=Sum("amount"))
    )
    return [Balance(code, name, found.get(code, Decimal(0))) for code, name in ACCOUNTS.items()]


def balance(exam: Exam, account: str, office_path: str) -> Decimal:
    """One account under the office."""
    found = Posting.objects.filter(exam=exam, account=account, **_under(office_path)).aggregate(
        a=Sum("amount")
    )
    return found["a"] or Decimal(0)


def by_region(exam: Exam) -> dict[str, dict[str, Decimal]]:
    """Region code → account → balance, in the viewer's scope."""
    found = (
        Posting.objects.filter(exam=exam)
        .annotate(region=Substr("office_path", 2, 2))
        .values_list("region", "account")
        .annotate(a=Sum("amount"))
    )
    table: dict[str, dict[str, Decimal]] = {}
    for region, account, amount in found:
        table.setdefault(region, {})[account] = amount
    return table


def ranges(exam: Exam, region_code: str = "") -> QuerySet[ReceiptRange]:
    """Registered ranges of receipts in the viewer's scope."""
    found = ReceiptRange.objects.filter(exam=exam).order_by("region_code", "prefix", "first")
    return found.filter(region_code=region_code) if region_code else found


def range_uses(exam: Exam, region_code: str = "") -> list[RangeUse]:
    """Each range with missing and doubled numbers; both lists are empty while all is well (V5.1.2).

    A range is opened number by number only where its count and last number do not agree with the counter.
    """
    found = list(ranges(exam, region_code))
    used = {
        pk: (n, top)
        for pk, n, top in PaymentTaken.objects.filter(exam=exam, receipt_range__in=found)
        .values_list("receipt_range_id")
        .annotate(n=Count("pk"), top=Max("receipt_number"))
    }
    return [RangeUse(r, *_flaws(r, *used.get(r.pk, (0, None)))) for r in found]


def payments(exam: Exam, *, after: int = 0, text: str = "", size: int = PAGE) -> list[PaymentTaken]:
    """The next payments after a registration id, in the viewer's scope; `text` is a receipt or its beginning."""
    found = PaymentTaken.objects.filter(exam=exam, registration_id__gt=after)
    if text:
        found = found.filter(receipt__gte=text, receipt__lt=text + "~")
    return list(found.order_by("registration_id")[:size])


def all_payments(exam: Exam) -> Iterator[PaymentTaken]:
    """Every payment in the viewer's scope in order of registrations, in constant memory."""
    return PaymentTaken.objects.filter(exam=exam).order_by("registration_id").iterator(chunk_size=2000)


def remittances(exam: Exam) -> QuerySet[Remittance]:
    """Remittances in the viewer's scope, newest first."""
    return (
        Remittance.objects.filter(exam=exam).select_related("fiscal_receipt").order_by("-recorded_at", "-pk")
    )


def unreceipted(exam: Exam, region_code: str) -> Decimal:
    """What arrived from the region and has no fiscal receipt yet (V8.2b)."""
    found = Remittance.objects.filter(
        exam=exam, region_code=region_code, received_at__isnull=False, fiscal_receipt__isnull=True
    ).aggregate(a=Sum("amount"))
    return found["a"] or Decimal(0)


def fiscal_receipts(exam: Exam) -> QuerySet[FiscalReceipt]:
    """The centre's receipts in the viewer's scope, newest first."""
    return FiscalReceipt.objects.filter(exam=exam).order_by("-issued_at", "-pk")


def fiscal_receipt(exam: Exam, receipt_id: int) -> FiscalReceipt:
    """One of them; `FiscalReceipt.DoesNotExist` outside the viewer's scope."""
    return FiscalReceipt.objects.get(exam=exam, pk=receipt_id)


def refunds(exam: Exam, *, state: str = "", after: int = 0, size: int = PAGE) -> list[Refund]:
    """The next refunds after a registration id in the viewer's scope; `state` "owed", "paid" or "" for all."""
    return list(_refunds(exam, state).filter(registration_id__gt=after).order_by("registration_id")[:size])


def all_refunds(exam: Exam, state: str = "") -> Iterator[Refund]:
    """Every refund in the viewer's scope, in constant memory."""
    return _refunds(exam, state).order_by("registration_id").iterator(chunk_size=2000)


def refund_counts(exam: Exam) -> dict[str, tuple[int, Decimal]]:
    """(number, yuan) of refunds "owed" and "paid" in the viewer's scope."""
    found = Refund.objects.filter(exam=exam).aggregate(
        owed=Count("pk", filter=Q(paid_at=None)),
        owed_yuan=Sum("amount", filter=Q(paid_at=None)),
        paid=Count("pk", filter=Q(paid_at__isnull=False)),
        paid_yuan=Sum("amount", filter=Q(paid_at__isnull=False)),
    )
    return {key: (int(found[key]), found[f"{key}_yuan"] or Decimal(0)) for key in ("owed", "paid")}


def refunds_of(exam: Exam, registration_ids: Sequence[int]) -> list[Refund]:
    """The refunds of these registrations, within the viewer's scope."""
    return list(Refund.objects.filter(exam=exam, registration_id__among=registration_ids))


def refund_of(exam: Exam, registration_id: int) -> Refund | None:
    """The refund of a registration, within the viewer's scope."""
    return Refund.objects.filter(exam=exam, registration_id=registration_id).first()


def _refunds(exam: Exam, state: str) -> QuerySet[Refund]:
    found = Refund.objects.filter(exam=exam)
    return found.filter(paid_at__isnull=state == "owed") if state else found


def _standings(exam: Exam, codes: Sequence[str], path: str, at: datetime) -> dict[str, Standing]:
    fees, params = national_fees(exam), exams.params(exam, Params)
    viewer = _nation(path)
    due: dict[str, Decimal] = dict.fromkeys(codes, Decimal(0))
    with acting(viewer):
        for (point, category), n in registration.confirmed_counts(viewer=viewer, exam=exam).items():
            due[point[:2]] = due.get(point[:2], Decimal(0)) + fees[category] * n
        moved = {
            code: (sent or Decimal(0), arrived or Decimal(0))
            for code, sent, arrived in Remittance.objects.filter(exam=exam, region_code__in=codes)
            .values_list("region_code")
            .annotate(sent=Sum("amount"), arrived=Sum("amount", filter=Q(received_at__isnull=False)))
        }
    found = {}
    for code in codes:
        ends = exams.milestone(exam, "confirmation_ends", path_of(code))
        deadline = rules.remittance_deadline(ends, params) if ends else None
        account = rules.Account(due[code], *moved.get(code, (Decimal(0), Decimal(0))), deadline)
        found[code] = Standing(code, account, rules.in_default(account, at), rules.why_in_default(account))
    return found


def _flaws(r: ReceiptRange, count: int, top: int | None) -> tuple[list[int], list[int]]:
    if count == r.following - r.first and (top is None or top == r.following - 1):
        return [], []  # so many numbers, unique by constraint, all at most the last: none is missing
    used = PaymentTaken.objects.filter(receipt_range=r).values_list("receipt_number", flat=True)
    return rules.receipt_flaws(r.first, r.following, list(used))


def _under(office_path: str) -> dict[str, str]:
    return {"office_path__gte": office_path, "office_path__lt": office_path + "~"}


def _nation(path: str) -> Actor:
    """The system, seeing one office's rows: for sums that decide about gates and say nothing of persons."""
    return Actor.system("fees", path)
