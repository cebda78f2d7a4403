"""Damage and incidents: the case, its containers, what was done about it, and who is kept apart."""

from django.db import models
from django.db.models import F, Q

from keju.kernel.accounts.models import Person
from keju.kernel.exams.models import Exam
from keju.stages.custody.models.chain import Container
from keju.stages.custody.models.keeping import KeyStep
from keju.stages.custody.rules.cases import KEY_STEPS, STEPS, CaseKind, Sort

REPORTED, INSTRUCTED, TREATED, CLOSED = "reported", "instructed", "treated", "closed"
CASE_TRANSITIONS = {
    REPORTED: {"instruct": INSTRUCTED, "close": CLOSED},
    INSTRUCTED: {"treat": TREATED, "close": CLOSED},
    TREATED: {"close": CLOSED},
    CLOSED: {},
}
CASE_STEPS = ("reported", "instructed", "treated", "closed", *STEPS, *KEY_STEPS)


class Case(models.Model):
    """A bag was found unsealed or damaged (V12.6.1), papers were stolen, lost or leaked (V12.5), or a key of a store was lost:
    `key_step`, of the register. `office_path`: of who reported it. `exposed`: questions could be seen. `key`: from the
    device, so that it is reported once.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    key = models.UUIDField()
    kind = models.CharField(max_length=8, choices=[(k, k) for k in CaseKind])
    sort = models.CharField(max_length=8, choices=[(s, s) for s in Sort])
    words = models.CharField(max_length=500)
    exposed = models.BooleanField(default=False)
    key_step = models.OneToOneField(KeyStep, on_delete=models.PROTECT, null=True, related_name="case")
    state = models.CharField(max_length=10, choices=[(s, s) for s in CASE_TRANSITIONS], default=REPORTED)
    reported_by = models.CharField(max_length=80)
    reported_at = models.DateTimeField()
    instruction = models.CharField(max_length=500, blank=True)
    instructed_by = models.CharField(max_length=80, blank=True)
    instructed_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=500, blank=True)
    handling = models.CharField(max_length=500, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "custody_case"
        indexes = [models.Index(fields=["exam", "state", "office_path"], name="custody_case_where")]
        constraints = [
            models.UniqueConstraint(fields=["exam", "key"], name="custody_case_once"),
            models.CheckConstraint(
                condition=Q(state=REPORTED, closed_at=None)
                | Q(state__in=(INSTRUCTED, TREATED), instructed_at__isnull=False, closed_at=None)
                | Q(state=CLOSED, closed_at__isnull=False),
                name="custody_case_state",
            ),
            models.CheckConstraint(
                condition=~Q(kind=CaseKind.DAMAGE, state=CLOSED)
                | Q(instructed_at__isnull=False) & ~Q(cause="") & ~Q(handling=""),
                name="custody_case_closed_whole",
            ),
            models.CheckConstraint(
                condition=Q(kind=CaseKind.KEY, key_step__isnull=False)
                | ~Q(kind=CaseKind.KEY) & Q(key_step__isnull=True),
                name="custody_case_of_key",
            ),
        ]


class CaseContainer(models.Model):
    """A container of a case, with the seal that was broken and the one it was closed with again."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="containers")
    office_path = models.CharField(max_length=40, db_collation="C")
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="+")
    seal_before = models.CharField(max_length=40, blank=True)
    seal_after = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "custody_case_container"
        constraints = [
            models.UniqueConstraint(fields=["case", "container"], name="custody_case_container_once")
        ]
        indexes = [models.Index(fields=["container"], name="custody_case_of_container")]


class CaseStep(models.Model):
    """What was done about a case, by whom and when, with its photos. Only grows; a step of an incident stands once."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    office_path = models.CharField(max_length=40, db_collation="C")
    kind = models.CharField(max_length=20)
    words = models.CharField(max_length=500, blank=True)
    photos = models.JSONField(default=list)
    people = models.JSONField(default=list)
    happened_at = models.DateTimeField()
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    name = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "custody_case_step"
        constraints = [
            models.UniqueConstraint(fields=["case", "kind"], name="custody_case_step_once"),
            models.CheckConstraint(condition=Q(kind__in=CASE_STEPS), name="custody_case_step_kind"),
        ]


class Isolation(models.Model):
    """Somebody who saw questions is kept apart until the exam ends (V12.6.3). `companion`: who is with them now, as said."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="isolations")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    name = models.CharField(max_length=80)
    companion = models.CharField(max_length=120)
    place = models.CharField(max_length=200)
    devices = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=80)
    ended_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "custody_isolation"
        constraints = [
            models.UniqueConstraint(fields=["case", "name"], name="custody_isolation_once"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="custody_isolation_span"
            ),
        ]


class Companion(models.Model):
    """A discipline officer with somebody who is kept apart, from–until; one at a time (V12.6.3)."""

    isolation = models.ForeignKey(Isolation, on_delete=models.PROTECT, related_name="companions")
    office_path = models.CharField(max_length=40, db_collation="C")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=80)
    ended_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "custody_companion"
        constraints = [
            models.UniqueConstraint(
                fields=["isolation"], condition=Q(until_at=None), name="custody_companion_one"
            ),
            models.CheckConstraint(
                condition=Q(until_at=None, ended_by="") | Q(until_at__gte=F("from_at")) & ~Q(ended_by=""),
                name="custody_companion_span",
            ),
        ]
