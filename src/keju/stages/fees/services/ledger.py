"""Writing entries into the ledger: the only way in. Many at once, in two statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from keju.kernel.audit import NotPermitted
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import FEW, insert_rows_returning, refresh_statistics
from keju.stages.fees.rules import Line

# Any number of our own, apart from other advisory locks: the money of one region's candidates moves one act at a time.
MOVING = 0x6B656A780000
ENTRY = ["exam_id", "office_path", "kind", "registration_id", "source", "at", "by"]
# Many entries have the same few lines: lines are sent once, and joined to their entries in the database.
POSTINGS = """
INSERT INTO fees_posting (entry_id, line, exam_id, office_path, account, amount)
SELECT e.id, l.line, %s, e.path, l.account, l.amount
FROM unnest(%s::bigint[], %s::text[], %s::int[]) AS e(id, path, lines)
JOIN unnest(%s::int[], %s::smallint[], %s::text[], %s::numeric[]) AS l(lines, line, account, amount) USING (lines)
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be written: its kind, place, whose registration (None: nobody's), its lines, what it follows from."""

    kind: str
    office_path: str
    registration_id: int | None
    lines: Sequence[Line]
    source: str = ""


def post(exam: Exam, drafts: Sequence[Draft], by: Actor, at: datetime) -> None:
    """The entries and their postings are in the ledger; the database refuses what does not balance."""
    drafts = [d for d in drafts if d.lines]
    ids = insert_rows_returning(
        "fees_entry",
        ENTRY,
        ((exam.pk, d.office_path, d.kind, d.registration_id, d.source, at, by.ref) for d in drafts),
    )
    kinds: dict[tuple[Line, ...], int] = {}
    lines = [kinds.setdefault(tuple(d.lines), len(kinds)) for d in drafts]
    flat = [
        (number, line, account, amount)
        for these, number in kinds.items()
        for line, (account, amount) in enumerate(these, 1)
    ]
    columns = [list(column) for column in zip(*flat, strict=True)] if flat else [[], [], [], []]
    with connection.cursor() as cursor:
        cursor.execute(POSTINGS, [exam.pk, ids, [d.office_path for d in drafts], lines, *columns])
    if len(drafts) > FEW:
        refresh_statistics("fees_posting")


def own(by: Actor, path: str) -> None:
    """An office acts on its own subtree only; another's may not even be known to exist."""
    if not (by.office_path and path.startswith(by.office_path)):
        raise NotPermitted(hidden=True)


def lock_regions(exam: Exam, region_codes: Iterable[str]) -> None:
    """Until the transaction ends nobody else moves money that belongs to candidates of these regions."""
    with connection.cursor() as cursor:
        # In one order always, so that two acts over several regions never wait for each other.
        for code in sorted(set(region_codes)):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MOVING + exam.pk * 100 + int(code)])
