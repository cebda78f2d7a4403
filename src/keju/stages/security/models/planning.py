"""Implementation plans: written by a body, approved by its leader, replaced by a newer one."""

from django.db import models
from django.db.models import Q

from keju.kernel.approvals.models import Proposal
from keju.kernel.exams.models import Exam

DRAFT, PROPOSED, APPROVED, REPLACED = "draft", "proposed", "approved", "replaced"
PLAN_TRANSITIONS = {
    DRAFT: {"propose": PROPOSED},
    PROPOSED: {"approve": APPROVED, "return": DRAFT},
    APPROVED: {"replace": REPLACED},
    REPLACED: {},
}


class Plan(models.Model):
    """How a body carries the exam out (P5.1). `content_hash`: of title, text and file; what is approved does not change."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    number = models.SmallIntegerField()
    title = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    file = models.CharField(max_length=64, blank=True)
    content_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default=DRAFT)
    proposal = models.OneToOneField(Proposal, null=True, on_delete=models.PROTECT, related_name="+")
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "security_plan"
        constraints = [
            models.UniqueConstraint(fields=["exam", "office_code", "number"], name="security_plan_number"),
            models.UniqueConstraint(
                fields=["exam", "office_code"],
                condition=Q(state__in=[DRAFT, PROPOSED]),
                name="security_plan_one_in_work",
            ),
            models.UniqueConstraint(
                fields=["exam", "office_code"], condition=Q(state=APPROVED), name="security_plan_one_in_force"
            ),
            models.CheckConstraint(condition=~Q(text="") | ~Q(file=""), name="security_plan_says_something"),
            models.CheckConstraint(condition=Q(state__in=list(PLAN_TRANSITIONS)), name="security_plan_state"),
            models.CheckConstraint(
                condition=~Q(state__in=[APPROVED, REPLACED])
                | Q(proposal__isnull=False, approved_at__isnull=False),
                name="security_plan_approved_by_proposal",
            ),
        ]
