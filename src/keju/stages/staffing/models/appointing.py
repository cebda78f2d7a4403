"""Who holds which post, where, and how it came to be."""

from django.db import models
from django.db.models import Q

from keju.kernel.exams.models import Exam
from keju.stages.staffing.models.people import Member


class State(models.TextChoices):
    PROPOSED = "proposed"
    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ENDED = "ended"


LIVING = (State.PROPOSED, State.INVITED, State.ACCEPTED)
"""An appointment that is neither declined nor ended: it counts against the quota, and its place is taken."""

APPOINTMENT_TRANSITIONS = {
    State.PROPOSED: {"invite": State.INVITED, "accept": State.ACCEPTED, "decline": State.DECLINED, "end": State.ENDED},
    State.INVITED: {"invite": State.INVITED, "accept": State.ACCEPTED, "decline": State.DECLINED, "end": State.ENDED},
    State.ACCEPTED: {"end": State.ENDED},
    State.DECLINED: {},
    State.ENDED: {},
}  # fmt: skip


class Appointment(models.Model):
    """A member is to fill a post of the programme at an office, a floor of it or a room of it.

    `office_code`, `office_path`: the region, point or site where. `building` and `floor` where the post is of a floor,
    `room` (its number) where it is of a room. `answered`: by link, or on paper with the `scan` (its SHA-256).
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="appointments")
    post = models.CharField(max_length=40)
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    building = models.CharField(max_length=40, blank=True)
    floor = models.SmallIntegerField(null=True)
    room = models.SmallIntegerField(null=True)
    substitute = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices)
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    answered = models.CharField(max_length=5, blank=True)
    scan = models.CharField(max_length=64, blank=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "staffing_appointment"
        indexes = [
            models.Index(fields=["exam", "office_path", "post"], name="staffing_appointment_where"),
            models.Index(fields=["member", "exam"], name="staffing_appointment_whose"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "member", "post", "office_code", "building", "floor", "room"],
                condition=Q(state__in=["proposed", "invited", "accepted"]),
                nulls_distinct=False,
                name="staffing_appointment_once",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="staffing_appointment_state"),
            models.CheckConstraint(
                condition=Q(answered="", scan="") | Q(answered="link", scan="") | Q(answered="paper"),
                name="staffing_appointment_answered",
            ),
            models.CheckConstraint(
                condition=Q(floor=None, building="") | ~Q(building="") & Q(floor__isnull=False),
                name="staffing_appointment_floor",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "invited"]) | Q(decided_at__isnull=False),
                name="staffing_appointment_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state="ended") | ~Q(reason=""), name="staffing_appointment_ended_why"
            ),
        ]


class Invitation(models.Model):
    """A one-time link to an appointment: only the hash of its token stands here. A later one puts an end to it.

    `printed`: the office printed it, and so could have read it; `codes_at`: the person took their signing codes by it.
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="invitations")
    office_path = models.CharField(max_length=40, db_collation="C")
    token_hash = models.BinaryField(unique=True)
    expires_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    printed = models.BooleanField(default=False, db_default=False)
    codes_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staffing_invitation"
        constraints = [
            models.UniqueConstraint(
                fields=["appointment"],
                condition=Q(used_at=None, ended_at=None),
                name="staffing_invitation_one_open",
            ),
        ]


class Report(models.Model):
    """What an inspector or a supervisor found (V2.1, V2.2); never changed, corrected by a further one.

    `items`: codes of what was looked at → whether it is in order. `office_path`: where; `to_code`: who is told, the office
    that sent them.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="reports")
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    to_code = models.CharField(max_length=20)
    phase = models.CharField(max_length=12)
    items = models.JSONField(default=dict)
    text = models.CharField(max_length=2000)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    received_by = models.CharField(max_length=80, blank=True)
    received_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staffing_report"
        indexes = [models.Index(fields=["exam", "office_path", "-id"], name="staffing_report_where")]
        constraints = [
            models.CheckConstraint(
                condition=Q(received_at=None, received_by="")
                | Q(received_at__isnull=False) & ~Q(received_by=""),
                name="staffing_report_received",
            ),
        ]
