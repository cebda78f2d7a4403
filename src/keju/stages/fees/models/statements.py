"""The bank's statements: each line once for ever, and what it turned out to be."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from keju.kernel.accounts.sealed import SealedField
from keju.kernel.exams.models import Exam
from keju.stages.fees.models.ledger import yuan


class Statement(models.Model):
    """A file that brought new lines. Append-only."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=2)
    office_path = models.CharField(max_length=40, db_collation="C")
    file = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    layout = models.CharField(max_length=40)
    lines = models.IntegerField()
    added = models.IntegerField()
    opening = yuan(null=True)
    closing = yuan(null=True)
    imported_by = models.CharField(max_length=80)
    imported_at = models.DateTimeField()

    class Meta:
        db_table = "fees_statement"
        constraints = [
            models.CheckConstraint(condition=Q(added__gt=0, lines__gte=F("added")), name="fees_statement_new")
        ]


class StatementLine(models.Model):
    """A line of the region's account. Only `open` (what nobody has explained yet) ever changes: from all of it to 0."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+", db_index=False)
    region_code = models.CharField(max_length=2)
    office_path = models.CharField(max_length=40, db_collation="C")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="rows")
    row = models.IntegerField()
    key = models.CharField(max_length=60, db_collation="C")
    serial = models.CharField(max_length=80, blank=True, db_collation="C")
    booked_on = models.DateField()
    amount = yuan()
    open = yuan()
    balance = yuan(null=True)
    payer = models.CharField(max_length=120, blank=True)
    account = SealedField(default=b"")
    remark = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "fees_statement_line"
        constraints = [
            models.UniqueConstraint(fields=["exam", "region_code", "key"], name="fees_line_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, open__gte=0, open__lte=F("amount"))
                | Q(amount__lt=0, open__lte=0, open__gte=F("amount")),
                name="fees_line_open",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["exam", "office_path", "id"], condition=~Q(open=0), name="fees_line_unexplained"
            ),
            models.Index(fields=["exam", "office_path", "id"], name="fees_line_by_office"),
        ]


class Match(models.Model):
    """What (a part of) a line was, who says so and why (stands → undone, by another person with a reason).

    Nothing else of it ever changes (trigger, migration 0007): a wrong one is undone, and the line explained once more.

    `what`: fee (a candidate's), slip (of a transfer taken at the counter), deposit (a point's cash), remittance, batch (of
    refunds), bounce (a refund that came back), settlement (of the gateway), stray (to go back to the payer), other.
    `target` names the thing where it is explained once only ("remittance:3").
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+", db_index=False)
    office_path = models.CharField(max_length=40, db_collation="C")
    line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, related_name="matches")
    what = models.CharField(max_length=12)
    registration = models.ForeignKey(
        "registration.Registration", on_delete=models.PROTECT, related_name="+", null=True
    )
    target = models.CharField(max_length=60, blank=True, db_collation="C")
    amount = yuan()
    reason = models.CharField(max_length=200)
    matched_by = models.CharField(max_length=80)
    matched_at = models.DateTimeField()
    undone_by = models.CharField(max_length=80, blank=True, db_default="")
    undone_at = models.DateTimeField(null=True)
    undone_reason = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        db_table = "fees_match"
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "target"],
                condition=~Q(target="") & Q(undone_at__isnull=True),
                name="fees_match_target_once",
            ),
            models.UniqueConstraint(
                fields=["line", "registration"],
                condition=Q(registration__isnull=False, undone_at__isnull=True),
                name="fees_match_person_once",
            ),
            models.CheckConstraint(condition=~Q(amount=0) & ~Q(reason=""), name="fees_match_says_why"),
            models.CheckConstraint(
                condition=Q(what="fee") & Q(registration__isnull=False) | ~Q(what="fee"),
                name="fees_match_whose",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by="", undone_reason="")
                | Q(undone_at__isnull=False)
                & ~Q(undone_by="")
                & ~Q(undone_by=F("matched_by"))
                & ~Q(undone_reason=""),
                name="fees_match_undone_by_another",
            ),
        ]
