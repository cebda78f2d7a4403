"""What the point and the region decided about each registration.

First and second review are by two people: the second names the first one's author, by a foreign key on (registration,
author), and a check refuses the same name (migration 0002).
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from keju.kernel.exams.models import Exam


class FirstReview(models.Model):
    """The point's decision; append-only. `materials`: code → [complete, true, valid].

    `form`: what the candidate signed, of `form_version`: our print, or the paper on which they registered; "" on a fail.
    """

    exam = models.ForeignKey(
        Exam, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    registration = models.OneToOneField(
        "registration.Registration", on_delete=models.PROTECT, related_name="+"
    )
    candidate_id = models.BigIntegerField()
    office_path = models.CharField(max_length=40, db_collation="C")
    form_version = models.IntegerField()
    form = models.CharField(max_length=7, blank=True)
    materials = models.JSONField()
    returned = models.BooleanField()
    passed = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.CharField(max_length=80)
    decided_at = models.DateTimeField()

    class Meta:
        db_table = "review_first"
        constraints = [
            models.CheckConstraint(condition=Q(passed=True) | ~Q(reason=""), name="review_first_says_why"),
            models.CheckConstraint(condition=Q(returned=True), name="review_first_returned"),
            models.CheckConstraint(
                condition=Q(passed=False) | Q(form__in=["printed", "paper"]),
                name="review_first_signed",
            ),
            models.UniqueConstraint(fields=["registration", "decided_by"], name="review_first_author"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["exam", "office_path", "passed", "registration"], name="review_first_by_office"
            ),
            # The region's queue in order of registrations, without a look at the table: what policies ask is in it.
            models.Index(
                fields=["exam", "registration"],
                include=["office_path", "candidate_id", "decided_by"],
                condition=Q(passed=True),
                name="review_first_queue",
            ),
        ]


class SecondReview(models.Model):
    """The region's decision, its opinion signed on the form; may be revised until the region's batch is set."""

    exam = models.ForeignKey(
        Exam, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    registration = models.OneToOneField(
        "registration.Registration", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    candidate_id = models.BigIntegerField()
    office_path = models.CharField(max_length=40, db_collation="C")
    passed = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True)
    version = models.IntegerField(default=1)
    signed = models.BooleanField()
    first_by = models.CharField(max_length=80)
    decided_by = models.CharField(max_length=80)
    decided_at = models.DateTimeField()

    class Meta:
        db_table = "review_second"
        constraints = [
            models.CheckConstraint(condition=Q(passed=True) | ~Q(reason=""), name="review_second_says_why"),
            models.CheckConstraint(condition=~Q(decided_by=F("first_by")), name="review_two_persons"),
            models.CheckConstraint(condition=Q(signed=True), name="review_second_signed"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["exam", "office_path", "passed", "registration"], name="review_second_by_office"
            ),
            models.Index(
                fields=["exam", "passed", "registration"], include=["office_path"], name="review_second_queue"
            ),
            models.Index(fields=["registration"], include=["exam", "office_path"], name="review_second_of"),
        ]


class Batch(models.Model):
    """The region set its results (V5.4); nothing is decided after it."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=2)
    office_path = models.CharField(max_length=40, db_collation="C")
    passed = models.IntegerField()
    failed = models.IntegerField()
    set_by = models.CharField(max_length=80)
    set_at = models.DateTimeField()

    class Meta:
        db_table = "review_batch"
        constraints = [models.UniqueConstraint(fields=["exam", "region_code"], name="review_batch_once")]


class Bulk(models.Model):
    """One bulk pass: how many it passed, and whom it left out and why ([registration, code] each). Append-only."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=2)
    office_path = models.CharField(max_length=40, db_collation="C")
    passed = models.IntegerField()
    skipped = models.JSONField()
    done_by = models.CharField(max_length=80)
    done_at = models.DateTimeField()

    class Meta:
        db_table = "review_bulk"
        constraints = [models.CheckConstraint(condition=Q(passed__gte=0), name="review_bulk_count")]
