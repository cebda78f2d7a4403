"""The obligations of an exam."""

from django.db import models
from django.db.models import Q

from keju.kernel.exams.models import Exam

OPEN = Q(discharged_at__isnull=True, withdrawn_at__isnull=True)


class Obligation(models.Model):
    """`owner_code` owes the duty `code` of clause `rule` to `creditor_code` by `due_at`.

    `office_path` is the lower of the two paths: that office and everybody above it see the row. `day` tells
    the occurrences of a daily duty apart. Without
    `milestone_at` it was done before its term began; `due_at` then is when it was done. Owed again after it
    was done (`renewed_at`), its term runs from then, and a calendar that moves never shortens it.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    rule = models.CharField(max_length=12)
    owner_code = models.CharField(max_length=20)
    owner_path = models.CharField(max_length=40, db_collation="C")
    creditor_code = models.CharField(max_length=20)
    office_path = models.CharField(max_length=40, db_collation="C")
    day = models.DateField(null=True)
    milestone = models.CharField(max_length=40)
    milestone_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    manual = models.BooleanField()
    discharged_at = models.DateTimeField(null=True)
    discharged_by = models.CharField(max_length=80, blank=True)
    evidence = models.TextField(blank=True)
    evidence_file = models.CharField(max_length=64, blank=True)
    renewed_at = models.DateTimeField(null=True)
    renewed_because = models.CharField(max_length=300, blank=True, db_default="")
    escalated_level = models.SmallIntegerField(default=0)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "duties_obligation"
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "code", "owner_code", "creditor_code", "day"],
                nulls_distinct=False,
                name="duties_obligation_once",
            ),
            models.CheckConstraint(
                condition=Q(milestone_at__isnull=False) | Q(discharged_at__isnull=False),
                name="duties_obligation_term",
            ),
            models.CheckConstraint(
                condition=Q(discharged_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="duties_obligation_one_end",
            ),
            models.CheckConstraint(
                condition=(Q(discharged_at__isnull=True) & Q(discharged_by=""))
                | (Q(discharged_at__isnull=False) & ~Q(discharged_by="") & ~Q(evidence="")),
                name="duties_obligation_evidence",
            ),
            models.CheckConstraint(condition=Q(escalated_level__gte=0), name="duties_obligation_level"),
        ]
        # What is open is a short list however long the year was; each list is read in order of due date.
        indexes = [
            models.Index(fields=["exam", "owner_code", "due_at", "id"], name="duties_owner"),
            models.Index(fields=["exam", "creditor_code", "due_at", "id"], name="duties_creditor"),
            models.Index(
                fields=["exam", "owner_code", "due_at", "id"], condition=OPEN, name="duties_owner_open"
            ),
            models.Index(
                fields=["exam", "creditor_code", "due_at", "id"], condition=OPEN, name="duties_creditor_open"
            ),
            models.Index(fields=["exam", "due_at", "id"], condition=OPEN, name="duties_open"),
        ]
