"""What is owed, without a database: the law of the veterinarian programme and drawn years."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.workdays import CHINA, working_days_between
from keju.kernel.duties import plan
from keju.kernel.duties.plan import Party
from keju.rulebook import DueSpec, DutySpec, duties_on, load_programme
from keju.rulebook.words import t

NATION = [
    Party("committee", "committee", "/"),
    Party("office", "office", "/"),
    Party("centre", "centre", "/"),
]
PARTIES = [
    *NATION,
    Party("11", "region", "/11/"),
    Party("13", "region", "/13/"),
    Party("1101", "point", "/11/1101/"),
    Party("1301", "point", "/13/1301/"),
    Party("1302", "point", "/13/1302/"),
]
LAW = {spec.code: spec for spec in duties_on(load_programme("veterinarian"), date(2011, 7, 1))}
TODAY = date(2011, 7, 1)


def china(*parts):
    return datetime(*parts, tzinfo=CHINA)


def spec(owner="point", creditor="region", n=3, unit="days", until=None):
    return DutySpec(
        "X", "V1.1", t("甲", "A"), owner, creditor, DueSpec(n, unit, "after", "exam_day"), daily_until=until
    )


def codes(found):
    return sorted((o.owner_code, o.creditor_code, o.office_path) for o in found)


def test_each_owner_owes_the_office_of_its_own_branch():
    calendar = {"/": {"exam_day": china(2011, 10, 16)}}
    assert codes(plan.owed([spec()], PARTIES, calendar, TODAY)) == [
        ("1101", "11", "/11/1101/"),
        ("1301", "13", "/13/1301/"),
        ("1302", "13", "/13/1302/"),
    ]


def test_the_centre_owes_each_region_and_the_region_is_the_lower_of_the_two():
    calendar = {"/": {"exam_day": china(2011, 10, 16)}}
    assert codes(plan.owed([spec("centre", "region")], PARTIES, calendar, TODAY)) == [
        ("centre", "11", "/11/"),
        ("centre", "13", "/13/"),
    ]


def test_national_bodies_owe_each_other_but_nobody_owes_itself():
    calendar = {"/": {"exam_day": china(2011, 10, 16)}}
    assert codes(plan.owed([spec("centre", "office")], PARTIES, calendar, TODAY)) == [
        ("centre", "office", "/")
    ]
    assert codes(plan.owed([spec("centre", "centre")], PARTIES, calendar, TODAY)) == []


def test_the_nearer_calendar_holds_and_an_unknown_milestone_opens_nothing():
    calendar = {"/": {"exam_day": china(2011, 10, 16)}, "/13/": {"exam_day": china(2011, 11, 6)}}
    found = {o.owner_code: o.due_at.date() for o in plan.owed([spec()], PARTIES, calendar, TODAY)}
    assert found == {"1101": date(2011, 10, 19), "1301": date(2011, 11, 9), "1302": date(2011, 11, 9)}
    assert list(plan.owed([spec()], PARTIES, {"/13/1302/": {"exam_ends": china(2011, 1, 1)}}, TODAY)) == []


def test_a_subtree_leaves_the_others_out():
    calendar = {"/": {"exam_day": china(2011, 10, 16)}}
    found = plan.owed([spec(), spec("centre", "region")], PARTIES, calendar, TODAY, "/13/")
    assert codes(found) == [
        ("1301", "13", "/13/1301/"),
        ("1302", "13", "/13/1302/"),
        ("centre", "13", "/13/"),
    ]


@pytest.mark.rule("V12.2.2")
def test_a_day_of_the_calendar_is_owed_in_the_year_of_the_exam():
    calendar = {"/": {"exam_day": china(2011, 10, 16)}}
    found = list(plan.owed([LAW["V12.2.2/region"]], PARTIES, calendar, TODAY))
    assert {o.due_at for o in found} == {china(2011, 9, 30, 23, 59, 59)}
    assert [o.owner_code for o in found] == ["11", "13"]


@pytest.mark.rule("V12.4")
def test_a_daily_report_is_owed_at_four_each_day_until_the_exam_ends():
    calendar = {"/": {"papers_received": china(2011, 10, 13, 22), "exam_ends": china(2011, 10, 16, 17)}}
    found = list(plan.owed([LAW["V12.4/region"]], PARTIES, calendar, TODAY, "/11/"))
    assert [o.day for o in found] == [date(2011, 10, d) for d in (13, 14, 15, 16)]
    assert [o.due_at for o in found] == [china(2011, 10, d, 16) for d in (13, 14, 15, 16)]


@pytest.mark.rule("V15.9.1")
def test_while_the_end_is_unknown_a_daily_report_is_owed_up_to_today():
    calendar = {"/": {"exam_day": china(2011, 10, 16)}}
    report = LAW["V15.9.1/point"]
    days = lambda today: [o.day for o in plan.owed([report], PARTIES, calendar, today, "/11/")]  # noqa: E731
    assert days(date(2011, 7, 1)) == [date(2011, 10, 7)]
    assert days(date(2011, 10, 9)) == [date(2011, 10, d) for d in (7, 8, 9)]


def test_every_duty_of_the_law_is_owed_by_somebody_when_all_milestones_are_known():
    programme = load_programme("veterinarian")
    calendar = {"/": {m.key: china(2011, 1, 1) + timedelta(days=m.order) for m in programme.milestones}}
    found = {o.code for o in plan.owed(LAW.values(), PARTIES, calendar, TODAY)}
    assert found == set(LAW)


@given(
    n=st.integers(0, 40),
    begins=st.datetimes(datetime(2011, 1, 1), datetime(2019, 12, 31)),
    paths=st.sampled_from(["/", "/13/", "/13/1301/"]),
)
def test_the_due_date_is_exactly_n_working_days_later_whatever_the_milestone(n, begins, paths):
    moment = begins.replace(tzinfo=CHINA)
    calendar = {paths: {"exam_day": moment}}
    found = list(plan.owed([spec(n=n, unit="working_days")], PARTIES, calendar, TODAY))
    assert all(o.office_path.startswith(paths) for o in found)
    assert {working_days_between(moment.date(), o.due_at.date()) for o in found} == {n}
    assert len({(o.code, o.owner_code, o.creditor_code, o.day) for o in found}) == len(found)


@given(
    st.lists(st.sampled_from(["11", "1101", "01"]), max_size=3),
    st.lists(st.sampled_from(["11", "1101", "01"]), max_size=3),
)
def test_the_lower_of_two_paths_is_one_of_them_or_none(one, other):
    a, b = ("/" + "".join(f"{part}/" for part in parts) for parts in (one, other))
    low = plan.lower(a, b)
    assert low == plan.lower(b, a)
    if low is None:
        assert not a.startswith(b) and not b.startswith(a)
    else:
        assert low in (a, b) and low.startswith(a) and low.startswith(b)
