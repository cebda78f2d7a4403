"""Rosters: the hours of the law, who may stand, what is refused, what is published and filed."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from keju.kernel.accounts.models import Person
from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.calendar import CHINA
from keju.kernel.duties.models import Obligation
from keju.kernel.exams.clearing import NewClearance
from keju.kernel.exams.clearing import clear as clear_rows
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Delivery, Receipt
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused, load_programme
from keju.stages.staffing.models import Appointment, Filing, FrozenShift, Member, Roster, RosterVersion, Shift
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.readiness import posts as readiness
from keju.stages.staffing.rules import rosters as rules
from keju.stages.staffing.services import rosters as services
from keju.stages.staffing.services.rosters import Change, NewShift
from keju.stages.staffing.tests import world

pytestmark = pytest.mark.django_db
AT, POINT, REGION, OTHER = world.AT, world.POINT, world.REGION, world.OTHER
EVE = datetime(2011, 10, 15, 15, 0, tzinfo=CHINA)


def hour(n: float) -> datetime:
    """So many hours after duty begins."""
    return EVE + timedelta(hours=n)


@pytest.fixture
def exam() -> Exam:
    return world.hosts(rooms=2)


def officers(exam: Exam, count: int, office: str = "1301", first: int = 1, **facts: object) -> list[int]:
    """So many duty officers of a point, in force."""
    by = POINT if office == "1301" else OTHER
    members = world.people(count, by=by, first=first, **facts)
    posted(exam, "duty_officer", members, by, office)
    return members


def posted(
    exam: Exam, post: str, members: list[int], by: Actor = POINT, office: str = "1301", **facts: object
) -> None:
    """They have accepted the post and passed whatever it asks for."""
    world.accepted(exam, world.appoint(exam, post, members, by=by, office=office, **facts))
    trained(exam, members)


def trained(exam: Exam, members: list[int]) -> None:
    with acting(world.SYSTEM):
        people = Member.objects.filter(pk__in=members).values_list("person_id", flat=True)
        passed = [
            NewClearance(person, "/13/1301/", m.code, "test")
            for person in people
            for m in load_programme(exam.programme).teaching.modules
        ]
        clear_rows(exam=exam, passed=passed, by=world.SYSTEM, at=AT)


def opened(exam: Exam, kind: str = "duty", office: str = "1301", by: object = POINT) -> Roster:
    with acting(by):  # type: ignore[arg-type]
        return services.open_rosters(exam=exam, kind=kind, office_codes=[office], by=by, at=AT)[0]  # type: ignore[arg-type]


def put(exam: Exam, roster: Roster, *shifts: NewShift, by: object = POINT, **facts: object) -> int:
    change = Change(roster.pk, shifts, **facts)  # type: ignore[arg-type]
    with acting(by):  # type: ignore[arg-type]
        return services.change_rosters(exam=exam, changes=[change], by=by, at=AT)  # type: ignore[arg-type]


def refused(exam: Exam, roster: Roster, *shifts: NewShift, by: object = POINT) -> set[str]:
    with pytest.raises(RuleRefused) as caught:
        put(exam, roster, *shifts, by=by)
    return {r.code for r in caught.value.refusals}


def made(exam: Exam, roster: Roster) -> queries.Made:
    with acting(POINT):
        return queries.detail(exam, roster.pk, viewer=POINT)


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


def complete(exam: Exam, count: int = 4, office: str = "1301", first: int = 1) -> Roster:
    """The office's duty roster, proposed."""
    officers(exam, count, office, first)
    by = POINT if office == "1301" else OTHER
    roster = opened(exam, office=office, by=by)
    with acting(by):
        services.take_proposals(exam=exam, roster_ids=[roster.pk], seed=1, afresh=True, by=by, at=AT)
    return roster


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


