"""The demo in which papers exist: how far they have come, and what the clock then shows."""

from itertools import pairwise

import pytest

from keju.kernel.calendar import now
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.custody import queries
from keju.stages.custody.rules.containers import Kind
from keju.web.installation.demo import Papers
from keju.web.rehearsal import season
from keju.web.rehearsal.sign_ins import sign_ins

EVERYWHERE = Actor.system("test")
CONCERNED = ("centre_custody-centre", "region_custody-13", "region_leader-13", "region_officer-13")


def test_every_part_comes_after_the_one_before():
    assert [part.papers for part in season.until(Papers.AFTER)] == list(Papers)
    assert [part.papers for part in season.until(Papers.MOVING)] == [Papers.MAKING, Papers.MOVING]
    assert all(one.then <= other.then for one, other in pairwise(season.PARTS))


@pytest.mark.nightly
@pytest.mark.django_db
def test_papers_are_in_the_points_store_on_the_morning_of_the_exam():
    season.load(Papers.EXAM_DAY)
    with acting(EVERYWHERE):
        exam = Exam.objects.get(slug=season.SLUG)
        bags = queries.holdings(exam, viewer=EVERYWHERE).filter(container__kind=Kind.BAG)
        assert bags and all(bag.seal for bag in bags)
        # a bag lies in a pack of its point, which alone has a place and a keeper
        packs = [bag.parent.holding for bag in bags.select_related("parent__holding")]
        assert all(pack.seal and pack.place.startswith("store:") for pack in packs)
        assert {pack.custodian for pack in packs} == {bag.office_path.split("/")[2] for bag in bags}
        assert now(exam).strftime("%F %H") == "2011-10-16 07"
        assert set(CONCERNED) <= {one.username for one in sign_ins()}
