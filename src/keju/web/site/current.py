"""Which exam a visitor means when the address names none."""

from datetime import datetime

from keju.algorithms.identity import DOCUMENT_KINDS, DocumentKind
from keju.kernel.calendar import now
from keju.kernel.exams import queries
from keju.kernel.exams.models import Exam


def by_nearness() -> list[Exam]:
    """All exams, the current one first: real before rehearsed, then the year nearest to the exam's own now."""
    return sorted(queries.exams(), key=lambda e: (e.is_rehearsal, abs(e.year - now(e).year), -e.year, e.slug))


def current() -> Exam | None:
    return next(iter(by_nearness()), None)


def passed(moment: datetime | None, exam: Exam) -> bool:
    return moment is not None and moment <= now(exam)


def document_kinds() -> tuple[DocumentKind, ...]:
    """The identity documents that any exam's programme admits, the usual one first."""
    admitted = {kind for exam in queries.exams() for kind in queries.programme(exam).identity_documents}
    return tuple(k for k in DOCUMENT_KINDS if k in admitted) or DOCUMENT_KINDS[:1]
