"""The second review, at the region, by another person; its results are set together (V5.4)."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services import tell_candidates
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.rulebook.words import t
from keju.stages.fees import services as money
from keju.stages.registration import queries as registration
from keju.stages.registration import services as registering
from keju.stages.review import events, queries, rules
from keju.stages.review.models import Batch, FirstReview, SecondReview

COLUMNS = [
    *("exam_id", "registration_id", "candidate_id", "office_path", "passed", "reason", "version", "first_by"),
    *("decided_by", "decided_at"),
]
# Any number of our own, apart from other advisory locks: one per exam and region.
DECIDING = 0x6B656A770000
FAILED = t(
    "您的报名复核未通过，原因：{reason}。所缴费用将退还。",
    "Your registration did not pass the second review: {reason}. The fee will be refunded.",
)


@write("review:second:decide")
def decide_second(
    *, exam: Exam, region_code: str, passed: Sequence[int], failed: Mapping[int, str], by: Actor, at: datetime
) -> int:
    """Each has the region's decision, a fail its reason; nothing shows outside before the batch is set. Returns how many.

    All or none. `Stale` if one was decided already; RuleRefused if the decider did its first review.
    """
    path = _own(by, region_code)
    _lock(exam, region_code)
    enforce(rules.check_batch_open(queries.batch(exam, region_code) is not None))
    wanted = [*passed, *failed]
    firsts = {
        pk: (candidate, office, author)
        for pk, candidate, office, author in FirstReview.objects.filter(
            exam=exam,
            registration_id__among=wanted,
            passed=True,
            office_path__gte=path,
            office_path__lt=path + "~",
        ).values_list("registration_id", "candidate_id", "office_path", "decided_by")
    }
    if any(pk not in firsts for pk in wanted):
        raise NotPermitted(hidden=True)
    if len(set(wanted)) != len(wanted):
        raise Stale
    refusals: list[Refusal] = [r for reason in failed.values() for r in rules.check_second(reason, False)]
    for author in {author for _, _, author in firsts.values()}:
        refusals += rules.check_other_person(author, by.ref)
    if refusals:
        raise RuleRefused(dict.fromkeys(refusals))
    try:
        with transaction.atomic():
            insert_rows(
                "review_second",
                COLUMNS,
                (
                    (
                        exam.pk, pk, firsts[pk][0], firsts[pk][1], pk not in failed, failed.get(pk, "").strip(), 1,
                        firsts[pk][2], by.ref, at,
                    )
                    for pk in wanted
                ),
            )  # fmt: skip
    except IntegrityError as error:
        raise Stale from error
    _event(events.SECOND_DECIDED, exam, region_code, passed, failed, by=by, at=at)
    return len(wanted)


@write("review:second:decide")
def revise_second(
    *, exam: Exam, registration_id: int, passed: bool, reason: str, version: int, by: Actor, at: datetime
) -> None:
    """Before the batch is set the decision is this one; `Stale` if it is not the version that was seen."""
    row = SecondReview.objects.select_for_update().filter(exam=exam, registration_id=registration_id).first()
    if row is None:
        raise NotPermitted(hidden=True)
    region_code = row.office_path[1:3]
    _own(by, region_code)
    _lock(exam, region_code)
    if row.version != version:
        raise Stale
    enforce(rules.check_batch_open(queries.batch(exam, region_code) is not None))
    enforce([*rules.check_second(reason, passed), *rules.check_other_person(row.first_by, by.ref)])
    SecondReview.objects.filter(pk=row.pk).update(
        passed=passed,
        reason="" if passed else reason.strip(),
        version=version + 1,
        decided_by=by.ref,
        decided_at=at,
    )
    record(
        events.SECOND_REVISED,
        by=by,
        at=at,
        subject=f"registration:{registration_id}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=["V5.4"],
        data={"passed": passed, "was": row.passed, "version": version + 1},
    )


@write("review:second:decide")
def set_batch(*, exam: Exam, region_code: str, by: Actor, at: datetime) -> Batch:
    """The region's results are set: fails are rejected, told and on the refund list; the duty of V5.4 is done.

    Refused while a confirmed registration has no decision; `Stale` if the results are set already.
    """
    path = _own(by, region_code)
    _lock(exam, region_code)
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
        _tell(exam, list(failed.values()), by, at)
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


def _tell(exam: Exam, rows: Sequence[SecondReview], by: Actor, at: datetime) -> None:
    """By reason and point: who failed reads why, and that the fee comes back."""
    for path, reason in dict.fromkeys((r.office_path, r.reason) for r in rows):
        ids = [r.candidate_id for r in rows if (r.office_path, r.reason) == (path, reason)]
        words = FAILED.format(reason=reason)
        tell_candidates(
            exam=exam,
            candidate_ids=ids,
            office_path=path,
            kind="review.second.failed",
            words=words,
            by=by,
            at=at,
        )


def _own(by: Actor, region_code: str) -> str:
    path = path_of(region_code)
    if not (by.office_path and path.startswith(by.office_path)) or len(region_code) != 2:
        raise NotPermitted(hidden=True)
    return path


def _lock(exam: Exam, region_code: str) -> None:
    """Decisions and the batch of a region follow one another: none slips in while the results are set."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DECIDING + exam.pk * 100 + int(region_code)])


def _event(
    kind: str,
    exam: Exam,
    region_code: str,
    passed: Sequence[int],
    failed: Mapping[int, str],
    *,
    by: Actor,
    at: datetime,
) -> None:
    listed = "\n".join([*(f"{pk} passed" for pk in passed), *(f"{pk} {why}" for pk, why in failed.items())])
    ids = [*passed, *failed]
    record(
        kind,
        by=by,
        at=at,
        subject=f"registration:{ids[0]}" if len(ids) == 1 else f"region:{region_code}",
        exam=exam.slug,
        office_path=path_of(region_code),
        rules=["V5.4"],
        data={
            "passed": len(passed),
            "failed": len(failed),
            "digest": hashlib.sha256(listed.encode()).hexdigest(),
        },
    )
