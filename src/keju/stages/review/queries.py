"""Reading reviews. Row-level security shows each viewer their offices' rows, a candidate their own first review."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Substr

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal
from keju.rulebook.model import Material
from keju.rulebook.words import Words
from keju.stages.fees import queries as fees
from keju.stages.registration import queries as registration
from keju.stages.registration.queries import FACTS, FIELDS, category_name, fact_value, route_name
from keju.stages.review import rules
from keju.stages.review.documents import Line
from keju.stages.review.models import Batch, FirstReview, SecondReview, Summary

PAGE = 50


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


@dataclass(frozen=True)
class SecondItem:
    """A registration with its first review and, if there is one, the second."""

    row: registration.Row
    first: FirstReview
    second: SecondReview | None
    category: Words | str
    route: Words | str


def materials(exam: Exam, route: str) -> list[Material]:
    """What a candidate of that route brings: proof of identity, then of eligibility (V5.3.1a, V5.3.1b)."""
    programme = exams.programme(exam)
    own = next((r.materials for r in programme.routes if r.code == route), ())
    return [*programme.identity, *own]


def first_queue(
    *, viewer: Actor, exam: Exam, after: int = 0, text: str = "", size: int = PAGE
) -> list[registration.Row]:
    """Registrations waiting for their first review, in id order after `after`."""
    filters = registration.Filters(state="submitted", text=text)
    return registration.rows(viewer=viewer, exam=exam, filters=filters, after=after, size=size)


def second_queue(
    *,
    viewer: Actor,
    exam: Exam,
    point_code: str = "",
    state: str = "open",
    after: int = 0,
    size: int = PAGE,
) -> list[SecondItem]:
    """Passed at the first review, after the registration id `after`; `state` open, passed, failed or "" for all."""
    path = path_of(point_code) if point_code else viewer.office_path
    decided = SecondReview.objects.filter(exam=exam, registration_id=OuterRef("registration_id"))
    found = FirstReview.objects.filter(
        exam=exam, passed=True, registration_id__gt=after, **_under(viewer.office_path)
    ).filter(**_under(path))
    if state == "open":
        found = found.filter(~Exists(decided))
    elif state:
        found = found.filter(Exists(decided.filter(passed=state == "passed")))
    return _items(viewer, exam, list(found.order_by("registration_id")[:size]))


def second_item(*, viewer: Actor, exam: Exam, registration_id: int) -> SecondItem:
    """One of them; `FirstReview.DoesNotExist` outside the viewer's scope."""
    first = FirstReview.objects.get(exam=exam, registration_id=registration_id, passed=True)
    return _items(viewer, exam, [first])[0]


def first_of(exam: Exam, registration_id: int) -> FirstReview | None:
    """The first review of a registration, within the viewer's scope."""
    return FirstReview.objects.filter(exam=exam, registration_id=registration_id).first()


def second_of(exam: Exam, registration_id: int) -> SecondReview | None:
    """The second review of a registration, within the viewer's scope."""
    return SecondReview.objects.filter(exam=exam, registration_id=registration_id).first()


def open_second_ids(*, viewer: Actor, exam: Exam, region_code: str) -> list[int]:
    """Registrations of the region that passed the first review and have no second decision, in id order."""
    decided = SecondReview.objects.filter(exam=exam, registration_id=OuterRef("registration_id"))
    found = FirstReview.objects.filter(exam=exam, passed=True, **_under(path_of(region_code)))
    return list(
        found.filter(~Exists(decided)).order_by("registration_id").values_list("registration_id", flat=True)
    )


def eligible_ids(*, viewer: Actor, exam: Exam, region_code: str) -> list[int]:
    """Registrations of the region that passed both reviews, in id order; none before its batch is set (V5.4)."""
    if batch(exam, region_code) is None:
        return []
    found = SecondReview.objects.filter(exam=exam, passed=True, **_under(path_of(region_code)))
    return list(found.order_by("registration_id").values_list("registration_id", flat=True))


def eligible_counts(*, viewer: Actor, exam: Exam) -> dict[tuple[str, str], int]:
    """Eligible registrations per (point code, category), in regions whose batch is set."""
    done = set(Batch.objects.filter(exam=exam).values_list("region_code", flat=True))
    found = registration.confirmed_counts(viewer=viewer, exam=exam)
    return {key: n for key, n in found.items() if key[0][:2] in done}


