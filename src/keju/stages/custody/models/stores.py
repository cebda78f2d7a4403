"""Secret stores: what they are, who accepted them, what people looked at there, and who answers for them."""

from django.db import models
from django.db.models import Q

from keju.kernel.accounts.models import Person
from keju.kernel.approvals.models import Proposal
from keju.kernel.exams.models import Exam
from keju.stages.custody.rules.stores import ALONE, HOSTS, ROLES


class Store(models.Model):
    """A secret store of a region or point office (V12.2.1, V12.2.2). `host_kind` is "" for the office's own one.

    `lease`, `agreement`: scans of a rented one's lease and secrecy agreement. `reason`: why a host of another kind than the
    rules prefer. `remote`: papers may be kept longer there if the region approves (V12.3).
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=200)
    host_kind = models.CharField(max_length=10, blank=True)
    host_name = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    lease = models.CharField(max_length=64, blank=True)
    agreement = models.CharField(max_length=64, blank=True)
    remote = models.BooleanField(default=False)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "custody_store"
        indexes = [models.Index(fields=["exam", "office_path", "id"], name="custody_store_where")]
        constraints = [
            models.UniqueConstraint(fields=["exam", "office_code", "name"], name="custody_store_once"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(address=""), name="custody_store_whole"),
            models.CheckConstraint(
                condition=Q(host_kind="", host_name="", lease="", agreement="")
                | Q(host_kind__in=HOSTS) & ~Q(host_name=""),
                name="custody_store_rented",
            ),
        ]

    @property
    def is_rented(self) -> bool:
        return self.host_kind != ""

    @property
    def place(self) -> str:
        """How the chain of custody names it."""
        return f"store:{self.pk}"


class OfStore(models.Model):
    """What belongs to a store and is seen by whoever sees that."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")

    class Meta:
        abstract = True


class Acceptance(OfStore):
    """The secrecy authority accepted the store; the scan is its proof, which the centre sees. The last one counts."""

    authority = models.CharField(max_length=120)
    accepted_on = models.DateField()
    scan = models.CharField(max_length=64)
    sent_by = models.CharField(max_length=80)
    sent_at = models.DateTimeField()

    class Meta:
        db_table = "custody_store_acceptance"
        indexes = [models.Index(fields=["store", "-id"], name="custody_store_acceptance_last")]
        constraints = [
            models.CheckConstraint(
                condition=~(Q(authority="") | Q(scan="")), name="custody_store_acceptance_whole"
            )
        ]


class StoreCheck(OfStore):
    """Somebody looked at an item of the standard there and answers for what they saw (V12.2.3). The last one counts."""

    item = models.CharField(max_length=40)
    rule = models.CharField(max_length=12)
    settled = models.BooleanField()
    note = models.CharField(max_length=500, blank=True)
    photos = models.JSONField(default=list)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_store_check"
        indexes = [models.Index(fields=["store", "item", "-id"], name="custody_store_check_last")]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled=True) | ~Q(note=""), name="custody_store_check_says_what"
            )
        ]


class StorePerson(OfStore):
    """Somebody is named for the store: the one responsible (V12.1), the receiver, or one entitled to withdraw (V12.2.1)."""

    role = models.CharField(max_length=11, choices=[(r, r) for r in ROLES])
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    named_by = models.CharField(max_length=80)
    named_at = models.DateTimeField()
    ended_by = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "custody_store_person"
        constraints = [
            models.UniqueConstraint(
                fields=["store", "role"],
                condition=Q(ended_at=None, role__in=ALONE),
                name="custody_store_person_one",
            ),
            models.UniqueConstraint(
                fields=["store", "role", "person"],
                condition=Q(ended_at=None),
                name="custody_store_person_once",
            ),
            models.CheckConstraint(condition=Q(role__in=ROLES), name="custody_store_person_role"),
        ]


class StoreLeave(OfStore):
    """The region allowed a remote place to keep papers from that day on (V12.3)."""

    from_on = models.DateField()
    reason = models.CharField(max_length=300)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_store_leave"
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="custody_store_leave_why")]
