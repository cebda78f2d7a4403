"""The region lets a remote store keep papers longer (V12.3)."""

from datetime import date, datetime, timedelta

from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.content import Content
from keju.kernel.approvals.effects import carries_out
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.rulebook.words import t
from keju.stages.custody import events
from keju.stages.custody.models import Store, StoreLeave
from keju.stages.custody.params import Params
from keju.stages.custody.queries import stores as queries
from keju.stages.custody.rules import stores as rules
from keju.stages.custody.services.stores import held, noted

LEAVE = "custody.store.leave"
TERM = timedelta(days=30)
"""So long the region has to answer who asks to keep papers longer."""


@write("custody:store:manage")
def ask_leave(*, exam: Exam, store_id: int, from_on: date, reason: str, by: Actor, at: datetime) -> Proposal:
    """The region is asked whether papers may be in this remote store from that day on (V12.3)."""
    row = held(exam, store_id, by)
    day = queries.exam_days(exam, [row.office_path]).get(row.office_path)
    most = exams.params(exam, Params).keep_days_max
    enforce(rules.check_leave(row.remote, from_on, day, most, reason))
    region = path_of(row.office_code[:2])
    content = Content(
        t("提前入库申请", "Papers to be kept longer"),
        [
            (t("保密室", "Store"), f"{row.name} {row.address}"),
            (t("最早入库日", "Papers there from"), from_on.isoformat()),
            (t("理由", "Reason"), reason.strip()),
        ],
        place="custody-store",
        place_args={"store_id": row.pk},
    )
    proposal = approvals.propose(
        kind=LEAVE,
        subject=row.place,
        exam=exam,
        office_path=row.office_path,
        content=content,
        needs=[Need("region", 1, region)],
        expires_at=at + TERM,
        rules=["V12.3"],
        by=by,
        at=at,
    )
    data = {"from": from_on, "proposal": proposal.pk}
    noted(events.STORE_LEAVE_ASKED, exam, [row], ["V12.3"], data, by, at)
    return proposal


@carries_out(LEAVE, t("提前入库申请", "Papers to be kept longer"))
@write(None)
def give_leave(*, proposal: Proposal, by: Actor, at: datetime) -> None:
    """The region has signed: papers may be in that store from the day asked for."""
    facts = [value for _, value in proposal.content.facts]
    approvals.consume(
        proposal_id=proposal.pk,
        kind=LEAVE,
        subject=proposal.subject,
        content_hash=proposal.content_hash,
        by=by,
        at=at,
    )
    with acting(Actor.system("custody", proposal.office_path)):
        row = Store.objects.select_related("exam").get(pk=int(proposal.subject.partition(":")[2]))
        StoreLeave.objects.create(
            exam=row.exam, store=row, office_path=row.office_path, from_on=date.fromisoformat(str(facts[1])),
            reason=str(facts[2])[:300], proposal=proposal, at=at,
        )  # fmt: skip
    noted(events.STORE_LEAVE, row.exam, [row], ["V12.3"], {"proposal": proposal.pk, "from": facts[1]}, by, at)
