"""Tickets, what each region generated, and what the centre opened."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from keju.kernel.exams.models import Exam
from keju.stages.registration.models import Registration
from keju.stages.seating.models import Plan
from keju.stages.venues.models import Room


class Ticket(models.Model):
    """A candidate's number and seat. `code` is what the printed code carries; a reissue changes it.

    `changed_at`: since when it is not what was opened (seat, code, or added afterwards).
    A new ticket equals its registration's current seat (statement trigger, migration 0004), whose foreign keys keep it.
    """

    exam = models.ForeignKey(
        Exam, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    candidate_id = models.BigIntegerField()
    office_path = models.CharField(max_length=40, db_collation="C")
    region_code = models.CharField(max_length=2)
    site_code = models.CharField(max_length=7)
    number = models.CharField(max_length=10)
    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    room = models.ForeignKey(
        Room, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    room_number = models.SmallIntegerField()
    seat = models.SmallIntegerField()
    column = models.SmallIntegerField()
    row = models.SmallIntegerField()
    category = models.CharField(max_length=20)
    code = models.CharField(max_length=16)
    issue = models.SmallIntegerField(default=1)
    revoked_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tickets_ticket"
        constraints = [
            models.UniqueConstraint(fields=["exam", "number"], name="tickets_number_once"),
            models.UniqueConstraint(fields=["registration", "exam"], name="tickets_one_each"),
            # The seat of a revoked ticket may be given to somebody else.
            models.UniqueConstraint(
                fields=["room", "exam", "seat"], condition=Q(revoked_at=None), name="tickets_seat_once"
            ),
            models.CheckConstraint(condition=Q(number__regex=r"^[0-9]{10}$"), name="tickets_ten_digits"),
        ]
        indexes: ClassVar = [
            # None on the path: the policies' range on it is estimated so badly that a sort of a whole region looks cheap.
            models.Index(fields=["exam", "region_code", "number"], name="tickets_by_region"),
            models.Index(fields=["exam", "site_code", "number"], name="tickets_by_site"),
            models.Index(fields=["candidate_id"], name="tickets_by_candidate"),
        ]


class Generation(models.Model):
    """A region's numbers stand (V7.1), made from the plans whose joint hash is `plans`. One row per region: the last."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    region_code = models.CharField(max_length=2)
    count = models.IntegerField()
    plans = models.CharField(max_length=64)
    round = models.IntegerField(default=1)
    generated_by = models.CharField(max_length=80)
    generated_at = models.DateTimeField()

    class Meta:
        db_table = "tickets_generation"
        constraints = [models.UniqueConstraint(fields=["exam", "region_code"], name="tickets_generated_once")]


class Opening(models.Model):
    """The centre has opened printing for a region's candidates (V7.3). It only grows; a public fact."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    region_code = models.CharField(max_length=2)
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "tickets_opening"
        constraints = [models.UniqueConstraint(fields=["exam", "region_code"], name="tickets_opened_once")]


class Supervision(models.Model):
    """The number under which violations are reported (V14.7.4), of an office and all below it that have none of their own."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    phone = models.CharField(max_length=60)
    version = models.IntegerField(default=1)
    set_by = models.CharField(max_length=80)
    set_at = models.DateTimeField()

    class Meta:
        db_table = "tickets_supervision"
        constraints = [
            models.UniqueConstraint(fields=["exam", "office_path"], name="tickets_supervision_once"),
            models.CheckConstraint(condition=~Q(phone=""), name="tickets_supervision_number"),
        ]
