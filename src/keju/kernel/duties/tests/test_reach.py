"""Milestones open duties with exact due dates; moving one moves them; it never happens twice."""

import pytest

from keju.kernel.duties import services
from keju.kernel.duties.models import Obligation
from keju.kernel.duties.tests.year import AT, ROOT, china, exam_of_2011
from keju.kernel.offices import acting

pytestmark = pytest.mark.django_db
END = (23, 59, 59)


def due(exam, code, owner, **more):
    with acting(ROOT):
        return Obligation.objects.get(exam=exam, code=code, owner_code=owner, **more).due_at


def reach(exam, key, *when, **more):
    return services.reach(exam=exam, key=key, when=china(*when), by=ROOT, at=AT, **more)


@pytest.mark.rule("V5.3.3", "V5.4", "V6.2", "V8.2a")
def test_the_end_of_confirmation_opens_four_duties_with_the_dates_of_2011():
    exam = exam_of_2011()
    # Thursday 30 June 2011; no holiday until Mid-Autumn (12 September).
    done = reach(exam, "confirmation_ends", 2011, 6, 30, 17)
    assert due(exam, "V5.3.3", "1301") == china(2011, 7, 5, *END)
    assert due(exam, "V6.2", "13") == china(2011, 7, 7, *END)
    assert due(exam, "V5.4", "13") == china(2011, 7, 28, *END)
    assert due(exam, "V8.2a", "13") == china(2011, 8, 30, *END)
    assert (done.opened, done.moved, done.withdrawn) == (4 + 3 * 3, 0, 0)
