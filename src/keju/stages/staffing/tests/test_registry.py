"""The registry: once in the nation, found again, corrected, in and out by spreadsheet."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from keju.kernel.accounts.models import Person
from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.offices import acting
from keju.kernel.sheets import read_table, write_table
from keju.rulebook import RuleRefused
from keju.stages.staffing import queries, rules, services
from keju.stages.staffing.models import Member
from keju.stages.staffing.queries import MemberFilters
from keju.stages.staffing.services import COLUMNS
from keju.stages.staffing.tests.world import (
    AT,
    FOREIGN,
    OTHER,
    POINT,
    REGION,
    SITE,
    accepted,
    appoint,
    hosts,
    identity,
    people,
    person,
)
from keju.stages.venues.tests import year

pytestmark = pytest.mark.django_db


def refused(caught: pytest.ExceptionInfo[RuleRefused]) -> set[str]:
    return {r.code for r in caught.value.refusals}


def sheet(*rows: tuple[object, ...]) -> bytes:
    return write_table(COLUMNS, [row + ("",) * (len(COLUMNS) - len(row)) for row in rows])


def load(data: bytes, *, whole: bool = True, by=POINT):
    with acting(by):
        return services.import_members(data=data, filename="staff.xlsx", whole=whole, by=by, at=AT)


def row(number: int, **facts: object) -> tuple[object, ...]:
    given = {
        "name": f"李{number}",
        "identity": identity(number),
        "in_sector": "否",
        "phone": f"138{number:08d}",
        "employer": "一中",
    }
    return tuple((given | facts).get(c.key, "") for c in COLUMNS)


@pytest.mark.rule("P5.2")
def test_a_member_stands_sealed_and_on_record():
    exam = year.make_exam("1301")
    [member_id] = people(1)
    with acting(POINT):
        row = queries.member_row(member_id, viewer=POINT, exam=exam)
        assert (row.name, row.sex, row.employer, row.phone_masked) == ("李1", "M", "第一中学", "138****0001")
        assert identity(1) not in row.identity_masked
    with connection.cursor() as cursor, acting(POINT):
        cursor.execute("SELECT identity FROM staffing_member")
        assert identity(1).encode() not in bytes(cursor.fetchone()[0])
    with acting(year.SYSTEM):
        event = Event.objects.get(kind="staffing.members.added")
        assert event.subject == f"member:{member_id}" and identity(1) not in str(event.data)


@pytest.mark.rule("V2.9")
def test_one_person_once_in_the_nation_and_nothing_of_the_other_entry_is_told():
    year.make_exam("1301", "1101")
    people(1, by=FOREIGN)
    with pytest.raises(RuleRefused) as caught, acting(POINT):
        services.add_members(members=[person(1)], by=POINT, at=AT)
    assert refused(caught) == {"staffing_member_elsewhere"}
    assert not caught.value.refusals[0].facts
    people(1, first=2)
    with pytest.raises(RuleRefused) as caught, acting(POINT):
        services.add_members(members=[person(2), person(3), person(3)], by=POINT, at=AT)
    assert refused(caught) == {"staffing_member_here", "staffing_member_twice"}
    with acting(year.SYSTEM):
        assert Member.objects.count() == Person.objects.count() == 2  # nothing of the refused list stands
        first = Member.objects.first()
        with pytest.raises(IntegrityError), transaction.atomic():
            Member.objects.filter(pk=first.pk + 1).update(identity_index=first.identity_index)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"identity": identity(1)[:17] + "0"}, "staffing_identity_check_digit"),
        ({"identity": "130102"}, "staffing_identity_length"),
        ({"name": "  "}, "staffing_no_name"),
        ({"sex": "F"}, "staffing_sex"),
        ({"phone": "0311-8888"}, "staffing_phone"),
    ],
)
def test_what_cannot_be_true_is_refused(facts, code):
    found = rules.check_member(replace(person(1), **facts), date(2011, 8, 1))
    assert [r.code for r in found] == [code]


def test_an_entry_is_corrected_once_and_only_by_its_own_office():
    exam = year.make_exam("1301", "1302")
    [member_id] = people(1)
    with acting(POINT):
        services.edit_member(member_id=member_id, version=1, facts=person(5, name="李五"), by=POINT, at=AT)
        row = queries.member_row(member_id, viewer=POINT, exam=exam)
        assert (row.name, row.version) == ("李五", 2)
        found = MemberFilters(text=identity(5))
        assert [r.id for r in queries.member_rows(viewer=POINT, exam=exam, filters=found)] == [member_id]
        with pytest.raises(Stale):
            services.edit_member(member_id=member_id, version=1, facts=person(6), by=POINT, at=AT)
    for stranger in (OTHER, FOREIGN):
        with pytest.raises(NotPermitted), acting(stranger):
            services.edit_member(member_id=member_id, version=2, facts=person(6), by=stranger, at=AT)
    with acting(year.SYSTEM):
        assert Event.objects.get(kind="staffing.members.changed").data["identity"] is True


def test_who_serves_elsewhere_is_known_there_and_edited_at_home():
    exam = hosts(rooms=1)
    [member_id] = people(1, by=REGION)
    with acting(POINT), pytest.raises(Member.DoesNotExist):
        queries.member_row(member_id, viewer=POINT, exam=exam)
    appoint(exam, "supervisor", [member_id], by=REGION, office="1301")
    with acting(POINT):
        assert queries.member_row(member_id, viewer=POINT, exam=exam).name == "李1"
        assert [r.id for r in queries.member_rows(viewer=POINT, exam=exam, filters=MemberFilters())] == [
            member_id
        ]
        with pytest.raises(NotPermitted):
            services.edit_member(member_id=member_id, version=1, facts=person(1), by=POINT, at=AT)
    with acting(OTHER), pytest.raises(Member.DoesNotExist):
        queries.member_row(member_id, viewer=OTHER, exam=exam)


def test_whoever_holds_a_post_does_not_leave():
    exam = hosts(rooms=1)
    [member_id] = people(1)
    [held] = appoint(exam, "guard", [member_id])
    with acting(POINT):
        with pytest.raises(RuleRefused) as caught:
            services.leave(member_id=member_id, version=1, on=date(2011, 8, 2), by=POINT, at=AT)
        assert refused(caught) == {"staffing_leaves_in_post"}
        services.end(exam=exam, appointment_id=held, version=1, reason="调离", by=POINT, at=AT)
        services.leave(member_id=member_id, version=1, on=date(2011, 8, 2), by=POINT, at=AT)
        assert queries.member_rows(viewer=POINT, exam=exam, filters=MemberFilters()) == []
        left = queries.member_rows(viewer=POINT, exam=exam, filters=MemberFilters(state="left"))
        assert [r.id for r in left] == [member_id]
        years = queries.years_of(member_id, viewer=POINT)
        assert [(y.year, y.post, y.state, y.reason) for y in years] == [(2011, "guard", "ended", "调离")]


def test_lists_are_searched_by_everything_one_has_at_hand():
    exam = hosts(rooms=1)
    ids = people(3, employer="第二中学")
    appoint(exam, "guard", ids[:1])
    with acting(POINT):

        def found(text: str = "", **more: str) -> list[int]:
            return [
                r.id
                for r in queries.member_rows(viewer=POINT, exam=exam, filters=MemberFilters(text, **more))
            ]

        assert found("李2") == [ids[1]]
        assert found(identity(3)) == found("13800000003") == [ids[2]]
        assert found("三中") == [] and found("第二中") == ids
        assert found(post="guard") == [ids[0]] and found(state="unposted") == ids[1:]
        assert (
            queries.member_rows(viewer=POINT, exam=exam, filters=MemberFilters(), after=ids[0], size=1)[0].id
            == ids[1]
        )


@pytest.mark.rule("P5.2")
def test_who_lacks_what_the_region_collects_is_listed():
    exam = hosts(rooms=1)
    complete, no_phone, idle = people(1) + people(1, first=2, phone="") + people(1, first=3, employer="")
    appoint(exam, "guard", [complete, no_phone])
    with acting(REGION):
        assert [m.pk for m in queries.lacking_members(exam, "/13/")] == [no_phone]
    assert idle  # without a post nobody is collected
    lacking = rules.lacking(name="李", sex="M", employer="", phone="", point="1301", post="guard")
    assert lacking == ("employer", "phone")


@pytest.mark.rule("P5.2")
def test_a_workbook_goes_in_whole_or_not_at_all():
    year.make_exam("1301")
    bad = load(sheet(row(1), row(2, identity="123"), row(3, in_sector="也许"), row(1, name="又一个")))
    assert {e.number for e in bad.errors} == {3, 4, 5} and bad.added == 0
    returned = read_table(bad.workbook, filename="errors.xlsx", columns=COLUMNS)
    assert {r.values["name"] for r in returned.rows} | {v["name"] for v in returned.source.values()} == {
        "李2",
        "李3",
        "又一个",
    }
    with acting(POINT):
        assert not Member.objects.exists()
    good = load(sheet(row(1), row(2)))
    assert (good.added, good.errors) == (2, [])
    again = load(sheet(row(1), row(2, phone="13900000002")))
    assert (again.added, again.changed, again.same) == (0, 1, 1)
    with acting(year.SYSTEM):
        said = [e.data for e in Event.objects.filter(kind="staffing.members.imported").order_by("at", "id")]
        assert sorted((d["added"], d["changed"], d["wrong"]) for d in said) == [
            (0, 0, 3),
            (0, 1, 0),
            (2, 0, 0),
        ]


def test_row_by_row_the_good_ones_are_taken():
    year.make_exam("1301", "1101")
    people(1, by=FOREIGN, first=9)
    done = load(sheet(row(1), row(9), row(2, home="1101"), row(3)), whole=False)
    assert (done.added, {e.number for e in done.errors}) == (2, {3, 4})
    with acting(POINT):
        assert sorted(Member.objects.values_list("person__name", flat=True)) == ["李1", "李3"]


def test_many_rows_take_few_statements(django_assert_max_num_queries):
    year.make_exam("1301")
    data = sheet(*(row(n) for n in range(1, 101)))
    with django_assert_max_num_queries(40):
        assert load(data).added == 100
    with django_assert_max_num_queries(40):
        assert load(data).same == 100


def test_appointed_people_are_counted_by_state_in_the_list():
    exam = hosts(rooms=1)
    ids = people(2)
    accepted(exam, appoint(exam, "guard", ids[:1]))
    with acting(POINT):
        rows = queries.member_rows(viewer=POINT, exam=exam, filters=MemberFilters(post="guard"))
        assert [(h.post, h.office_code, h.state) for h in rows[0].held] == [("guard", SITE, "accepted")]
        assert queries.member_total(viewer=POINT, exam=exam, filters=MemberFilters(state="unposted")) == 1


def test_who_has_left_comes_back_with_their_years_also_to_another_office():
    exam = hosts(rooms=1)
    one, other = people(2)
    [held] = appoint(exam, "guard", [one])
    with acting(POINT):
        services.end(exam=exam, appointment_id=held, version=1, reason="调离", by=POINT, at=AT)
        for pk in (one, other):
            services.leave(member_id=pk, version=1, on=date(2011, 8, 2), by=POINT, at=AT)
    assert load(sheet(row(1, phone="13900000001"))).added == 1
    with acting(POINT):
        back = Member.objects.select_related("person").get(pk=one)
        assert (back.left_on, back.person.phone) == (None, "13900000001")
        assert [y.post for y in queries.years_of(one, viewer=POINT)] == ["guard"]
    with acting(OTHER):
        assert services.add_members(members=[person(2, name="李2"), person(3)], by=OTHER, at=AT)[0] == other
        moved = Member.objects.select_related("person").get(pk=other)
        assert (moved.office_path, moved.person.office_path, moved.left_on) == (
            "/13/1302/",
            "/13/1302/",
            None,
        )
    with acting(year.SYSTEM):
        assert Event.objects.filter(kind="staffing.members.returned").count() == 2
        assert Member.objects.count() == 3


@pytest.mark.rule("V2.7")
def test_an_employer_that_sounds_like_the_sector_is_looked_into_before_invigilating():
    exam = hosts(rooms=1)
    [one] = people(1, employer="某县农牧局")
    with pytest.raises(RuleRefused) as caught:
        appoint(exam, "invigilator", [one])
    assert refused(caught) == {"staffing_sector_doubt"}
    assert appoint(exam, "guard", [one])  # only where the sector is barred
    with acting(POINT):
        assert not [p for p in queries.fill(exam, viewer=POINT, by_kind="point").picks if p.person.id == one]
    assert load(sheet(row(1, employer="某县农牧局", in_sector="否，已核实"))).changed == 1
    assert appoint(exam, "invigilator", [one])
