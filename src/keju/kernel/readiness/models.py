"""What a leader let pass, for ever."""

from django.db import models
from django.db.models import Q

from keju.kernel.accounts.models import Proof
from keju.kernel.exams.models import Exam
from keju.rulebook.words import Words, t


class Override(models.Model):
    """The region's leader lets the site at `office_path` open although clause `rule` is red there; append-only.

    `lacking`: how many things were missing when it was decided, `missing` which, in both languages. What is lacking more
    later is not covered, and after the days of `Params.override_days` nothing is. `proof`: of the leader, by their second factor.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    rule = models.CharField(max_length=12)
    lacking = models.IntegerField()
    missing_zh = models.TextField()
    missing_en = models.TextField()
    reason = models.CharField(max_length=500)
    proof = models.ForeignKey(Proof, on_delete=models.PROTECT, related_name="+")
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "readiness_override"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="") & Q(lacking__gte=1), name="readiness_override_says_why"
            ),
        ]
        indexes = [models.Index(fields=["exam", "office_path", "rule"], name="readiness_override_of")]

    @property
    def missing(self) -> Words:
        return t(self.missing_zh, self.missing_en)
