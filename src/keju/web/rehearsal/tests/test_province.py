"""The demo of a whole province: its points are unequal, and everybody waits for a seat."""

import pytest

from keju.kernel.calendar import now
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.review import queries as review
from keju.stages.venues import queries as venues
from keju.web.rehearsal import province
from keju.web.rehearsal.sign_ins import sign_ins
from keju.web.rehearsal.steps.registration import _unequal

EVERYWHERE = Actor.system("test")


def test_points_are_unequal_and_the_last_ones_are_small():
    found = [0] * 21
    for i in range(5000):
        found[_unequal(i, 21)] += 1
    assert sum(found) == 5000 and found == sorted(found, reverse=True)
    assert 850 < found[0] < 950 and 10 < found[-1] < 25


@pytest.mark.django_db
def test_a_province_waits_for_hosts_and_seats():
    province.load(62)
    with acting(EVERYWHERE):
        exam = Exam.objects.get(slug=province.SLUG)
        counts = {point: n for (point, _), n in review.eligible_counts(viewer=EVERYWHERE, exam=exam).items()}
        assert len(counts) == 2 and 40 < sum(counts.values()) <= 62
        assert venues.decision(exam, province.REGION) is None
        assert exam.is_rehearsal and now(exam).date().isoformat() == "2011-08-03"
        assert "region_officer-51" in {one.username for one in sign_ins()}
