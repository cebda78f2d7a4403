"""How far the points are, and what they sent their region (V5.3.3)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, tallies
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal
from keju.stages.fees import queries as fees
from keju.stages.registration import queries as registration
from keju.stages.review import rules
from keju.stages.review.documents import Line
from keju.stages.review.models import FirstReview, Summary
from keju.stages.review.params import Params


@dataclass(frozen=True)
class Progress:
    """How far a point is: registrations waiting, first and second decisions, whether its summary went out."""

    point_code: str
    waiting: int
    passed: int
    failed: int
    second_passed: int
    second_failed: int
    sent_at: datetime | None
    received_at: datetime | None

    @property
    def second_open(self) -> int:
        return self.passed - self.second_passed - self.second_failed

    @property
    def all(self) -> int:
        return self.waiting + self.passed + self.failed


def progress(*, viewer: Actor, exam: Exam) -> list[Progress]:
    """Each point with candidates or an opening in the viewer's scope, by code."""
    states = registration.counts_by_point(viewer=viewer, exam=exam)
    first = _by_point(exam, "review_first", viewer.office_path)
    second = _by_point(exam, "review_second", viewer.office_path)
    sent = {s.point_code: s for s in summaries(exam)}
    opened = {
        o.office_id for o in exams.openings(exam, "point") if o.office_path.startswith(viewer.office_path)
    }
    return [
        Progress(
            code,
            states.get((code, "submitted"), 0),
            *first.get(code, (0, 0)),
            *second.get(code, (0, 0)),
            sent[code].sent_at if code in sent else None,
            sent[code].received_at if code in sent else None,
        )
        for code in sorted(opened | {point for point, _ in states})
    ]


def results(exam: Exam, point_code: str) -> Counter[bool]:
    """How many the point passed and failed."""
    found = tallies.by_key(exam_id=exam.pk, subject="review_first", office_path=path_of(point_code))
    return Counter({key == "passed": tally.n for key, tally in found.items()})


def contents(exam: Exam, point_code: str) -> dict[str, int]:
    """What the point's consignment must hold besides its packets: counted from the decisions and the money taken."""
    passed = results(exam, point_code)[True]
    taken = fees.taken_at(exam, path_of(point_code))
    return {
        "forms": passed * exams.params(exam, Params).signed_copies,
        "evidence": passed,
        "summaries": 1,
        "slips": int(bool(taken)),
    }


def summary_lines(*, viewer: Actor, exam: Exam, point_code: str) -> list[Line]:
    """The candidates of the point in order of registrations, as the sheet and the workbook list them."""
    programme = exams.programme(exam)
    categories = {c.code: c.name for c in programme.categories}
    routes = {r.code: r.name for r in programme.routes}
    firsts = {f.registration_id: f for f in reviewed(exam, point_code)}
    receipts = fees.receipts_of(exam, list(firsts))
    rows = registration.rows_of(viewer=viewer, exam=exam, ids=list(firsts))
    return [
        Line(
            row.number,
            row.name,
            row.identity_masked,
            categories[row.category],
            routes[row.route],
            firsts[pk].passed,
            firsts[pk].reason,
            receipts.get(pk, ""),
        )
        for pk, row in sorted(rows.items())
    ]


def against_summary(*, exam: Exam, point_code: str, at: datetime) -> list[Refusal]:
    """What stands against sending the point's summary now."""
    return list(rules.check_summary(at, exams.milestone(exam, "confirmation_ends", path_of(point_code))))


def summaries(exam: Exam) -> QuerySet[Summary]:
    """Summaries in the viewer's scope, by point."""
    return Summary.objects.filter(exam=exam).order_by("point_code")


def summary(exam: Exam, point_code: str) -> Summary | None:
    """The point's summary, or None while it was not sent, or outside the viewer's scope."""
    return Summary.objects.filter(exam=exam, point_code=point_code).first()


def reviewed(exam: Exam, point_code: str) -> Iterator[FirstReview]:
    """The point's first reviews in order of registrations: the lines of its summary."""
    return (
        FirstReview.objects.filter(exam=exam, **_under(path_of(point_code)))
        .order_by("registration_id")
        .iterator(chunk_size=2000)
    )


def _by_point(exam: Exam, subject: str, office_path: str) -> dict[str, tuple[int, int]]:
    """Point code → (passed, failed), as kept by the database."""
    found: dict[str, Counter[str]] = {}
    for (path, key), tally in tallies.by_office(
        exam_id=exam.pk, subject=subject, office_path=office_path
    ).items():
        found.setdefault(path.split("/")[2], Counter())[key] += tally.n
    return {point: (n["passed"], n["failed"]) for point, n in found.items()}


def _under(path: str) -> dict[str, str]:
    return {"office_path__gte": path, "office_path__lt": path + "~"}
