"""Inspections with their answers, and findings until they are mended and closed."""

from django.db import models
from django.db.models import F, Q

from keju.kernel.accounts.models import Person
from keju.kernel.exams.models import Exam
from keju.rulebook.precautions import SEVERITIES

PLANNED, BEGUN, DONE, CANCELLED = "planned", "begun", "done", "cancelled"
INSPECTION_STATES = (PLANNED, BEGUN, DONE, CANCELLED)
RIGHT, WRONG, ABSENT = "right", "wrong", "absent"
OUTCOMES = (RIGHT, WRONG, ABSENT)
OPEN, MENDED, CLOSED = "open", "mended", "closed"
FINDING_STATES = (OPEN, MENDED, CLOSED)
SOURCES = ("inspection", "drill", "recording", "replay", "review")


class Inspection(models.Model):
    """An office is looked at by a team of another (or by itself) with one checklist, before the exam or during it.

    `office_code` is the place inspected, `by_code` the office that inspects. `items` is the checklist as it was when the
    inspection was planned: [{"code", "zh", "en", "rule", "severity"}]. `team`: ids of persons.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    by_code = models.CharField(max_length=20)
    checklist = models.CharField(max_length=40)
    list_version = models.SmallIntegerField()
    rule = models.CharField(max_length=12)
    phase = models.CharField(max_length=8)
    systematic = models.BooleanField()
    items = models.JSONField()
    team = models.JSONField(default=list)
    planned_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, default=PLANNED)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    done_by = models.CharField(max_length=80, blank=True)
    done_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "security_inspection"
        indexes = [models.Index(fields=["exam", "office_path", "-id"], name="security_inspection_where")]
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "office_code", "checklist", "planned_on", "by_code"],
                condition=~Q(state=CANCELLED),
                name="security_inspection_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=INSPECTION_STATES), name="security_inspection_state"
            ),
            models.CheckConstraint(
                condition=Q(state=DONE, done_at__isnull=False) & ~Q(done_by="")
                | ~Q(state=DONE) & Q(done_at=None),
                name="security_inspection_done",
            ),
        ]


class Answer(models.Model):
    """What the team saw of one item. Corrected by a further answer; the last one counts."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="answers")
    office_path = models.CharField(max_length=40, db_collation="C")
    item = models.CharField(max_length=40)
    outcome = models.CharField(max_length=8)
    note = models.CharField(max_length=500, blank=True)
    photos = models.JSONField(default=list)
    answered_by = models.CharField(max_length=80)
    answered_at = models.DateTimeField()

    class Meta:
        db_table = "security_answer"
        indexes = [models.Index(fields=["inspection", "item", "-id"], name="security_answer_last")]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=OUTCOMES), name="security_answer_outcome")
        ]


class Finding(models.Model):
    """Something is wrong at `office_code`; the office `owner_code`, and there `owner`, mends it by the end of `due_on`.

    What is not closed has an owner, a person and a day: the database refuses it otherwise. Another person than the one
    who mended it closes it.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    source = models.CharField(max_length=10)
    inspection = models.ForeignKey(Inspection, null=True, on_delete=models.PROTECT, related_name="findings")
    item = models.CharField(max_length=40, blank=True)
    rule = models.CharField(max_length=12)
    severity = models.CharField(max_length=6)
    words = models.CharField(max_length=500)
    photos = models.JSONField(default=list)
    owner_code = models.CharField(max_length=20)
    owner = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(null=True)
    state = models.CharField(max_length=8, default=OPEN)
    raised_by = models.CharField(max_length=80)
    raised_at = models.DateTimeField()
    mended_by = models.CharField(max_length=80, blank=True)
    mended_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "security_finding"
        indexes = [
            models.Index(fields=["exam", "office_path", "-id"], name="security_finding_where"),
            models.Index(
                fields=["exam", "owner_code", "due_on"],
                condition=~Q(state=CLOSED),
                name="security_finding_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=FINDING_STATES), name="security_finding_state"),
            models.CheckConstraint(condition=Q(source__in=SOURCES), name="security_finding_source"),
            models.CheckConstraint(condition=Q(severity__in=SEVERITIES), name="security_finding_severity"),
            models.CheckConstraint(
                condition=Q(state=CLOSED) | Q(owner__isnull=False, due_on__isnull=False) & ~Q(owner_code=""),
                name="security_finding_has_owner_and_date",
            ),
            models.CheckConstraint(
                condition=Q(closed_by="") | ~Q(closed_by=F("mended_by")), name="security_finding_two_persons"
            ),
            models.CheckConstraint(
                condition=Q(state=OPEN, mended_at=None, closed_at=None)
                | Q(state=MENDED, mended_at__isnull=False, closed_at=None) & ~Q(mended_by="")
                | Q(state=CLOSED, mended_at__isnull=False, closed_at__isnull=False)
                & ~Q(mended_by="")
                & ~Q(closed_by=""),
                name="security_finding_steps",
            ),
        ]


class FindingStep(models.Model):
    """What became of a finding: raised, mended, sent back, given more time, closed. Only grows."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="steps")
    office_path = models.CharField(max_length=40, db_collation="C")
    kind = models.CharField(max_length=10)
    note = models.CharField(max_length=500, blank=True)
    photos = models.JSONField(default=list)
    due_on = models.DateField()
    by_ref = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "security_finding_step"
        indexes = [models.Index(fields=["finding", "id"], name="security_finding_step_order")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=("raised", "mended", "returned", "extended", "closed")),
                name="security_finding_step_kind",
            )
        ]
