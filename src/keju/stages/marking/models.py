"""Keys, batches, images, readings, identities, decisions, scores. All of it only grows."""

from django.db import models
from django.db.models import F, Q

from keju.kernel.exams.models import Exam


class Key(models.Model):
    """A version of a session's key; `confirmed_by` another person who entered the same."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    session_number = models.SmallIntegerField()
    version = models.IntegerField()
    answers = models.TextField()
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()

    class Meta:
        db_table = "marking_key"
        constraints = [
            models.UniqueConstraint(fields=["exam", "session_number", "version"], name="marking_key_version")
        ]


class KeyConfirmation(models.Model):
    """A second person entered the same key."""

    key = models.OneToOneField(Key, on_delete=models.PROTECT, related_name="confirmation")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    by = models.CharField(max_length=80)
    proposed_by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "marking_key_confirmation"
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("proposed_by")), name="marking_key_two_persons"),
        ]


class Batch(models.Model):
    """The cards of one room in one session: one bag, one batch. `expected`: how many were present when it was opened."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    session_number = models.SmallIntegerField()
    site_code = models.CharField(max_length=20)
    room_id = models.BigIntegerField()
    room_number = models.SmallIntegerField()
    expected = models.IntegerField()
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "marking_batch"
        constraints = [
            models.UniqueConstraint(fields=["exam", "session_number", "room_id"], name="marking_batch_once")
        ]


class Reading(models.Model):
    """What the reader saw on one image. Immutable, and without a name: see `Link`.

    `doubts` are places that persons decide: a question from 1, 0 the card as a whole, -1 whose card it is.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="readings")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    image_sha256 = models.CharField(max_length=64)
    reader_version = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    status = models.CharField(max_length=20)
    reasons = models.JSONField()
    ticket = models.CharField(max_length=20, blank=True)
    answers = models.TextField(blank=True)
    doubts = models.JSONField()
    absent = models.BooleanField()
    violation = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        db_table = "marking_reading"
        constraints = [models.UniqueConstraint(fields=["batch", "image_sha256"], name="marking_image_once")]


class Link(models.Model):
    """Whose card a reading is: kept apart from what was read. One per person and session, until it is taken back.

    `attempt` 2 is allowed only when attempt 1 has its `Unlink`: the database's trigger sees to it.
    """

    reading = models.OneToOneField(Reading, on_delete=models.PROTECT, related_name="link")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    session_number = models.SmallIntegerField()
    registration_id = models.BigIntegerField()
    attempt = models.SmallIntegerField(default=1)

    class Meta:
        db_table = "marking_link"
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "session_number", "registration_id", "attempt"], name="marking_one_card"
            ),
            models.CheckConstraint(condition=Q(attempt__gte=1), name="marking_attempt"),
        ]


class Unlink(models.Model):
    """Two persons refused the card: it is out of scoring, and another may take its place."""

    link = models.OneToOneField(Link, on_delete=models.PROTECT, related_name="unlink")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    at = models.DateTimeField()

    class Meta:
        db_table = "marking_unlink"


class Decision(models.Model):
    """What one person says about one doubt: options for a question, a verdict for the card, a ticket number for -1."""

    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="decisions")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    question = models.SmallIntegerField()
    answer = models.CharField(max_length=20, blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "marking_decision"
        constraints = [models.UniqueConstraint(fields=["reading", "question", "by"], name="marking_one_say")]


class Missing(models.Model):
    """One person states that a present candidate's card is lost. It holds once two have said so."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    session_number = models.SmallIntegerField()
    registration_id = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "marking_missing"
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "session_number", "registration_id", "by"], name="marking_missing_one_say"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="marking_missing_reason"),
        ]


class Run(models.Model):
    """One computation of all scores: a function of these three."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    readings_digest = models.CharField(max_length=64)
    keys = models.JSONField()
    scoring_version = models.CharField(max_length=20)
    scores_digest = models.CharField(max_length=64)
    candidates = models.IntegerField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "marking_run"


class Score(models.Model):
    """Points of one candidate in one subject in one run."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="scores")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    registration_id = models.BigIntegerField()
    subject = models.CharField(max_length=30)
    points = models.SmallIntegerField()

    class Meta:
        db_table = "marking_score"
        constraints = [
            models.UniqueConstraint(fields=["run", "registration_id", "subject"], name="marking_score_once"),
            models.CheckConstraint(condition=Q(points__gte=0), name="marking_score_positive"),
        ]


class FreezeProposal(models.Model):
    """The data administrator asks for this run to be frozen, having seen this digest."""

    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="proposal")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    scores_digest = models.CharField(max_length=64)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "marking_freeze_proposal"


class Freeze(models.Model):
    """The run that counts, for ever: one per exam, by two distinct administrators."""

    exam = models.OneToOneField(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="freeze")
    scores_digest = models.CharField(max_length=64)
    data_administrator = models.CharField(max_length=80)
    system_administrator = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "marking_freeze"
        constraints = [
            models.CheckConstraint(
                condition=~Q(data_administrator=F("system_administrator")), name="marking_freeze_two_persons"
            )
        ]
