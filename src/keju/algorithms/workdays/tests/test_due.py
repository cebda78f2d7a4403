"""Due dates of the 2011 exam, counted by hand from the holiday notice for 2011.

Rest: 10–12 September (Mid-Autumn), 1–7 October (National Day); worked instead: Saturday 8 and Sunday
9 October; also Saturday 31 December for New Year 2012 (1–3 January free), and for the Spring Festival 2012
(22–28 January free) Saturday 21 and Sunday 29 January. The exam is taken to be on Sunday 16 October 2011,
09:00, and confirmation to end on Friday 26 August 2011, 17:00.
"""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.workdays import CHINA, Due, fixed
from keju.algorithms.workdays.due import Unit, When

EXAM = datetime(2011, 10, 16, 9, 0, tzinfo=CHINA)
CONFIRMED = datetime(2011, 8, 26, 17, 0, tzinfo=CHINA)


def after(n: int, unit: Unit, milestone: datetime) -> date:
    return Due(n, unit, "after", "milestone").on(milestone).date()


def before(n: int, unit: Unit, milestone: datetime) -> date:
    return Due(n, unit, "before", "milestone").on(milestone).date()


@pytest.mark.rule("V3.1")
def test_announcement_three_months_before() -> None:
    # October − 3 = July, same day; a Saturday, and months are not moved off rest days.
    assert Due(3, "months", "before", "exam").on(EXAM) == datetime(2011, 7, 16, 23, 59, 59, tzinfo=CHINA)


@pytest.mark.rule("V5.3.3")
def test_summary_three_working_days_after_confirmation() -> None:
    # Mon 29, Tue 30, Wed 31 August.
    assert after(3, "working_days", CONFIRMED) == date(2011, 8, 31)


@pytest.mark.rule("V5.4")
def test_second_review_twenty_working_days_after_confirmation() -> None:
    # 29–31 Aug = 3; 1–2 Sep = 5; 5–9 Sep = 10; 12 Sep is free; 13–16 Sep = 14; 19–23 Sep = 19; 26 Sep = 20.
    assert after(20, "working_days", CONFIRMED) == date(2011, 9, 26)


@pytest.mark.rule("V6.2")
def test_hosts_five_working_days_after_confirmation() -> None:
    # 29, 30, 31 August, 1, 2 September.
    assert after(5, "working_days", CONFIRMED) == date(2011, 9, 2)


@pytest.mark.rule("V6.3")
def test_site_twenty_working_days_after_notice() -> None:
    # Notice on Fri 2 Sep. 5–9 Sep = 5; 13–16 = 9; 19–23 = 14; 26–30 = 19; 1–7 Oct free; Sat 8 Oct = 20.
    assert after(20, "working_days", datetime(2011, 9, 2, 10, 0, tzinfo=CHINA)) == date(2011, 10, 8)


@pytest.mark.rule("V7.1")
def test_tickets_five_working_days_after_rooms() -> None:
    # Rooms on Thu 29 Sep. Fri 30 Sep = 1; Sat 8, Sun 9 Oct worked = 3; Mon 10 = 4; Tue 11 = 5.
    assert after(5, "working_days", datetime(2011, 9, 29, 10, 0, tzinfo=CHINA)) == date(2011, 10, 11)


@pytest.mark.rule("V7.3")
def test_printing_five_working_days_after_the_last_region() -> None:
    # Thu 8 Sep. Fri 9 = 1; 10–12 free; Tue 13 – Fri 16 = 5.
    assert after(5, "working_days", datetime(2011, 9, 8, 10, 0, tzinfo=CHINA)) == date(2011, 9, 16)


@pytest.mark.rule("V8.2a")
def test_remittance_two_months_after_confirmation() -> None:
    assert after(2, "months", CONFIRMED) == date(2011, 10, 26)
    # No 31 September, no 31 February.
    assert after(2, "months", datetime(2011, 7, 31, tzinfo=CHINA)) == date(2011, 9, 30)
    assert after(2, "months", datetime(2011, 12, 31, tzinfo=CHINA)) == date(2012, 2, 29)
    assert after(2, "months", datetime(2012, 12, 31, tzinfo=CHINA)) == date(2013, 2, 28)


@pytest.mark.rule("V8.2b")
def test_receipt_ten_working_days_over_new_year() -> None:
    # Wed 21 Dec. 22, 23 = 2; 26–30 = 7; Sat 31 Dec worked = 8; 1–3 Jan free; Wed 4 = 9; Thu 5 Jan = 10.
    assert after(10, "working_days", datetime(2011, 12, 21, 9, 0, tzinfo=CHINA)) == date(2012, 1, 5)


