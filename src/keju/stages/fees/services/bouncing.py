"""The bank returned a refund: it is owed again within a new term, and the candidate asked for another account (V8.3)."""

from datetime import datetime

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.duties import queries as duties_of
from keju.kernel.duties import services as duties
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services import tell_candidates
from keju.kernel.offices import Actor, acting
from keju.rulebook import enforce
from keju.rulebook.words import t
from keju.stages.fees import events, rules
from keju.stages.fees.models import Kind, Refund, RefundItem
from keju.stages.fees.services.ledger import Draft, lock_regions, post

BOUNCED = t(
    "退给您的{amount}元被银行退回（{reason}）。请核对并重新填写退款账户，下一批再退。",
    "Your refund of {amount} yuan came back ({reason}). Check and enter your account again for the next batch.",
)


@write("fees:refund:execute")
def record_bounce(*, exam: Exam, item_id: int, reason: str, by: Actor, at: datetime) -> None:
    """The refund is owed again, and can be in the next batch; the region's duty is open again if it was done.

    RuleRefused if it was not sent, or came back already.
    """
    item = RefundItem.objects.filter(exam=exam, pk=item_id).first()
    if item is None:
        raise NotPermitted(hidden=True)
    lock_regions(exam, [item.office_path[1:3]])
    bounce(exam, item_id, reason, by, at)


def bounce(
    exam: Exam, item_id: int, reason: str, by: Actor, at: datetime, *, on_statement: bool = False
) -> None:
    """As `record_bounce`, inside another act; one recorded by hand before stays as it is when a statement shows it."""
    item = RefundItem.objects.select_for_update().select_related("batch").get(exam=exam, pk=item_id)
    if on_statement and item.state == "bounced":
        return
    enforce(rules.check_bounce(item.state))
    RefundItem.objects.filter(pk=item.pk).update(
        state="bounced", bounced_at=at, reason=reason.strip()[:200] or "银行退回"
    )
    Refund.objects.filter(pk=item.refund_id).update(paid_at=None, paid_by="")
    refund = Refund.objects.get(pk=item.refund_id)
    lines = rules.bounced(item.amount, item.batch.way)
    source = f"item:{item.pk}"
    post(exam, [Draft(Kind.BOUNCED, item.office_path, refund.registration_id, lines, source)], by, at)
    if refund.cause == "review":
        _owed_anew(exam, item, by, at)
    if refund.candidate_id is not None:
        words = BOUNCED.format(amount=rules.money(item.amount), reason=reason.strip()[:60] or "—")
        with acting(Actor.system("fees")):
            tell_candidates(
                exam=exam,
                candidate_ids=[refund.candidate_id],
                office_path=item.office_path,
                kind="fees.refund.bounced",
                words=words,
                by=by,
                at=at,
            )
    record(
        events.REFUND_BOUNCED,
        by=by,
        at=at,
        subject=f"refund:{refund.pk}",
        exam=exam.slug,
        office_path=item.office_path,
        rules=["V8.3"],
        data={"item": item.pk, "amount": item.amount, "reason": reason},
    )


def _owed_anew(exam: Exam, item: RefundItem, by: Actor, at: datetime) -> None:
    """While others still wait the duty is open and keeps its date; once done, it is owed again for this one."""
    region = item.office_path[1:3]
    if duties_of.is_done(exam=exam, rule="V8.3", owner=region):
        because = f"银行退回了批次{item.batch.number}中的退费 a refund of batch {item.batch.number} came back"
        duties.renew(exam=exam, rule="V8.3", owner=region, because=because, begins=at, by=by, at=at)
