"""A site open for the exam, a room in a session, and the entries made about its candidates."""

from django.db import models
from django.db.models import F, Q

from keju.kernel.exams.models import Exam


class SiteOpening(models.Model):
    """The exam may begin at the site: nothing that must hold was red, or the region's leader let it pass (`overridden`, by
    clause). Once, and for all sessions."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    site_code = models.CharField(max_length=20)
    overridden = models.JSONField(default=list)
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "examday_site"
        constraints = [models.UniqueConstraint(fields=["exam", "site_code"], name="examday_site_once")]


class RoomSession(models.Model):
    """One room in one session: how many are expected, and the count that closed it."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    site_code = models.CharField(max_length=20)
    room_id = models.BigIntegerField()
    room_number = models.SmallIntegerField()
    session_number = models.SmallIntegerField()
    expected = models.IntegerField()
    present = models.IntegerField(default=0)
    absent = models.IntegerField(default=0)
    violations = models.IntegerField(default=0)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "examday_room"
        constraints = [
            models.UniqueConstraint(fields=["exam", "session_number", "room_id"], name="examday_room_once"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(expected=F("present") + F("absent")),
                name="examday_closed_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(present__gte=0, absent__gte=0, violations__gte=0)
                & Q(violations__lte=F("present"), expected__gte=F("present") + F("absent")),
                name="examday_counts",
            ),
        ]
        indexes = [models.Index(fields=["exam", "office_path", "session_number"], name="examday_by_office")]

    @property
    def remaining(self) -> int:
        """Seats about which nothing was said yet."""
        return self.expected - self.present - self.absent


class Entry(models.Model):
    """One statement about one candidate in one session. The latest counts; earlier ones stay."""

    room = models.ForeignKey(RoomSession, on_delete=models.PROTECT, related_name="entries")
    office_path = models.CharField(max_length=40, db_collation="C")
    registration_id = models.BigIntegerField()
    ticket = models.CharField(max_length=20)
    present = models.BooleanField()
    violation = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)

    class Meta:
        db_table = "examday_entry"
        indexes = [models.Index(fields=["room", "registration_id", "-id"], name="examday_entry_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(present=True) | Q(violation=""), name="examday_absent_breaks_nothing"
            )
        ]
