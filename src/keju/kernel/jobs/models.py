"""What runs, ran or waits, as people see it. The queue itself is procrastinate's."""

from django.db import models
from django.db.models import F, Q


class State(models.TextChoices):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


# waiting → running → done | failed | cancelled; a running one found dead runs again.
TRANSITIONS: dict[str, set[str]] = {
    State.WAITING: {State.RUNNING, State.CANCELLED, State.FAILED},
    State.RUNNING: {State.RUNNING, State.DONE, State.FAILED, State.CANCELLED},
    State.DONE: set(),
    State.FAILED: set(),
    State.CANCELLED: set(),
}
OPEN = (State.WAITING, State.RUNNING)


class Job(models.Model):
    """One piece of long work. `lock` is held while it is open: the same work is never started twice."""

    public = models.UUIDField(unique=True)
    kind = models.CharField(max_length=80)
    exam_slug = models.CharField(max_length=60, blank=True)
    office_path = models.CharField(max_length=40, db_collation="C")
    person_id = models.BigIntegerField(null=True)
    started_by = models.CharField(max_length=80)
    actor = models.JSONField()
    language = models.CharField(max_length=2)
    args = models.JSONField()
    lock = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.SmallIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    skipped = models.BigIntegerField(default=0)
    note_zh = models.CharField(max_length=500, blank=True)
    note_en = models.CharField(max_length=500, blank=True)
    errors = models.JSONField(default=list)
    error_count = models.BigIntegerField(default=0)
    result = models.CharField(max_length=64, blank=True)
    cancel_asked = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "jobs_job"
        constraints = [
            models.UniqueConstraint(
                fields=["lock"], condition=Q(state__in=["waiting", "running"]), name="jobs_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(done__gte=0, total__gte=0, skipped__gte=0, error_count__gte=0), name="jobs_counts"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], ended_at__isnull=True)
                | Q(state__in=["done", "failed", "cancelled"], ended_at__isnull=False),
                name="jobs_ended",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(total=0) | Q(total=F("done") + F("skipped")),
                name="jobs_all_done",
            ),
        ]
        indexes = [models.Index(fields=["exam_slug", "office_path", "-made_at"], name="jobs_by_office")]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def percent(self) -> int:
        """Of the work that is behind it, 0–100; 0 while the total is unknown."""
        return min(100, (self.done + self.skipped) * 100 // self.total) if self.total else 0
