"""Who has declared which relatives, which identities are watched for, where a candidate was found, what was decided.

The law bars whoever runs the exam from sitting it, or having a spouse or direct relative sit it (V2.9, P1.2, V10.2.6). The
comparison itself is done by triggers of this stage (ADR 18); nothing of it is asked of the program that writes.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from keju.kernel.accounts.sealed import SealedField
from keju.kernel.exams.models import Exam
from keju.stages.registration.models import Registration
from keju.stages.staffing.models.people import Member

OWN = "self"
SECTOR = "sector"


class Declaration(models.Model):
    """What a member of staff declared for an exam, signed; a later number takes the place of an earlier one to be read.

    `nobody`: the member states that there is no such relative. `statement`: SHA-256 of the text that was signed;
    `scan`: of the signed paper, where it was signed on paper and entered by an office.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="declarations")
    office_path = models.CharField(max_length=40, db_collation="C")
    number = models.IntegerField()
    nobody = models.BooleanField()
    relatives_count = models.SmallIntegerField()
    way = models.CharField(max_length=5)
    statement = models.CharField(max_length=64)
    scan = models.CharField(max_length=64, blank=True)
    address_index = models.BinaryField(default=b"")
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "staffing_declaration"
        constraints = [
            models.UniqueConstraint(fields=["exam", "member", "number"], name="staffing_declaration_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="staffing_declaration_number"),
            models.CheckConstraint(
                condition=Q(nobody=True, relatives_count=0) | Q(nobody=False, relatives_count__gt=0),
                name="staffing_declaration_positive",
            ),
            models.CheckConstraint(
                condition=Q(way="link", scan="") | Q(way="paper") & ~Q(scan=""),
                name="staffing_declaration_signed",
            ),
        ]


class Relative(models.Model):
    """One relative of a declaration. The number stands sealed, and as the index by which candidates are found."""

    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="relatives")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    relation = models.CharField(max_length=20)
    name = SealedField()
    identity = SealedField()
    identity_index = models.BinaryField()

    class Meta:
        db_table = "staffing_relative"
        constraints = [
            models.UniqueConstraint(fields=["declaration", "identity_index"], name="staffing_relative_once"),
        ]


class Watch(models.Model):
    """An identity that may not be among the exam's candidates, and because of which member.

    Derived by triggers from appointments, declarations and members; what was once declared stays watched. `fence`,
    `looked`: the second look, see `services.recusal.look_again`. `void`: a member's own number, corrected since.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    relation = models.CharField(max_length=20)
    identity_index = models.BinaryField()
    fence = models.BigIntegerField(null=True)
    looked = models.BooleanField(db_default=False)
    void = models.BooleanField(db_default=False)

    class Meta:
        db_table = "staffing_watch"
        constraints = [
            models.UniqueConstraint(fields=["exam", "member", "identity_index"], name="staffing_watch_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["exam", "identity_index"], name="staffing_watch_whom"),
            models.Index(fields=["exam"], condition=Q(looked=False), name="staffing_watch_unlooked"),
        ]


class Hit(models.Model):
    """A watched identity stands among the candidates: the member's posts that want recusal are not in force.

    `open` until somebody above decides; `upheld` goes on barring, `released` does not, until the facts change again.
    `reported_at`: when it was put on record and told to the office above; NULL just found (or found again).
    """

    class State(models.TextChoices):
        OPEN = "open"
        UPHELD = "upheld"
        RELEASED = "released"

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="hits")
    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="+")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    relation = models.CharField(max_length=20)
    state = models.CharField(max_length=8, choices=State.choices, db_default="open")
    cause = models.CharField(max_length=12, blank=True, db_default="")
    version = models.IntegerField(db_default=1)
    reported_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staffing_recusal_hit"
        constraints = [
            models.UniqueConstraint(fields=["watch", "registration"], name="staffing_recusal_hit_once"),
            models.CheckConstraint(
                condition=Q(state="open", cause="")
                | Q(state="upheld", cause="")
                | Q(state="released", cause__in=["mistaken", "ended", "withdrawn"]),
                name="staffing_recusal_hit_cause",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["exam", "office_path", "id"], name="staffing_recusal_hit_where"),
            models.Index(
                fields=["exam", "member"],
                condition=~Q(state="released"),
                name="staffing_recusal_hit_barring",
            ),
            models.Index(fields=["exam"], condition=Q(reported_at=None), name="staffing_recusal_hit_new"),
        ]


class Decision(models.Model):
    """What somebody above decided about a hit, each time; the last one counts."""

    hit = models.ForeignKey(Hit, on_delete=models.PROTECT, related_name="decisions")
    office_path = models.CharField(max_length=40, db_collation="C")
    upheld = models.BooleanField()
    cause = models.CharField(max_length=12, blank=True)
    reason = models.CharField(max_length=300)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "staffing_recusal_decision"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="staffing_recusal_decision_says_why"),
            models.CheckConstraint(
                condition=Q(upheld=True, cause="")
                | Q(upheld=False, cause__in=["mistaken", "ended", "withdrawn"]),
                name="staffing_recusal_decision_cause",
            ),
        ]


class Hint(models.Model):
    """Something that may point to a relative nobody declared: never bars, a person looks at it and answers.

    `kind`: the same telephone, the same address, the same employer; `count`: of how many candidates of the place
    `office_path` (the region or point of the post), `registrations`: the first of them. `seen_count`: how many there were
    when it was answered last: it is open again only when there are more.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    kind = models.CharField(max_length=10)
    count = models.IntegerField()
    registrations = ArrayField(models.BigIntegerField(), db_default=[])
    seen_count = models.IntegerField(default=0, db_default=0)
    version = models.IntegerField(default=1, db_default=1)
    found_at = models.DateTimeField()

    class Meta:
        db_table = "staffing_recusal_hint"
        constraints = [
            models.UniqueConstraint(
                fields=["exam", "member", "kind", "office_path"], name="staffing_recusal_hint_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["phone", "address", "employer"]), name="staffing_recusal_hint_kind"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["exam", "office_path", "id"], name="staffing_recusal_hint_where")
        ]


class HintAnswer(models.Model):
    """What somebody found who looked at a hint; the last one counts. `related`: there is a relative, to be declared."""

    hint = models.ForeignKey(Hint, on_delete=models.PROTECT, related_name="answers")
    office_path = models.CharField(max_length=40, db_collation="C")
    count = models.IntegerField()
    related = models.BooleanField()
    reason = models.CharField(max_length=300)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "staffing_hint_answer"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="staffing_hint_answer_says_why"),
        ]


class HintLook(models.Model):
    """When the candidates of a place were last compared with the staff who serve there; NULL: asked for and due."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    looked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staffing_hint_look"
        constraints = [
            models.UniqueConstraint(fields=["exam", "office_path"], name="staffing_hint_look_once"),
        ]


class Accountability(models.Model):
    """A member held to account for a failing in the work of an exam (P3.1, P6.2): who, what, by which rule, by whom."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    rule = models.CharField(max_length=12)
    what = models.CharField(max_length=1000)
    measure = models.CharField(max_length=300)
    decided_by = models.CharField(max_length=80)
    decided_at = models.DateTimeField()

    class Meta:
        db_table = "staffing_accountability"
        constraints = [
            models.CheckConstraint(
                condition=~Q(what="") & ~Q(measure="") & ~Q(rule=""), name="staffing_accountability_whole"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["exam", "office_path", "-id"], name="staffing_accountability_where")
        ]
