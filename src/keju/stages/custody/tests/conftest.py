"""What the tests of custody share."""

import pytest
from django.test import Client
from pytest_django import Settings

from keju.kernel.exams.models import Exam
from keju.kernel.jobs import running
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.stages.custody import services
from keju.stages.custody.services.handovers import hooks
from keju.stages.custody.tests import hands
from keju.stages.custody.tests.world import DETAILS, MADE_AT, REGION, papers, plan, seated, stamped
from keju.stages.review import queries as review
from keju.stages.tickets import queries as tickets
from keju.stages.venues.tests.year import AT, per_point


@pytest.fixture(autouse=True)
def stores_are_ready(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever tests something else takes stores and journeys as ready and known; test_store*.py, test_journeys.py judge them."""
    if "store" not in request.module.__name__.rpartition(".")[2]:
        for moment in ("prepare", "sign"):
            monkeypatch.delitem(hooks._judges, (moment, "store"))
    if "journeys" not in request.module.__name__:
        monkeypatch.delitem(hooks._judges, ("prepare", "journey"))


@pytest.fixture
def eligible(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    found: list[int] = []
    monkeypatch.setattr(review, "eligible_ids", lambda **_: found)
    monkeypatch.setattr(review, "eligible_counts", lambda *, viewer, exam: per_point(exam, found))
    return found


@pytest.fixture
def exam(db: None, eligible: list[int], settings: Settings, tmp_path: object) -> Exam:
    settings.FILES_ROOT = tmp_path
    return seated(eligible)


@pytest.fixture
def confirmed(
    eligible: list[int], settings: Settings, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> Exam:
    """Quantities are confirmed; nothing is made yet, and the worker's clock stands where it will be. For tests that commit."""
    settings.FILES_ROOT = tmp_path
    monkeypatch.setattr(running, "now", lambda _: MADE_AT)
    made = seated(eligible)
    digest = plan(made)
    with acting(REGION):
        services.confirm(
            exam=made, region_code="13", digest=digest, **DETAILS, scan=stamped(), by=REGION, at=AT
        )
    return made


@pytest.fixture
def seats(monkeypatch: pytest.MonkeyPatch) -> str:
    """The ticket of somebody of every room, without generating any."""
    ticket = type("T", (), {"number": "1301010101"})
    monkeypatch.setattr(tickets, "room_tickets", lambda **_: [ticket])
    return "1301010101"


@pytest.fixture
def who(exam: Exam) -> hands.Cast:
    """Everybody of centre, region and point who may hand over; the papers are made."""
    papers(exam)
    return hands.cast(exam)


@pytest.fixture
def region(exam: Exam) -> Client:
    """A browser at which the region's office of papers is signed in."""
    client = Client()
    signed_in(client, "13", "region_custody")
    return client
