"""Containers, and the append-only log of what was done with them. `Holding` is the log's fold, kept by the database."""

from functools import reduce
from operator import add

from django.db import models
from django.db.models import F, Q

from keju.kernel.accounts.models import Person
from keju.kernel.approvals.models import Proposal
from keju.kernel.exams.models import Exam
from keju.stages.custody.rules.chain import Act, Counts, State
from keju.stages.custody.rules.containers import OUTER, Kind

FATES = ("inside", "out", "used", "unused", "defective", "missing", "destroyed")


class Container(models.Model):
    """A box, pack or bag: what it is never changes. `office_path`: the site's, the point's or the region's whose papers it
    holds, which is who may know of it. The letters on its papers follow from its number and a key and are stored nowhere."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    code = models.CharField(max_length=12, db_collation="C")
    kind = models.CharField(max_length=9, choices=[(k, k) for k in Kind])
    site_code = models.CharField(max_length=20, blank=True)
    room = models.SmallIntegerField(default=0)
    session = models.SmallIntegerField(default=0)
    category = models.CharField(max_length=20, blank=True)
    copies = models.IntegerField()
    first_serial = models.IntegerField(default=0)
    last_serial = models.IntegerField(default=0)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "custody_container"
        constraints = [
            models.UniqueConstraint(fields=["exam", "code"], name="custody_container_code"),
            models.UniqueConstraint(
                fields=["exam", "site_code", "room", "session", "category", "kind"],
                condition=Q(kind__in=[Kind.BAG, Kind.CARD_BAG]),
                name="custody_container_once",
            ),
            models.UniqueConstraint(
                fields=["exam", "session", "category", "first_serial"],
                condition=Q(first_serial__gt=0),
                name="custody_container_serials",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=sorted(OUTER), copies=0, first_serial=0, last_serial=0)
                | Q(kind=Kind.CARD_BAG, copies__gt=0, first_serial=0, last_serial=0)
                | Q(
                    kind__in=[Kind.BAG, Kind.SPARE_BAG],
                    copies__gt=0,
                    first_serial__gt=0,
                    last_serial=F("first_serial") + F("copies") - 1,
                ),
                name="custody_container_holds",
            ),
        ]
        indexes = [
            models.Index(
                fields=["exam", "office_path", "kind", "session"], name="custody_container_by_office"
            )
        ]


class Operation(models.Model):
    """One act with one or many containers. `key`: made on the device that asked for it, so that it is done once; `digest`:
    SHA-256 over its steps, which the audit log's event of it carries as well; `proposal`: the signatures it stands on."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    key = models.UUIDField()
    act = models.CharField(max_length=12, choices=[(a, a) for a in Act])
    subject = models.CharField(max_length=60, blank=True)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    containers = models.IntegerField()
    digest = models.CharField(max_length=64)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_operation"
        constraints = [
            models.UniqueConstraint(fields=["exam", "key"], name="custody_operation_once"),
            models.CheckConstraint(condition=Q(containers__gt=0), name="custody_operation_of_something"),
        ]
        indexes = [models.Index(fields=["exam", "subject"], name="custody_operation_subject")]


class Stand(models.Model):
    """A state of a container, as columns: see `rules.chain.State`."""

    number = models.IntegerField()
    at = models.DateTimeField()
    place = models.CharField(max_length=60, blank=True, db_collation="C")
    place_path = models.CharField(max_length=40, blank=True, db_collation="C")
    custodian = models.CharField(max_length=20, blank=True)
    holder = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    parent = models.ForeignKey(Container, on_delete=models.PROTECT, null=True, related_name="+")
    seal = models.CharField(max_length=40, blank=True)
    frozen = models.BooleanField(default=False)
    copies = models.IntegerField()
    inside = models.IntegerField()
    out = models.IntegerField(default=0)
    used = models.IntegerField(default=0)
    unused = models.IntegerField(default=0)
    defective = models.IntegerField(default=0)
    missing = models.IntegerField(default=0)
    destroyed = models.IntegerField(default=0)

    class Meta:
        abstract = True

    @property
    def state(self) -> State:
        return State(
            self.number, self.at, self.place, self.place_path, self.custodian, self.holder_id, self.parent_id, self.seal,
            self.frozen, Counts(**{fate: getattr(self, fate) for fate in FATES}),
        )  # fmt: skip


class Step(Stand):
    """A container's state after an operation. The steps of a container are numbered from 1 without a gap."""

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="steps")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="steps")
    act = models.CharField(max_length=12)

    class Meta:
        db_table = "custody_step"
        constraints = [
            models.UniqueConstraint(fields=["container", "number"], name="custody_step_number"),
            models.CheckConstraint(
                condition=Q(copies=reduce(add, map(F, FATES))),
                name="custody_step_conserves",
            ),
            models.CheckConstraint(
                condition=Q(**{f"{fate}__gte": 0 for fate in FATES}),
                name="custody_step_counts",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) & ~Q(place="") & ~Q(custodian="")
                | Q(parent__isnull=False, place="", place_path="", custodian="", holder=None),
                name="custody_step_in_one_place",
            ),
            models.CheckConstraint(
                condition=~Q(act=Act.DESTROYED) | Q(inside=0, out=0, used=0, unused=0),
                name="custody_step_destroys_whole",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["operation"], name="custody_step_operation"),
            models.Index(fields=["exam", "place", "at"], name="custody_step_place"),
        ]


class Holding(Stand):
    """The last step of each container, written by the database alone (migration `0004_chain`)."""

    container = models.OneToOneField(
        Container, on_delete=models.PROTECT, primary_key=True, related_name="holding"
    )
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    act = models.CharField(max_length=12)

    class Meta:
        db_table = "custody_holding"
        indexes = [
            models.Index(fields=["parent"], name="custody_holding_inside"),
            models.Index(fields=["exam", "place"], name="custody_holding_place"),
            models.Index(fields=["exam", "office_path"], name="custody_holding_office"),
        ]
