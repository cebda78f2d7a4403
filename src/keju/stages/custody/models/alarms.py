"""When each alarm was first seen and when it was over."""

from django.db import models
from django.db.models import Q

from keju.kernel.exams.models import Exam


class Alarm(models.Model):
    """One thing that was wrong, from `raised_at` until `cleared_at`: see `queries.alarms.Alarm`. Never two open ones of a
    kind about the same subject."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=80)
    rule = models.CharField(max_length=12)
    words_zh = models.CharField(max_length=300)
    words_en = models.CharField(max_length=500)
    since = models.DateTimeField()
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "custody_alarm"
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "kind", "subject"], condition=Q(cleared_at=None), name="custody_alarm_once"
            ),
        ]
        indexes = [models.Index(fields=["exam", "office_path", "raised_at"], name="custody_alarm_by_office")]
