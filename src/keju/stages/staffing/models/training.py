"""Handbooks, question pools, courses and who attended them (V4.1, V4.2, V4.4)."""

from django.db import models
from django.db.models import F, Q

from keju.kernel.accounts.models import Person
from keju.kernel.accounts.sealed import SealedField
from keju.kernel.exams.models import Exam


class HandbookState(models.TextChoices):
    DRAFTED = "drafted"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


HANDBOOK_TRANSITIONS = {
    HandbookState.DRAFTED: {"approve": HandbookState.APPROVED, "withdraw": HandbookState.WITHDRAWN},
    HandbookState.APPROVED: {},
    HandbookState.WITHDRAWN: {},
}


class HandbookVersion(models.Model):
    """A version of a handbook: drafted by the centre, approved by the office as exactly this file, then distributed.

    `sha` names the file; `proposal_id` the approval that it waits for or got; `notice_id` the notice by which it went down.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    code = models.CharField(max_length=40)
    version = models.IntegerField()
    note = models.CharField(max_length=300, blank=True)
    sha = models.CharField(max_length=64)
    file_name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=HandbookState.choices, default=HandbookState.DRAFTED)
    proposal_id = models.BigIntegerField(null=True)
    notice_id = models.BigIntegerField(null=True)
    drafted_by = models.CharField(max_length=80)
    drafted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staffing_handbook"
        constraints = [
            models.UniqueConstraint(fields=["exam", "code", "version"], name="staffing_handbook_version"),
            models.UniqueConstraint(
                fields=["exam", "code"], condition=Q(state="drafted"), name="staffing_handbook_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(state="drafted", decided_at=None)
                | (~Q(state="drafted") & Q(decided_at__isnull=False)),
                name="staffing_handbook_decided",
            ),
            models.CheckConstraint(
                condition=Q(notice_id=None) | Q(state="approved"), name="staffing_handbook_approved_first"
            ),
        ]


class Pool(models.Model):
    """A version of a module's questions as the centre edited them; version 0 is the programme's own. Only grows.

    `questions`: [{"code", "rule", "words": [zh, en], "right": [zh, en], "wrong": [[zh, en], …]}, …].
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    module = models.CharField(max_length=40)
    version = models.IntegerField()
    questions = models.JSONField()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "staffing_pool"
        constraints = [
            models.UniqueConstraint(fields=["exam", "module", "version"], name="staffing_pool_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="staffing_pool_counts"),
        ]


class CourseState(models.TextChoices):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


COURSE_TRANSITIONS = {
    CourseState.PLANNED: {"hold": CourseState.HELD, "cancel": CourseState.CANCELLED},
    CourseState.HELD: {},
    CourseState.CANCELLED: {},
}


class Course(models.Model):
    """A training session, or a rehearsal of the exam at a host point (`about`, its code); `office_path` holds it.

    `handbooks`: the versions that it goes by, [[code, version, sha], …] (V4.2). `secret`: what the attendance codes on the
    wall are made of.
    """

    TRAINING, REHEARSAL = "training", "rehearsal"

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    kind = models.CharField(max_length=10)
    about = models.CharField(max_length=20, blank=True)
    modules = models.JSONField(default=list)
    handbooks = models.JSONField(default=list)
    place = models.CharField(max_length=200)
    trainer = models.CharField(max_length=80)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    secret = SealedField(default=b"")
    state = models.CharField(max_length=10, choices=CourseState.choices, default=CourseState.PLANNED)
    note = models.CharField(max_length=1000, blank=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "staffing_course"
        indexes = [models.Index(fields=["exam", "office_path", "starts_at"], name="staffing_course_where")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="staffing_course_span"),
            models.CheckConstraint(
                condition=Q(kind="training", about="") | (Q(kind="rehearsal") & ~Q(about="")),
                name="staffing_course_kind",
            ),
            models.CheckConstraint(
                condition=Q(state="planned", decided_at=None)
                | (~Q(state="planned") & Q(decided_at__isnull=False)),
                name="staffing_course_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(note=""), name="staffing_course_cancelled_why"
            ),
            models.CheckConstraint(
                condition=Q(kind="training") | ~Q(state="held") | ~Q(note=""),
                name="staffing_course_found_what",
            ),
        ]


class Attendee(models.Model):
    """Somebody invited to a course; attendance is said, never assumed. `way`: code, list, sheet or scan."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="attendees")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    invited_by = models.CharField(max_length=80)
    invited_at = models.DateTimeField()
    attended_at = models.DateTimeField(null=True)
    way = models.CharField(max_length=5, blank=True)
    scan = models.CharField(max_length=64, blank=True)
    entered_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "staffing_attendee"
        indexes = [models.Index(fields=["person", "exam"], name="staffing_attendee_whose")]
        constraints = [
            models.UniqueConstraint(fields=["course", "person"], name="staffing_attendee_once"),
            models.CheckConstraint(
                condition=Q(attended_at=None, way="", entered_by="")
                | (
                    Q(attended_at__isnull=False)
                    & Q(way__in=["code", "list", "sheet", "scan"])
                    & ~Q(entered_by="")
                ),
                name="staffing_attendee_way",
            ),
            models.CheckConstraint(
                condition=~Q(way="scan") | ~Q(scan=""), name="staffing_attendee_scan_kept"
            ),
        ]
