"""Handovers: what is expected, who was named, what was scanned; and what was abnormal about containers."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from keju.kernel.accounts.models import Person
from keju.kernel.approvals.models import Proposal
from keju.kernel.exams.models import Exam
from keju.stages.custody.models.cases import Case
from keju.stages.custody.models.chain import Container, Operation
from keju.stages.custody.rules.handovers import LIVING, SEEN, TRANSITIONS, VERDICTS, Seen


class Handover(models.Model):
    """A formal handover of containers from one side to the other, of a `kind` of the programme (V11.1).

    `office_path`: that of the lower of the two offices, so that both see it; `place`: where the containers are afterwards;
    `key`: made on the device that prepared it. `arrives_at`: announced, when the receiver may expect it (V11.3.1);
    `begun_at`: the first scan; `counted_at`: the count was finished and signing began; `receipt_to`: the office that is owed
    the signed sheet ("" none), `receipt_at`: when it had it. `version` counts changes.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    key = models.UUIDField()
    kind = models.CharField(max_length=40)
    sender_code = models.CharField(max_length=20)
    receiver_code = models.CharField(max_length=20)
    place = models.CharField(max_length=60, db_collation="C")
    state = models.CharField(max_length=10, choices=[(s, s) for s in TRANSITIONS], default="prepared")
    containers = models.IntegerField()
    departs_at = models.DateTimeField(null=True)
    arrives_at = models.DateTimeField(null=True)
    contact = models.CharField(max_length=200, blank=True)
    escorts = models.CharField(max_length=300, blank=True)
    prepared_by = models.CharField(max_length=80)
    prepared_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, related_name="+")
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, null=True, related_name="+")
    receipt_to = models.CharField(max_length=20, blank=True)
    receipt_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "custody_handover"
        constraints = [
            models.UniqueConstraint(fields=["exam", "key"], name="custody_handover_once"),
            models.CheckConstraint(condition=Q(containers__gt=0), name="custody_handover_of_something"),
            models.CheckConstraint(
                condition=Q(state__in=["prepared", "announced", "counting"])
                | Q(state="broken_off")
                | Q(proposal__isnull=False, counted_at__isnull=False),
                name="custody_handover_signed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=LIVING, ended_at=None)
                | Q(state="closed", ended_at__isnull=False)
                | Q(state="broken_off", ended_at__isnull=False) & ~Q(reason=""),
                name="custody_handover_ended",
            ),
            models.CheckConstraint(
                condition=Q(receipt_at=None) | Q(state="closed") & ~Q(receipt_to=""),
                name="custody_handover_receipt",
            ),
        ]
        indexes = [
            models.Index(fields=["exam", "office_path", "-id"], name="custody_handover_where"),
            models.Index(
                fields=["exam", "office_path"],
                condition=Q(state__in=LIVING),
                name="custody_handover_living",
            ),
        ]

    @property
    def is_living(self) -> bool:
        return self.state in LIVING

    @property
    def subject(self) -> str:
        return f"handover:{self.pk}"


class HandoverItem(models.Model):
    """A container that the handover expects, as it was when prepared, and how it was found. `inside`: what lies in it.

    `seen`: "" until scanned or declared missing. A container is expected by one living handover at a time.
    """

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="items")
    office_path = models.CharField(max_length=40, db_collation="C")
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=12, db_collation="C")
    seal = models.CharField(max_length=40, blank=True)
    inside = models.IntegerField(default=0)
    seen = models.CharField(max_length=10, blank=True, choices=[(s, s) for s in SEEN])
    seen_seal = models.CharField(max_length=40, blank=True)
    seen_at = models.DateTimeField(null=True)
    living = models.BooleanField(default=True)

    class Meta:
        db_table = "custody_handover_item"
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["handover", "container"], name="custody_handover_item_once"),
            models.UniqueConstraint(
                fields=["container"], condition=Q(living=True), name="custody_handover_item_living"
            ),
            models.CheckConstraint(condition=Q(seen__in=["", *Seen]), name="custody_handover_item_seen"),
        ]


