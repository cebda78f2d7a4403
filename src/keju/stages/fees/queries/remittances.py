"""A region towards the centre: what is due, sent, arrived; the gate of V7.3; the centre's receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.rulebook.words import Words
from keju.stages.fees import rules
from keju.stages.fees.models import FiscalReceipt, Remittance
from keju.stages.fees.params import Params
from keju.stages.fees.queries.tariffs import national_fees
from keju.stages.registration import queries as registration


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


def _nation(path: str) -> Actor:
    """The system, seeing one office's rows: for sums that decide about gates and say nothing of persons."""
    return Actor.system("fees", path)
