"""Recordings of rooms by session, their re-verification, replay, and disposal by signed order."""

from django.db import models
from django.db.models import Q

from keju.kernel.accounts.models import Person
from keju.kernel.exams.models import Exam
from keju.stages.security.models.inspecting import Finding

PROPOSED, APPROVED, DONE = "proposed", "approved", "done"


class Disposal(models.Model):
    """An order to dispose of recordings whose term is over (P2.2), signed by leaders; `content_hash` over their list."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    recordings = models.JSONField()
    content_hash = models.CharField(max_length=64)
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=10, default=PROPOSED)
    proposal = models.BigIntegerField(null=True)
    record = models.CharField(max_length=500, blank=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    done_by = models.CharField(max_length=80, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "security_disposal"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=(PROPOSED, APPROVED, DONE)), name="security_disposal_state"
            ),
            models.CheckConstraint(
                condition=~Q(state=DONE) & Q(done_at=None)
                | Q(state=DONE, done_at__isnull=False) & ~Q(record=""),
                name="security_disposal_record",
            ),
        ]


class Recording(models.Model):
    """What the camera of a room recorded of a session: where it is, with whom, and until when it is kept.

    The database lets nobody delete it, shorten its term, change what it is, or dispose of it before the term or without
    a signed order.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    site_code = models.CharField(max_length=7)
    room = models.SmallIntegerField()
    session = models.SmallIntegerField()
    medium = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    custodian = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=120)
    keep_until = models.DateField()
    entered_by = models.CharField(max_length=80)
    entered_at = models.DateTimeField()
    disposal = models.ForeignKey(Disposal, null=True, on_delete=models.PROTECT, related_name="+")
    disposed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "security_recording"
        indexes = [models.Index(fields=["exam", "office_path", "-id"], name="security_recording_where")]
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "site_code", "room", "session", "sha256"], name="security_recording_once"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="security_recording_sha"
            ),
            models.CheckConstraint(
                condition=Q(size__gte=1, room__gte=1, session__gte=1), name="security_recording_size"
            ),
            models.CheckConstraint(
                condition=Q(disposed_at=None, disposal=None)
                | Q(disposed_at__isnull=False, disposal__isnull=False),
                name="security_recording_disposed",
            ),
        ]


class RecordingCheck(models.Model):
    """The checksum was computed again. Only grows."""

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="checks")
    office_path = models.CharField(max_length=40, db_collation="C")
    sha256 = models.CharField(max_length=64)
    matches = models.BooleanField()
    by_ref = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "security_recording_check"


class Replay(models.Model):
    """Somebody watched a span of a recording, and says what they saw (P7.2). Only grows."""

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="replays")
    office_path = models.CharField(max_length=40, db_collation="C")
    from_minute = models.SmallIntegerField()
    to_minute = models.SmallIntegerField()
    seen = models.CharField(max_length=500)
    odd = models.BooleanField()
    finding = models.ForeignKey(Finding, null=True, on_delete=models.PROTECT, related_name="+")
    by_ref = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "security_replay"
        constraints = [
            models.CheckConstraint(
                condition=Q(from_minute__gte=0, to_minute__gt=models.F("from_minute")),
                name="security_replay_span",
            ),
            models.CheckConstraint(
                condition=Q(odd=False) | Q(finding__isnull=False), name="security_replay_odd"
            ),
        ]
