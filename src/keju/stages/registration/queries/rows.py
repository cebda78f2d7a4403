"""Reading registrations. Row-level security shows a viewer their offices' rows, a candidate their own."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from keju.algorithms.identity import COUNTRIES, DOCUMENT_KINDS, IdentityRefused, check_document, mask
from keju.algorithms.reference import readable, reference
from keju.kernel.accounts.queries import document_index, identity_index
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, tallies
from keju.kernel.offices.queries import path_of
from keju.stages.registration.models import Draft, PhotoCheck, Registration, State, Version

PAGE = 50
TALLY = "registration"
OWN = """
SELECT * FROM registration_registration WHERE exam_id = %s AND candidate_id = %s
ORDER BY state = 'withdrawn', id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A registration as other stages and lists see it; the identity number is masked."""

    id: int
    number: str
    name: str
    sex: str
    birth_on: date
    identity_masked: str
    category: str
    route: str
    point_code: str
    region_code: str
    office_path: str
    state: str
    employer: str
    photo_sha256: str
    photo_overruled: bool
    candidate_id: int
    version: int
    submitted_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What bulk decisions need of a registration; nothing sealed, so it is cheap for many."""

    id: int
    candidate_id: int
    office_path: str
    point_code: str
    category: str
    route: str
    state: str
    version: int


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; `text` is a name, an identity number or a registration number."""

    state: str = ""
    category: str = ""
    point_code: str = ""
    text: str = ""


def number_of(exam: Exam, registration_id: int) -> str:
    """The registration number that people read: two digits of the year and eight of the row."""
    return f"{exam.year % 100:02d}{registration_id:08d}"


def fee_reference(registration_id: int) -> str:
    """What the candidate writes into the remark of a transfer (V8.1), in groups: the bank then names the registration."""
    return readable(reference(registration_id))


def rows(*, viewer: Actor, exam: Exam, filters: Filters, after: int = 0, size: int = PAGE) -> list[Row]:
    """The next `size` registrations after the id `after`, in id order (keyset paging)."""
    found = _filtered(exam, viewer, filters).filter(pk__gt=after).order_by("pk")[:size]
    return [row_of(exam, r) for r in found]


def row(*, viewer: Actor, exam: Exam, registration_id: int) -> Row:
    """One registration in the viewer's scope; `Registration.DoesNotExist` otherwise."""
    return row_of(exam, Registration.objects.get(exam=exam, pk=registration_id))


def rows_of(*, viewer: Actor, exam: Exam, ids: Sequence[int]) -> dict[int, Row]:
    """Those of the ids that the viewer may see, by id."""
    return {r.pk: row_of(exam, r) for r in Registration.objects.filter(exam=exam, pk__among=ids)}


def briefs(*, viewer: Actor, exam: Exam, ids: Sequence[int]) -> dict[int, Brief]:
    """Those of the ids that the viewer may see, by id, in brief."""
    fields = ("pk", "candidate_id", "office_path", "point_code", "category", "route", "state", "version")
    found = Registration.objects.filter(exam=exam, pk__among=ids, **_under(viewer)).values_list(*fields)
    return {row[0]: Brief(*row) for row in found}


def names_of(*, viewer: Actor, exam: Exam, ids: Sequence[int]) -> dict[int, str]:
    """The names of those of the ids that the viewer may see, and nothing else of them: cheap for many."""
    found = Registration.objects.filter(exam=exam, pk__among=ids, **_under(viewer))
    return dict(found.values_list("pk", "name"))


def stream(*, viewer: Actor, exam: Exam, filters: Filters | None = None) -> Iterator[Row]:
    """Every matching registration in id order, in constant memory: for exports and bulk work."""
    for r in _filtered(exam, viewer, filters or Filters()).order_by("pk").iterator(chunk_size=2000):
        yield row_of(exam, r)


