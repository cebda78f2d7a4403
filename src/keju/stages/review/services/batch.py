"""The region's results are set together, when everybody confirmed has a decision (V5.4)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from keju.kernel.audit import Stale, record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services import tell_candidates
from keju.kernel.offices import Actor
from keju.rulebook import enforce
from keju.rulebook.words import t
from keju.stages.fees import services as money
from keju.stages.registration import queries as registration
from keju.stages.registration import services as registering
from keju.stages.review import events, queries, rules
from keju.stages.review.models import Batch, SecondReview
from keju.stages.review.services.second import lock, own

PASSED = t(
    "您的报名复核通过，具备参加考试的资格。准考证生成后另行通知。",
    "You passed the second review and are eligible for the exam. You will be told when tickets are generated.",
)
FAILED = t(
    "您的报名复核未通过，原因：{reason}。所缴费用将退还。",
    "Your registration did not pass the second review: {reason}. The fee will be refunded.",
)


@write("review:second:decide")
def set_batch(*, exam: Exam, region_code: str, by: Actor, at: datetime) -> Batch:
    """The region's results are set: fails are rejected, told and on the refund list; the duty of V5.4 is done.

    Refused while a confirmed registration has no decision; `Stale` if the results are set already.
    """
    path = own(by, region_code)
    lock(exam, region_code)
    if queries.batch(exam, region_code) is not None:
        raise Stale
    confirmed = len(registration.ids(viewer=by, exam=exam, state="confirmed", office_path=path))
    decided = SecondReview.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    total = decided.count()
    enforce(rules.check_batch(at, exams.milestone(exam, "confirmation_ends", path), confirmed, total))
    failed = {row.registration_id: row for row in decided.filter(passed=False).order_by("registration_id")}
    try:
        with transaction.atomic():
            batch = Batch.objects.create(
                exam=exam,
                region_code=region_code,
                office_path=path,
                passed=total - len(failed),
                failed=len(failed),
                set_by=by.ref,
                set_at=at,
            )
    except IntegrityError as error:
        raise Stale from error
    if failed:
        reasons = {pk: row.reason for pk, row in failed.items()}
        registering.mark_rejected(exam=exam, reasons=reasons, by=by, at=at)
    _tell(exam, decided, by, at)
    money.mark_refundable(exam=exam, region_code=region_code, registration_ids=list(failed), by=by, at=at)
    duties.discharge(exam=exam, rule="V5.4", owner=region_code, evidence=f"batch:{batch.pk}", by=by, at=at)
    record(
        events.BATCH_SET,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path,
        rules=["V5.4"],
        data={"passed": batch.passed, "failed": batch.failed},
    )
    return batch


def _tell(exam: Exam, decided: QuerySet[SecondReview], by: Actor, at: datetime) -> None:
    """By point and outcome: who passed reads that, who failed why, and that the fee comes back."""
    told: dict[tuple[str, str], list[int]] = {}
    for path, reason, candidate in decided.values_list("office_path", "reason", "candidate_id"):
        told.setdefault((path, reason), []).append(candidate)
    for (path, reason), ids in sorted(told.items()):
        tell_candidates(
            exam=exam,
            candidate_ids=ids,
            office_path=path,
            kind="review.second.failed" if reason else "review.second.passed",
            words=FAILED.format(reason=reason) if reason else PASSED,
            by=by,
            at=at,
        )
