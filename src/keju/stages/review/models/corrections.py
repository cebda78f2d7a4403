"""Corrections of confirmed registrations: asked for by one person, decided by another."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from keju.kernel.accounts.sealed import SealedField
from keju.kernel.exams.models import Exam


class CorrectionState(models.TextChoices):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


CORRECTION_TRANSITIONS = {
    CorrectionState.ASKED: {"approve": CorrectionState.APPROVED, "refuse": CorrectionState.REFUSED}
}


class Correction(models.Model):
    """What should change in a confirmed registration, and why. `changes`: JSON {field: [old, new]}, sealed.

    `seen_version` is the registration's when it was asked for, `new_version` what approving made of it. Approved, the
    form is printed and signed again: `signed_at`.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    registration = models.ForeignKey(
        "registration.Registration", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    candidate_id = models.BigIntegerField()
    office_path = models.CharField(max_length=40, db_collation="C")
    state = models.CharField(
        max_length=8, choices=CorrectionState.choices, default=CorrectionState.ASKED.value
    )
    fields = models.JSONField()
    changes = SealedField()
    reason = models.CharField(max_length=300)
    seen_version = models.IntegerField()
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=300, blank=True)
    new_version = models.IntegerField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=80, blank=True)
    signed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "review_correction"
        constraints = [
            models.UniqueConstraint(
                fields=["registration"],
                condition=Q(state="asked"),
                name="review_correction_one_open",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="review_correction_says_why"),
            models.CheckConstraint(
                condition=~Q(decided_by=F("asked_by")), name="review_correction_two_persons"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at=None, decided_by="", new_version=None)
                | (
                    Q(state="approved", decided_at__isnull=False, new_version__gt=F("seen_version"))
                    & ~Q(decided_by="")
                )
                | (
                    Q(state="refused", decided_at__isnull=False, new_version=None)
                    & ~Q(decided_by="")
                    & ~Q(answer="")
                ),
                name="review_correction_decided",
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by="")
                | (Q(signed_at__isnull=False, state="approved") & ~Q(signed_by="")),
                name="review_correction_signed",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["exam", "office_path", "state", "id"], name="review_correction_by_office"),
            models.Index(fields=["registration", "id"], name="review_correction_of"),
        ]
