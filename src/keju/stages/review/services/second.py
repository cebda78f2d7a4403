"""The second review, at the region, by another person: one by one, or many at once (V5.4)."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.stages.review import events, queries, rules
from keju.stages.review.models import Bulk, FirstReview, SecondReview
from keju.stages.review.queries import Queue

COLUMNS = [
    *("exam_id", "registration_id", "candidate_id", "office_path", "passed", "reason", "version", "signed"),
    *("first_by", "decided_by", "decided_at"),
]
# Any number of our own, apart from other advisory locks: one per exam and region.
DECIDING = 0x6B656A770000


@write("review:second:decide")
def decide_second(
    *,
    exam: Exam,
    region_code: str,
    passed: Sequence[int],
    failed: Mapping[int, str],
    signed: bool,
    by: Actor,
    at: datetime,
) -> int:
    """Each has the region's decision, a fail its reason; nothing shows outside before the batch is set. Returns how many.

    `signed`: the opinion stands signed on each form. All or none. `Stale` if one was decided already; RuleRefused if the
    decider did its first review, or a correction of one is not settled.
    """
    path = own(by, region_code)
    lock(exam, region_code)
    enforce(rules.check_batch_open(queries.batch(exam, region_code) is not None))
    return _decide(exam, region_code, path, passed, failed, signed=signed, by=by, at=at)


@write("review:second:decide")
def pass_all(
    *, exam: Exam, region_code: str, queue: Queue, upto: int, signed: bool, by: Actor, at: datetime
) -> Bulk:
    """Everybody whom the queue shows, up to the registration id `upto` (0: all), passes; who cannot is left out, with why.

    RuleRefused if the queue shows nobody. The record of it can be downloaded; nobody is skipped in silence.
    """
    path = own(by, region_code)
    lock(exam, region_code)
    enforce(rules.check_batch_open(queries.batch(exam, region_code) is not None))
    ids = [pk for pk in queries.second_ids(viewer=by, exam=exam, queue=queue) if not upto or pk <= upto]
    return _pass(exam, region_code, path, ids, signed=signed, by=by, at=at)


@write("review:second:decide")
def pass_some(
    *, exam: Exam, region_code: str, ids: Sequence[int], signed: bool, by: Actor, at: datetime
) -> Bulk:
    """As `pass_all`, for those chosen; ids that the actor cannot see are no one's."""
    path = own(by, region_code)
    lock(exam, region_code)
    enforce(rules.check_batch_open(queries.batch(exam, region_code) is not None))
    return _pass(exam, region_code, path, ids, signed=signed, by=by, at=at)


def _pass(
    exam: Exam, region_code: str, path: str, ids: Sequence[int], *, signed: bool, by: Actor, at: datetime
) -> Bulk:
    found = queries.sort(viewer=by, exam=exam, ids=ids)
    enforce(rules.check_somebody(len(found.able) + len(found.skipped)))
    if found.able:
        _decide(exam, region_code, path, found.able, {}, signed=signed, by=by, at=at)
    done = Bulk.objects.create(
        exam=exam,
        region_code=region_code,
        office_path=path,
        passed=len(found.able),
        skipped=[list(one) for one in found.skipped],
        done_by=by.ref,
        done_at=at,
    )
    record(
        events.BULK_PASSED,
        by=by,
        at=at,
        subject=f"bulk:{done.pk}",
        exam=exam.slug,
        office_path=path,
        rules=["V5.4"],
        data={"passed": done.passed, "skipped": dict(Counter(why for _, why in found.skipped))},
    )
    return done


def _decide(
    exam: Exam,
    region_code: str,
    path: str,
    passed: Sequence[int],
    failed: Mapping[int, str],
    *,
    signed: bool,
    by: Actor,
    at: datetime,
) -> int:
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
    unsure = set(queries.unsettled(exam, wanted).values())
    refusals: list[Refusal] = [
        *(r for reason in failed.values() for r in rules.check_second(reason, False, signed)),
        *rules.check_second("", True, signed),
        *rules.check_corrected("asked" in unsure, "unsigned" in unsure),
    ]
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
                        signed, firsts[pk][2], by.ref, at,
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
    own(by, region_code)
    lock(exam, region_code)
    if row.version != version:
        raise Stale
    enforce(rules.check_batch_open(queries.batch(exam, region_code) is not None))
    enforce(
        [*rules.check_second(reason, passed, row.signed), *rules.check_other_person(row.first_by, by.ref)]
    )
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


def own(by: Actor, region_code: str) -> str:
    path = path_of(region_code)
    if not (by.office_path and path.startswith(by.office_path)) or len(region_code) != 2:
        raise NotPermitted(hidden=True)
    return path


def lock(exam: Exam, region_code: str) -> None:
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
