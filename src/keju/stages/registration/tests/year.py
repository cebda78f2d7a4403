"""An exam with registration open at some points, candidates signed in, photos: for the pages' tests."""

import io
from datetime import datetime, timedelta
from functools import cache

import python_calamine
from django.test import Client
from django.urls import reverse

from keju.algorithms.synthetic.faces import photo_pool
from keju.kernel.accounts.models import Candidate
from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam, Milestone
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import Actor, acting
from keju.stages.registration import services
from keju.stages.registration.tests.test_registering import candidate, submission

ROOT = Actor.system("test")
BACKEND = "django.contrib.auth.backends.ModelBackend"
PERSON = {"name": "欧阳小明", "phone": "13800000000", "email": "a@b.cn", "address": "某路1号", "employer": ""}
CHOICE = {"category": "general", "route": "diploma"}
DIPLOMA = {"degree": "bachelor", "major": "veterinary", "school": "某大学"}


@cache
def good_photo() -> bytes:
    return photo_pool(7, 1, 0)[0].jpeg


@cache
def doubtful_photo() -> bytes:
    """Refused by judgement only."""
    return next(
        p.jpeg
        for p in photo_pool(7, 0, 24)
        if p.failing and all(c in ("background_dark", "background_plain") for c in p.failing)
    )


def open_now(exam: Exam, at: datetime, *, days: int = 10) -> None:
    """Registration is open around this moment: the pages ask the real clock."""
    with acting(ROOT):
        for key, distance in (
            ("registration_opens", -1),
            ("registration_closes", days),
            ("confirmation_opens", 1),
            ("confirmation_ends", days + 20),
            ("exam_day", days + 90),
        ):
            Milestone.objects.filter(exam=exam, key=key).update(at=at + timedelta(days=distance))


def close(exam: Exam) -> None:
    with acting(ROOT):
        past = datetime(2012, 1, 1, tzinfo=CHINA)
        Milestone.objects.filter(exam=exam, key="registration_closes").update(at=past)


def sign_in(client: Client, serial: int = 1) -> Candidate:
    """The client is the candidate of that serial, who has an account and nothing else."""
    by = candidate(submission(serial))
    with acting(ROOT):
        found = Candidate.objects.select_related("login").get(pk=by.candidate_id)
    client.force_login(found.login, backend=BACKEND)
    return found


def at(name: str, **more: object) -> str:
    return reverse(name, kwargs={"exam": "vet-2011", **more})


def text(response: object, status: int = 200) -> str:
    body = response.content.decode()  # type: ignore[attr-defined]
    assert response.status_code == status, (response.status_code, body[-3000:])  # type: ignore[attr-defined]
    return body


def cells(data: bytes) -> list[list[object]]:
    """The first sheet of a workbook."""
    return python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def with_photo(
    exam: Exam, serial: int, at: datetime, photo: bytes | None = None, **changes: object
) -> tuple[Actor, int]:
    """A candidate registered through the services, with a real photo."""
    s = submission(serial, **changes)
    by = candidate(s)
    with acting(by):
        found = services.store_photo(
            exam=exam, data=photo or good_photo(), candidate_id=by.candidate_id or 0, by=by, at=at
        )
        s = submission(serial, **{**changes, "photo_sha256": found.sha256})
        result = services.submit(
            exam=exam, submissions=[s], candidate_ids=[by.candidate_id or 0], by=by, at=at
        )
    return by, result[0].registration_id or 0


__all__ = ["signed_in"]
