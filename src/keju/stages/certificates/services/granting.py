"""Granting the qualification to everybody who passed, with a numbered certificate each (V18.1.1)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from keju.kernel.audit import Stale, record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams.models import Exam
from keju.kernel.notices import services as notices
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows, insert_rows_returning
from keju.rulebook import enforce
from keju.rulebook.words import t
from keju.stages.certificates import events, queries, rules
from keju.stages.certificates.models import Certificate
from keju.stages.results import queries as results

LOCK = 0x6B656A76
GRANT = (
    "exam_id", "registration_id", "candidate_id", "office_path", "region_code", "point_code", "ticket_number",
    "category", "level", "granted_by", "granted_at",
)  # fmt: skip
CERTIFICATE = (
    "exam_id", "grant_id", "candidate_id", "office_path", "region_code", "point_code", "serial", "number", "issue",
    "state", "made_at", "void_reason",
)  # fmt: skip
YOURS = t(
    "恭喜您通过考试并获得资格。证书到达考点后，请本人携带身份证领取；以应届毕业生身份报名的，还须携带毕业证书和复印件。",
    "You passed and have been granted the qualification. When the certificate has reached your point, collect it in person "
    "with your identity card; if you registered as a graduating student, bring the diploma and its copies too.",
)


@dataclass(frozen=True)
class Granted:
    """How many were granted, and how many in each region."""

    count: int
    regions: dict[str, int]


@write("certificates:grant:make")
def grant(*, exam: Exam, by: Actor, at: datetime) -> Granted:
    """Everybody who passed holds one grant and one certificate; numbers run by ticket number in each region."""
    enforce(rules.check_grant(released=results.release(exam) is not None, waiting=1))
    lock(exam)
    passed = list(queries.waiting(exam))
    enforce(rules.check_grant(released=True, waiting=len(passed)))
    try:
        with transaction.atomic():
            numbers = _issue(exam, passed, by, at)
    except IntegrityError as error:
        raise Stale from error
    regions: dict[str, int] = {}
    for one in passed:
        regions[one.region_code] = regions.get(one.region_code, 0) + 1
    duties.reach(exam=exam, key="certificates_granted", when=at, by=by, at=at)
    notices.tell_candidates(
        exam=exam, candidate_ids=[p.candidate_id for p in passed], office_path="/", kind="certificates", words=YOURS,
        by=by, at=at,
    )  # fmt: skip
    record(
        events.GRANTED,
        by=by,
        at=at,
        subject=f"exam:{exam.slug}",
        exam=exam.slug,
        office_path="/",
        rules=["V18.1.1", "V5.3.0"],
        data={
            "count": len(passed),
            "regions": regions,
            "digest": hashlib.sha256("\n".join(numbers).encode()).hexdigest(),
        },
    )
    return Granted(len(passed), regions)


def lock(exam: Exam) -> None:
    """Numbers of one exam are given by one transaction at a time: no gap, no number twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, crc32(exam.slug.encode()) & 0x7FFFFFFF])


def next_serial(exam: Exam, region_code: str) -> int:
    """The next serial of the region; call it under `lock`."""
    last = Certificate.objects.filter(exam=exam, region_code=region_code).aggregate(n=Max("serial"))["n"]
    return int(last or 0) + 1


def _issue(exam: Exam, passed: list[results.Pass], by: Actor, at: datetime) -> list[str]:
    """Grants and certificates of these people, in their order. Returns the numbers."""
    ids = insert_rows_returning(
        "certificates_grant",
        GRANT,
        (
            (exam.pk, p.registration_id, p.candidate_id, p.office_path, p.region_code, _point(p.office_path),
             p.ticket_number, p.category, p.level, by.ref, at)
            for p in passed
        ),
    )  # fmt: skip
    serials = {region: next_serial(exam, region) for region in {p.region_code for p in passed}}
    rows, numbers = [], []
    for grant_id, p in zip(ids, passed, strict=True):
        serial = serials[p.region_code]
        serials[p.region_code] += 1
        number = rules.number_of(exam.year, p.region_code, serial)
        numbers.append(f"{p.ticket_number} {number}")
        rows.append(
            (exam.pk, grant_id, p.candidate_id, p.office_path, p.region_code, _point(p.office_path), serial, number, 1,
             "valid", at, "")
        )  # fmt: skip
    insert_rows("certificates_certificate", CERTIFICATE, rows)
    return numbers


def _point(office_path: str) -> str:
    """ "/11/1101/" → "1101"."""
    return office_path.split("/")[2]