class HandoverPerson(models.Model):
    """Who was named beforehand for a side, in a role, by which post. `change`: the leader's consent by which somebody was
    named later (V11.3.2); `left`: no longer named. `answers`: the person responsible for this end of the leg (V10.1)."""

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="people")
    office_path = models.CharField(max_length=40, db_collation="C")
    side = models.CharField(max_length=8, choices=[("sender", "sender"), ("receiver", "receiver")])
    role = models.CharField(max_length=24)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    post = models.CharField(max_length=40, blank=True)
    answers = models.BooleanField(default=False)
    change = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, related_name="+")
    left = models.BooleanField(default=False)

    class Meta:
        db_table = "custody_handover_person"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["handover", "person"], condition=Q(left=False), name="custody_handover_person_once"
            ),
            models.UniqueConstraint(
                fields=["handover", "side"],
                condition=Q(left=False, answers=True),
                name="custody_handover_person_answers",
            ),
        ]


class HandoverBatch(models.Model):
    """Scans that a device sent together. `key`: made on the device, so that it is applied once; `digest`: SHA-256 over them."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="batches")
    key = models.UUIDField()
    digest = models.CharField(max_length=64)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_handover_batch"
        constraints = [models.UniqueConstraint(fields=["exam", "key"], name="custody_handover_batch_once")]


class HandoverScan(models.Model):
    """One code as it was read, judged when it arrived. Never changed: the items are its fold."""

    batch = models.ForeignKey(HandoverBatch, on_delete=models.PROTECT, related_name="scans")
    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="scans")
    office_path = models.CharField(max_length=40, db_collation="C")
    number = models.IntegerField()
    code = models.CharField(max_length=40)
    container = models.ForeignKey(Container, on_delete=models.PROTECT, null=True, related_name="+")
    verdict = models.CharField(max_length=10, choices=[(v, v) for v in VERDICTS])
    seen = models.CharField(max_length=10)
    seal = models.CharField(max_length=40, blank=True)
    photo = models.CharField(max_length=64, blank=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "custody_handover_scan"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="custody_handover_scan_number")
        ]
        indexes = [models.Index(fields=["handover", "verdict"], name="custody_handover_scan_verdict")]


class CustodyException(models.Model):
    """Something abnormal about a container (V11.3.3): told to the own unit and the superior when it was found; the container
    is frozen until the superior's `instruction`. `kind`: see `rules.handovers.Flaw`; other parts may add their own.
    `told`: codes of the offices. `lifts`: the instruction releases the container. `case`: opened about it; its end is the
    instruction."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, null=True, related_name="exceptions")
    container = models.ForeignKey(Container, on_delete=models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    detail = models.CharField(max_length=300, blank=True)
    photo = models.CharField(max_length=64, blank=True)
    told = ArrayField(models.CharField(max_length=20), default=list)
    reported_by = models.CharField(max_length=80)
    reported_at = models.DateTimeField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="exceptions")
    instruction = models.CharField(max_length=500, blank=True)
    lifts = models.BooleanField(default=False)
    instructed_code = models.CharField(max_length=20, blank=True)
    instructed_by = models.CharField(max_length=80, blank=True)
    instructed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "custody_exception"
        constraints = [
            models.UniqueConstraint(
                fields=["handover", "code", "kind"],
                condition=Q(handover__isnull=False),
                name="custody_exception_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    instruction="", instructed_code="", instructed_by="", instructed_at=None, lifts=False
                )
                | ~Q(instruction="") & ~Q(instructed_by="") & Q(instructed_at__gte=F("reported_at")),
                name="custody_exception_instructed",
            ),
        ]
        indexes = [
            models.Index(fields=["exam", "office_path", "-id"], name="custody_exception_where"),
            models.Index(
                fields=["exam", "office_path"], condition=Q(instructed_at=None), name="custody_exception_open"
            ),
            models.Index(fields=["container"], name="custody_exception_of"),
        ]
