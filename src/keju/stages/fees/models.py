"""The ledger, and what stands behind its entries: tariffs, receipts, payments, remittances, refunds.

Amounts are yuan, exact to the fen. The ledger is append-only; a trigger refuses, when the transaction ends, an entry whose
postings do not sum to zero (migration 0002).
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from keju.kernel.exams.models import Exam


class Account(models.TextChoices):
    """Of a region unless said otherwise. Debit is positive."""

    RECEIVABLE = "receivable"
    CASH = "cash"
    BANK = "bank"
    IN_TRANSIT = "in_transit"
    NATIONAL_PAYABLE = "national_payable"
    PROVINCIAL = "provincial"
    REFUND_PAYABLE = "refund_payable"
    CENTRE_BANK = "centre_bank"
    NATIONAL = "national"


class Kind(models.TextChoices):
    CHARGE = "charge"
    PAYMENT = "payment"
    BANKED = "banked"
    REMITTANCE = "remittance"
    ARRIVAL = "arrival"
    REFUND_OWED = "refund_owed"
    REFUND = "refund"


def _yuan(**options: object) -> models.DecimalField:
    return models.DecimalField(max_digits=14, decimal_places=2, **options)


class Entry(models.Model):
    """One balanced entry. One of each kind at most per registration: paid once, refunded once.

    `tx` is the transaction that wrote it: only that one may add postings. References are checked by statement triggers,
    a set at a time (migration 0002); rows of this table are never deleted.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    office_path = models.CharField(max_length=40, db_collation="C")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    registration = models.ForeignKey(
        "registration.Registration",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        db_constraint=False,
    )
    tx = models.BigIntegerField(db_default=models.Func(function="keju_transaction"))
    at = models.DateTimeField()
    by = models.CharField(max_length=80)

    class Meta:
        db_table = "fees_entry"
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "kind"],
                condition=Q(registration__isnull=False),
                name="fees_once_per_registration",
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="fees_entry_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=["banked", "remittance", "arrival"]) ^ Q(registration__isnull=False),
                name="fees_entry_whose",
            ),
        ]


class Posting(models.Model):
    """A line of an entry. Exam and office are the entry's (statement trigger)."""

    pk = models.CompositePrimaryKey("entry_id", "line")
    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, related_name="postings", db_index=False, db_constraint=False
    )
    line = models.SmallIntegerField()
    exam = models.ForeignKey(
        Exam, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    office_path = models.CharField(max_length=40, db_collation="C")
    account = models.CharField(max_length=20, choices=Account.choices)
    amount = _yuan()

    class Meta:
        db_table = "fees_posting"
        constraints = [
            models.CheckConstraint(condition=Q(account__in=Account.values), name="fees_posting_account"),
            models.CheckConstraint(condition=~Q(amount=0), name="fees_posting_something"),
        ]


class Tariff(models.Model):
    """A region's provincial fee for an exam and the document that approves it. Public."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=2)
    office_path = models.CharField(max_length=40, db_collation="C")
    provincial_fee = _yuan()
    approval = models.CharField(max_length=200)
    version = models.IntegerField(default=1)
    set_at = models.DateTimeField()

    class Meta:
        db_table = "fees_tariff"
        constraints = [
            models.UniqueConstraint(fields=["exam", "region_code"], name="fees_tariff_once"),
            models.CheckConstraint(condition=Q(provincial_fee__gte=0), name="fees_tariff_amount"),
            models.CheckConstraint(condition=~Q(approval=""), name="fees_tariff_approved"),
        ]


class ReceiptRange(models.Model):
    """Stamped fiscal receipts of a region, used from `first` to `last`; `following` is the next to be used."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=2)
    office_path = models.CharField(max_length=40, db_collation="C")
    prefix = models.CharField(max_length=20, blank=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    following = models.BigIntegerField()
    registered_at = models.DateTimeField()

    class Meta:
        db_table = "fees_receipt_range"
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "region_code", "prefix", "first"], name="fees_range_once"
            ),
            models.CheckConstraint(condition=Q(first__gte=1, last__gte=F("first")), name="fees_range_span"),
            models.CheckConstraint(
                condition=Q(following__gte=F("first"), following__lte=F("last") + 1), name="fees_range_within"
            ),
        ]


class PaymentTaken(models.Model):
    """A candidate's payment and the number of the receipt given for it."""

    exam = models.ForeignKey(
        Exam, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    registration = models.OneToOneField(
        "registration.Registration", on_delete=models.PROTECT, related_name="+"
    )
    candidate_id = models.BigIntegerField()
    office_path = models.CharField(max_length=40, db_collation="C")
    method = models.CharField(max_length=10)
    reference = models.CharField(max_length=60, blank=True)
    national = _yuan()
    provincial = _yuan()
    receipt_range = models.ForeignKey(
        ReceiptRange, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    receipt_number = models.BigIntegerField()
    receipt = models.CharField(max_length=40)
    taken_by = models.CharField(max_length=80)
    taken_at = models.DateTimeField()

    class Meta:
        db_table = "fees_payment"
        constraints = [
            models.UniqueConstraint(fields=["receipt_range", "receipt_number"], name="fees_receipt_once"),
            models.CheckConstraint(
                condition=Q(method="cash") | Q(method="transfer") & ~Q(reference=""),
                name="fees_payment_method",
            ),
            models.CheckConstraint(
                condition=Q(national__gte=0, provincial__gte=0), name="fees_payment_amount"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["exam", "office_path", "registration"], name="fees_payment_by_office")
        ]


class FiscalReceipt(models.Model):
    """The centre's receipt for everything a region had sent and that had none yet (V8.2b)."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=2)
    office_path = models.CharField(max_length=40, db_collation="C")
    number = models.CharField(max_length=40)
    amount = _yuan()
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
    amount = _yuan()
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


class Refund(models.Model):
    """A candidate who failed review and gets the fee back (owed → paid)."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+", db_index=False)
    registration = models.OneToOneField(
        "registration.Registration", on_delete=models.PROTECT, related_name="+"
    )
    candidate_id = models.BigIntegerField()
    office_path = models.CharField(max_length=40, db_collation="C")
    amount = _yuan()
    owed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    paid_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "fees_refund"
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="fees_refund_amount")]
        indexes: ClassVar = [
            models.Index(fields=["exam", "office_path", "registration"], name="fees_refund_by_office")
        ]
