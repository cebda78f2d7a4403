"""The print ledger: every document that was ever made, and which of them were declared void. It only grows."""

from django.db import models
from django.db.models import Q


class Print(models.Model):
    """One copy of one document. `copy` counts the prints of the same content for the same subject, from 1."""

    kind = models.CharField(max_length=40)
    exam_slug = models.CharField(max_length=60, blank=True)
    office_path = models.CharField(max_length=40, db_collation="C")
    candidate_id = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=120)
    copy = models.IntegerField()
    language = models.CharField(max_length=2)
    template = models.CharField(max_length=80)
    template_version = models.CharField(max_length=64)
    data_hash = models.CharField(max_length=64)
    pdf_hash = models.CharField(max_length=64)
    pages = models.IntegerField()
    plan_version = models.CharField(max_length=80, blank=True)
    printed_by = models.CharField(max_length=80)
    printed_at = models.DateTimeField()

    class Meta:
        db_table = "documents_print"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "exam_slug", "subject", "data_hash", "copy"], name="documents_copy_once"
            ),
            models.CheckConstraint(condition=Q(copy__gte=1), name="documents_copy"),
            models.CheckConstraint(condition=Q(language__in=["zh", "en"]), name="documents_language"),
        ]
        indexes = [
            models.Index(fields=["exam_slug", "office_path", "-printed_at"], name="documents_by_office"),
            models.Index(fields=["candidate_id"], name="documents_by_candidate"),
        ]


class Voiding(models.Model):
    """From `voided_at` on, every print of the kind for the subject up to `up_to` (its row number) is void.

    `part`: only these rooms of it, "3,7"; the other pages hold.
    """

    kind = models.CharField(max_length=40)
    exam_slug = models.CharField(max_length=60, blank=True)
    office_path = models.CharField(max_length=40, db_collation="C")
    candidate_id = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=120)
    up_to = models.BigIntegerField()
    part = models.CharField(max_length=2000, blank=True)
    reason = models.CharField(max_length=300)
    voided_by = models.CharField(max_length=80)
    voided_at = models.DateTimeField()

    class Meta:
        db_table = "documents_voiding"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="documents_void_reason"),
        ]
        indexes = [models.Index(fields=["kind", "exam_slug", "subject"], name="documents_voided")]
