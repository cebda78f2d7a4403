"""National fees on their way to the centre, and the centre's receipts."""

from django.db import models
from django.db.models import Q

from keju.kernel.exams.models import Exam
from keju.stages.fees.models.ledger import yuan


class FiscalReceipt(models.Model):
    """The centre's receipt for everything a region had sent and that had none yet (V8.2b)."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=2)
    office_path = models.CharField(max_length=40, db_collation="C")
    number = models.CharField(max_length=40)
    amount = yuan()
    issued_by = models.CharField(max_length=80)
    issued_at = models.DateTimeField()

    class Meta:
        db_table = "fees_fiscal_receipt"
        constraints = [
            models.UniqueConstraint(fields=["exam", "number"], name="fees_fiscal_number_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="fees_fiscal_amount"),
        ]


class Remittance(models.Model):
    """Money on its way from a region to the centre (recorded → received)."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=2)
    office_path = models.CharField(max_length=40, db_collation="C")
    amount = yuan()
    reference = models.CharField(max_length=60)
    recorded_by = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()
    received_by = models.CharField(max_length=80, blank=True)
    received_at = models.DateTimeField(null=True)
    fiscal_receipt = models.ForeignKey(FiscalReceipt, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "fees_remittance"
        constraints = [
            models.UniqueConstraint(fields=["exam", "region_code", "reference"], name="fees_remittance_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="fees_remittance_amount"),
            models.CheckConstraint(
                condition=Q(fiscal_receipt__isnull=True) | Q(received_at__isnull=False),
                name="fees_receipt_for_received",
            ),
        ]
