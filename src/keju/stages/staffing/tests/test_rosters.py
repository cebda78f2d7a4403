"""Rosters: the hours of the law, who may stand, what is refused, what is published and filed."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused, load_programme
from keju.stages.staffing.models import FrozenShift, Roster, RosterVersion, Shift
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.rules import rosters as rules
from keju.stages.staffing.services import rosters as services
from keju.stages.staffing.services.rosters import Change, NewShift
from keju.stages.staffing.tests import world
from keju.stages.staffing.tests.duty import (
    complete,
    hour,
    made,
    officers,
    opened,
    posted,
    put,
    refused,
    trained,
)

pytestmark = pytest.mark.django_db
AT, POINT, REGION, OTHER = world.AT, world.POINT, world.REGION, world.OTHER


@pytest.fixture
def exam() -> Exam:
    return world.hosts(rooms=2)


@pytest.mark.rule("V15.1.4")
def test_duty_lasts_from_the_eve_until_the_evening_of_every_exam_day() -> None:
    duty = {kind.code: kind for kind in load_programme("physician").rosters}["duty"]
    days = [date(2012, 9, 15), date(2012, 9, 16)]
    (span,) = rules.needed(duty.span, exam_days=days, begins=time(15), ends=time(21))
    assert rules.hours_of(span) == (
        datetime(2012, 9, 14, 15, tzinfo=CHINA),
        datetime(2012, 9, 16, 21, tzinfo=CHINA),
    )
    apart = rules.needed(duty.span, exam_days=[days[0], date(2012, 9, 20)], begins=time(15), ends=time(21))
    assert [s.minutes for s in apart] == [30 * 60, 30 * 60]


@pytest.mark.rule("V15.1.4")
def test_a_gap_of_one_minute_keeps_a_roster_from_being_published(exam: Exam) -> None:
    a, b, c = officers(exam, 3)
    roster = opened(exam)
    put(
        exam, roster, NewShift(a, hour(0), hour(10)), NewShift(b, hour(10), hour(20)),
        NewShift(c, hour(20) + timedelta(minutes=1), hour(30)),
    )  # fmt: skip
    (gap,) = made(exam, roster).gaps
    assert (gap.starts_at, gap.minutes, gap.short) == (hour(20), 1, 1)
    with acting(POINT), pytest.raises(RuleRefused) as caught:
        services.publish_rosters(exam=exam, roster_ids=[roster.pk], by=POINT, at=AT)
    assert [(r.rule, r.code) for r in caught.value.refusals] == [("V15.1.4", "staffing_roster_gap")]
    with acting(world.SYSTEM):
        assert not RosterVersion.objects.exists()
    row = made(exam, roster).lines[2].row
    put(exam, roster, NewShift(c, hour(20), hour(30), uid=row.uid))
    with acting(POINT):
        services.publish_rosters(exam=exam, roster_ids=[roster.pk], by=POINT, at=AT)
        assert Roster.objects.get().published == 1
        assert FrozenShift.objects.filter(number=1, gone=False).count() == 3
    with acting(world.SYSTEM):
        event = Event.objects.get(kind="staffing.rosters.published")
    assert event.rules == ["V15.1.4"] and event.data["shifts"] == 3


@pytest.mark.rule("V15.1.4")
def test_nobody_stands_twice_too_long_or_without_rest_on_any_roster(exam: Exam) -> None:
    (a, b) = officers(exam, 2, permanent=True)
    guards = opened(exam, "store_guard")
    duty = opened(exam)
    with acting(POINT):
        services.set_hours(
            exam=exam, roster_id=guards.pk, starts_at=hour(-48), ends_at=hour(48), expected=1, by=POINT, at=AT
        )
    put(exam, guards, NewShift(a, hour(2), hour(10)))
    assert refused(exam, duty, NewShift(a, hour(9), hour(12))) == {"staffing_shift_twice"}
    assert refused(exam, duty, NewShift(a, hour(10), hour(14.5))) == {"staffing_shift_long"}
    assert refused(exam, duty, NewShift(a, hour(17.9), hour(20))) == {"staffing_shift_rest"}
    assert refused(exam, duty, NewShift(a, hour(-3), hour(0)), NewShift(a, hour(12), hour(13))) == {
        "staffing_shift_rest"
    }
    assert refused(exam, duty, NewShift(b, hour(5), hour(5))) == {"staffing_shift_backwards"}
    assert put(exam, duty, NewShift(a, hour(18), hour(20)), NewShift(b, hour(0), hour(12))) == 2
    with acting(world.SYSTEM):
        assert Shift.objects.filter(member_id=a).count() == 2


def test_the_database_lets_nobody_be_at_two_places(exam: Exam) -> None:
    (a,) = officers(exam, 1)
    one, two = opened(exam), opened(exam, "store_guard")
    put(exam, one, NewShift(a, hour(0), hour(10)))
    with acting(POINT):
        row = Shift.objects.get()
        row.pk, row.roster, row.starts_at, row.ends_at = None, two, hour(10), hour(11)
        row.uid = "00000000-0000-4000-8000-000000000001"
        row.save()
        row.starts_at = hour(9)
        with pytest.raises(IntegrityError, match="staffing_shift_one_place"), transaction.atomic():
            row.save()


@pytest.mark.rule("V15.1.4")
def test_who_was_put_elsewhere_at_the_same_moment_is_refused_here(
    exam: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    (a,) = officers(exam, 1, permanent=True)
    one, two = opened(exam), opened(exam, "store_guard")
    put(exam, one, NewShift(a, hour(0), hour(10)))
    monkeypatch.setattr(queries, "elsewhere", lambda *_: {})  # read before that was entered
    assert refused(exam, two, NewShift(a, hour(9), hour(12))) == {"staffing_shift_raced"}
    with acting(world.SYSTEM):
        assert Shift.objects.count() == 1
        assert Event.objects.filter(kind="staffing.shifts.changed").count() == 1


@pytest.mark.rule("V12.2.4")
def test_keyholders_never_stand_guard_and_uncovered_hours_are_listed(exam: Exam) -> None:
    keyholder, guard = world.people(2, permanent=True)
    (casual,) = world.people(1, first=3)
    posted(exam, "paper_receiver", [keyholder])
    posted(exam, "paper_escort", [keyholder, guard, casual])
    roster = opened(exam, "store_guard")
    assert made(exam, roster).wanted == []
    with acting(POINT):
        services.set_hours(
            exam=exam, roster_id=roster.pk, starts_at=hour(0), ends_at=hour(24), expected=1, by=POINT, at=AT
        )
    assert refused(exam, roster, NewShift(keyholder, hour(0), hour(8))) == {"staffing_shift_keys"}
    assert refused(exam, roster, NewShift(casual, hour(0), hour(8))) == {"staffing_shift_casual"}
    put(exam, roster, NewShift(guard, hour(0), hour(8)))
    assert [(g.starts_at, g.ends_at) for g in made(exam, roster).gaps] == [(hour(8), hour(24))]
    duty = opened(exam)
    with acting(POINT), pytest.raises(RuleRefused):
        services.set_hours(
            exam=exam, roster_id=duty.pk, starts_at=hour(0), ends_at=hour(24), expected=1, by=POINT, at=AT
        )


def test_only_who_is_appointed_there_and_not_barred_stands(exam: Exam) -> None:
    (a,) = officers(exam, 1)
    (stranger,) = officers(exam, 1, office="1302", first=50)
    (nobody,) = world.people(1, first=90)
    roster = opened(exam)
    for member in (stranger, nobody, 999_999):
        assert refused(exam, roster, NewShift(member, hour(0), hour(10))) == {"staffing_shift_not_here"}
    with acting(world.SYSTEM):
        reached = Roster.objects.filter(pk=roster.pk)
        assert reached.get().version == 1
    with acting(OTHER), pytest.raises(NotPermitted):
        services.change_rosters(
            exam=exam, changes=[Change(roster.pk, [NewShift(a, hour(0), hour(10))])], by=OTHER, at=AT
        )
    with acting(OTHER), pytest.raises(NotPermitted):
        services.open_rosters(exam=exam, kind="duty", office_codes=["1301"], by=OTHER, at=AT)
    with acting(POINT), pytest.raises(NotPermitted):
        services.open_rosters(exam=exam, kind="floors", office_codes=["1301"], by=POINT, at=AT)


def test_who_moved_first_is_seen(exam: Exam) -> None:
    a, b = officers(exam, 2)
    roster = opened(exam)
    put(exam, roster, NewShift(a, hour(0), hour(10)), expected=1)
    with pytest.raises(Stale):
        put(exam, roster, NewShift(b, hour(10), hour(20)), expected=1)
    assert len(made(exam, roster).lines) == 1


@pytest.mark.rule("V15.1.4")
def test_a_proposal_is_fair_the_same_for_the_same_seed_and_taken_as_shown(exam: Exam) -> None:
    officers(exam, 6)
    roster = opened(exam)
    with acting(POINT):
        found = [queries.detail(exam, roster.pk, viewer=POINT)]
        one, again = (services.proposals(exam, found, seed=7, afresh=True)[0] for _ in range(2))
        other = services.proposals(exam, found, seed=8, afresh=True)[0]
        assert one.put == again.put and one.put != other.put and one.proven
        assert not one.holes and len({n.member_id for n in one.put}) == 3 and one.difference == 600
        services.take_proposals(
            exam=exam, roster_ids=[roster.pk], seed=7, afresh=True, expected={roster.pk: 1}, by=POINT, at=AT
        )
    lines = made(exam, roster).lines
    assert [(x.row.member_id, x.row.starts_at) for x in lines] == [
        (n.member_id, n.starts_at) for n in one.put
    ]
    assert made(exam, roster).gaps == []


def test_a_proposal_says_what_nobody_can_cover_and_keeps_what_stands(exam: Exam) -> None:
    (a,) = officers(exam, 1)
    roster = opened(exam)
    put(exam, roster, NewShift(a, hour(0), hour(10)))
    with acting(POINT):
        found = [queries.detail(exam, roster.pk, viewer=POINT)]
        one = services.proposals(exam, found, seed=1, afresh=False)[0]
    assert [(n.starts_at, n.ends_at) for n in one.put] == [(hour(20), hour(30))]
    (hole,) = one.holes
    assert hole.hours == (hour(10), hour(20)) and dict(hole.why) == {"long": 1}


@pytest.mark.rule("V4.3")
def test_no_training_no_duty(exam: Exam) -> None:
    (a,) = world.people(1)
    world.accepted(exam, world.appoint(exam, "duty_officer", [a], office="1301"))
    roster = opened(exam)
    shift = NewShift(a, hour(0), hour(10))
    with pytest.raises(RuleRefused) as caught:
        put(exam, roster, shift)
    assert [(r.rule, r.code) for r in caught.value.refusals] == [("V4.3", "staffing_shift_untrained")]
    with acting(POINT):
        one = services.proposals(exam, [queries.detail(exam, roster.pk, viewer=POINT)], seed=1, afresh=True)[
            0
        ]
    assert (one.put, dict(one.unfit), len(one.holes)) == ((), {"untrained": 1}, 3)
    trained(exam, [a])
    assert put(exam, roster, shift) == 1


@pytest.mark.rule("V2.9")
def test_somebody_barred_since_is_not_published(exam: Exam) -> None:
    roster = complete(exam)
    member = made(exam, roster).lines[0].row.member_id
    with pytest.MonkeyPatch.context() as patch, acting(POINT):
        patch.setattr("keju.stages.staffing.queries.eligible.barred_members", lambda _: [member])
        with pytest.raises(RuleRefused, match="staffing_shift_blocked"):
            services.publish_rosters(exam=exam, roster_ids=[roster.pk], by=POINT, at=AT)


@pytest.mark.rule("V2.5")
def test_each_floor_in_use_is_covered_by_itself() -> None:
    exam = world.hosts(rooms=11)
    first, second = world.people(2, first=30)
    for member, floor in ((first, 1), (second, 2)):
        posted(exam, "patrol", [member], office=world.SITE, building="教学楼A座", floor=floor)
    roster = opened(exam, "floors", world.SITE)
    with acting(POINT):
        one = services.proposals(exam, [queries.detail(exam, roster.pk, viewer=POINT)], seed=1, afresh=True)[
            0
        ]
    assert {(n.member_id, n.place) for n in one.put} == {(first, "教学楼A座 1F"), (second, "教学楼A座 2F")}
    assert not one.holes and len(one.put) == 4
    put(exam, roster, *[n for n in one.put if n.member_id == first])
    assert {(g.place, g.short) for g in made(exam, roster).gaps} == {("教学楼A座 2F", 1)}
    wrong = NewShift(second, one.put[0].starts_at, one.put[0].ends_at, "操场")
    assert refused(exam, roster, wrong) == {"staffing_shift_floor"}
