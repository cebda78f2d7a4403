"""A workbook with wrong rows: nothing of it is entered, and each row says why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.audit import record
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.sheets import CellError, Table, errors_workbook
from keju.rulebook import Refusal


@dataclass(frozen=True)
class ImportResult:
    """`added` rows; 0 if there are `errors`. `workbook`: the wrong rows with their reasons."""

    added: int
    errors: list[CellError]
    workbook: bytes = b""


def refused(
    event: str,
    *,
    exam: Exam,
    table: Table,
    against: Iterable[Sequence[Refusal]],
    subject: str,
    by: Actor,
    at: datetime,
) -> ImportResult | None:
    """What is wrong with the table's cells, and `against` its rows by the rules, on record; None if nothing is."""
    programme = exams.programme(exam)
    further = [
        CellError(row.number, r.field or "", r.words(programme))
        for row, found in zip(table.rows, against, strict=True)
        for r in found
    ]
    if not table.errors and not further:
        return None
    record(event, by=by, at=at, subject=subject, exam=exam.slug, data={"rows": table.count})
    errors = sorted([*table.errors, *further], key=lambda e: e.number)
    return ImportResult(0, errors, errors_workbook(table, further))