@pytest.mark.rule("V15.1.1")
def test_the_directory_is_filed_complete_with_a_receipt_and_the_duty_is_done(exam: Exam) -> None:
    roster = complete(exam)
    with acting(POINT):
        with pytest.raises(RuleRefused) as caught:
            services.file_directory(exam=exam, office_codes=["1301"], by=POINT, at=AT)
        assert {r.code for r in caught.value.refusals} == {
            "staffing_filing_leaders",
            "staffing_filing_roster",
        }
        services.publish_rosters(exam=exam, roster_ids=[roster.pk], by=POINT, at=AT)
    (chief,) = world.people(1, first=80, phone="")
    posted(exam, "chief_examiner", [chief])
    with acting(POINT), pytest.raises(RuleRefused, match="staffing_filing_phone"):
        services.file_directory(exam=exam, office_codes=["1301"], by=POINT, at=AT)
    with acting(world.SYSTEM):
        Person.objects.filter(pk=Member.objects.get(pk=chief).person_id).update(phone="13900000080")
    with acting(POINT):
        (filed,) = services.file_directory(exam=exam, office_codes=["1301"], by=POINT, at=AT)
    assert (filed.number, filed.people) == (1, 4)
    with acting(world.SYSTEM):
        assert {r.office_code for r in Receipt.objects.filter(notice=filed.notice)} == {"13"}
        done = Obligation.objects.get(exam=exam, rule="V15.1.1", owner_code="1301")
        assert done.discharged_at == AT and done.evidence.startswith("filing:")
        assert Obligation.objects.get(exam=exam, rule="V15.1.1", owner_code="1302").discharged_at is None
        event = Event.objects.get(kind="staffing.directory.filed")
        assert (event.rules, event.data["people"]) == (["V15.1.1"], 4)
        with connection.cursor() as cursor:
            cursor.execute("SELECT entries FROM staffing_filing")
            assert b"13900000080" not in bytes(cursor.fetchone()[0])
        assert "13900000080" in Filing.objects.get().entries


@pytest.mark.rule("V15.1.4")
def test_phones_are_exchanged_up_and_down_once_the_roster_has_no_gap(exam: Exam) -> None:
    roster = complete(exam)
    with acting(POINT):
        services.publish_rosters(exam=exam, roster_ids=[roster.pk], by=POINT, at=AT)
    line = made(exam, roster).lines[0].row
    put(
        exam,
        roster,
        NewShift(line.member_id, line.starts_at, line.ends_at - timedelta(hours=1), uid=line.uid),
    )
    with acting(POINT), pytest.raises(RuleRefused) as caught:
        services.exchange_phones(exam=exam, office_codes=["1301"], by=POINT, at=AT)
    assert [(r.rule, r.code) for r in caught.value.refusals] == [("V15.1.4", "staffing_filing_stale")]
    put(exam, roster, NewShift(line.member_id, line.starts_at, line.ends_at, uid=_uid(exam, roster, line)))
    with acting(POINT):
        (filed,) = services.exchange_phones(exam=exam, office_codes=["1301"], by=POINT, at=AT)
    region = world.people(3, by=REGION, first=60)
    posted(exam, "region_duty_officer", region, REGION, "13")
    mine = opened(exam, office="13", by=REGION)
    with acting(REGION):
        services.take_proposals(exam=exam, roster_ids=[mine.pk], seed=1, afresh=True, by=REGION, at=AT)
        services.publish_rosters(exam=exam, roster_ids=[mine.pk], by=REGION, at=AT)
        (down,) = services.exchange_phones(exam=exam, office_codes=["13"], by=REGION, at=AT)
        with pytest.raises(NotPermitted):
            services.exchange_phones(exam=exam, office_codes=["centre"], by=REGION, at=AT)
    with acting(world.SYSTEM):
        assert {r.office_code for r in Receipt.objects.filter(notice=filed.notice)} == {"13"}
        assert {r.office_code for r in Receipt.objects.filter(notice=down.notice)} == {
            "centre",
            "1301",
            "1302",
        }
        done = Obligation.objects.filter(exam=exam, rule="V15.1.4", discharged_at=AT)
        assert {o.owner_code for o in done} == {"1301", "13"}


def _uid(exam: Exam, roster: Roster, line: Shift) -> object:
    return next(x.row.uid for x in made(exam, roster).lines if x.row.member_id == line.member_id)


def test_phones_are_masked_until_asked_for_on_record(exam: Exam) -> None:
    roster = complete(exam)
    region = world.people(3, by=REGION, first=60)
    posted(exam, "region_duty_officer", region, REGION, "13")
    above = opened(exam, office="13", by=REGION)
    with acting(REGION):
        services.take_proposals(exam=exam, roster_ids=[above.pk], seed=1, afresh=True, by=REGION, at=AT)
        services.publish_rosters(exam=exam, roster_ids=[roster.pk, above.pk], by=REGION, at=AT)
    with acting(POINT):
        (row,) = queries.on_duty(exam, hour(3), viewer=POINT)
        assert row.phone.startswith("138") and "*" in row.phone
        assert [r.office_code for r in queries.above(exam, hour(3), viewer=POINT)] == ["13"]
        assert queries.on_duty(exam, hour(30), viewer=POINT) == []
        mine, higher = services.show_on_duty(exam=exam, moment=hour(3), by=POINT, at=AT)
        assert "*" not in mine[0].phone and "*" not in higher[0].phone
        page = queries.directory(exam, viewer=POINT)
        assert len(page.entries) == 3 and all("*" in e.phone for e in page.entries)
        assert len(services.take_directory(exam=exam, text=row.name, by=POINT, at=AT)) == 1
    with acting(OTHER):
        assert queries.directory(exam, viewer=OTHER).entries == []
    clerk = world.year.staff("point_clerk", "1301")
    with acting(clerk), pytest.raises(NotPermitted):
        services.show_on_duty(exam=exam, moment=hour(3), by=clerk, at=AT)
    with acting(world.SYSTEM):
        shown = list(Event.objects.filter(kind="staffing.phones.shown"))
    assert {e.data["where"] for e in shown} == {"on duty", "whole directory"}
    assert "138" not in str([e.data for e in shown])


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
        patch.setattr("keju.stages.staffing.queries.rostering.barred_members", lambda _: [member])
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


