"""What a region confirmed of its paper quantities."""

from django.db import models
from django.db.models import Q

from keju.kernel.exams.models import Exam


class Confirmation(models.Model):
    """The stamped form as it was sent (V9.1): who receives the papers where, and how many. A later one counts instead.

    `lines`: the quantities as confirmed, `digest` their hash: different from today's where seats were planned anew.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    region_code = models.CharField(max_length=2)
    version = models.IntegerField()
    receiver = models.CharField(max_length=120)
    address = models.CharField(max_length=200)
    phone = models.CharField(max_length=40)
    lines = models.JSONField()
    digest = models.CharField(max_length=64)
    scan = models.CharField(max_length=64)
    confirmed_by = models.CharField(max_length=80)
    confirmed_at = models.DateTimeField()

    class Meta:
        db_table = "custody_confirmation"
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "region_code", "version"], name="custody_confirmation_version"
            ),
            models.CheckConstraint(
                condition=~(Q(receiver="") | Q(address="") | Q(phone="") | Q(scan="")),
                name="custody_confirmation_whole",
            ),
        ]
