"""The region's queue, and its results."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, tallies
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal
from keju.rulebook.words import Words
from keju.stages.registration import queries as registration
from keju.stages.registration.queries import Row, category_name, route_name
from keju.stages.review import rules
from keju.stages.review.models import Batch, Bulk, FirstReview, SecondReview
from keju.stages.review.queries.corrections import corrected_since, unsettled

PAGE = 50


@dataclass(frozen=True)
class Queue:
    """What the queue is narrowed to. `state`: open, passed, failed, "" for all; `text`: name, identity, number."""

    point_code: str = ""
    state: str = "open"
    category: str = ""
    route: str = ""
    text: str = ""


@dataclass(frozen=True)
class SecondItem:
    """A registration with its first review and, if there is one, the second."""

    row: Row
    first: FirstReview
    second: SecondReview | None
    category: Words | str
    route: Words | str


@dataclass
class Sorted:
    """Who of a bulk pass may pass, and whom it leaves out and why: own, decided, changed, asked, unsigned."""

    able: list[int] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)


def second_queue(
    *, viewer: Actor, exam: Exam, queue: Queue | None = None, after: int = 0, size: int = PAGE
) -> list[SecondItem]:
    """Passed at the first review, after the registration id `after`, as far as the queue is narrowed."""
    found = _narrowed(viewer, exam, queue or Queue()).filter(registration_id__gt=after)
    ids = list(found.order_by("registration_id").values_list("registration_id", flat=True)[:size])
    firsts = FirstReview.objects.filter(exam=exam, registration_id__among=ids).order_by("registration_id")
    return _items(viewer, exam, list(firsts))


def second_ids(*, viewer: Actor, exam: Exam, queue: Queue, size: int | None = None) -> list[int]:
    """The registrations of the whole queue, in id order."""
    found = _narrowed(viewer, exam, queue).order_by("registration_id")
    return list(found.values_list("registration_id", flat=True)[:size])


def second_last(exam: Exam) -> int:
    """The last registration passed at a first review as of now, 0 before any: a bulk pass goes no further than was there."""
    found = FirstReview.objects.filter(exam=exam, passed=True).order_by("-registration_id")
    return found.values_list("registration_id", flat=True).first() or 0


def second_count(*, viewer: Actor, exam: Exam, queue: Queue, limit: int = 1_000) -> int:
    """How many the queue holds, counted no further than `limit` + 1."""
    return _narrowed(viewer, exam, queue)[: limit + 1].count()


def second_item(*, viewer: Actor, exam: Exam, registration_id: int) -> SecondItem:
    """One of them; `FirstReview.DoesNotExist` outside the viewer's scope."""
    first = FirstReview.objects.get(exam=exam, registration_id=registration_id, passed=True)
    return _items(viewer, exam, [first])[0]


def second_next(*, viewer: Actor, exam: Exam, queue: Queue, after: int) -> int | None:
    """The next undecided one of the queue that somebody else reviewed first; after the last, the first passed over."""
    found = _narrowed(viewer, exam, replace(queue, state="open")).exclude(decided_by=viewer.ref)
    ids = found.order_by("registration_id").exclude(registration_id=after)
    for one in (ids.filter(registration_id__gt=after), ids):
        pk = one.values_list("registration_id", flat=True).first()
        if pk is not None:
            return int(pk)
    return None


def second_of(exam: Exam, registration_id: int) -> SecondReview | None:
    """The second review of a registration, within the viewer's scope."""
    return SecondReview.objects.filter(exam=exam, registration_id=registration_id).first()


def second_all(*, viewer: Actor, exam: Exam, queue: Queue) -> Iterator[SecondItem]:
    """The whole queue in id order, a page at a time."""
    after = 0
    while items := second_queue(viewer=viewer, exam=exam, queue=queue, after=after, size=1000):
        yield from items
        after = items[-1].row.id


