"""Which points host, where they hold the exam, and in what rooms."""

from dataclasses import fields

from django.db import models
from django.db.models import Q

from keju.kernel.exams.models import Exam
from keju.rulebook.words import Words, t
from keju.stages.venues.rules import DOORS, FRONT_RIGHT, KINDS, SEATING_KINDS, NewRoom

ROOM_FACTS = tuple(field.name for field in fields(NewRoom))
"""What a room is entered with; every one of them is a column of its row."""


class HostProposal(models.Model):
    """A version of who could host (V6.1), found by the solver or made by hand, with everything that it was made from.

    `wishes` and `seats` are what the region settled and entered; `terms` what was weighed. Costs are km of all candidates;
    `bound`: nothing costs less, none for a version by hand. Only grows: proposals are kept whatever is decided.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    region_code = models.CharField(max_length=2)
    version = models.IntegerField()
    by_hand = models.BooleanField()
    counts = models.JSONField()
    seats = models.JSONField()
    terms = models.JSONField()
    wishes = models.JSONField()
    assignment = models.JSONField()
    km = models.BigIntegerField()
    hosts = models.IntegerField()
    small = models.IntegerField()
    weighed = models.BigIntegerField()
    bound = models.BigIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "venues_proposal"
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "region_code", "version"], name="venues_proposal_version"
            ),
            models.CheckConstraint(
                condition=Q(by_hand=True, bound=None) | Q(by_hand=False, bound__lte=models.F("weighed")),
                name="venues_proposal_bound",
            ),
        ]

    @property
    def optimal(self) -> bool:
        """Whether it is proven that nothing costs less."""
        return self.bound is not None and self.bound >= self.weighed

    @property
    def gap(self) -> float | None:
        """By what share of its cost it can at most be improved; None for a version by hand."""
        if self.bound is None:
            return None
        return (self.weighed - self.bound) / self.weighed if self.weighed else 0.0


class HostDecision(models.Model):
    """A region's decision (V6.1) with what was proposed and what is decided; a new one supersedes the former."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    region_code = models.CharField(max_length=2)
    version = models.IntegerField()
    proposal = models.JSONField()
    based_on = models.ForeignKey(HostProposal, null=True, on_delete=models.PROTECT, related_name="decisions")
    minimum = models.IntegerField()
    reason = models.CharField(max_length=500, blank=True)
    decided_by = models.CharField(max_length=80)
    decided_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "venues_decision"
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "region_code", "version"], name="venues_decision_version"
            ),
            models.UniqueConstraint(
                fields=["exam", "region_code"],
                condition=Q(superseded_at=None),
                name="venues_one_decision",
            ),
        ]


class Assignment(models.Model):
    """A point's candidates sit the exam at the sites of a host. Public: candidates ask where they will go."""

    decision = models.ForeignKey(HostDecision, on_delete=models.PROTECT, related_name="assignments")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    point_code = models.CharField(max_length=4)
    host_code = models.CharField(max_length=4)
    candidates = models.IntegerField()
    current = models.BooleanField(default=True)

    class Meta:
        db_table = "venues_assignment"
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "point_code"], condition=Q(current=True), name="venues_one_host"
            ),
        ]


class Site(models.Model):
    """Where a host holds the exam, usually a school. `code` is 1101-01; `standard` the size of its rooms."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    point_code = models.CharField(max_length=4)
    code = models.CharField(max_length=7)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=200)
    surroundings = models.TextField(blank=True)
    transport = models.CharField(max_length=200, blank=True, default="", db_default="")
    food = models.CharField(max_length=200, blank=True, default="", db_default="")
    lodging = models.CharField(max_length=200, blank=True, default="", db_default="")
    picture = models.CharField(max_length=64, blank=True, default="", db_default="")
    contact = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    standard = models.SmallIntegerField()
    version = models.IntegerField(default=1)
    reported_at = models.DateTimeField(null=True)
    reported_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "venues_site"
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["exam", "code"], name="venues_site_code"),
            models.CheckConstraint(condition=Q(standard__gte=1), name="venues_site_standard"),
        ]

    @property
    def name(self) -> Words:
        return t(self.name_zh, self.name_en or self.name_zh)

    @property
    def whereabouts(self) -> list[tuple[Words, str]]:
        """What candidates are told of the surroundings (V14.3), each with its heading; nothing empty."""
        found = [
            (t("交通", "Transport"), self.transport),
            (t("餐饮", "Food"), self.food),
            (t("住宿", "Lodging"), self.lodging),
            (t("其他", "Further"), self.surroundings),
        ]
        return [(heading, text) for heading, text in found if text]

    @property
    def around(self) -> str:
        """The same in one line, in the reader's language; the headings only where there are several."""
        told = self.whereabouts
        if len(told) == 1:
            return told[0][1]
        return str(t("；", "; ")).join(f"{heading}{t('：', ': ')}{text}" for heading, text in told)


class Room(models.Model):
    """A room of a site. Desks stand in `columns` of `rows`; rooms where nobody sits an exam have none."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="rooms")
    office_path = models.CharField(max_length=40, db_collation="C")
    number = models.SmallIntegerField()
    name = models.CharField(max_length=40, blank=True)
    building = models.CharField(max_length=40)
    floor = models.SmallIntegerField()
    columns = models.SmallIntegerField()
    rows = models.SmallIntegerField()
    gap_cm = models.SmallIntegerField()
    kind = models.CharField(max_length=8)
    step_free = models.BooleanField(default=False, db_default=False)
    cameras = models.BooleanField(default=False, db_default=False)
    gaokao = models.BooleanField(default=False, db_default=False)
    door = models.CharField(max_length=11, default=FRONT_RIGHT, db_default=FRONT_RIGHT)
    stair = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        db_table = "venues_room"
        ordering = ["site", "number"]
        constraints = [
            models.UniqueConstraint(fields=["site", "number"], name="venues_room_number"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="venues_room_kind"),
            models.CheckConstraint(
                condition=~Q(kind__in=SEATING_KINDS) | Q(columns__gte=1, rows__gte=1),
                name="venues_room_desks",
            ),
            models.CheckConstraint(condition=Q(door__in=DOORS), name="venues_room_door"),
            models.CheckConstraint(
                condition=Q(number__gte=1, columns__gte=0, rows__gte=0, gap_cm__gte=0),
                name="venues_room_counts",
            ),
        ]

    @property
    def facts(self) -> NewRoom:
        """The room as the rules see it."""
        return NewRoom(**{fact: getattr(self, fact) for fact in ROOM_FACTS})


class Attestation(models.Model):
    """Somebody looked at the site, or at a room of it, and answers for what they saw. Corrected by a further entry.

    `photos`: [{"sha": …, "thumb": …, "type": …}], kept by the files of the site's office.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, null=True, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    item = models.CharField(max_length=40)
    rule = models.CharField(max_length=12)
    settled = models.BooleanField()
    note = models.CharField(max_length=500, blank=True)
    photos = models.JSONField(default=list)
    attested_by = models.CharField(max_length=80)
    attested_at = models.DateTimeField()

    class Meta:
        db_table = "venues_attestation"
        indexes = [models.Index(fields=["site", "item", "room", "-id"], name="venues_attestation_last")]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled=True) | ~Q(note=""), name="venues_attestation_says_what"
            ),
        ]
