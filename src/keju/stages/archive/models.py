"""Bags that were sealed, and every check of them since."""

from django.db import models
from django.db.models import Q

from keju.kernel.exams.models import Exam


class Bag(models.Model):
    """One sealed bag: `digest` fixes every byte of it; `folder` is its name below the archive's folder, or a path."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    folder = models.CharField(max_length=400)
    digest = models.CharField(max_length=64)
    files = models.IntegerField()
    rows = models.BigIntegerField()
    octets = models.BigIntegerField()
    sealed_by = models.CharField(max_length=80)
    sealed_at = models.DateTimeField()

    class Meta:
        db_table = "archive_bag"
        constraints = [
            models.UniqueConstraint(fields=["folder"], name="archive_one_bag_a_folder"),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="archive_digest"),
        ]


class Check(models.Model):
    """Somebody had the bag validated against the digest recorded when it was sealed."""

    bag = models.ForeignKey(Bag, on_delete=models.PROTECT, related_name="checks")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    problems = models.JSONField()
    problem_count = models.IntegerField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "archive_check"
