"""Papers on the way: the plan of a leg, its people, and its book, which only grows."""

from django.db import models
from django.db.models import F, Q

from keju.kernel.accounts.models import Person
from keju.kernel.approvals.models import Proposal
from keju.kernel.exams.models import Exam
from keju.stages.custody.rules.journeys import AUTHORITIES, Duty, Leg, Mode

DRAFT, PROPOSED, SETTLED = "draft", "proposed", "settled"
UNDER_WAY, ARRIVED, CANCELLED = "under_way", "arrived", "cancelled"
JOURNEY_TRANSITIONS = {
    DRAFT: {"submit": PROPOSED, "settle": SETTLED, "cancel": CANCELLED},
    PROPOSED: {"approve": SETTLED, "change": DRAFT, "cancel": CANCELLED},
    SETTLED: {"depart": UNDER_WAY, "change": DRAFT, "cancel": CANCELLED},
    UNDER_WAY: {"arrive": ARRIVED},
    ARRIVED: {},
    CANCELLED: {},
}
LIVING = (PROPOSED, SETTLED, UNDER_WAY)  # their people are taken meanwhile
ENTRIES = (
    "departed",
    "report",
    "stop",
    "trouble",
    "told",
    "solved",
    "route_asked",
    "route_changed",
    "arrived",
)


class Journey(models.Model):
    """A leg of papers from an office to the one next above or below it (V10.2), planned, approved where it has to be, under
    way, arrived. `office_path`: of the lower of the two; the columns of the plan are those of `rules.journeys.Plan`.

    `last_heard_at`: of its last entry; `trouble_since`: of the first trouble that is not solved.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    sender_code = models.CharField(max_length=20)
    receiver_code = models.CharField(max_length=20)
    leg = models.CharField(max_length=10, choices=[(x, x) for x in Leg])
    mode = models.CharField(max_length=5, choices=[(x, x) for x in Mode])
    carrier = models.CharField(max_length=120, blank=True)
    terms = models.CharField(max_length=500, blank=True)
    depart_at = models.DateTimeField()
    arrive_at = models.DateTimeField()
    to_place = models.CharField(max_length=60, db_collation="C")
    responsible = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    receiver = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    route = models.CharField(max_length=500, blank=True)
    conditions = models.CharField(max_length=500, blank=True)
    road = models.CharField(max_length=500, blank=True)
    police = models.CharField(max_length=200, blank=True)
    secrecy = models.CharField(max_length=200, blank=True)
    exception = models.CharField(max_length=300, blank=True)
    vehicles = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=[(s, s) for s in JOURNEY_TRANSITIONS], default=DRAFT)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    attested = models.JSONField(default=list)
    departed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    last_heard_at = models.DateTimeField(null=True)
    trouble_since = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "custody_journey"
        indexes = [models.Index(fields=["exam", "state", "office_path"], name="custody_journey_where")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JOURNEY_TRANSITIONS), name="custody_journey_state"),
            models.CheckConstraint(condition=Q(arrive_at__gt=F("depart_at")), name="custody_journey_times"),
            models.CheckConstraint(
                condition=Q(
                    state=UNDER_WAY, departed_at__isnull=False, arrived_at=None, last_heard_at__isnull=False
                )
                | Q(state=ARRIVED, departed_at__isnull=False, arrived_at__gte=F("departed_at"))
                | Q(state__in=(DRAFT, PROPOSED, SETTLED, CANCELLED), departed_at=None, arrived_at=None),
                name="custody_journey_clock",
            ),
            models.CheckConstraint(
                condition=~Q(leg=Leg.TO_SITE) & ~Q(mode=Mode.AIR)
                | Q(proposal__isnull=False)
                | Q(state__in=(DRAFT, CANCELLED)),
                name="custody_journey_approved",
            ),
        ]


class JourneyCrew(models.Model):
    """Somebody of a journey; `post`: the appointment on which they were taken. `token_hash`: of the address on their card."""

    journey = models.ForeignKey(Journey, on_delete=models.PROTECT, related_name="crew")
    office_path = models.CharField(max_length=40, db_collation="C")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    duty = models.CharField(max_length=7, choices=[(d, d) for d in Duty])
    vehicle = models.SmallIntegerField(default=0)
    token_hash = models.BinaryField(null=True, unique=True)

    class Meta:
        db_table = "custody_journey_crew"
        constraints = [
            models.UniqueConstraint(fields=["journey", "person"], name="custody_journey_crew_once"),
            models.UniqueConstraint(
                fields=["journey"], condition=Q(duty=Duty.LEADER), name="custody_journey_crew_leader"
            ),
        ]


class JourneyEntry(models.Model):
    """What happened on the way. `key`: made on the device, so that it stands once; `happened_at`: by the device's clock, `at`:
    when it was known here. `told`: the authority that was told of trouble. Only grows."""

    journey = models.ForeignKey(Journey, on_delete=models.PROTECT, related_name="entries")
    office_path = models.CharField(max_length=40, db_collation="C")
    key = models.UUIDField()
    kind = models.CharField(max_length=13)
    words = models.CharField(max_length=500, blank=True)
    route = models.CharField(max_length=500, blank=True)
    told = models.CharField(max_length=10, blank=True)
    lat = models.DecimalField(max_digits=8, decimal_places=5, null=True)
    lng = models.DecimalField(max_digits=8, decimal_places=5, null=True)
    happened_at = models.DateTimeField()
    at = models.DateTimeField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    by = models.CharField(max_length=80)

    class Meta:
        db_table = "custody_journey_entry"
        constraints = [
            models.UniqueConstraint(fields=["journey", "key"], name="custody_journey_entry_once"),
            models.CheckConstraint(condition=Q(kind__in=ENTRIES), name="custody_journey_entry_kind"),
            models.CheckConstraint(
                condition=Q(kind="told", told__in=AUTHORITIES) | ~Q(kind="told") & Q(told=""),
                name="custody_journey_entry_told",
            ),
            models.CheckConstraint(
                condition=Q(lat=None, lng=None) | Q(lat__gte=-90, lat__lte=90, lng__gte=-180, lng__lte=180),
                name="custody_journey_entry_position",
            ),
        ]
