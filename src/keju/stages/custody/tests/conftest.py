"""What the tests of custody share."""

import pytest

from keju.kernel.exams.models import Exam
from keju.stages.custody.services.handovers import hooks
from keju.stages.custody.tests import hands
from keju.stages.custody.tests.world import papers, seated
from keju.stages.review import queries as review
from keju.stages.tickets import queries as tickets
from keju.stages.venues.tests.year import per_point


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
def exam(db: None, eligible: list[int], settings: object, tmp_path: object) -> Exam:
    settings.FILES_ROOT = tmp_path  # type: ignore[attr-defined]
    return seated(eligible)


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
