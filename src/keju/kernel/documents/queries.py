"""Reading the print ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from keju.kernel.accounts.queries import people, staff_names
from keju.kernel.documents.kinds import SUBJECTS, name_of, subject_words
from keju.kernel.documents.models import Print, Voiding
from keju.kernel.offices import Actor
from keju.rulebook.words import Words, t

PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One print; `void_at`, `void_reason` where it was declared void, `void_part` the rooms if it is not all of it."""

    row: Print
    void_at: datetime | None = None
    void_reason: str = ""
    by_name: str = ""
    void_part: str = ""

    @property
    def kind(self) -> Words | str:
        return name_of(self.row.kind)

    @property
    def subject(self) -> str:
        return subject_words(self.row.subject)

    @property
    def printed_by(self) -> Words | str:
        """A name, as far as the viewer may know it."""
        own = self.row.printed_by.startswith("candidate:")
        return self.by_name or (t("考生本人", "The candidate") if own else self.row.printed_by)


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
    """Newest first, the viewer's offices only; `text` is the beginning of a number or of a name of who printed it."""
    found = _rows(viewer).filter(exam_slug=exam_slug)
    if kind:
        found = found.filter(kind=kind)
    if text:
        found = found.filter(_told_by(viewer, text))
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


def latest(*, viewer: Actor, exam_slug: str, subject: str, kinds: Sequence[str]) -> dict[str, Entry]:
    """The last print of each of these kinds for the subject, of those that were printed."""
    found = _rows(viewer).filter(exam_slug=exam_slug, subject=subject, kind__in=list(kinds))
    rows = list(found.order_by("kind", "-pk").distinct("kind"))
    return {entry.row.kind: entry for entry in _entries(rows)}


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


def _told_by(viewer: Actor, text: str) -> Q:
    """A print of a subject that begins so, with or without the word for its kind, or by somebody of that name."""
    named = [f"person:{p.pk}" for p in people(viewer=viewer).filter(name__startswith=text)[:PAGE]]
    found = Q(subject__startswith=text) | Q(printed_by__in=[text, *named])
    for kind in SUBJECTS if text[:1].isdigit() else ():
        found |= Q(subject__startswith=f"{kind}:{text}")
    return found


def _rows(viewer: Actor) -> QuerySet[Print]:
    if viewer.candidate_id is not None:
        return Print.objects.filter(candidate_id=viewer.candidate_id)
    if not viewer.office_path:
        return Print.objects.none()
    return Print.objects.filter(office_path__startswith=viewer.office_path)


def _entries(rows: list[Print]) -> list[Entry]:
    """With names and the voidings of these subjects: two further statements, however many rows."""
    voided: dict[tuple[str, str, str], list[Voiding]] = {}
    for v in Voiding.objects.filter(subject__in={row.subject for row in rows}).order_by("pk"):
        voided.setdefault((v.kind, v.exam_slug, v.subject), []).append(v)
    names, found = staff_names(row.printed_by for row in rows), []
    for row in rows:
        mine = [v for v in voided.get((row.kind, row.exam_slug, row.subject), []) if row.pk <= v.up_to]
        first = next((v for v in mine if not v.part), mine[0] if mine else None)
        name = names.get(row.printed_by, "")
        if first is None:
            found.append(Entry(row, by_name=name))
            continue
        rooms = {int(n) for v in mine for n in v.part.split(",") if n} if first.part else set()
        part = ", ".join(str(n) for n in sorted(rooms))
        found.append(Entry(row, first.voided_at, first.reason, name, part))
    return found
