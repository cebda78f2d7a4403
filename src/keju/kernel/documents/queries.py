"""Reading the print ledger."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from keju.kernel.documents.models import Print, Voiding
from keju.kernel.offices import Actor

PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One print; `void_at`, `void_reason` where it was declared void."""

    row: Print
    void_at: datetime | None = None
    void_reason: str = ""


@dataclass(frozen=True)
class LedgerPage:
    """A page by key: `next` is what `after` of the following page is, "" at the end."""

    entries: list[Entry]
    next: str
    is_first: bool
    total: int | None = None

    @property
    def shown(self) -> int:
        return len(self.entries)


def ledger(
    *, viewer: Actor, exam_slug: str, kind: str = "", text: str = "", after: str = "", size: int = PAGE
) -> LedgerPage:
    """Newest first, the viewer's offices only; `text` matches the beginning of the subject or of who printed it."""
    found = _rows(viewer).filter(exam_slug=exam_slug)
    if kind:
        found = found.filter(kind=kind)
    if text:
        found = found.filter(subject__startswith=text) | found.filter(printed_by__startswith=text)
    if after.isdecimal():
        found = found.filter(pk__lt=int(after))
    rows = list(found.order_by("-pk")[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return LedgerPage(_entries(rows), str(rows[-1].pk) if more else "", is_first=not after.isdecimal())


def prints(*, viewer: Actor, exam_slug: str, kind: str, subject: str) -> list[Entry]:
    """Every print of one document, newest first: how many copies there are and which still hold."""
    found = _rows(viewer).filter(exam_slug=exam_slug, kind=kind, subject=subject)
    return _entries(list(found.order_by("-pk")))


def kinds(*, viewer: Actor, exam_slug: str) -> list[str]:
    """The kinds of documents that were printed, found by hopping from one to the next along the index."""
    hop = """
    WITH RECURSIVE k(kind) AS (
      (SELECT min(kind) FROM documents_print WHERE exam_slug = %(exam)s)
      UNION ALL
      SELECT (SELECT min(kind) FROM documents_print p WHERE exam_slug = %(exam)s AND p.kind > k.kind)
      FROM k WHERE k.kind IS NOT NULL)
    SELECT kind FROM k WHERE kind IS NOT NULL
    """
    with connection.cursor() as cursor:
        cursor.execute(hop, {"exam": exam_slug})
        return [row[0] for row in cursor.fetchall()]


def _rows(viewer: Actor) -> QuerySet[Print]:
    if viewer.candidate_id is not None:
        return Print.objects.filter(candidate_id=viewer.candidate_id)
    if not viewer.office_path:
        return Print.objects.none()
    return Print.objects.filter(office_path__startswith=viewer.office_path)


def _entries(rows: list[Print]) -> list[Entry]:
    """With the voidings of these subjects: one further statement, however many rows."""
    voided: dict[tuple[str, str, str], list[Voiding]] = {}
    for v in Voiding.objects.filter(subject__in={row.subject for row in rows}).order_by("pk"):
        voided.setdefault((v.kind, v.exam_slug, v.subject), []).append(v)
    found = []
    for row in rows:
        first = next(
            (v for v in voided.get((row.kind, row.exam_slug, row.subject), []) if row.pk <= v.up_to), None
        )
        found.append(Entry(row, first.voided_at, first.reason) if first else Entry(row))
    return found
