"""What a point sends its region when all confirmations are over (V5.3.3)."""

from django.db import models
from django.db.models import Q

from keju.kernel.exams.models import Exam


class Summary(models.Model):
    """The consignment of a point to its region: what it says, what it holds, who carried it (sent → received).

    `contents`: what was packed, by item → count; `found`: what the region counted. Where the two differ, or the seal was
    not whole, `remark` says how (migration 0004).
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    point_code = models.CharField(max_length=4)
    office_path = models.CharField(max_length=40, db_collation="C")
    passed = models.IntegerField()
    failed = models.IntegerField()
    absent = models.IntegerField()
    cash = models.DecimalField(max_digits=14, decimal_places=2)
    transferred = models.DecimalField(max_digits=14, decimal_places=2)
    contents = models.JSONField()
    carrier = models.CharField(max_length=80)
    seal = models.CharField(max_length=40, blank=True)
    sent_by = models.CharField(max_length=80)
    sent_at = models.DateTimeField()
    found = models.JSONField(null=True)
    seal_whole = models.BooleanField(null=True)
    received_by = models.CharField(max_length=80, blank=True)
    received_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "review_summary"
        constraints = [
            models.UniqueConstraint(fields=["exam", "point_code"], name="review_summary_once"),
            models.CheckConstraint(
                condition=Q(received_at=None, received_by="", found__isnull=True)
                | (Q(received_at__isnull=False) & ~Q(received_by="")),
                name="review_summary_counted",
            ),
        ]
