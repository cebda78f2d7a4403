"""Writing entries into the ledger: the only way in. Many at once, in two statements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.audit import NotPermitted
from keju.kernel.exams.models import Exam
from keju.kernel.jobs.bulk import insert_rows, insert_rows_returning
from keju.kernel.offices import Actor
from keju.stages.fees.rules import Line

ENTRY = ["exam_id", "office_path", "kind", "registration_id", "at", "by"]
POSTING = ["entry_id", "line", "exam_id", "office_path", "account", "amount"]


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be written: its kind, place, whose registration (None: nobody's), and its lines."""

    kind: str
    office_path: str
    registration_id: int | None
    lines: Sequence[Line]


def post(exam: Exam, drafts: Sequence[Draft], by: Actor, at: datetime) -> None:
    """The entries and their postings are in the ledger; the database refuses what does not balance."""
    drafts = [d for d in drafts if d.lines]
    ids = insert_rows_returning(
        "fees_entry",
        ENTRY,
        ((exam.pk, d.office_path, d.kind, d.registration_id, at, by.ref) for d in drafts),
    )
    insert_rows("fees_posting", POSTING, _postings(exam, drafts, ids))


def _postings(exam: Exam, drafts: Sequence[Draft], ids: Sequence[int]) -> Iterator[tuple[object, ...]]:
    for pk, draft in zip(ids, drafts, strict=True):
        for number, (account, amount) in enumerate(draft.lines, 1):
            yield pk, number, exam.pk, draft.office_path, account, amount


def own(by: Actor, path: str) -> None:
    """An office acts on its own subtree only; another's may not even be known to exist."""
    if not (by.office_path and path.startswith(by.office_path)):
        raise NotPermitted(hidden=True)
