"""Money that goes back: what is owed, to which account, in which batch (V8.3)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet

from keju.kernel.exams.models import Exam
from keju.kernel.offices import tallies
from keju.rulebook.words import Words, t
from keju.stages.fees.models import PayoutAccount, Refund, RefundBatch, RefundItem
from keju.stages.fees.queries.paying import PAGE

CAUSES: dict[str, Words] = {
    "review": t("资格审核未通过", "Did not pass the review"),
    "surplus": t("多缴或重复缴费", "Paid too much or twice"),
    "lapsed": t("报名未确认或已撤回", "Registration lapsed"),
    "stray": t("不明来款退回", "A stranger's payment"),
}
WAYS: dict[str, Words] = {
    "bank": t("银行批量转账", "Bank transfer"),
    "gateway": t("在线原路退回", "Back online"),
    "hand": t("当面退还", "In person"),
}
LIVE = ("listed", "sent")


@dataclass(frozen=True)
class Owed:
    """A refund with where it stands: the way it can go ("" while no account is known), the batch it is in."""

    refund: Refund
    way: str
    batch: str

    @property
    def cause(self) -> Words:
        return CAUSES[self.refund.cause]


def refunds(exam: Exam, *, state: str = "", after: int = 0, size: int = PAGE) -> list[Refund]:
    """The next refunds after an id in the viewer's scope; `state` "owed", "paid" or "" for all."""
    return list(_refunds(exam, state).filter(pk__gt=after).order_by("pk")[:size])


def all_refunds(exam: Exam, state: str = "") -> Iterator[Refund]:
    """Every refund in the viewer's scope, in constant memory."""
    return _refunds(exam, state).order_by("pk").iterator(chunk_size=2000)


def refund_counts(exam: Exam) -> dict[str, tuple[int, Decimal]]:
    """(number, yuan) of refunds "owed" and "paid" in the viewer's scope."""
    found = tallies.by_key(exam_id=exam.pk, subject="fees_refunds")
    none = tallies.Tally(0, Decimal(0))
    return {key: (found.get(key, none).n, found.get(key, none).amount) for key in ("owed", "paid")}


def refunds_of(exam: Exam, registration_ids: Sequence[int]) -> list[Refund]:
    """The refunds of these registrations that stand, within the viewer's scope."""
    found = Refund.objects.filter(exam=exam, registration_id__among=registration_ids, cancelled_at=None)
    return list(found.order_by("pk"))


def refund_of(exam: Exam, registration_id: int) -> Refund | None:
    """The refund of a failed review, else the last of another cause, within the viewer's scope."""
    found = Refund.objects.filter(exam=exam, registration_id=registration_id, cancelled_at=None)
    return found.filter(cause="review").first() or found.order_by("-pk").first()


def waiting(exam: Exam, office_path: str) -> QuerySet[Refund]:
    """Refunds owed under the office that are in no batch on its way."""
    busy = RefundItem.objects.filter(refund_id=OuterRef("pk"), state__in=LIVE)
    return (
        Refund.objects.filter(
            exam=exam,
            paid_at=None,
            cancelled_at=None,
            office_path__gte=office_path,
            office_path__lt=office_path + "~",
        )
        .filter(~Exists(busy))
        .order_by("pk")
    )


def accounts(exam: Exam, registration_ids: Sequence[int]) -> dict[int, PayoutAccount]:
    """The account that counts, by registration: the last one entered. Sealed fields open on reading."""
    rows = (
        PayoutAccount.objects.filter(exam=exam, registration_id__among=registration_ids)
        .order_by("registration_id", "-pk")
        .distinct("registration_id")
    )
    return {row.registration_id: row for row in rows}


def payout_account(exam: Exam, registration_id: int) -> PayoutAccount | None:
    """The account that counts for one registration, within the viewer's scope."""
    return accounts(exam, [registration_id]).get(registration_id)


def dressed(exam: Exam, rows: Sequence[Refund]) -> list[Owed]:
    """Refunds as a list shows them."""
    batches = dict(
        RefundItem.objects.filter(refund__in=rows, state__in=LIVE).values_list("refund_id", "batch__number")
    )
    known = set(
        PayoutAccount.objects.filter(
            exam=exam, registration_id__among=[r.registration_id for r in rows if r.registration_id]
        ).values_list("registration_id", flat=True)
    )
    return [
        Owed(
            r,
            "gateway" if r.order_id else "bank" if r.line_id or r.registration_id in known else "",
            batches.get(r.pk, ""),
        )
        for r in rows
    ]


def batches(exam: Exam) -> QuerySet[RefundBatch]:
    """Batches in the viewer's scope, newest first."""
    return RefundBatch.objects.filter(exam=exam).order_by("-pk")


def batch(exam: Exam, batch_id: int) -> RefundBatch:
    """One of them; `RefundBatch.DoesNotExist` outside the viewer's scope."""
    return RefundBatch.objects.get(exam=exam, pk=batch_id)


def items(of: RefundBatch) -> QuerySet[RefundItem]:
    """What is in a batch, in the order of the bank's file."""
    return of.items.select_related("refund__line").order_by("pk")


def _refunds(exam: Exam, state: str) -> QuerySet[Refund]:
    found = Refund.objects.filter(exam=exam).select_related("line")
    return found.filter(cancelled_at=None, paid_at__isnull=state == "owed") if state else found
