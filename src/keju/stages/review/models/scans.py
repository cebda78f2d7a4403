"""Pictures of what the candidate brought."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from keju.kernel.exams.models import Exam


class Scan(models.Model):
    """One page of one material, as image or PDF; the content is kept by `kernel.files`.

    `thumb`: a small picture of it, "" for a PDF that could not be drawn. `pages`: of a PDF.
    What was taken by mistake is taken away, not erased.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    registration = models.ForeignKey(
        "registration.Registration", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    candidate_id = models.BigIntegerField()
    office_path = models.CharField(max_length=40, db_collation="C")
    material = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    thumb = models.CharField(max_length=64, blank=True)
    content_type = models.CharField(max_length=40)
    pages = models.SmallIntegerField(default=1, db_default=1)
    size = models.IntegerField()
    taken_by = models.CharField(max_length=80)
    taken_at = models.DateTimeField()
    removed_by = models.CharField(max_length=80, blank=True)
    removed_at = models.DateTimeField(null=True)

    @property
    def is_pdf(self) -> bool:
        return self.content_type == "application/pdf"

    class Meta:
        db_table = "review_scan"
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "material", "sha256"],
                condition=Q(removed_at=None),
                name="review_scan_once",
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by="")
                | (Q(removed_at__isnull=False) & ~Q(removed_by="")),
                name="review_scan_removed_by_somebody",
            ),
            models.CheckConstraint(condition=Q(pages__gte=1), name="review_scan_has_pages"),
        ]
        indexes: ClassVar = [models.Index(fields=["registration", "material", "id"], name="review_scan_of")]
