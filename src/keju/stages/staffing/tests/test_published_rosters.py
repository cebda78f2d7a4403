"""Rosters as they are published: versions with their difference, and who is told."""

import pytest
from django.db import transaction

from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Delivery
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.staffing.models import FrozenShift, Member, Roster
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.services import rosters as services
from keju.stages.staffing.services.rosters import NewShift
from keju.stages.staffing.tests import world
from keju.stages.staffing.tests.duty import complete, made, put

pytestmark = pytest.mark.django_db
AT, POINT, REGION, OTHER = world.AT, world.POINT, world.REGION, world.OTHER


@pytest.fixture
def exam() -> Exam:
    return world.hosts(rooms=2)


@pytest.mark.rule("V15.1.4")
def test_a_published_roster_stays_and_a_change_is_a_version_with_its_difference(exam: Exam) -> None:
    roster = complete(exam)
    with acting(POINT):
        services.publish_rosters(exam=exam, roster_ids=[roster.pk], by=POINT, at=AT)
    lines = made(exam, roster).lines
    idle = ({p.member_id for p in _people(exam, roster)} - {x.row.member_id for x in lines}).pop()
    assert not made(exam, roster).changed
    first = lines[0].row
    put(exam, roster, NewShift(idle, first.starts_at, first.ends_at, uid=first.uid))
    assert made(exam, roster).changed
    with acting(POINT):
        with pytest.raises(RuleRefused) as caught:
            services.publish_rosters(exam=exam, roster_ids=[roster.pk], by=POINT, at=AT)
        assert [r.code for r in caught.value.refusals] == ["staffing_roster_reason"]
        services.publish_rosters(exam=exam, roster_ids=[roster.pk], reason="生病", by=POINT, at=AT)
        row = Roster.objects.get(pk=roster.pk)
        (new, gone) = sorted(queries.difference(row, 2), key=lambda d: d.now is None)
        assert new.now and new.now.member_id == idle and gone.was and gone.was.member_id == first.member_id
        struck = FrozenShift.objects.get(number=2, gone=True)
        assert (struck.uid, struck.sequence) == (first.uid, 1)
        with pytest.raises(RuleRefused, match="staffing_roster_same"):
            services.publish_rosters(exam=exam, roster_ids=[roster.pk], reason="再发", by=POINT, at=AT)
    with pytest.raises(Exception, match=r"only grows|permission denied"), acting(POINT), transaction.atomic():
        FrozenShift.objects.filter(number=1).update(name="别人")


def _people(exam: Exam, roster: Roster) -> list[queries.Eligible]:
    with acting(POINT):
        return queries.eligible(exam, [roster])[roster.pk]


def test_those_concerned_are_told_and_nobody_else(exam: Exam) -> None:
    Exam.objects.filter(pk=exam.pk).update(is_rehearsal=False)
    exam.refresh_from_db()
    roster = complete(exam)
    with acting(POINT):
        services.publish_rosters(exam=exam, roster_ids=[roster.pk], by=POINT, at=AT)
    with acting(world.SYSTEM):
        assert Delivery.objects.filter(kind="staffing.roster").count() == 3
    lines = made(exam, roster).lines
    idle = ({p.member_id for p in _people(exam, roster)} - {x.row.member_id for x in lines}).pop()
    first = lines[0].row
    put(exam, roster, NewShift(idle, first.starts_at, first.ends_at, uid=first.uid))
    with acting(POINT):
        services.publish_rosters(exam=exam, roster_ids=[roster.pk], reason="生病", by=POINT, at=AT)
    with acting(world.SYSTEM):
        told = Delivery.objects.filter(kind="staffing.roster").order_by("-pk")[:2]
        phones = set(
            Member.objects.filter(pk__in=[idle, first.member_id]).values_list("person__phone", flat=True)
        )
        assert Delivery.objects.filter(kind="staffing.roster").count() == 5
        assert {d.address for d in told} == phones
        assert sum("已取消" in d.body for d in told) == 1
