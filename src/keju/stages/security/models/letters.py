"""Letters of responsibility with their wording, signed from above and from below, until another holds the post."""

from django.db import models
from django.db.models import F, Q

from keju.kernel.accounts.models import Person, Proof
from keju.kernel.exams.models import Exam

ONLINE, PAPER = "online", "paper"
SHA = r"^[0-9a-f]{64}$"


class Wording(models.Model):
    """The text of a kind of letter as it stood when letters of it were made; named by its SHA-256. Only grows."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    text = models.TextField()

    class Meta:
        db_table = "security_wording"
        constraints = [
            models.UniqueConstraint(fields=["exam", "code", "sha256"], name="security_wording_once"),
        ]


class Letter(models.Model):
    """What the holder of a post undertakes towards the leader above. `content_hash` is that of wording and facts.

    The leader above signs first, then the holder: each on line with an own proof, or on paper with a scan. When another
    holds the post, the letter ends and the next `version` begins.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    rule = models.CharField(max_length=12)
    wording = models.ForeignKey(Wording, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    above_code = models.CharField(max_length=20)
    post = models.CharField(max_length=40)
    holder = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    holder_name = models.CharField(max_length=80)
    version = models.SmallIntegerField(default=1)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    content_hash = models.CharField(max_length=64)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    above_by = models.CharField(max_length=80, blank=True)
    above_name = models.CharField(max_length=80, blank=True)
    above_means = models.CharField(max_length=6, blank=True)
    above_proof = models.ForeignKey(Proof, null=True, on_delete=models.PROTECT, related_name="+")
    above_scan = models.CharField(max_length=64, blank=True)
    above_at = models.DateTimeField(null=True)
    below_means = models.CharField(max_length=6, blank=True)
    below_proof = models.OneToOneField(Proof, null=True, on_delete=models.PROTECT, related_name="+")
    below_scan = models.CharField(max_length=64, blank=True)
    below_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "security_letter"
        indexes = [
            models.Index(fields=["exam", "office_path", "id"], name="security_letter_where"),
            models.Index(
                fields=["exam", "office_path"],
                condition=Q(below_at=None, ended_at=None),
                name="security_letter_unsigned",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "office_code", "post", "holder"],
                condition=Q(ended_at=None),
                name="security_letter_one_living",
            ),
            models.CheckConstraint(condition=Q(content_hash__regex=SHA), name="security_letter_hash"),
            models.CheckConstraint(condition=Q(version__gte=1), name="security_letter_version"),
            models.CheckConstraint(
                condition=Q(below_at=None) | Q(above_at__isnull=False, below_at__gte=F("above_at")),
                name="security_letter_from_above",
            ),
            models.CheckConstraint(
                condition=Q(above_at=None, above_means="", above_proof=None, above_scan="")
                | Q(above_means=ONLINE, above_proof__isnull=False, above_at__isnull=False, above_scan="")
                | Q(above_means=PAPER, above_proof=None, above_at__isnull=False, above_scan__regex=SHA),
                name="security_letter_above",
            ),
            models.CheckConstraint(
                condition=Q(below_at=None, below_means="", below_proof=None, below_scan="")
                | Q(below_means=ONLINE, below_proof__isnull=False, below_at__isnull=False, below_scan="")
                | Q(below_means=PAPER, below_proof=None, below_at__isnull=False, below_scan__regex=SHA),
                name="security_letter_below",
            ),
        ]
