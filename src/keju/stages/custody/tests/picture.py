"""What the papers look like from outside, after somebody died or nobody did."""

from collections import Counter

from django.db.models import Sum

from keju.kernel.accounts.models import Proof, SigningSheet
from keju.kernel.approvals.models import Proposal, Signature
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Notice, Receipt
from keju.kernel.offices import acting
from keju.stages.custody.models import (
    Alarm,
    Attempt,
    Container,
    CustodyException,
    Destruction,
    Handover,
    HandoverScan,
    Issue,
    JointCount,
    Journey,
    JourneyEntry,
    Operation,
    SealCheck,
    SealRoom,
    SpareUse,
    Step,
)
from keju.stages.custody.models.chain import FATES
from keju.stages.custody.tests.hands import SYSTEM

OTHERS = "told by others"
"""What else the clock tells in the same minute, each part of it in a transaction of its own."""


def picture(exam: Exam) -> dict[str, object]:
    """Everything that must be as it would be had nobody died; without numbers that a rolled back transaction uses up."""
    with acting(SYSTEM):
        codes = dict(Container.objects.filter(exam=exam).values_list("pk", "code"))
        told = Receipt.objects.all()
        steps = Step.objects.filter(exam=exam).order_by("container_id", "number")
        return {
            "steps": sorted(
                (codes[s.container_id], s.number, s.act, s.place, s.custodian, codes.get(s.parent_id or 0, ""),
                 bool(s.seal), s.frozen, *(getattr(s, fate) for fate in FATES))
                for s in steps
            ),
            "operations": Counter(Operation.objects.filter(exam=exam).values_list("act", flat=True)),
            "handovers": sorted(Handover.objects.values_list("kind", "state", "containers")),
            "scans": sorted(HandoverScan.objects.values_list("code", "verdict", "seen")),
            "exceptions": sorted(CustodyException.objects.values_list("kind", "code", "lifts")),
            "journeys": sorted(Journey.objects.values_list("leg", "state", "version")),
            "journey book": Counter(JourneyEntry.objects.values_list("kind", flat=True)),
            "proposals": Counter(Proposal.objects.values_list("kind", "state")),
            "signatures": Signature.objects.count(),
            "proofs": Proof.objects.count(),
            "wrong codes": SigningSheet.objects.aggregate(all=Sum("failures"))["all"],
            "attempts": sorted(Attempt.objects.values_list("kind", "subject")),
            "seal rooms": sorted(SealRoom.objects.values_list("site_code", "session")),
            "seals read": sorted(SealCheck.objects.values_list("container__code", "intact")),
            "issues": sorted(Issue.objects.values_list("room", flat=True)),
            "spares used": sorted(SpareUse.objects.values_list("room", "spare_serial")),
            "joint counts": sorted(JointCount.objects.values_list("room", "papers_used", "cards_used")),
            "destroyed": sorted(Destruction.objects.exclude(done_at=None).values_list("point_code", "papers")),
            "alarms": sorted((a.kind, a.subject, a.cleared_at is None) for a in Alarm.objects.all()),
            "notices": Counter(Notice.objects.filter(kind="custody").values_list("title_zh", flat=True)),
            "told": Counter(told.filter(notice__kind="custody").values_list("notice__title_zh", "office_code")),
            OTHERS: Counter(told.exclude(notice__kind="custody").values_list("notice__title_zh", "office_code")),
            "events": Counter(
                Event.objects.filter(kind__startswith="custody.")
                .exclude(kind="custody.chain.repeated")
                .exclude(data__again=True)
                .values_list("kind", flat=True)
            ),
        }  # fmt: skip
