"""Who asked whose copy a paper is, and what the answer was."""

from django.db import models
from django.db.models import Q

from keju.kernel.exams.models import Exam
from keju.stages.custody.models.cases import Case
from keju.stages.custody.models.chain import Container
from keju.stages.custody.rules.tracing import Verdict


class LookUp(models.Model):
    """One page that was asked about. Only grows. `office_path`: of who asked; `photo_sha`: SHA-256 of the photograph, which is
    not kept, since questions may stand on it; "" where it was typed. `case`: in whose course it was asked."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="look_ups")
    container = models.ForeignKey(Container, on_delete=models.PROTECT, null=True, related_name="+")
    serial = models.IntegerField(default=0)
    verdict = models.CharField(max_length=10, choices=[(v, v) for v in Verdict])
    photo_sha = models.CharField(max_length=64, blank=True, db_collation="C")
    by = models.CharField(max_length=80)
    name = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_look_up"
        indexes = [
            models.Index(fields=["case"], name="custody_look_up_case"),
            models.Index(fields=["exam", "office_path", "at"], name="custody_look_up_where"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=[Verdict.PROVEN, Verdict.LIKELY], container__isnull=False)
                | ~Q(verdict__in=[Verdict.PROVEN, Verdict.LIKELY]) & Q(container=None),
                name="custody_look_up_names",
            )
        ]