def passable(*, viewer: Actor, exam: Exam, ids: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
    """(may pass, first reviewed by the viewer, decided already) of those ids that the viewer can see."""
    firsts = dict(
        FirstReview.objects.filter(
            exam=exam, passed=True, registration_id__among=ids, **_under(viewer.office_path)
        )
        .order_by("registration_id")
        .values_list("registration_id", "decided_by")
    )
    done = set(
        SecondReview.objects.filter(exam=exam, registration_id__among=firsts).values_list(
            "registration_id", flat=True
        )
    )
    own = [pk for pk, author in firsts.items() if pk not in done and author == viewer.ref]
    return [pk for pk in firsts if pk not in done and pk not in set(own)], own, sorted(done)


def facts(exam: Exam, route: str, given: Mapping[str, str]) -> list[tuple[Words, Words | str]]:
    """The stated facts of a registration as (name, value), route first."""
    shown = [(FACTS[key], fact_value(key, given[key])) for key in FACTS if given.get(key)]
    return [(FIELDS["route"], route_name(exams.programme(exam), route)), *shown]


def doubts(exam: Exam, found: registration.Detail) -> list[Words]:
    """What the checker doubts about the photo, in the words of the refusals."""
    if found.photo is None:
        return []
    programme, known = exams.programme(exam), dict(found.photo.facts)
    return [Refusal("V5.2.2", f"registration_photo_{c}", known).words(programme) for c in found.photo.judged]


def materials_of(exam: Exam, item: SecondItem) -> list[tuple[Material, list[bool]]]:
    """What the first review ticked, material by material."""
    ticked = item.first.materials
    return [(m, list(ticked.get(m.code, [False] * 3))) for m in materials(exam, item.row.route)]


def against_batch(*, viewer: Actor, exam: Exam, region_code: str, at: datetime) -> list[Refusal]:
    """What stands against setting the region's results now."""
    path = path_of(region_code)
    confirmed = sum(registration.confirmed_counts(viewer=viewer, exam=exam).values())
    decided = SecondReview.objects.filter(exam=exam, **_under(path)).count()
    return list(rules.check_batch(at, exams.milestone(exam, "confirmation_ends", path), confirmed, decided))


def against_summary(*, exam: Exam, point_code: str, at: datetime) -> list[Refusal]:
    """What stands against sending the point's summary now."""
    return list(rules.check_summary(at, exams.milestone(exam, "confirmation_ends", path_of(point_code))))


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


def second_all(*, viewer: Actor, exam: Exam, point_code: str, state: str) -> Iterator[SecondItem]:
    """The whole queue in id order, a page at a time."""
    after = 0
    while items := second_queue(
        viewer=viewer, exam=exam, point_code=point_code, state=state, after=after, size=1000
    ):
        yield from items
        after = items[-1].row.id


def batch(exam: Exam, region_code: str) -> Batch | None:
    """The region's batch, or None while its results are not set."""
    return Batch.objects.filter(exam=exam, region_code=region_code).first()


def batches(exam: Exam) -> dict[str, Batch]:
    """Batches in the viewer's scope by region code."""
    return {b.region_code: b for b in Batch.objects.filter(exam=exam)}


def summaries(exam: Exam) -> QuerySet[Summary]:
    """Summaries in the viewer's scope, by point."""
    return Summary.objects.filter(exam=exam).order_by("point_code")


def summary(exam: Exam, point_code: str) -> Summary | None:
    """The point's summary, or None while it was not sent, or outside the viewer's scope."""
    return Summary.objects.filter(exam=exam, point_code=point_code).first()


def progress(*, viewer: Actor, exam: Exam) -> list[Progress]:
    """Each point with candidates or an opening in the viewer's scope, by code."""
    states = registration.counts_by_point(viewer=viewer, exam=exam)
    first = _by_point(FirstReview.objects.filter(exam=exam, **_under(viewer.office_path)))
    second = _by_point(SecondReview.objects.filter(exam=exam, **_under(viewer.office_path)))
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


def reviewed(exam: Exam, point_code: str) -> Iterator[FirstReview]:
    """The point's first reviews in order of registrations: the lines of its summary."""
    return (
        FirstReview.objects.filter(exam=exam, **_under(path_of(point_code)))
        .order_by("registration_id")
        .iterator(chunk_size=2000)
    )


def _items(viewer: Actor, exam: Exam, firsts: Sequence[FirstReview]) -> list[SecondItem]:
    ids = [f.registration_id for f in firsts]
    rows = registration.rows_of(viewer=viewer, exam=exam, ids=ids)
    seconds = {
        s.registration_id: s for s in SecondReview.objects.filter(exam=exam, registration_id__among=ids)
    }
    programme = exams.programme(exam)
    return [
        SecondItem(
            rows[f.registration_id],
            f,
            seconds.get(f.registration_id),
            category_name(programme, rows[f.registration_id].category),
            route_name(programme, rows[f.registration_id].route),
        )
        for f in firsts
    ]


def _by_point(found: QuerySet[FirstReview] | QuerySet[SecondReview]) -> dict[str, tuple[int, int]]:
    rows = (
        found.annotate(point=Substr("office_path", 5, 4))
        .values_list("point")
        .annotate(yes=Count("pk", filter=Q(passed=True)), no=Count("pk", filter=Q(passed=False)))
    )
    return {point: (int(yes), int(no)) for point, yes, no in rows}


def _under(path: str) -> dict[str, str]:
    return {"office_path__gte": path, "office_path__lt": path + "~"}
