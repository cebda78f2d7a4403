"""Proposals of the passing line, votes, the decision, the release, results, registers. All of it only grows."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from keju.kernel.exams.models import Exam


class Proposal(models.Model):
    """Lines per category and level with what they would mean, computed from one frozen run."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    lines = models.JSONField()
    impact = models.JSONField()
    scores_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=1000)
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()

    class Meta:
        db_table = "results_proposal"
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="results_proposal_says_why")]


class Vote(models.Model):
    """One member's say on one proposal, bound to the hash of what was on the screen."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="votes")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    approve = models.BooleanField()
    digest = models.CharField(max_length=64)
    by = models.CharField(max_length=80)
    proposed_by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "results_vote"
        constraints = [
            models.UniqueConstraint(fields=["proposal", "by"], name="results_one_vote"),
            models.CheckConstraint(condition=~Q(by=F("proposed_by")), name="results_no_own_vote"),
        ]


class Decision(models.Model):
    """The passing line of an exam: one, by quorum, of exactly the proposal voted on."""

    exam = models.OneToOneField(Exam, on_delete=models.PROTECT, related_name="+")
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="decision")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    lines = models.JSONField()
    scores_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    approvals = models.SmallIntegerField()
    refusals = models.SmallIntegerField()
    decided_by = models.CharField(max_length=80)
    decided_at = models.DateTimeField()

    class Meta:
        db_table = "results_decision"
        constraints = [
            models.CheckConstraint(condition=Q(approvals__gt=F("refusals")), name="results_decision_carried")
        ]


class Release(models.Model):
    """Results are out: how many, how many passed, and the hash of them all."""

    exam = models.OneToOneField(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    count = models.IntegerField()
    passed = models.IntegerField()
    scores_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    released_by = models.CharField(max_length=80)
    released_at = models.DateTimeField()

    class Meta:
        db_table = "results_release"
        constraints = [
            models.CheckConstraint(condition=Q(passed__lte=F("count")), name="results_passed_of_count")
        ]


class Result(models.Model):
    """One candidate's result; `level` "" is not passed, `absent` the numbers of sessions without a card."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+", db_index=False)
    registration_id = models.BigIntegerField()
    candidate_id = models.BigIntegerField()
    office_path = models.CharField(max_length=40, db_collation="C")
    region_code = models.CharField(max_length=2)
    ticket_number = models.CharField(max_length=20, db_collation="C")
    category = models.CharField(max_length=20)
    total = models.SmallIntegerField()
    subjects = models.JSONField()
    level = models.CharField(max_length=20, blank=True)
    absent = models.JSONField()

    class Meta:
        db_table = "results_result"
        constraints = [
            models.UniqueConstraint(fields=["exam", "registration_id"], name="results_one_each"),
            models.UniqueConstraint(fields=["exam", "candidate_id"], name="results_one_person"),
            models.UniqueConstraint(fields=["exam", "ticket_number"], name="results_one_ticket"),
            models.CheckConstraint(condition=Q(total__gte=0), name="results_total_positive"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["exam", "ticket_number"], condition=~Q(level=""), name="results_passes"),
        ]


class Register(models.Model):
    """The register of passes of one region as it was sent (V17.2.1)."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    region_code = models.CharField(max_length=2)
    count = models.IntegerField()
    pdf_sha256 = models.CharField(max_length=64)
    xlsx_sha256 = models.CharField(max_length=64)
    notice_id = models.BigIntegerField()
    sent_by = models.CharField(max_length=80)
    sent_at = models.DateTimeField()

    class Meta:
        db_table = "results_register"
        constraints = [models.UniqueConstraint(fields=["exam", "region_code"], name="results_register_once")]
