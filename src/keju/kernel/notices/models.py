"""Notices, one receipt per office that got them, and the messages in a candidate's inbox."""

from django.db import models
from django.db.models import F, Q

from keju.kernel.accounts.models import Candidate
from keju.kernel.exams.models import Exam
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
    """Said to one candidate. `channel`: how else it goes out; so far the inbox alone."""

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
