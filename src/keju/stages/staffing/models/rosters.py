"""Rosters: who stands where and when, what was published of it, and what was filed of the telephones."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from keju.kernel.accounts.sealed import SealedField
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Notice
from keju.stages.staffing.models.people import Member


def _alone(name: str) -> Func:
    """The number as a range of itself: so it is compared by `&&`, beside spans, without an extension."""
    return Func(F(name), F(name), Value("[]"), function="int8range", output_field=BigIntegerRangeField())


def _during() -> Func:
    """From–until, half-open."""
    return Func(F("starts_at"), F("ends_at"), function="tstzrange", output_field=DateTimeRangeField())


class Roster(models.Model):
    """One of an office's rosters (`kind` of the programme). `published`: number of the version in force, 0 before the first.

    `starts_at`, `ends_at`: the hours to cover where the office sets them itself.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    published = models.IntegerField(default=0)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "staffing_roster"
        indexes = [models.Index(fields=["exam", "office_path", "id"], name="staffing_roster_where")]
        constraints = [
            models.UniqueConstraint(fields=["exam", "office_code", "kind"], name="staffing_roster_once"),
            models.CheckConstraint(condition=Q(published__gte=0), name="staffing_roster_published"),
            models.CheckConstraint(
                condition=Q(starts_at=None, ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="staffing_roster_span",
            ),
        ]


class Shift(models.Model):
    """A member stands on a roster from–until: as the roster is being made. Nobody is at two places at a time.

    `phone`: by which they are reached meanwhile; empty for their own. `uid` stays the same however the shift is changed.
    """

    roster = models.ForeignKey(Roster, on_delete=models.PROTECT, related_name="shifts")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=80, blank=True)
    phone = SealedField(default=b"")

    class Meta:
        db_table = "staffing_shift"
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="staffing_shift_span"),
            ExclusionConstraint(
                name="staffing_shift_one_place",
                expressions=[
                    (_alone("exam"), RangeOperators.OVERLAPS),
                    (_alone("member"), RangeOperators.OVERLAPS),
                    (_during(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class RosterVersion(models.Model):
    """What was published, for ever. `changes`: uids of the shifts that are new, changed, gone since the version before."""

    roster = models.ForeignKey(Roster, on_delete=models.PROTECT, related_name="versions")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    number = models.IntegerField()
    content_hash = models.CharField(max_length=64)
    changes = models.JSONField()
    reason = models.CharField(max_length=300, blank=True)
    published_by = models.CharField(max_length=80)
    published_at = models.DateTimeField()

    class Meta:
        db_table = "staffing_roster_version"
        constraints = [
            models.UniqueConstraint(fields=["roster", "number"], name="staffing_roster_version_number"),
            models.CheckConstraint(
                condition=Q(number=1) | Q(number__gt=1) & ~Q(reason=""), name="staffing_roster_version_why"
            ),
        ]


class FrozenShift(models.Model):
    """A shift as it was published. `sequence`: how often it changed before; `gone`: it was struck out in this version."""

    roster = models.ForeignKey(Roster, on_delete=models.PROTECT, related_name="+")
    number = models.IntegerField()
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    uid = models.UUIDField()
    sequence = models.IntegerField()
    gone = models.BooleanField(default=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    post = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=80, blank=True)
    phone = SealedField(default=b"")

    class Meta:
        db_table = "staffing_frozen_shift"
        indexes = [
            models.Index(fields=["exam", "office_path", "starts_at"], name="staffing_frozen_shift_where"),
            models.Index(fields=["member", "exam"], name="staffing_frozen_shift_whose"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["roster", "number", "uid"], name="staffing_frozen_shift_once"),
        ]


class Filing(models.Model):
    """What an office told others of its people: the directory (V15.1.1) or its duty phones (V15.1.4), frozen and sealed.

    `entries` is JSON, `content_hash` its SHA-256; `notice` went to the offices that must know, each with its receipt.
    """

    DIRECTORY, PHONES = "directory", "phones"

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    what = models.CharField(max_length=10)
    number = models.IntegerField()
    people = models.IntegerField()
    entries = SealedField()
    content_hash = models.CharField(max_length=64)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="+")
    filed_by = models.CharField(max_length=80)
    filed_at = models.DateTimeField()

    class Meta:
        db_table = "staffing_filing"
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "office_code", "what", "number"], name="staffing_filing_number"
            ),
            models.CheckConstraint(
                condition=Q(what__in=["directory", "phones"]), name="staffing_filing_what"
            ),
            models.CheckConstraint(condition=Q(people__gte=1), name="staffing_filing_people"),
        ]


class CalendarLink(models.Model):
    """By this link a member takes the calendar of their shifts, once. Only the hash of its token stands here."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    token_hash = models.BinaryField(unique=True)
    expires_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staffing_calendar_link"
        indexes = [models.Index(fields=["member", "exam"], name="staffing_calendar_link_whose")]
