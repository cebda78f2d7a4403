"""The candidate's first page: where they stand, what is next, what to bring."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from keju.kernel.accounts.models import Candidate
from keju.kernel.calendar import now
from keju.kernel.exams.models import Exam, Milestone
from keju.kernel.notices.services import tell_candidates
from keju.kernel.offices import acting
from keju.rulebook.words import t
from keju.stages.registration import services
from keju.stages.registration.tests.test_registering import make_exam
from keju.stages.registration.tests.year import BACKEND, ROOT, close, open_now, sign_in, text, with_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def exam(settings, tmp_path, db) -> Exam:
    settings.FILES_ROOT = tmp_path
    exam = make_exam()
    open_now(exam, now())
    return exam


@pytest.fixture
def registered(exam: Exam, client: Client) -> int:
    by, pk = with_photo(exam, 1, now(exam))
    with acting(ROOT):
        login = Candidate.objects.select_related("login").get(pk=by.candidate_id).login
    client.force_login(login, backend=BACKEND)
    return pk


def states(page: str) -> list[str]:
    return re.findall(r'class="step step-(\w+)"', page)


def test_before_registering_the_first_step_is_open(exam: Exam, client: Client) -> None:
    sign_in(client)
    assert states(text(client.get("/my/"))) == ["current", *["later"] * 5]
    close(exam)
    page = text(client.get("/my/"))
    assert "截止" in page and "/register/" not in page


@pytest.mark.rule("V5.3.1a", "V5.3.1b")
def test_after_registering_it_says_where_to_go_and_what_to_bring(
    exam: Exam, client: Client, registered: int
) -> None:
    page = text(client.get("/my/"))
    assert states(page) == ["done", "current", *["later"] * 4]
    assert "路1号" in page and "居民身份证：原件1份，复印件2份" in page and "学历证书" in page
    assert "怎样缴费" in page and "/fees/" in page


def test_confirmed_refused_and_later_in_the_year(exam: Exam, client: Client, registered: int) -> None:
    with acting(ROOT):
        services.mark_confirmed(exam=exam, registration_ids=[registered], by=ROOT, at=now(exam))
    assert states(text(client.get("/my/"))) == ["done", "done", "current", *["later"] * 3]
    with acting(ROOT):
        for key in ("tickets_generated", "tickets_opened"):
            Milestone.objects.create(exam=exam, office_path="/", key=key, at=now() - timedelta(days=1))
    assert states(text(client.get("/my/"))) == ["done", "done", "done", "current", "later", "later"]
    with acting(ROOT):
        services.mark_rejected(exam=exam, reasons={registered: "学历证书有疑问"}, by=ROOT, at=now(exam))
    page = text(client.get("/my/"))
    assert states(page) == ["done", "done", "late", *["later"] * 3] and "学历证书有疑问" in page


def test_messages_are_shown_to_whom_they_were_sent(exam: Exam, client: Client, registered: int) -> None:
    with acting(ROOT):
        candidate = Candidate.objects.get().pk
        tell_candidates(
            exam=exam, candidate_ids=[candidate], office_path="/", kind="x", words=t("请补交照片", "A photo, please"),
            by=ROOT, at=now(exam),
        )  # fmt: skip
    assert "请补交照片" in text(client.get("/my/"))
    sign_in(other := Client(), 2)
    assert "请补交照片" not in text(other.get("/my/"))


def test_a_page_of_a_stage_that_is_not_there_is_simply_not_linked(exam: Exam, client: Client) -> None:
    sign_in(client)
    assert "None" not in text(client.get("/my/"))
