"""Stamped receipts: ranges are registered, numbers are used one by one (V5.1.2)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.stages.fees import events, rules
from keju.stages.fees.models import ReceiptRange
from keju.stages.fees.services.ledger import own

# The row is locked before its counter is read, so that two clerks never read the same one; the lock lasts to the end of
# the transaction: a number whose payment fails is free again, and no gap is left.
NEXT = """
UPDATE fees_receipt_range AS r SET following = r.following + g.n
FROM (
  SELECT id, following AS was, LEAST(%s, last - following + 1) AS n
  FROM fees_receipt_range
  WHERE exam_id = %s AND region_code = %s AND following <= last
  ORDER BY id LIMIT 1 FOR UPDATE
) AS g
WHERE r.id = g.id
RETURNING r.id, r.prefix, g.was, g.n, length(r.last::text)
"""
# Any number of our own, apart from other advisory locks: ranges of a region are registered one after another.
REGISTERING = 0x6B656A760000


@dataclass(frozen=True, slots=True)
class Number:
    """A receipt taken from a range: `text` is what is printed on it."""

    range_id: int
    number: int
    text: str


@write("fees:receipts:register")
def register_receipts(
    *, exam: Exam, region_code: str, prefix: str, first: int, last: int, by: Actor, at: datetime
) -> ReceiptRange:
    """The region's clerks use these numbers, after those registered before; no number belongs to two ranges."""
    path = path_of(region_code)
    own(by, path)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REGISTERING + int(region_code)])
    known = ReceiptRange.objects.filter(exam=exam, region_code=region_code, prefix=prefix)
    enforce(rules.check_range(first, last, known.values_list("first", "last")))
    row = ReceiptRange.objects.create(
        exam=exam,
        region_code=region_code,
        office_path=path,
        prefix=prefix,
        first=first,
        last=last,
        following=first,
        registered_at=at,
    )
    record(
        events.RECEIPTS_REGISTERED,
        by=by,
        at=at,
        subject=f"receipts:{row.pk}",
        exam=exam.slug,
        office_path=path,
        rules=["V5.1.2"],
        data={"prefix": prefix, "first": first, "last": last},
    )
    return row


def take_numbers(exam: Exam, region_code: str, wanted: int) -> list[Number]:
    """The region's next `wanted` receipts; RuleRefused, and none taken, if fewer are left.

    The ranges are the region's, the clerk a point's: they are counted under the region's scope.
    """
    numbers: list[Number] = []
    with acting(Actor.system("receipts", path_of(region_code))), connection.cursor() as cursor:
        while len(numbers) < wanted:
            cursor.execute(NEXT, [wanted - len(numbers), exam.pk, region_code])
            taken = cursor.fetchone()
            if taken is None:
                break
            pk, prefix, start, n, width = taken
            numbers += (Number(pk, k, f"{prefix}{k:0{width}d}") for k in range(start, start + n))
    enforce(rules.check_receipts(wanted, len(numbers), region_code))
    return numbers
