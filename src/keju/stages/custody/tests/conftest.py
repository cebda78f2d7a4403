"""What the tests of custody share."""

import pytest

from keju.kernel.exams.models import Exam
from keju.stages.custody.tests.world import seated
from keju.stages.review import queries as review
from keju.stages.venues.tests.year import per_point


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
