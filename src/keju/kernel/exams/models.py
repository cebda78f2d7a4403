"""An exam = programme + year + the law as it stood (`rules_as_of`); its subjects, sessions and milestones."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from keju.kernel.accounts.models import Person
from keju.kernel.offices.models import Office
from keju.rulebook.words import Words, t


class Exam(models.Model):
    """One programme in one year."""

    slug = models.SlugField(max_length=60, unique=True)
    programme = models.CharField(max_length=40)
    year = models.SmallIntegerField()
    rules_as_of = models.DateField()
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160)
    is_rehearsal = models.BooleanField()
    # Added to the real clock; the database allows it for a rehearsal only.
    clock_shift = models.DurationField(default=timedelta())
    made_at = models.DateTimeField()

    class Meta:
        db_table = "exams_exam"
        constraints = [
            models.CheckConstraint(
                condition=Q(is_rehearsal=True) | Q(clock_shift=timedelta()), name="exams_real_clock"
            ),
            models.UniqueConstraint(
                fields=["programme", "year"], condition=Q(is_rehearsal=False), name="exams_one_real_a_year"
            ),
        ]

    @property
    def name(self) -> Words:
        return t(self.name_zh, self.name_en)

    def __str__(self) -> str:
        return str(self.name)


class Session(models.Model):
    """One sitting with a paper."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="sessions")
    number = models.SmallIntegerField()
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        db_table = "exams_session"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["exam", "number"], name="exams_session_number"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="exams_session_span"),
        ]

    @property
    def name(self) -> Words:
        return t(self.name_zh, self.name_en)


class Subject(models.Model):
    """What is examined in a session; `first_question` is its place on the session's answer card, from 1."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="subjects")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="subjects")
    code = models.CharField(max_length=30)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80)
    order = models.SmallIntegerField()
    first_question = models.SmallIntegerField()
    questions = models.SmallIntegerField()
    options = models.CharField(max_length=8)

    class Meta:
        db_table = "exams_subject"
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["exam", "code"], name="exams_subject_code")]

    @property
    def name(self) -> Words:
        return t(self.name_zh, self.name_en)


class Milestone(models.Model):
    """When something of the year happens or happened, for the nation ("/") or one office's own calendar."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="milestones")
    office_path = models.CharField(max_length=40, db_collation="C")
    key = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        db_table = "exams_milestone"
        constraints = [
            models.UniqueConstraint(fields=["exam", "office_path", "key"], name="exams_milestone_once")
        ]


class Opening(models.Model):
    """An office takes part in an exam: who leads it, where and how it is reached.

    `deferred_reason`: by decision (flood, epidemic) this region runs on its own, later calendar, and the national gates
    do not wait for it.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="openings")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    leader = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=200, blank=True)
    contact = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    hours = models.CharField(max_length=120, blank=True)
    deferred_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "exams_opening"
        constraints = [models.UniqueConstraint(fields=["exam", "office"], name="exams_opening_once")]


class Clearance(models.Model):
    """Somebody has passed a module for this exam (V4.3): from then on they do in it what asks for that module.

    `evidence` names what was passed, as "check:17". `office_path` is the person's own.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    module = models.CharField(max_length=40)
    evidence = models.CharField(max_length=40)
    cleared_at = models.DateTimeField()

    class Meta:
        db_table = "exams_clearance"
        constraints = [
            models.UniqueConstraint(fields=["exam", "person", "module"], name="exams_clearance_once")
        ]
