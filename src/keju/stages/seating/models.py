"""Plans and the seats in them. Frozen rows do not change: a trigger of the database sees to it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from keju.kernel.exams.models import Exam
from keju.stages.registration.models import Registration
from keju.stages.venues.models import Room, Site


class Plan(models.Model):
    """Who sits where at one site. `seed` (hex), people and rooms give it again; `hash` says what was frozen.

    `inputs`: digest of the people of the host as they were planned. `pairs`: neighbours of one employer or school, of whom
    nobody could avoid `pairs_least`; `facts`: those by room number, and needs met by kind. All of these are empty in a
    version that was changed by hand.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    version = models.IntegerField()
    standard = models.SmallIntegerField()
    seed = models.CharField(max_length=64)
    count = models.IntegerField()
    hash = models.CharField(max_length=64, blank=True)
    inputs = models.CharField(max_length=64, blank=True, db_default="")
    pairs = models.IntegerField(null=True)
    pairs_least = models.IntegerField(null=True)
    facts = models.JSONField(default=dict, db_default={})
    made_by = models.CharField(max_length=80)
    frozen_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "seating_plan"
        constraints = [
            models.UniqueConstraint(fields=["site", "version"], name="seating_plan_version"),
            models.UniqueConstraint(
                fields=["site"], condition=Q(superseded_at=None), name="seating_one_plan"
            ),
            models.CheckConstraint(condition=Q(frozen_at=None) | ~Q(hash=""), name="seating_frozen_has_hash"),
        ]


class Seat(models.Model):
    """A candidate's place: `serial` within the room, `column` from the left facing the candidates, `row` from the front.

    `current` repeats that the plan is not superseded, so that the database can hold everybody to one seat.
    What it names is checked by a statement trigger, a set at a time (migration 0003).
    """

    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="seats", db_index=False, db_constraint=False
    )
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    office_path = models.CharField(max_length=40, db_collation="C")
    room = models.ForeignKey(
        Room, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    serial = models.SmallIntegerField()
    column = models.SmallIntegerField()
    row = models.SmallIntegerField()
    category = models.CharField(max_length=20)
    current = models.BooleanField(default=True)

    class Meta:
        db_table = "seating_seat"
        constraints = [
            models.UniqueConstraint(
                fields=["registration"], condition=Q(current=True), name="seating_one_seat_each"
            ),
            models.UniqueConstraint(fields=["plan", "room", "serial"], name="seating_serial_once"),
            models.UniqueConstraint(fields=["plan", "room", "column", "row"], name="seating_place_once"),
            models.CheckConstraint(
                condition=Q(serial__gte=1, column__gte=1, row__gte=1), name="seating_counts_from_one"
            ),
        ]
        indexes: ClassVar = []


class Change(models.Model):
    """Why `plan` took the place of `former`: one row per site and act, sites changed together share `act`.

    A plan without one was planned, not changed. Who sits elsewhere is not stored: it is the difference of the two plans.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="change")
    former = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="changed_to")
    office_path = models.CharField(max_length=40, db_collation="C")
    act = models.CharField(max_length=32)
    reason = models.CharField(max_length=300)
    moved = models.IntegerField()
    came = models.IntegerField()
    left = models.IntegerField()
    changed_by = models.CharField(max_length=80)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "seating_change"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="seating_change_reason"),
            models.CheckConstraint(
                condition=Q(moved__gt=0) | Q(came__gt=0) | Q(left__gt=0), name="seating_change_changes"
            ),
        ]
