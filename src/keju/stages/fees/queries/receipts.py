"""Stamped receipts: how far their ranges are used, and whether a number is missing or doubled (V5.1.2)."""

from dataclasses import dataclass

from django.db.models import QuerySet

from keju.kernel.exams.models import Exam
from keju.kernel.offices import tallies
from keju.stages.fees import rules
from keju.stages.fees.models import PaymentTaken, ReceiptRange


@dataclass(frozen=True)
class RangeUse:
    """A range of receipts with what was found about its numbers (V5.1.2)."""

    range: ReceiptRange
    missing: list[int]
    doubled: list[int]

    @property
    def left(self) -> int:
        return self.range.last - self.range.following + 1


def ranges(exam: Exam, region_code: str = "") -> QuerySet[ReceiptRange]:
    """Registered ranges of receipts in the viewer's scope."""
    found = ReceiptRange.objects.filter(exam=exam).order_by("region_code", "prefix", "first")
    return found.filter(region_code=region_code) if region_code else found


def range_uses(exam: Exam, region_code: str = "") -> list[RangeUse]:
    """Each range with missing and doubled numbers; both lists are empty while all is well (V5.1.2).

    A range is opened number by number only where its count and last number do not agree with the counter.
    """
    used = tallies.by_key(exam_id=exam.pk, subject="fees_receipts")
    found = list(ranges(exam, region_code))
    return [RangeUse(r, *_flaws(r, used[str(r.pk)].n if str(r.pk) in used else 0, _last(r))) for r in found]


def _last(r: ReceiptRange) -> int | None:
    """The highest number used: the end of an index."""
    used = PaymentTaken.objects.filter(receipt_range=r).order_by("-receipt_number")
    return used.values_list("receipt_number", flat=True).first()


def _flaws(r: ReceiptRange, count: int, top: int | None) -> tuple[list[int], list[int]]:
    if count == r.following - r.first and (top is None or top == r.following - 1):
        return [], []  # so many numbers, unique by constraint, all at most the last: none is missing
    used = PaymentTaken.objects.filter(receipt_range=r).values_list("receipt_number", flat=True)
    return rules.receipt_flaws(r.first, r.following, list(used))
