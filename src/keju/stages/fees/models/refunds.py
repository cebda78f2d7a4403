"""Money that goes back: what is owed, where to, and the batches that the bank carries out."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from keju.kernel.accounts.sealed import SealedField
from keju.kernel.exams.models import Exam
from keju.stages.fees.models.ledger import yuan
from keju.stages.fees.models.paying import Order
from keju.stages.fees.models.statements import StatementLine


class Refund(models.Model):
    """Money owed back (owed → paid | cancelled; paid → owed again if the bank returns it).

    `cause`: review (failed), surplus (too much or twice), lapsed (never confirmed), stray (nobody's). `source` says what it
    follows from, once. `order`: goes back the way it came; `line`: else to the payer's account, if the candidate names
    none. It is cancelled where what it follows from turned out to be wrong, before it was in a batch.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+", db_index=False)
    registration = models.ForeignKey(
        "registration.Registration", on_delete=models.PROTECT, related_name="+", null=True
    )
    candidate_id = models.BigIntegerField(null=True)
    office_path = models.CharField(max_length=40, db_collation="C")
    cause = models.CharField(max_length=8, db_default="review")
    source = models.CharField(max_length=60, db_collation="C")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    line = models.ForeignKey(
        StatementLine, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    amount = yuan()
    owed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    paid_by = models.CharField(max_length=80, blank=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "fees_refund"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="fees_refund_amount"),
            models.UniqueConstraint(fields=["exam", "source"], name="fees_refund_source_once"),
            models.UniqueConstraint(
                fields=["registration"], condition=Q(cause="review"), name="fees_refund_of_review_once"
            ),
            models.CheckConstraint(
                condition=Q(cause__in=["review", "surplus", "lapsed", "stray"]), name="fees_refund_cause"
            ),
            models.CheckConstraint(
                condition=Q(cause="stray") | Q(registration__isnull=False, candidate_id__isnull=False),
                name="fees_refund_whose",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | Q(paid_at__isnull=True) & ~Q(cause="review"),
                name="fees_refund_one_end",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["exam", "office_path", "id"], name="fees_refund_by_office"),
            models.Index(
                fields=["exam", "office_path", "id"],
                condition=Q(paid_at=None, cancelled_at=None),
                name="fees_refund_owed",
            ),
        ]


class PayoutAccount(models.Model):
    """Where a candidate wants the money; the last one counts. Sealed, append-only."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+", db_index=False)
    registration = models.ForeignKey("registration.Registration", on_delete=models.PROTECT, related_name="+")
    candidate_id = models.BigIntegerField()
    office_path = models.CharField(max_length=40, db_collation="C")
    holder = SealedField()
    bank = SealedField()
    number = SealedField()
    entered_at = models.DateTimeField()

    class Meta:
        db_table = "fees_payout_account"


class RefundBatch(models.Model):
    """Refunds that leave together (proposed → released | dropped). Another person releases it; `digest` is what they saw."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+", db_index=False)
    region_code = models.CharField(max_length=2)
    office_path = models.CharField(max_length=40, db_collation="C")
    number = models.CharField(max_length=20)
    way = models.CharField(max_length=8)
    state = models.CharField(max_length=8, default="proposed")
    count = models.IntegerField()
    amount = yuan()
    digest = models.CharField(max_length=64)
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "fees_refund_batch"
        constraints = [
            models.UniqueConstraint(fields=["exam", "number"], name="fees_batch_number_once"),
            models.CheckConstraint(condition=Q(count__gt=0, amount__gt=0), name="fees_batch_something"),
            models.CheckConstraint(condition=Q(way__in=["bank", "gateway", "hand"]), name="fees_batch_way"),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by="", decided_at__isnull=True)
                | Q(state="dropped", decided_at__isnull=False)
                | Q(state="released", decided_at__isnull=False)
                & ~Q(decided_by="")
                & ~Q(decided_by=F("proposed_by")),
                name="fees_batch_two_people",
            ),
        ]


class RefundItem(models.Model):
    """A refund in a batch (listed → sent | dropped; sent → bounced), with the account as it stood when it was listed."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+", db_index=False)
    office_path = models.CharField(max_length=40, db_collation="C")
    batch = models.ForeignKey(RefundBatch, on_delete=models.PROTECT, related_name="items")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="items", db_index=False)
    amount = yuan()
    state = models.CharField(max_length=8, default="listed")
    holder = SealedField(default=b"")
    bank = SealedField(default=b"")
    account = SealedField(default=b"")
    bounced_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "fees_refund_item"
        constraints = [
            models.UniqueConstraint(
                fields=["refund"],
                condition=Q(state__in=["listed", "sent"]),
                name="fees_refund_on_its_way_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["listed", "sent", "dropped"], bounced_at__isnull=True)
                | Q(state="bounced", bounced_at__isnull=False) & ~Q(reason=""),
                name="fees_item_state",
            ),
        ]
