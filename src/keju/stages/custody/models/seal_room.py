"""The exam day in the seal room: who is there, seals looked at, bags issued, counted back, spares used, and what was refused.

Where a bag is and what became of its sheets stands in the chain alone; these rows say who answered for the step.
"""

from django.db import models
from django.db.models import F, Q

from keju.kernel.accounts.models import Person
from keju.kernel.approvals.models import Proposal
from keju.kernel.exams.models import Exam
from keju.stages.custody.models.chain import Container
from keju.stages.custody.rules.spares import Defect

GRANTED = [str(d) for d in Defect if d is not Defect.BY_CANDIDATE]


class SealRoom(models.Model):
    """A site's seal room for a session, from the papers' arrival until head and confidential officer leave (V15.3.4)."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    site_code = models.CharField(max_length=20)
    session = models.SmallIntegerField()
    head = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    officer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    left_by = models.CharField(max_length=80, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "custody_seal_room"
        constraints = [
            models.UniqueConstraint(fields=["exam", "site_code", "session"], name="custody_seal_room_once"),
            models.CheckConstraint(condition=~Q(head=F("officer")), name="custody_seal_room_two"),
            models.CheckConstraint(
                condition=Q(left_at=None, left_by="") | Q(left_at__isnull=False) & ~Q(left_by=""),
                name="custody_seal_room_left",
            ),
        ]


class SealCheck(models.Model):
    """A bag's seal as it was read in the seal room (V15.3.1). The last one counts. `seal`: "" where it was broken."""

    seal_room = models.ForeignKey(SealRoom, on_delete=models.PROTECT, related_name="checks")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="+")
    seal = models.CharField(max_length=40, blank=True)
    intact = models.BooleanField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_seal_check"
        indexes = [models.Index(fields=["seal_room", "container", "-id"], name="custody_seal_check_last")]


class Issue(models.Model):
    """A room's bags handed to both its invigilators, each by their own signature in `proposal` (V15.3.2)."""

    seal_room = models.ForeignKey(SealRoom, on_delete=models.PROTECT, related_name="issues")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    room = models.SmallIntegerField()
    first = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_issue"
        constraints = [
            models.UniqueConstraint(fields=["seal_room", "room"], name="custody_issue_once"),
            models.CheckConstraint(condition=~Q(first=F("second")), name="custody_issue_two"),
        ]


class JointCount(models.Model):
    """What came back from a room, as invigilators and point staff counted it together (V15.5.2).

    `present`, `absent`: of the room's record, `spares`: used in the room, at that moment; `differences`: each number that is
    not what they say, as [what, expected, counted]; `paper_seal`, `card_seal`: put on by the point.
    """

    seal_room = models.ForeignKey(SealRoom, on_delete=models.PROTECT, related_name="joint_counts")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    room = models.SmallIntegerField()
    copies = models.IntegerField()
    present = models.IntegerField()
    absent = models.IntegerField()
    spares = models.IntegerField()
    papers_used = models.IntegerField()
    papers_unused = models.IntegerField()
    papers_defective = models.IntegerField(default=0)
    papers_missing = models.IntegerField(default=0)
    cards_used = models.IntegerField()
    cards_unused = models.IntegerField()
    cards_defective = models.IntegerField(default=0)
    cards_missing = models.IntegerField(default=0)
    differences = models.JSONField(default=list)
    paper_seal = models.CharField(max_length=40)
    card_seal = models.CharField(max_length=40)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_joint_count"
        constraints = [
            models.UniqueConstraint(fields=["seal_room", "room"], name="custody_joint_count_once"),
            models.CheckConstraint(
                condition=Q(
                    copies=F("papers_used") + F("papers_unused") + F("papers_defective") + F("papers_missing")
                )
                & Q(copies=F("cards_used") + F("cards_unused") + F("cards_defective") + F("cards_missing")),
                name="custody_joint_count_whole",
            ),
            models.CheckConstraint(
                condition=~Q(paper_seal="") & ~Q(card_seal="") & ~Q(paper_seal=F("card_seal")),
                name="custody_joint_count_sealed",
            ),
        ]


class Finding(models.Model):
    """What a difference turned out to be, in writing, by who may instruct."""

    joint_count = models.OneToOneField(JointCount, on_delete=models.PROTECT, related_name="finding")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    text = models.CharField(max_length=500)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_count_finding"
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="custody_count_finding_said")]


class SpareUse(models.Model):
    """A line of the book of spare papers (V15.6): for whom, what was wrong, which paper for which, with whose consent."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    seal_room = models.ForeignKey(SealRoom, on_delete=models.PROTECT, related_name="spare_uses")
    room = models.SmallIntegerField()
    ticket = models.CharField(max_length=20)
    defect = models.CharField(max_length=14, choices=[(d, d) for d in GRANTED])
    note = models.CharField(max_length=300, blank=True)
    spare = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="+")
    spare_serial = models.IntegerField()
    bag = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="+")
    defective_serial = models.IntegerField()
    consented_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_spare_use"
        constraints = [
            models.UniqueConstraint(fields=["spare", "spare_serial"], name="custody_spare_once"),
            models.UniqueConstraint(fields=["bag", "defective_serial"], name="custody_spare_for_once"),
            models.CheckConstraint(
                condition=Q(defect__in=GRANTED),
                name="custody_spare_not_own_doing",
            ),
        ]


class SpareReport(models.Model):
    """The region passed a use on to the centre, in writing (V15.6)."""

    use = models.OneToOneField(SpareUse, on_delete=models.PROTECT, related_name="report")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_spare_report"


class Attempt(models.Model):
    """Something that the rules refused: another half-day's papers, a bag before its time. Nobody takes it back."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=60)
    refusals = models.JSONField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_attempt"
        indexes = [models.Index(fields=["exam", "kind", "at"], name="custody_attempt_when")]
