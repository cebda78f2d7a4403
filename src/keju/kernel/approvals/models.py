"""Proposals, the signatures that they need, and those given. What may not be, the database refuses (migration 0002)."""

import json

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from keju.kernel.accounts.models import Person, Proof
from keju.kernel.approvals.content import Content
from keju.kernel.approvals.states import LIVING, OPEN, TRANSITIONS
from keju.kernel.exams.models import Exam

HEX = r"^[0-9a-f]{64}$"


class Proposal(models.Model):
    """Something that one person may not decide alone, as it was when it was proposed.

    `content_hash`: what takes effect; `seen`: the canonical JSON that signers are shown, `seen_hash` its SHA-256. Only the
    state and its ending ever change; another content is another proposal.
    """

    exam = models.ForeignKey(Exam, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    content_hash = models.CharField(max_length=64)
    seen = models.TextField()
    seen_hash = models.CharField(max_length=64)
    rules = ArrayField(models.CharField(max_length=20), default=list)
    needed = models.SmallIntegerField()
    state = models.CharField(max_length=12, choices=[(s, s) for s in TRANSITIONS], default=OPEN)
    proposer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "approvals_proposal"
        indexes = [
            models.Index(
                fields=["office_path", "expires_at"], condition=Q(state=OPEN), name="approvals_waiting"
            ),
            models.Index(fields=["kind", "subject"], name="approvals_subject"),
            models.Index(fields=["proposer", "-proposed_at"], name="approvals_proposer"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(content_hash__regex=HEX), name="approvals_content_hash"),
            models.CheckConstraint(condition=Q(needed__gte=1), name="approvals_needed"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("proposed_at")), name="approvals_span"),
            models.CheckConstraint(
                condition=Q(state=OPEN, decided_at=None) | (~Q(state=OPEN) & Q(decided_at__isnull=False)),
                name="approvals_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "withdrawn"]) | ~Q(reason=""), name="approvals_reason"
            ),
            models.UniqueConstraint(
                fields=["exam", "kind", "subject"],
                condition=Q(state__in=LIVING),
                nulls_distinct=False,
                name="approvals_one_living",
            ),
        ]

    @property
    def content(self) -> Content:
        return Content.of(json.loads(self.seen)["content"])


class NeededSignature(models.Model):
    """One signature that a proposal needs: of somebody who is `what` at `at_path`, or anywhere on the way up if ""."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="needs")
    office_path = models.CharField(max_length=40, db_collation="C")
    number = models.SmallIntegerField()
    what = models.CharField(max_length=60)
    at_path = models.CharField(max_length=40, blank=True, db_collation="C")

    class Meta:
        db_table = "approvals_need"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="approvals_need_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="approvals_need_counts"),
        ]


class Signature(models.Model):
    """One person's consent to exactly what was shown, with an own proof that serves no other."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="signatures")
    need = models.OneToOneField(NeededSignature, on_delete=models.PROTECT, related_name="signature")
    office_path = models.CharField(max_length=40, db_collation="C")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(max_length=80)
    proof = models.OneToOneField(Proof, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField(max_length=64)
    seen_hash = models.CharField(max_length=64)
    signed_at = models.DateTimeField()

    class Meta:
        db_table = "approvals_signature"
        ordering = ["signed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "person"], name="approvals_person_once"),
        ]