def values(
    *, viewer: Actor, exam: Exam, filters: Filters, fields: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """As `stream`, those fields alone as tuples: what a million rows can afford."""
    found = _filtered(exam, viewer, filters).order_by("pk").values_list(*fields)
    return found.iterator(chunk_size=5000)


def ids(
    *, viewer: Actor, exam: Exam, state: str, office_path: str = "/"
) -> list[tuple[int, str, str, str, str]]:
    """(id, point code, category, employer, name) of every registration in that state under the office: bulk work."""
    found = Registration.objects.filter(exam=exam, state=state, **_within(office_path))
    return list(found.order_by("pk").values_list("pk", "point_code", "category", "employer", "name"))


def matching(*, viewer: Actor, exam: Exam, text: str) -> QuerySet[Registration]:
    """The ids of whose name begins with `text`, or whose identity or registration number it is: for other lists' search."""
    return _filtered(exam, viewer, Filters(text=text)).values("pk")


def total(*, viewer: Actor, exam: Exam, filters: Filters, limit: int = 10_000) -> int:
    """How many registrations match. What is typed is counted no further than `limit` + 1: a list never waits for it."""
    if not filters.text and viewer.candidate_id is None:
        return _kept(viewer, exam, filters)
    return _filtered(exam, viewer, filters)[: limit + 1].count()


def _kept(viewer: Actor, exam: Exam, filters: Filters) -> int:
    """As the database keeps count of states and categories."""
    path = viewer.office_path
    if filters.point_code:
        asked = path_of(filters.point_code)
        path = asked if asked.startswith(path) else path
    found = tallies.by_key(exam_id=exam.pk, subject=TALLY, office_path=path)
    return sum(
        tally.n
        for state, category, tally in ((*key.split("/"), tally) for key, tally in found.items())
        if filters.state in ("", state) and filters.category in ("", category)
    )


def counts(*, viewer: Actor, exam: Exam) -> dict[str, int]:
    """Registrations per state in the viewer's scope; every state is a key."""
    found = Counter({state.value: 0 for state in State})
    for key, tally in tallies.by_key(exam_id=exam.pk, subject=TALLY, office_path=viewer.office_path).items():
        found[key.partition("/")[0]] += tally.n
    return dict(found)


def counts_by_point(*, viewer: Actor, exam: Exam) -> dict[tuple[str, str], int]:
    """Registrations per (point code, state) in the viewer's scope."""
    found: Counter[tuple[str, str]] = Counter()
    for point, state, _, n in _tallied(exam, viewer.office_path):
        found[point, state] += n
    return dict(found)


def confirmed_counts(*, viewer: Actor, exam: Exam) -> dict[tuple[str, str], int]:
    """Confirmed registrations per (point code, category)."""
    rows = _tallied(exam, "/")
    return {(point, category): n for point, state, category, n in rows if state == State.CONFIRMED}


def _tallied(exam: Exam, office_path: str) -> Iterator[tuple[str, str, str, int]]:
    """(point code, state, category, how many), as kept by the database."""
    found = tallies.by_office(exam_id=exam.pk, subject=TALLY, office_path=office_path)
    for (path, key), tally in found.items():
        state, _, category = key.partition("/")
        yield path.split("/")[2], state, category, tally.n


def own(*, viewer: Actor, exam: Exam) -> Registration | None:
    """The candidate's own registration that counts: the live one, else the last withdrawn."""
    return next(iter(Registration.objects.raw(OWN, [exam.pk, viewer.candidate_id])), None)


def draft(*, viewer: Actor, exam: Exam) -> tuple[dict[str, object], int]:
    """The wizard's answers so far and the draft's version; empty and 0 when there is none."""
    found = Draft.objects.filter(exam=exam, candidate_id=viewer.candidate_id).first()
    return (json.loads(found.answers), found.version) if found else ({}, 0)


def versions(*, viewer: Actor, exam: Exam, registration_id: int) -> QuerySet[Version]:
    """The history of a registration, oldest first."""
    return Version.objects.filter(registration__exam=exam, registration_id=registration_id).order_by("number")


def photo_check(sha256: str) -> PhotoCheck | None:
    """What the checker found about a photo."""
    return PhotoCheck.objects.filter(pk=sha256).first()


def judged_photos(*, exam: Exam, ids: Sequence[int]) -> set[int]:
    """Registrations whose photo the checker doubts and nobody has accepted yet (V5.2.2)."""
    shas = dict(
        Registration.objects.filter(exam=exam, pk__among=ids, photo_overruled_by="").values_list(
            "pk", "photo_sha256"
        )
    )
    doubted = set(
        PhotoCheck.objects.filter(sha256__in=set(shas.values()))
        .exclude(judged=[])
        .values_list("sha256", flat=True)
    )
    return {pk for pk, sha in shas.items() if sha in doubted}


def _filtered(exam: Exam, viewer: Actor, filters: Filters) -> QuerySet[Registration]:
    found = Registration.objects.filter(exam=exam, **_under(viewer))
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.category:
        found = found.filter(category=filters.category)
    if filters.point_code:
        found = found.filter(**_within(path_of(filters.point_code)))
    if filters.text:
        found = found.filter(_matching(filters.text.strip()))
    return found


def _matching(text: str) -> Q:
    wanted = Q(identity_index__among=_indexes(text))
    if text.isdecimal() and len(text) == 10:
        wanted |= Q(pk=int(text[2:]))
    # A range, not LIKE: leakproof under row-level security, so the index serves it.
    return wanted | Q(name__gte=text, name__lt=text + "\U0010fffd")


def _indexes(text: str) -> list[bytes]:
    """Of every identity document that could have been typed so; a passport may be any country's."""
    found = [identity_index(text)]
    if not any(c.isdigit() for c in text):
        return found
    for kind in DOCUMENT_KINDS:
        for country in COUNTRIES if kind == "passport" else ("",):
            try:
                found.append(document_index(check_document(kind, text, country)))
            except IdentityRefused:
                continue
    return found


def _under(viewer: Actor) -> dict[str, object]:
    if viewer.candidate_id is not None:
        return {"candidate_id": viewer.candidate_id}
    return _within(viewer.office_path)


def _within(path: str) -> dict[str, object]:
    """The registrations of that office as an equation, which an index in the order of the list can answer."""
    codes = [code for code in path.split("/") if code]
    if not codes:
        return {} if path == "/" else {"pk": 0}  # a scope of nothing sees nothing
    return {"region_code": codes[0]} if len(codes) == 1 else {"point_code": codes[1], "office_path": path}


def row_of(exam: Exam, r: Registration) -> Row:
    return Row(
        r.pk, number_of(exam, r.pk), r.name, r.sex, r.birth_on, mask(r.identity), r.category, r.route, r.point_code,
        r.point_code[:2], r.office_path, r.state, r.employer, r.photo_sha256, bool(r.photo_overruled_by), r.candidate_id,
        r.version, r.submitted_at, r.reason,
    )  # fmt: skip
