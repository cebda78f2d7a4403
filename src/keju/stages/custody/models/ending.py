"""The destruction of a point's papers: ordered in writing, watched, recorded (V16.2.1)."""

from django.db import models
from django.db.models import Q

from keju.kernel.accounts.models import Person
from keju.kernel.approvals.models import Proposal
from keju.kernel.exams.models import Exam


class Destruction(models.Model):
    """`containers`: ids of the bags ordered, `papers` in them; `order`: what the point's leader signs. Done: `record` bears the
    signatures of who watched (`head`, `officer`) and of the staff (their names as they signed)."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    point_code = models.CharField(max_length=4)
    place = models.CharField(max_length=120)
    method = models.CharField(max_length=120)
    containers = models.JSONField()
    papers = models.IntegerField()
    order = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, related_name="+")
    ordered_by = models.CharField(max_length=80)
    ordered_at = models.DateTimeField()
    record = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, related_name="+")
    head = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    officer = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    staff = models.JSONField(default=list)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "custody_destruction"
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None)
                | Q(head__isnull=False, officer__isnull=False, record__isnull=False),
                name="custody_destruction_watched",
            ),
            models.CheckConstraint(
                condition=~Q(place="") & ~Q(method="") & Q(papers__gte=0), name="custody_destruction_whole"
            ),
        ]
        indexes = [models.Index(fields=["exam", "office_path"], name="custody_destruction_where")]