@pytest.mark.rule("V8.3")
def test_refunds_twenty_two_working_days_after_the_exam() -> None:
    # From Sun 16 Oct: 17–21 Oct = 5; 24–28 = 10; 31 Oct–4 Nov = 15; 7–11 Nov = 20; Mon 14, Tue 15 Nov = 22.
    assert after(22, "working_days", EXAM) == date(2011, 11, 15)


@pytest.mark.rule("V12.2.2")
def test_store_acceptance_on_a_fixed_day() -> None:
    assert fixed(9, 30).on(EXAM) == datetime(2011, 9, 30, 23, 59, 59, tzinfo=CHINA)
    assert fixed(9, 30, at=time(16, 0)).on(EXAM) == datetime(2011, 9, 30, 16, 0, tzinfo=CHINA)


@pytest.mark.rule("V15.1.1")
def test_duty_list_ten_days_before() -> None:
    # Calendar days, so within the National Day rest.
    assert before(10, "days", EXAM) == date(2011, 10, 6)


@pytest.mark.rule("V15.9.2")
def test_absences_by_five_on_the_day() -> None:
    due = Due(0, "days", "after", "exam", time(17, 0))
    assert due.on(EXAM) == datetime(2011, 10, 16, 17, 0, tzinfo=CHINA)


@pytest.mark.rule("V16.1.2")
def test_cards_two_working_days_after() -> None:
    assert after(2, "working_days", EXAM) == date(2011, 10, 18)


@pytest.mark.rule("V16.2.1")
def test_destruction_within_a_month() -> None:
    assert after(1, "months", EXAM) == date(2011, 11, 16)


@pytest.mark.rule("V16.3")
def test_violations_five_working_days_after() -> None:
    # Mon 17 – Fri 21 October.
    assert after(5, "working_days", EXAM) == date(2011, 10, 21)


def test_over_the_spring_festival_of_2012() -> None:
    # Fri 20 Jan. Sat 21 worked = 1; 22–28 free; Sun 29 worked = 2; 30, 31 Jan = 4; Wed 1 Feb = 5.
    assert after(5, "working_days", datetime(2012, 1, 20, 9, 0, tzinfo=CHINA)) == date(2012, 2, 1)
    assert before(5, "working_days", datetime(2012, 2, 2, 9, 0, tzinfo=CHINA)) == date(2012, 1, 21)


def test_the_milestone_counts_by_its_day_in_china() -> None:
    # 16:30 on 15 October in London is half past midnight on the 16th in China.
    assert after(1, "days", datetime(2011, 10, 15, 16, 30, tzinfo=UTC)) == date(2011, 10, 17)
    assert Due(1, "days", "after", "exam").on(EXAM).utcoffset() == timedelta(hours=8)


def test_provisional_is_told() -> None:
    far = datetime(2071, 3, 2, tzinfo=CHINA)
    assert Due(3, "working_days", "after", "exam").is_provisional(far)
    assert not Due(3, "days", "after", "exam").is_provisional(far)
    assert not Due(3, "working_days", "after", "exam").is_provisional(EXAM)
    assert not fixed(9, 30).is_provisional(far)


def test_leap_day() -> None:
    assert fixed(2, 29).on(EXAM).date() == date(2011, 2, 28)


@pytest.mark.parametrize(("month", "day"), [(9, 31), (13, 1), (0, 1), (2, 30)])
def test_days_that_do_not_exist(month: int, day: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        fixed(month, day)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Due(1, "days", "after", "exam").on(EXAM.replace(tzinfo=None))
    with pytest.raises(ValueError, match="not a term"):
        Due(-1, "days", "after", "exam")
    with pytest.raises(ValueError, match="not a term"):
        Due(1, "weeks", "after", "exam")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not a term"):
        Due(1, "days", "since", "exam")  # type: ignore[arg-type]


units = st.sampled_from(["working_days", "days", "months"])
whens = st.sampled_from(["before", "after"])
moments = st.datetimes(datetime(2004, 1, 1), datetime(2040, 1, 1), timezones=st.just(CHINA))


@given(moments, st.integers(0, 3000), st.integers(0, 40), units, whens)
def test_a_later_milestone_is_never_due_earlier(
    moment: datetime, minutes: int, n: int, unit: Unit, when: When
) -> None:
    due = Due(n, unit, when, "exam")
    assert due.on(moment + timedelta(minutes=minutes)) >= due.on(moment)
    further = Due(n + 1, unit, when, "exam").on(moment)
    assert further > due.on(moment) if when == "after" else further < due.on(moment)
