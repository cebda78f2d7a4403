"""Short checks, pledges, and the personal links by which people without a sign-in reach them (V4.3, P8.1)."""

from django.db import models
from django.db.models import Q

from keju.kernel.accounts.models import Person
from keju.kernel.exams.models import Exam

WAYS = ("link", "office", "paper")


class Try(models.Model):
    """A person's try at a module's check. What was asked follows from `seed`, `pool` (its version) and `questions`.

    `answers`: for each question in order the place of the answer as shown, from 0; NULL until handed in. On paper there are
    none, but the scan.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    module = models.CharField(max_length=40)
    number = models.SmallIntegerField()
    seed = models.CharField(max_length=32)
    pool = models.IntegerField()
    questions = models.SmallIntegerField()
    answers = models.JSONField(null=True)
    right = models.SmallIntegerField(null=True)
    passed = models.BooleanField(null=True)
    way = models.CharField(max_length=6)
    scan = models.CharField(max_length=64, blank=True)
    entered_by = models.CharField(max_length=80)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staffing_try"
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "person", "module", "number"], name="staffing_try_number"
            ),
            models.UniqueConstraint(
                fields=["exam", "person", "module"], condition=Q(ended_at=None), name="staffing_try_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, right=None, passed=None)
                | Q(
                    ended_at__isnull=False,
                    right__gte=0,
                    right__lte=models.F("questions"),
                    passed__isnull=False,
                ),
                name="staffing_try_ended",
            ),
            models.CheckConstraint(condition=Q(way__in=WAYS), name="staffing_try_way"),
            models.CheckConstraint(condition=~Q(way="paper") | ~Q(scan=""), name="staffing_try_scan_kept"),
        ]


class Pledge(models.Model):
    """Somebody signed a module's pledge (P8.1); `words_sha` is the SHA-256 of the words signed, both languages."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    module = models.CharField(max_length=40)
    words_sha = models.CharField(max_length=64)
    way = models.CharField(max_length=6)
    scan = models.CharField(max_length=64, blank=True)
    entered_by = models.CharField(max_length=80)
    signed_at = models.DateTimeField()

    class Meta:
        db_table = "staffing_pledge"
        constraints = [
            models.UniqueConstraint(fields=["exam", "person", "module"], name="staffing_pledge_once"),
            models.CheckConstraint(condition=Q(way__in=WAYS), name="staffing_pledge_way"),
            models.CheckConstraint(condition=~Q(way="paper") | ~Q(scan=""), name="staffing_pledge_scan_kept"),
        ]


class TrainingLink(models.Model):
    """A personal address of one person's training in one exam; only the hash of its token stands here."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    token_hash = models.BinaryField(unique=True)
    expires_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staffing_training_link"
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "person"], condition=Q(ended_at=None), name="staffing_training_link_one"
            ),
        ]