@pytest.mark.rule("V15.1.4", "V15.1.1")
def test_the_board_is_red_until_duty_is_complete_and_phones_are_exchanged(exam: Exam) -> None:
    day = datetime(2011, 10, 16, 9, tzinfo=CHINA)

    def board(days: int) -> dict[str, tuple[str, str]]:
        with acting(POINT):
            at = day - timedelta(days=days)
            return {
                name: (str(row.state), row.url)
                for name, rows in (
                    ("duty", readiness.on_duty(exam, "/13/1301/", at)),
                    ("filed", readiness.directory_filed(exam, "/13/1301/", at)),
                )
                for row in rows
            }

    rosters, phones = "staffing-rosters", "staffing-directory"
    assert board(20) == {"duty": ("amber", rosters), "filed": ("amber", phones)}
    assert board(4) == {"duty": ("red", rosters), "filed": ("red", phones)}
    roster = complete(exam)
    (chief,) = world.people(1, first=80)
    posted(exam, "chief_examiner", [chief])
    with acting(POINT):
        services.publish_rosters(exam=exam, roster_ids=[roster.pk], by=POINT, at=AT)
        assert board(4)["duty"] == ("red", phones)
        services.exchange_phones(exam=exam, office_codes=["1301"], by=POINT, at=AT)
        services.file_directory(exam=exam, office_codes=["1301"], by=POINT, at=AT)
    assert board(4) == {"duty": ("green", rosters), "filed": ("green", phones)}
    line = made(exam, roster).lines[0].row
    moved = NewShift(line.member_id, line.starts_at - timedelta(minutes=30), line.ends_at, uid=line.uid)
    put(exam, roster, moved)
    later = AT + timedelta(hours=1)
    with acting(POINT):
        services.publish_rosters(exam=exam, roster_ids=[roster.pk], reason="提前", by=POINT, at=later)
    assert board(4) == {"duty": ("red", phones), "filed": ("red", phones)}
    with acting(world.SYSTEM), CaptureQueriesContext(connection) as few:
        assert len(list(readiness.on_duty(exam, "/", day))) == 4
    assert len(few) < 30


@pytest.mark.rule("V15.1.4", "V15.1.1")
def test_who_left_the_post_after_the_filing_turns_the_board_from_green(exam: Exam) -> None:
    day = datetime(2011, 10, 16, 9, tzinfo=CHINA) - timedelta(days=4)

    def board() -> dict[str, str]:
        with acting(POINT):
            found = {"duty": readiness.on_duty, "filed": readiness.directory_filed}
            return {
                name: str(row.state) for name, rows in found.items() for row in rows(exam, "/13/1301/", day)
            }

    roster = complete(exam)
    (chief,) = world.people(1, first=80)
    posted(exam, "chief_examiner", [chief])
    with acting(POINT):
        services.publish_rosters(exam=exam, roster_ids=[roster.pk], by=POINT, at=AT)
        services.exchange_phones(exam=exam, office_codes=["1301"], by=POINT, at=AT)
        services.file_directory(exam=exam, office_codes=["1301"], by=POINT, at=AT)
    assert board() == {"duty": "green", "filed": "green"}
    later = AT + timedelta(hours=1)
    with acting(world.SYSTEM):
        mine = Appointment.objects.filter(exam=exam, office_code="1301")
        assert mine.filter(member_id=chief).update(state="ended", reason="调离", decided_at=later) == 1
    assert board() == {"duty": "green", "filed": "red"}, "another is responsible than was filed"
    gone = made(exam, roster).lines[0].row.member_id
    with acting(world.SYSTEM):
        mine.filter(member_id=gone).update(state="ended", reason="调离", decided_at=later)
    assert board() == {"duty": "red", "filed": "red"}, "nobody stands who is not appointed"
