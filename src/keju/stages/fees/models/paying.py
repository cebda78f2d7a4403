"""What a candidate pays: tariffs, stamped receipts, money that arrived before, payments, orders online."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from keju.kernel.exams.models import Exam
from keju.stages.fees.models.ledger import yuan


class Tariff(models.Model):
    """One version of a region's provincial fee: from which day it holds, and the document that approves it. Public."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=2)
    office_path = models.CharField(max_length=40, db_collation="C")
    provincial_fee = yuan()
    approval = models.CharField(max_length=200)
    approval_file = models.CharField(max_length=64, blank=True, db_default="")
    payee = models.CharField(max_length=300, blank=True, db_default="")
    starts_on = models.DateField()
    version = models.IntegerField(default=1)
    set_by = models.CharField(max_length=80, db_default="")
    set_at = models.DateTimeField()

    class Meta:
        db_table = "fees_tariff"
        constraints = [
            models.UniqueConstraint(fields=["exam", "region_code", "version"], name="fees_tariff_once"),
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
    """A candidate's payment and the number of the receipt given for it. `advance`: what of it had arrived before."""

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
    national = yuan()
    provincial = yuan()
    advance = yuan(db_default=0)
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
                condition=Q(method__in=["cash", "prepaid"]) | Q(method="transfer") & ~Q(reference=""),
                name="fees_payment_method",
            ),
            models.CheckConstraint(
                condition=Q(national__gte=0, provincial__gte=0), name="fees_payment_amount"
            ),
            models.CheckConstraint(
                condition=Q(advance__gte=0)
                & (
                    Q(method="prepaid", advance=F("national") + F("provincial"))
                    | ~Q(method="prepaid") & Q(advance__lt=F("national") + F("provincial"))
                    | ~Q(method="prepaid") & Q(advance=0)
                ),
                name="fees_payment_advance",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["exam", "office_path", "registration"], name="fees_payment_by_office")
        ]


class Advance(models.Model):
    """Money for a registration that came by the bank or online, before or beside the counter. Append-only.

    `source`: the line's explanation or the order that brought it. `paid_on`: the day whose price it may settle. What was
    somebody else's money is taken back by a further row below zero, "undone:" and the source, of the same day.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+", db_index=False)
    registration = models.ForeignKey(
        "registration.Registration", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    candidate_id = models.BigIntegerField()
    office_path = models.CharField(max_length=40, db_collation="C")
    amount = yuan()
    source = models.CharField(max_length=60, db_collation="C")
    paid_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        db_table = "fees_advance"
        constraints = [
            models.UniqueConstraint(fields=["source"], name="fees_advance_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & ~Q(source__startswith="undone:")
                | Q(amount__lt=0, source__startswith="undone:"),
                name="fees_advance_amount",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["registration"], name="fees_advance_of"),
            models.Index(fields=["exam", "office_path", "registration"], name="fees_advance_by_office"),
        ]


class Order(models.Model):
    """A payment online: `number` is ours, `gateway_ref` theirs (open → paid; open → closed; closed → paid, if it comes late)."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+", db_index=False)
    registration = models.ForeignKey("registration.Registration", on_delete=models.PROTECT, related_name="+")
    candidate_id = models.BigIntegerField()
    office_path = models.CharField(max_length=40, db_collation="C")
    number = models.CharField(max_length=32, unique=True)
    amount = yuan()
    state = models.CharField(max_length=6, default="open")
    paid = yuan(db_default=0)
    gateway_ref = models.CharField(max_length=64, blank=True)
    trouble = models.CharField(max_length=20, blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "fees_order"
        constraints = [
            models.UniqueConstraint(
                fields=["registration"], condition=Q(state="open"), name="fees_one_open_order"
            ),
            models.UniqueConstraint(
                fields=["gateway_ref"], condition=~Q(gateway_ref=""), name="fees_gateway_ref_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="fees_order_amount"),
            models.CheckConstraint(
                condition=Q(state="paid", paid__gt=0, paid_at__isnull=False) & ~Q(gateway_ref="")
                | Q(state__in=["open", "closed"], paid=0, paid_at__isnull=True, gateway_ref=""),
                name="fees_order_state",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["exam", "state", "made_at"], name="fees_order_by_state"),
        ]


class OrderNews(models.Model):
    """What the gateway said about an order, by which way, each different message once. Append-only."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="news", db_index=False)
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+", db_index=False)
    office_path = models.CharField(max_length=40, db_collation="C")
    way = models.CharField(max_length=8)
    said = models.CharField(max_length=8)
    amount = yuan()
    gateway_ref = models.CharField(max_length=64, blank=True)
    act = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        db_table = "fees_order_news"
        constraints = [
            models.UniqueConstraint(
                fields=["order", "way", "said", "amount", "gateway_ref"], name="fees_news_once"
            ),
            models.CheckConstraint(condition=Q(way__in=["notice", "answer"]), name="fees_news_way"),
        ]
