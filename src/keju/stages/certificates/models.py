"""Grants, certificates, deliveries, collections, requests for a new one."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from keju.kernel.exams.models import Exam


class State(models.TextChoices):
    VALID = "valid"
    VOID = "void"


class Grant(models.Model):
    """The qualification itself: for one registration once, whatever happens to the paper."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+", db_index=False)
    registration_id = models.BigIntegerField()
    candidate_id = models.BigIntegerField()
    office_path = models.CharField(max_length=40, db_collation="C")
    region_code = models.CharField(max_length=2)
    point_code = models.CharField(max_length=4)
    ticket_number = models.CharField(max_length=20, db_collation="C")
    category = models.CharField(max_length=20)
    level = models.CharField(max_length=20)
    granted_by = models.CharField(max_length=80)
    granted_at = models.DateTimeField()

    class Meta:
        db_table = "certificates_grant"
        constraints = [
            models.UniqueConstraint(fields=["exam", "registration_id"], name="certificates_grant_once"),
            models.CheckConstraint(condition=~Q(level=""), name="certificates_grant_level"),
        ]
        indexes: ClassVar = [models.Index(fields=["exam", "ticket_number"], name="certificates_by_ticket")]


class Certificate(models.Model):
    """The paper. Its serial is gapless per exam and region; once void it stays void."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+", db_index=False)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="certificates")
    candidate_id = models.BigIntegerField(db_index=True)
    office_path = models.CharField(max_length=40, db_collation="C")
    region_code = models.CharField(max_length=2)
    point_code = models.CharField(max_length=4)
    serial = models.IntegerField()
    number = models.CharField(max_length=20, db_collation="C")
    issue = models.SmallIntegerField(default=1)
    state = models.CharField(max_length=5, choices=State.choices, default=State.VALID)
    made_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "certificates_certificate"
        constraints = [
            models.UniqueConstraint(
                fields=["grant"], condition=Q(state="valid"), name="certificates_one_valid"
            ),
            models.UniqueConstraint(fields=["grant", "issue"], name="certificates_issue_once"),
            models.UniqueConstraint(fields=["exam", "number"], name="certificates_number_once"),
            models.UniqueConstraint(
                fields=["exam", "region_code", "serial"], name="certificates_serial_once"
            ),
            models.CheckConstraint(condition=Q(serial__gte=1), name="certificates_serial_from_one"),
            models.CheckConstraint(
                condition=Q(state="valid", voided_at=None) | Q(state="void", voided_at__isnull=False),
                name="certificates_void_says_when",
            ),
            models.CheckConstraint(
                condition=Q(state="valid") | ~Q(void_reason=""), name="certificates_void_says_why"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["exam", "office_path", "number"], name="certificates_by_office"),
        ]


TRANSITIONS = {State.VALID: {"reissue": State.VOID}}


class Delivery(models.Model):
    """The certificates of one point on their way down the tree, and that they arrived in the same number."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    point_code = models.CharField(max_length=4)
    count = models.IntegerField()
    delivered_by = models.CharField(max_length=80)
    delivered_at = models.DateTimeField()
    received_by = models.CharField(max_length=80, blank=True)
    received_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "certificates_delivery"
        constraints = [
            models.UniqueConstraint(fields=["exam", "point_code"], name="certificates_delivered_once"),
            models.CheckConstraint(condition=Q(count__gte=1), name="certificates_delivery_counts"),
        ]


class Collection(models.Model):
    """A certificate was handed over in person against the identity card; diploma where V18.1.2 asks for it."""

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="collection")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    candidate_id = models.BigIntegerField()
    office_path = models.CharField(max_length=40, db_collation="C")
    identity_seen = models.BooleanField()
    diploma_owed = models.BooleanField()
    diploma = models.BooleanField()
    diploma_copies = models.SmallIntegerField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "certificates_collection"
        constraints = [
            models.CheckConstraint(condition=Q(identity_seen=True), name="certificates_in_person"),
            models.CheckConstraint(
                condition=Q(diploma_owed=False) | Q(diploma=True), name="certificates_diploma_handed_in"
            ),
        ]


class RequestState(models.TextChoices):
    ASKED = "asked"
    POINT = "point"
    REGION = "region"
    DONE = "done"
    REFUSED = "refused"


class Reissue(models.Model):
    """A request for a new certificate (asked → point → region → done; refused from any step before)."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="reissues")
    candidate_id = models.BigIntegerField(db_index=True)
    office_path = models.CharField(max_length=40, db_collation="C")
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=RequestState.choices, default=RequestState.ASKED)
    version = models.IntegerField(default=1)
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    identity_copy = models.BooleanField(default=False)
    point_by = models.CharField(max_length=80, blank=True)
    point_at = models.DateTimeField(null=True)
    region_by = models.CharField(max_length=80, blank=True)
    region_at = models.DateTimeField(null=True)
    centre_by = models.CharField(max_length=80, blank=True)
    centre_at = models.DateTimeField(null=True)
    refused_by = models.CharField(max_length=80, blank=True)
    refused_at = models.DateTimeField(null=True)
    refused_reason = models.CharField(max_length=300, blank=True)
    replacement = models.OneToOneField(
        Certificate, null=True, on_delete=models.PROTECT, related_name="replaces"
    )

    class Meta:
        db_table = "certificates_reissue"
        constraints = [
            models.UniqueConstraint(
                fields=["certificate"], condition=~Q(state="refused"), name="certificates_reissue_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="certificates_reissue_says_why"),
            models.CheckConstraint(
                condition=~Q(state="done")
                | Q(
                    point_at__isnull=False,
                    region_at__isnull=False,
                    centre_at__isnull=False,
                    replacement__isnull=False,
                    identity_copy=True,
                ),
                name="certificates_three_levels",
            ),
            models.CheckConstraint(
                condition=~Q(state="done")
                | (
                    ~Q(point_by=models.F("region_by"))
                    & ~Q(region_by=models.F("centre_by"))
                    & ~Q(point_by=models.F("centre_by"))
                ),
                name="certificates_three_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refused_reason=""), name="certificates_refusal_says_why"
            ),
        ]


REISSUE_TRANSITIONS = {
    RequestState.ASKED: {"pass": RequestState.POINT, "refuse": RequestState.REFUSED},
    RequestState.POINT: {"pass": RequestState.REGION, "refuse": RequestState.REFUSED},
    RequestState.REGION: {"pass": RequestState.DONE, "refuse": RequestState.REFUSED},
}
