"""What goes on at a store: keys, people who go in and out, the day's report, and who watches which place when."""

from django.db import models
from django.db.models import F, Q

from keju.kernel.accounts.models import Person, Proof
from keju.kernel.exams.models import Exam
from keju.stages.custody.models.stores import OfStore
from keju.stages.custody.rules.keeping import HELD, KEY_ACTS, LOCKS, PURPOSES
from keju.stages.custody.rules.watching import MEANS


class KeyStep(OfStore):
    """A key was issued, handed over, returned or lost (V12.2.4). `holder`: who has it since; the last step counts.

    A key is told by its lock and `label`: which of several copies, or of several cabinets.
    """

    lock = models.CharField(max_length=7)
    label = models.CharField(max_length=20)
    number = models.IntegerField()
    act = models.CharField(max_length=11)
    holder = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_key_step"
        constraints = [
            models.UniqueConstraint(
                fields=["store", "lock", "label", "number"], name="custody_key_step_number"
            ),
            models.CheckConstraint(
                condition=Q(lock__in=LOCKS, act__in=KEY_ACTS, number__gte=1) & ~Q(label=""),
                name="custody_key_step_what",
            ),
            models.CheckConstraint(
                condition=Q(act__in=HELD, holder__isnull=False) | ~Q(act__in=HELD) & Q(holder=None),
                name="custody_key_step_holder",
            ),
            models.CheckConstraint(condition=~Q(act="lost") | ~Q(note=""), name="custody_key_step_says_what"),
        ]


class Entry(OfStore):
    """Somebody went in, or was refused (`refusals`: codes). `key`: made on the device, so that it is entered once.

    Whoever is admitted is so before both keyholders, who differ and proved themselves.
    """

    key = models.UUIDField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=10)
    subject = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=300, blank=True)
    admitted = models.BooleanField()
    refusals = models.JSONField(default=list)
    holder_a = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    holder_b = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    proof_a = models.ForeignKey(Proof, on_delete=models.PROTECT, null=True, related_name="+")
    proof_b = models.ForeignKey(Proof, on_delete=models.PROTECT, null=True, related_name="+")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_entry"
        indexes = [models.Index(fields=["store", "-id"], name="custody_entry_of_store")]
        constraints = [
            models.UniqueConstraint(fields=["exam", "key", "person"], name="custody_entry_once"),
            models.CheckConstraint(condition=Q(purpose__in=PURPOSES), name="custody_entry_purpose"),
            models.CheckConstraint(
                condition=Q(admitted=False)
                | Q(refusals=[], proof_a__isnull=False, proof_b__isnull=False) & ~Q(holder_a=F("holder_b")),
                name="custody_entry_before_both",
            ),
        ]


class EntryEnd(OfStore):
    """They came out again. `taken`: what was taken out, by its handover ("handover:12"), or ""."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="ended")
    taken = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_entry_end"


class DailyReport(models.Model):
    """An office's report that its papers are safe (V12.4), as the log had it when it was sent. A later one corrects.

    `facts`: see `rules.daily.Day`; `digest`: SHA-256 over them; `progress`: what else there is to say of the day (V15.9.1).
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    day = models.DateField()
    number = models.IntegerField()
    safe = models.BooleanField()
    progress = models.CharField(max_length=1000, blank=True)
    facts = models.JSONField()
    digest = models.CharField(max_length=64)
    sent_by = models.CharField(max_length=80)
    sent_at = models.DateTimeField()

    class Meta:
        db_table = "custody_daily_report"
        indexes = [models.Index(fields=["exam", "day", "office_path"], name="custody_daily_report_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "office_code", "day", "number"], name="custody_daily_report_number"
            ),
            models.CheckConstraint(
                condition=Q(safe=True) | ~Q(progress=""), name="custody_daily_report_says_what"
            ),
        ]


class WatchSpan(models.Model):
    """A place was or will be under video, or persons watch it, from–until (P7.2). `void_at`: entered in error.

    `key`: made on the device, so that it is entered once. `place`: as the chain has it ("store:15", "journey:7",
    "seal_room:1301-01"), or "scoring".
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    key = models.UUIDField(null=True)
    place = models.CharField(max_length=60, db_collation="C")
    means = models.CharField(max_length=7)
    what = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    void_by = models.CharField(max_length=80, blank=True)
    void_at = models.DateTimeField(null=True)
    void_why = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "custody_watch_span"
        indexes = [models.Index(fields=["exam", "place", "starts_at"], name="custody_watch_span_place")]
        constraints = [
            models.UniqueConstraint(fields=["exam", "key"], name="custody_watch_span_once"),
            models.CheckConstraint(condition=Q(means__in=MEANS), name="custody_watch_span_means"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="custody_watch_span_span"),
            models.CheckConstraint(
                condition=Q(void_at=None, void_by="", void_why="")
                | Q(void_at__isnull=False) & ~Q(void_why=""),
                name="custody_watch_span_void",
            ),
        ]


class WatchReview(models.Model):
    """A stretch of a video was replayed, and what was seen (P7.2). `finding`: the security stage's, where it was odd."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    span = models.ForeignKey(WatchSpan, on_delete=models.PROTECT, related_name="reviews")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    seen = models.CharField(max_length=500)
    odd = models.BooleanField()
    finding = models.BigIntegerField(null=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_watch_review"
        constraints = [
            models.CheckConstraint(
                condition=Q(to_at__gt=F("from_at")) & ~Q(seen=""), name="custody_watch_review_span"
            ),
            models.CheckConstraint(
                condition=Q(odd=False) | Q(finding__isnull=False), name="custody_watch_review_odd"
            ),
        ]
