"""Notices, one receipt per office that got them; messages in a candidate's inbox, and their way out of the house."""

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q

from keju.kernel.accounts.models import Candidate
from keju.kernel.accounts.sealed import SealedField
from keju.kernel.exams.models import Exam
from keju.kernel.notices.states import NOT_ARRIVED, OPEN, State
from keju.rulebook.words import Words, t


class Notice(models.Model):
    """What an office said to others. Its text never changes; `office_path` is the sender's."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=200, blank=True)
    body_zh = models.TextField()
    body_en = models.TextField(blank=True)
    file = models.CharField(max_length=64, blank=True)
    sender_code = models.CharField(max_length=20, blank=True)
    office_path = models.CharField(max_length=40, db_collation="C")
    sent_at = models.DateTimeField()
    sent_by = models.CharField(max_length=80)
    answer_by = models.DateTimeField(null=True)

    class Meta:
        db_table = "notices_notice"

    @property
    def title(self) -> Words:
        return t(self.title_zh, self.title_en or self.title_zh)

    @property
    def body(self) -> Words:
        return t(self.body_zh, self.body_en or self.body_zh)


class Receipt(models.Model):
    """One office's copy of a notice; `from_code` handed it down (the sender, or a region forwarding it)."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="receipts")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_code = models.CharField(max_length=20)
    office_path = models.CharField(max_length=40, db_collation="C")
    from_code = models.CharField(max_length=20, blank=True)
    delivered_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    read_by = models.CharField(max_length=80, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=80, blank=True)
    escalated_level = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "notices_receipt"
        constraints = [
            models.UniqueConstraint(fields=["notice", "office_code"], name="notices_receipt_once"),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True) | Q(read_at__isnull=False),
                name="notices_receipt_read_first",
            ),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True) | Q(read_at__gte=F("delivered_at")),
                name="notices_receipt_order",
            ),
        ]
        indexes = [
            models.Index(fields=["office_code", "exam", "-delivered_at"], name="notices_receipt_inbox"),
            models.Index(fields=["from_code", "exam", "-delivered_at"], name="notices_receipt_outbox"),
        ]


class Message(models.Model):
    """Said to one candidate, in the inbox; `Delivery` says how else it goes out."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    kind = models.CharField(max_length=40)
    words_zh = models.TextField()
    words_en = models.TextField()
    channel = models.CharField(max_length=12, default="inbox")
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notices_message"
        indexes = [models.Index(fields=["candidate", "exam", "-sent_at"], name="notices_message_inbox")]

    @property
    def words(self) -> Words:
        return t(self.words_zh, self.words_en)


class Delivery(models.Model):
    """One message on its way out by one channel: the outbox, and afterwards the record of what was sent.

    It belongs to a `message`, or has a text and an address of its own (`dispatch`). `key` is the same at every
    attempt: by it a gateway knows a repetition. `due_at` NULL: at once. A `secret` text is gone once it is closed.
    """

    key = models.UUIDField(db_default=RandomUUID())
    message = models.ForeignKey(
        Message, null=True, on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    # Exam and candidate are the message's, which the database vouches for: checking each again would double the cost.
    exam = models.ForeignKey(
        Exam, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    candidate = models.ForeignKey(
        Candidate, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    office_path = models.CharField(max_length=40, db_collation="C")
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=8)
    is_urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.SmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    language = models.CharField(max_length=2, blank=True, db_default="")
    address = SealedField(default=b"", db_default=b"")
    subject = SealedField(default=b"", db_default=b"")
    body = SealedField(default=b"", db_default=b"")
    is_secret = models.BooleanField(default=False, db_default=False)
    fault = models.CharField(max_length=40, blank=True, db_default="")
    gateway = models.CharField(max_length=40, blank=True, db_default="")
    provider_id = models.CharField(max_length=120, blank=True, db_default="")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notices_delivery"
        constraints = [
            models.UniqueConstraint(fields=["message", "channel"], name="notices_delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, closed_at__isnull=True)
                | Q(state__in=["sent", "given_up"], closed_at__isnull=False),
                name="notices_delivery_closed",
            ),
            models.CheckConstraint(
                condition=Q(is_secret=False) | Q(state__in=OPEN) | Q(body=b"", subject=b""),
                name="notices_delivery_scrubbed",
            ),
            models.CheckConstraint(
                condition=Q(message__isnull=False) | ~Q(address=b""), name="notices_delivery_addressed"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["sms", "email"]), name="notices_delivery_channel"
            ),
        ]
        indexes = [
            models.Index(
                "channel", F("is_urgent").desc(), F("due_at").asc(nulls_first=True), "id",
                condition=Q(state__in=OPEN), name="notices_delivery_due",
            ),
            models.Index(
                fields=["exam", "office_path", "kind", "channel", "state"],
                condition=Q(state__in=NOT_ARRIVED), name="notices_delivery_not_arrived",
            ),
        ]  # fmt: skip


class Gateway(models.Model):
    """What every worker must know of a channel's gateway: until when it is left alone, and when it is free again."""

    channel = models.CharField(max_length=8, primary_key=True)
    failures = models.SmallIntegerField(default=0)
    paused_until = models.DateTimeField(null=True)
    free_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "notices_gateway"


class Silence(models.Model):
    """The candidate does not want e-mail that is not essential. Gone again when they change their mind."""

    candidate = models.OneToOneField(Candidate, primary_key=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        db_table = "notices_silence"
