"""Which exam a visitor means when the address names none."""

from datetime import datetime

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
