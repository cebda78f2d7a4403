"""Registrations, their history, drafts, and what was found about photos."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Left

from keju.algorithms.identity import DOCUMENT_KINDS
from keju.kernel.accounts.models import Candidate
from keju.kernel.accounts.sealed import SealedField
from keju.kernel.exams.models import Exam


class State(models.TextChoices):
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


TRANSITIONS = {
    State.SUBMITTED: {"confirm": State.CONFIRMED, "reject": State.REJECTED, "withdraw": State.WITHDRAWN},
    State.CONFIRMED: {"reject": State.REJECTED},
}


class Registration(models.Model):
    """One person's registration for one exam. Its point decides who sees it."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    point_code = models.CharField(max_length=4)
    region_code = models.GeneratedField(
        expression=Left("point_code", 2), output_field=models.CharField(max_length=2), db_persist=True
    )
    state = models.CharField(max_length=10, choices=State.choices)
    version = models.IntegerField(default=1)
    identity = SealedField()
    identity_index = models.BinaryField()
    document_kind = models.CharField(max_length=20, db_default="resident")
    country = models.CharField(max_length=3, db_default="CHN")
    phone = SealedField()
    email = SealedField(default=b"")
    address = SealedField(default=b"")
    name = models.CharField(max_length=80)
    sex = models.CharField(max_length=6)
    birth_on = models.DateField()
    employer = models.CharField(max_length=120, blank=True)
    category = models.CharField(max_length=20)
    route = models.CharField(max_length=20)
    route_facts = models.JSONField()
    photo_sha256 = models.CharField(max_length=64)
    photo_overruled_by = models.CharField(max_length=80, blank=True)
    pledged_at = models.DateTimeField()
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "registration_registration"
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "identity_index"],
                condition=~Q(state="withdrawn"),
                name="registration_one_per_person",
            ),
            models.CheckConstraint(
                condition=Q(document_kind__in=DOCUMENT_KINDS), name="registration_document_kind"
            ),
            models.CheckConstraint(condition=Q(sex__in=["male", "female"]), name="registration_sex"),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(reason=""), name="registration_rejected_says_why"
            ),
        ]
        indexes: ClassVar = [
            # None on the path: the policies' range on it is estimated so badly that a sort of a whole region looks cheap.
            models.Index(fields=["exam", "point_code", "id"], name="registration_by_point"),
            models.Index(fields=["exam", "region_code", "id"], name="registration_by_region"),
            models.Index(fields=["exam", "region_code", "state", "id"], name="registration_by_region_state"),
            models.Index(fields=["exam", "name"], name="registration_by_name"),
            models.Index(fields=["exam", "identity_index"], name="registration_by_identity"),
            models.Index(fields=["candidate"], name="registration_by_candidate"),
        ]


class Version(models.Model):
    """A registration as it stood after each change; sealed, append-only."""

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="versions")
    candidate_id = models.BigIntegerField()
    office_path = models.CharField(max_length=40, db_collation="C")
    number = models.IntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    snapshot = SealedField()

    class Meta:
        db_table = "registration_version"
        constraints = [
            models.UniqueConstraint(fields=["registration", "number"], name="registration_version_once")
        ]


class Draft(models.Model):
    """What a candidate has filled in so far; thrown away on submission."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="+")
    version = models.IntegerField(default=1)
    answers = SealedField()
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "registration_draft"
        constraints = [models.UniqueConstraint(fields=["exam", "candidate"], name="registration_draft_once")]


class Need(models.Model):
    """Something that a candidate needs to sit the exam: asked for, then granted or declined by the point.

    `note` is the candidate's own words, `reason` the clerk's, with what was shown as evidence; both sealed.
    """

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="needs")
    candidate_id = models.BigIntegerField()
    office_path = models.CharField(max_length=40, db_collation="C")
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=8, default="asked")
    note = SealedField(default=b"")
    reason = SealedField(default=b"")
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "registration_need"
        constraints = [
            models.UniqueConstraint(fields=["registration", "kind"], name="registration_need_once"),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "granted", "declined"]), name="registration_need_state"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at=None)
                | Q(~Q(state="asked"), ~Q(decided_by=""), decided_at__isnull=False),
                name="registration_need_decided",
            ),
        ]


class PhotoCheck(models.Model):
    """What the checker found about a content; a function of the bytes, so it belongs to nobody."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    checker_version = models.CharField(max_length=20)
    measured = models.JSONField()
    judged = models.JSONField()
    facts = models.JSONField()

    class Meta:
        db_table = "registration_photo_check"
