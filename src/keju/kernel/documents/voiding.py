"""Prints that a change of what lies behind them made void, and which of them nobody has printed again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from keju.kernel.audit import record, write
from keju.kernel.documents.models import Print, Voiding
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor

# What was voided already is not voided twice; what was never printed has nothing to void.
VOID = """
INSERT INTO documents_voiding
  (kind, exam_slug, office_path, candidate_id, subject, up_to, part, reason, voided_by, voided_at)
SELECT p.kind, p.exam_slug, min(p.office_path), min(p.candidate_id), p.subject, max(p.id), w.part, %(reason)s, %(by)s, %(at)s
FROM unnest(%(kinds)s::text[], %(subjects)s::text[], %(parts)s::text[]) w(kind, subject, part)
JOIN documents_print p ON p.kind = w.kind AND p.exam_slug = %(exam)s AND p.subject = w.subject
GROUP BY p.kind, p.exam_slug, p.subject, w.part
HAVING NOT EXISTS (SELECT FROM documents_voiding v WHERE v.kind = p.kind AND v.exam_slug = p.exam_slug
                   AND v.subject = p.subject AND v.up_to >= max(p.id) AND v.part IN ('', w.part))
"""


@dataclass(frozen=True)
class Stale:
    """A document whose latest print is void: all of it (`part` empty) or these rooms of it."""

    kind: str
    subject: str
    part: tuple[int, ...]
    up_to: int
    latest: int
    reason: str
    voided_at: datetime


@write(None)
def void_many(
    *,
    exam: Exam,
    documents: Sequence[tuple[str, str, str]],
    reason: str,
    office_path: str,
    by: Actor,
    at: datetime,
) -> int:
    """Every print so far of these (kind, subject, part) is void; `part` "" is the whole. Returns how many documents were.

    Those that were never printed are passed over: nobody holds one.
    """
    kinds, subjects, parts = zip(*documents, strict=True) if documents else ((), (), ())
    facts = {
        "exam": exam.slug, "kinds": list(kinds), "subjects": list(subjects), "parts": list(parts),
        "reason": reason[:300], "by": by.ref, "at": at,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(VOID, facts)
        done = int(cursor.rowcount)
    record(
        "documents.prints.voided",
        by=by,
        at=at,
        subject=f"documents:{len(documents)}",
        exam=exam.slug,
        office_path=office_path,
        data={"documents": done, "reason": reason[:300]},
    )
    return done


def printed_at(exam_slug: str, office_path: str, *, below: bool = False) -> list[tuple[str, str, int]]:
    """(kind, subject, latest print) of every document of the office, or of all `below` it too, without those of single
    candidates."""
    found = Print.objects.filter(exam_slug=exam_slug, candidate_id=None).order_by("pk")
    if below:
        found = found.filter(office_path__gte=office_path, office_path__lt=office_path + "~")
    else:
        found = found.filter(office_path=office_path)
    latest = {(kind, subject): pk for kind, subject, pk in found.values_list("kind", "subject", "pk")}
    return [(kind, subject, pk) for (kind, subject), pk in latest.items()]


def stale(exam_slug: str, office_path: str) -> list[Stale]:
    """What was voided of the office's documents, with the latest print of each: for who compares parts with wholes."""
    latest = {(kind, subject): pk for kind, subject, pk in printed_at(exam_slug, office_path)}
    rows = Voiding.objects.filter(exam_slug=exam_slug, office_path=office_path, candidate_id=None).order_by(
        "pk"
    )
    return [
        Stale(
            v.kind, v.subject, tuple(int(n) for n in v.part.split(",") if n), v.up_to,
            latest.get((v.kind, v.subject), 0), v.reason, v.voided_at,
        )
        for v in rows
    ]  # fmt: skip


def printed_since(exam_slug: str, kind: str, since: Sequence[tuple[str, datetime]]) -> set[str]:
    """Those of the (subject, instant) that were printed at that instant or later."""
    if not since:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT p.subject FROM unnest(%s::text[], %s::timestamptz[]) w(subject, since)"
            " JOIN documents_print p ON p.kind = %s AND p.exam_slug = %s AND p.subject = w.subject"
            " AND p.printed_at >= w.since",
            [[s for s, _ in since], [at for _, at in since], kind, exam_slug],
        )
        return {row[0] for row in cursor.fetchall()}
