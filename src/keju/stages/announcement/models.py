"""Announcements and what each region publishes of its own."""

from django.db import models
from django.db.models import Q

from keju.kernel.exams.models import Exam
from keju.rulebook.words import Words, t


class State(models.TextChoices):
    DRAFT = "draft"
    DECIDED = "decided"
    REFUSED = "refused"
    PUBLISHED = "published"


class Notice(models.Model):
    """An announcement (draft → decided | refused; decided → published). Public once published."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160, blank=True)
    body_zh = models.TextField()
    body_en = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    drafted_by = models.CharField(max_length=80)
    drafted_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    exception_reason = models.CharField(max_length=500, blank=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "announcement_notice"
        ordering = ["-published_at", "-drafted_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False, decided_at__isnull=False),
                name="announcement_published_was_decided",
            ),
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(decided_by=models.F("drafted_by")),
                name="announcement_two_persons",
            ),
        ]

    @property
    def title(self) -> Words:
        return t(self.title_zh, self.title_en or self.title_zh)

    @property
    def body(self) -> Words:
        return t(self.body_zh, self.body_en or self.body_zh)


TRANSITIONS = {
    State.DRAFT: {"decide": State.DECIDED, "refuse": State.REFUSED},
    State.DECIDED: {"publish": State.PUBLISHED},
}


class RegionPage(models.Model):
    """What a region publishes (V3.3): requirements, and where else it was published, with evidence."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    region_code = models.CharField(max_length=2)
    requirements_zh = models.TextField(blank=True)
    requirements_en = models.TextField(blank=True)
    other_media = models.TextField(blank=True)
    published_at = models.DateTimeField()

    class Meta:
        db_table = "announcement_region"
        constraints = [
            models.UniqueConstraint(fields=["exam", "region_code"], name="announcement_region_once")
        ]

    @property
    def requirements(self) -> Words:
        return t(self.requirements_zh, self.requirements_en or self.requirements_zh)


class Medium(models.TextChoices):
    NEWSPAPER = "newspaper"
    TELEVISION = "television"
    RADIO = "radio"
    WEBSITE = "website"
    SOCIAL = "social"
    BOARD = "board"


class Publication(models.Model):
    """That a region published its dates, places and requirements elsewhere (V3.3): where, when, with what evidence.

    `evidence` is a stored file (a scan, a photograph), `link` an address where it can be read. A wrong entry is struck
    out with a reason, never erased.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    region_code = models.CharField(max_length=2)
    medium = models.CharField(max_length=12, choices=Medium.choices)
    title = models.CharField(max_length=160)
    published_on = models.DateField()
    link = models.CharField(max_length=300, blank=True)
    evidence = models.CharField(max_length=64, blank=True)
    recorded_by = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "announcement_publication"
        ordering = ["-published_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(evidence="") | ~Q(link=""), name="announcement_publication_proved"
            ),
            models.CheckConstraint(
                condition=Q(struck_at__isnull=True) | ~Q(struck_reason=""),
                name="announcement_publication_struck",
            ),
        ]


class Answer(models.Model):
    """A question that candidates of a region ask, and the region's answer. Public until it is withdrawn."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    region_code = models.CharField(max_length=2)
    question_zh = models.CharField(max_length=200)
    question_en = models.CharField(max_length=300, blank=True)
    answer_zh = models.TextField()
    answer_en = models.TextField(blank=True)
    version = models.IntegerField(default=1)
    said_by = models.CharField(max_length=80)
    said_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "announcement_answer"
        ordering = ["pk"]

    @property
    def question(self) -> Words:
        return t(self.question_zh, self.question_en or self.question_zh)

    @property
    def answer(self) -> Words:
        return t(self.answer_zh, self.answer_en or self.answer_zh)
