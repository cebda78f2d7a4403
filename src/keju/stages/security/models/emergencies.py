"""Emergency plans in versions that a leader approves, and drills with their clock."""

from django.db import models
from django.db.models import Q

from keju.kernel.accounts.models import Person
from keju.kernel.accounts.sealed import SealedField
from keju.kernel.exams.models import Exam

DRAFT, PROPOSED, APPROVED, SUPERSEDED = "draft", "proposed", "approved", "superseded"
PLAN_STATES = (DRAFT, PROPOSED, APPROVED, SUPERSEDED)
PLANNED, RUNNING, PAUSED, DONE, CANCELLED = "planned", "running", "paused", "done", "cancelled"
DRILL_STATES = (PLANNED, RUNNING, PAUSED, DONE, CANCELLED)
STEPS = ("start", "pause", "resume", "step", "observed", "lesson", "end")


class EmergencyPlan(models.Model):
    """What an office does in one class of emergency (P5.3), in versions; the approved one holds until the next is approved.

    `contacts`: JSON text of [{"partner", "name", "phone"}], sealed. `content_hash`: SHA-256 of measures and contacts.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    kind = models.CharField(max_length=40)
    number = models.IntegerField()
    measures = models.TextField()
    contacts = SealedField(default=b"")
    content_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default=DRAFT)
    proposal = models.BigIntegerField(null=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "security_emergency_plan"
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "office_code", "kind", "number"], name="security_emergency_plan_number"
            ),
            models.UniqueConstraint(
                fields=["exam", "office_code", "kind"],
                condition=Q(state=APPROVED),
                name="security_emergency_plan_in_force",
            ),
            models.CheckConstraint(condition=Q(state__in=PLAN_STATES), name="security_emergency_plan_state"),
            models.CheckConstraint(
                condition=Q(state__in=(DRAFT, PROPOSED), approved_at=None)
                | Q(state=APPROVED, approved_at__isnull=False, proposal__isnull=False)
                | Q(state=SUPERSEDED),
                name="security_emergency_plan_approval",
            ),
        ]


class Drill(models.Model):
    """An emergency is rehearsed at an office (V4.1, P5.3). `plans`: class → number of the plan drilled, fixed at the start."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    kinds = models.JSONField()
    plans = models.JSONField(default=dict)
    scenario = models.TextField()
    planned_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=PLANNED)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "security_drill"
        indexes = [models.Index(fields=["exam", "office_path", "-id"], name="security_drill_where")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DRILL_STATES), name="security_drill_state"),
            models.CheckConstraint(
                condition=Q(state__in=(PLANNED, CANCELLED), ended_at=None)
                | Q(state__in=(RUNNING, PAUSED), started_at__isnull=False, ended_at=None)
                | Q(state=DONE, started_at__isnull=False, ended_at__gte=models.F("started_at")),
                name="security_drill_clock",
            ),
        ]


class DrillStep(models.Model):
    """What happened in a drill and when: its clock, its steps, what was observed, what was learnt. Only grows."""

    drill = models.ForeignKey(Drill, on_delete=models.PROTECT, related_name="steps")
    office_path = models.CharField(max_length=40, db_collation="C")
    kind = models.CharField(max_length=10)
    words = models.CharField(max_length=500, blank=True)
    by_ref = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "security_drill_step"
        indexes = [models.Index(fields=["drill", "id"], name="security_drill_step_order")]
        constraints = [models.CheckConstraint(condition=Q(kind__in=STEPS), name="security_drill_step_kind")]


class DrillPerson(models.Model):
    """Somebody took part. Only grows."""

    drill = models.ForeignKey(Drill, on_delete=models.PROTECT, related_name="people")
    office_path = models.CharField(max_length=40, db_collation="C")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        db_table = "security_drill_person"
        constraints = [models.UniqueConstraint(fields=["drill", "person"], name="security_drill_person_once")]
