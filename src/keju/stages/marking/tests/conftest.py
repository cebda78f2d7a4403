"""One exam, nine candidates in three rooms."""

import pytest

from keju.kernel.exams.models import Exam
from keju.stages.examday.tests.world import Seat, make_exam, seat_people


@pytest.fixture
def exam(db: None) -> Exam:
    return make_exam()


@pytest.fixture
def seats(exam: Exam) -> list[Seat]:
    return seat_people(exam)
