"""Every rule over every submission. Registering and the page that says what stands against one ask the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from keju.algorithms.identity import Document, IdentityRefused
from keju.kernel.accounts.queries import document_index, identity_index
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal
from keju.stages.announcement import queries as announcement
from keju.stages.registration import rules
from keju.stages.registration.models import PhotoCheck, Registration
from keju.stages.registration.params import Params
from keju.stages.registration.rules import PhotoVerdict, Submission

TAKEN = """
SELECT identity_index FROM registration_registration
WHERE exam_id = %s AND identity_index = ANY(%s::bytea[]) AND state <> 'withdrawn'
"""


@dataclass(frozen=True)
class Accepted:
    """A submission that every rule let through, with what follows from it."""

    submission: Submission
    document: Document
    index: bytes
    office_path: str
    sex: str
    birth_on: date


@dataclass(frozen=True)
class SubmitResult:
    """What became of one submission: its registration, or what stands against it."""

    registration_id: int | None
    refusals: tuple[Refusal, ...] = ()


def stands_against(
    *, exam: Exam, submission: Submission, at: datetime, editing_id: int | None = None
) -> tuple[Refusal, ...]:
    """Everything that would be said to this submission now, doubts "in principle" included. Changes nothing."""
    editing = None if editing_id is None else Registration.objects.get(exam=exam, pk=editing_id)
    _, results = judge(exam, [submission], at, editing=editing, doubts=True)
    return results[0].refusals


def route_refusals(*, exam: Exam, route: str, facts: Mapping[str, str]) -> list[Refusal]:
    """What stands against being eligible by this route with these facts (V5.3.1b)."""
    asked = Submission("", "", "", "", "", route, facts, "", "", pledge=False)
    routes = [r.code for r in exams.programme(exam).routes]
    return list(rules.check_route(asked, exams.params(exam, Params), exam.year, routes))


def judge(
    exam: Exam,
    submissions: Sequence[Submission],
    at: datetime,
    editing: Registration | None = None,
    *,
    doubts: bool = False,
) -> tuple[list[Accepted], list[SubmitResult]]:
    """Run every rule over every submission; look-ups are made once for the batch.

    What the checker only judged is left to the person at the counter, who sees the finding (V5.2.2), and is reported
    only with `doubts`.
    """
    params = exams.params(exam, Params)
    programme = exams.programme(exam)
    categories, routes = {c.code for c in programme.categories}, {r.code for r in programme.routes}
    photos = _photos(s.photo_sha256 for s in submissions)
    prepared = exams.points_with_address(exam, {s.point_code for s in submissions})
    today = at.astimezone(CHINA).date()
    papers = [rules.document_of(s, today) for s in submissions]
    indexes = [index_of(s, d) for s, d in zip(submissions, papers, strict=True)]
    taken = set() if editing else _taken(exam, indexes)
    windows: dict[str, announcement.Windows] = {}
    accepted: list[Accepted] = []
    results: list[SubmitResult] = []
    for s, document, index in zip(submissions, papers, indexes, strict=True):
        region = s.point_code[:2]
        if region not in windows:
            windows[region] = announcement.windows(exam, path_of(region))
        w = windows[region]
        found = [*rules.check_window(at, w.registration_opens, w.registration_closes)]
        found += rules.check_submission(
            s,
            document=document,
            today=today,
            documents=programme.identity_documents,
            params=params,
            year=exam.year,
            categories=categories,
            photo=_verdict(s, photos.get(s.photo_sha256), editing),
            point_prepared=s.point_code in prepared,
            already=index in taken,
            routes=routes,
        )
        refusals = tuple(r for r in found if doubts or r.strength == "must")
        results.append(SubmitResult(None, refusals))
        if not refusals and isinstance(document, Document):
            taken.add(index)
            born, sex = rules.born_on(s, document), rules.sex_of(s, document)
            assert born is not None  # else it was refused above
            accepted.append(Accepted(s, document, index, path_of(s.point_code), sex, born))
    return accepted, results


def index_of(s: Submission, document: Document | IdentityRefused) -> bytes:
    """One person has one index, however the number was typed; what is no number has one of its own."""
    return document_index(document) if isinstance(document, Document) else identity_index(s.identity)


def _verdict(s: Submission, photo: PhotoVerdict | None, editing: Registration | None) -> PhotoVerdict | None:
    """The same photo that somebody accepted already stays accepted when other things are changed."""
    kept = editing is not None and editing.photo_overruled_by and editing.photo_sha256 == s.photo_sha256
    return PhotoVerdict(photo.measured, photo.judged, True, photo.facts) if photo and kept else photo


def _photos(shas: Iterable[str]) -> dict[str, PhotoVerdict]:
    rows = PhotoCheck.objects.filter(sha256__in=set(shas)).values_list(
        "sha256", "measured", "judged", "facts"
    )
    return {sha: PhotoVerdict(tuple(m), tuple(j), False, f) for sha, m, j, f in rows}


def _taken(exam: Exam, indexes: Sequence[bytes]) -> set[bytes]:
    """Who of them is registered anywhere in the nation: asked beyond the actor's scope, answered yes or no."""
    with acting(Actor.system("registration")), connection.cursor() as cursor:
        cursor.execute(TAKEN, [exam.pk, list(indexes)])
        return {bytes(index) for (index,) in cursor.fetchall()}