def open_second_ids(*, viewer: Actor, exam: Exam, region_code: str) -> list[int]:
    """Registrations of the region that passed the first review and have no second decision, in id order."""
    found = FirstReview.objects.filter(exam=exam, passed=True, **_under(path_of(region_code)))
    return list(
        found.filter(~Exists(_decided(exam)))
        .order_by("registration_id")
        .values_list("registration_id", flat=True)
    )


def sort(*, viewer: Actor, exam: Exam, ids: Sequence[int]) -> Sorted:
    """Those of the ids that the viewer can see, sorted for a bulk pass; each is left out for the first reason that holds."""
    firsts = {
        pk: (author, version)
        for pk, author, version in FirstReview.objects.filter(
            exam=exam, passed=True, registration_id__among=ids, **_under(viewer.office_path)
        )
        .order_by("registration_id")
        .values_list("registration_id", "decided_by", "form_version")
    }
    wanted = list(firsts)
    done = set(
        SecondReview.objects.filter(exam=exam, registration_id__among=wanted).values_list(
            "registration_id", flat=True
        )
    )
    unsure = unsettled(exam, wanted)
    changed = corrected_since(exam, wanted, {pk: version for pk, (_, version) in firsts.items()})
    found = Sorted()
    for pk, (author, _) in firsts.items():
        why = (
            "decided" if pk in done
            else "own" if author == viewer.ref
            else unsure.get(pk, "") or ("changed" if pk in changed else "")
        )  # fmt: skip
        if why:
            found.skipped.append((pk, why))
        else:
            found.able.append(pk)
    return found


def bulk(exam: Exam, bulk_id: int) -> Bulk:
    """A bulk pass and whom it left out; `Bulk.DoesNotExist` outside the viewer's scope."""
    return Bulk.objects.get(exam=exam, pk=bulk_id)


def against_batch(*, viewer: Actor, exam: Exam, region_code: str, at: datetime) -> list[Refusal]:
    """What stands against setting the region's results now."""
    path = path_of(region_code)
    confirmed = sum(registration.confirmed_counts(viewer=viewer, exam=exam).values())
    found = tallies.by_key(exam_id=exam.pk, subject="review_second", office_path=path)
    decided = sum(tally.n for tally in found.values())
    return list(rules.check_batch(at, exams.milestone(exam, "confirmation_ends", path), confirmed, decided))


def batch(exam: Exam, region_code: str) -> Batch | None:
    """The region's batch, or None while its results are not set."""
    return Batch.objects.filter(exam=exam, region_code=region_code).first()


def batches(exam: Exam) -> dict[str, Batch]:
    """Batches in the viewer's scope by region code."""
    return {b.region_code: b for b in Batch.objects.filter(exam=exam)}


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


def _narrowed(viewer: Actor, exam: Exam, queue: Queue) -> QuerySet[FirstReview] | QuerySet[SecondReview]:
    """First reviews, or, where the queue asks for a decision, second ones: both know office and registration."""
    found: QuerySet[FirstReview] | QuerySet[SecondReview]
    if queue.state in ("passed", "failed"):
        found = SecondReview.objects.filter(exam=exam, passed=queue.state == "passed")
    else:
        found = FirstReview.objects.filter(exam=exam, passed=True)
        if queue.state == "open":
            found = found.filter(~Exists(_decided(exam)))
    if viewer.office_path != "/":
        found = found.filter(**_under(viewer.office_path))
    if queue.point_code:
        found = found.filter(**_under(path_of(queue.point_code)))
    if queue.category:
        found = found.filter(registration__category=queue.category)
    if queue.route:
        found = found.filter(registration__route=queue.route)
    if queue.text:
        named = registration.matching(viewer=viewer, exam=exam, text=queue.text)
        found = found.filter(registration_id__in=named)
    return found


def _decided(exam: Exam) -> QuerySet[SecondReview]:
    return SecondReview.objects.filter(exam=exam, registration_id=OuterRef("registration_id"))


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


def _under(path: str) -> dict[str, str]:
    return {"office_path__gte": path, "office_path__lt": path + "~"}
