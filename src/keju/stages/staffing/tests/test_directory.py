"""The duty directory: filed, exchanged, masked, and the board that watches it."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keju.kernel.accounts.models import Person
from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.calendar import CHINA
from keju.kernel.duties.models import Obligation
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Receipt
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.staffing.models import Appointment, Filing, Member, Roster, Shift
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.readiness import posts as readiness
from keju.stages.staffing.services import rosters as services
from keju.stages.staffing.services.rosters import NewShift
from keju.stages.staffing.tests import world
from keju.stages.staffing.tests.duty import complete, hour, made, opened, posted, put

pytestmark = pytest.mark.django_db
AT, POINT, REGION, OTHER = world.AT, world.POINT, world.REGION, world.OTHER


@pytest.fixture
def exam() -> Exam:
    return world.hosts(rooms=2)


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
    assert not re.search(r"138\d{8}", str([e.data for e in shown]))


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
