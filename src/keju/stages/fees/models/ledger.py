"""The books: entries and their postings. Both only grow."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from keju.kernel.exams.models import Exam


class Account(models.TextChoices):
    """Of a region unless said otherwise. Debit is positive."""

    RECEIVABLE = "receivable"
    CASH = "cash"
    BANK = "bank"
    OUTSTANDING = "outstanding"
    SUSPENSE = "suspense"
    GATEWAY = "gateway"
    ADVANCE = "advance"
    IN_TRANSIT = "in_transit"
    NATIONAL_PAYABLE = "national_payable"
    PROVINCIAL = "provincial"
    REFUND_PAYABLE = "refund_payable"
    OTHER = "other"
    CENTRE_BANK = "centre_bank"
    NATIONAL = "national"


class Kind(models.TextChoices):
    CHARGE = "charge"
    PAYMENT = "payment"
    BANKED = "banked"
    REMITTANCE = "remittance"
    ARRIVAL = "arrival"
    BOOKED = "booked"
    EXPLAINED = "explained"
    ONLINE = "online"
    REFUND_OWED = "refund_owed"
    SURPLUS = "surplus"
    UNDONE = "undone"
    UNOWED = "unowed"
    REFUND = "refund"
    BOUNCED = "bounced"


ONCE = (Kind.CHARGE.value, Kind.PAYMENT.value, Kind.REFUND_OWED.value)
"""At most one entry of such a kind per registration: charged once, paid once, a failed review paid back once."""


def yuan(**options: object) -> models.DecimalField:
    return models.DecimalField(max_digits=14, decimal_places=2, **options)


class Entry(models.Model):
    """One balanced entry. `source` names what it follows from ("line:7", "order:9"): once for each kind.

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
    source = models.CharField(max_length=60, blank=True, db_collation="C", db_default="")
    tx = models.BigIntegerField(db_default=models.Func(function="keju_transaction"))
    at = models.DateTimeField()
    by = models.CharField(max_length=80)

    class Meta:
        db_table = "fees_entry"
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "kind"],
                condition=Q(registration__isnull=False, kind__in=ONCE),
                name="fees_once_per_registration",
            ),
            models.UniqueConstraint(
                fields=["source", "kind"], condition=~Q(source=""), name="fees_entry_once_per_source"
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="fees_entry_kind"),
            models.CheckConstraint(
                condition=~Q(kind__in=[*ONCE, "online"]) | Q(registration__isnull=False),
                name="fees_entry_whose",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[*ONCE, "banked", "remittance", "arrival"]) | ~Q(source=""),
                name="fees_entry_whence",
            ),
        ]
        # The books are checked kind by kind, and most kinds are rare.
        indexes: ClassVar = [models.Index(fields=["exam", "kind"], name="fees_entry_by_kind")]


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
    amount = yuan()

    class Meta:
        db_table = "fees_posting"
        constraints = [
            models.CheckConstraint(condition=Q(account__in=Account.values), name="fees_posting_account"),
            models.CheckConstraint(condition=~Q(amount=0), name="fees_posting_something"),
        ]
