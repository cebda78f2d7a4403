"""Who signs in and stands in the registry is one person, from whichever side they come (ADR 19)."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from keju.kernel.accounts import services as accounts
from keju.kernel.accounts.models import Person
from keju.kernel.audit.models import Event
from keju.kernel.offices import acting
from keju.kernel.offices.queries import office
from keju.rulebook import RuleRefused
from keju.stages.staffing import services
from keju.stages.staffing.models import Member
from keju.stages.staffing.services import people as service
from keju.stages.staffing.tests.test_registry import load, refused, row, sheet
from keju.stages.staffing.tests.world import AT, OTHER, POINT, SYSTEM, identity, people, person
from keju.stages.venues.tests import year

pytestmark = pytest.mark.django_db


def officer(number: int, name: str = "", *, of: str = "1301") -> Person:
    """Somebody with a sign-in, of that identity number."""
    with acting(SYSTEM):
        return accounts.add_person(
            name=name or f"李{number}",
            username=f"officer{number}",
            password="correct horse battery",
            office=office(of),
            employer="管理局",
            identity=identity(number),
            by=SYSTEM,
            at=AT,
        )


def person_of(member_id: int) -> Person:
    with acting(SYSTEM):
        return Member.objects.select_related("person").get(pk=member_id).person


def test_whoever_signs_in_is_entered_as_that_person():
    year.make_exam("1301")
    signs_in = officer(1, of="13")
    [one, two] = people(2)
    assert person_of(one).pk == signs_in.pk != person_of(two).pk
    found = person_of(one)
    assert (found.office_path, found.employer) == (
        "/13/",
        "第一中学",
    )  # the sign-in's office, the registry's employer
    with acting(SYSTEM):
        assert Event.objects.get(kind="accounts.people.entered").data == {"count": 1, "signed_in": [found.pk]}
    assert load(row_sheet(1, phone="13900000001")).changed == 1
    assert person_of(one).phone == "13900000001" and person_of(one).office_path == "/13/"


def row_sheet(number: int, **facts: object) -> bytes:
    return sheet(row(number, **facts))


def test_a_sheet_joins_too_and_another_name_is_a_wrong_row():
    year.make_exam("1301")
    signs_in, other = officer(1), officer(2, "张三")
    bad = load(row_sheet(2), whole=False)
    assert bad.added == 0 and [e.key for e in bad.errors] == ["name"]
    assert load(row_sheet(1)).added == 1
    with acting(SYSTEM):
        assert list(Member.objects.values_list("person_id", flat=True)) == [signs_in.pk]
        assert not Member.objects.filter(person=other).exists()


def test_a_sign_in_is_given_to_whom_the_registry_knows():
    year.make_exam("1301")
    [member_id] = people(1)
    with pytest.raises(ValidationError), transaction.atomic():
        officer(1, "张三")
    signs_in = officer(1)
    found = person_of(member_id)
    assert found.pk == signs_in.pk and found.login_id is not None
    with acting(SYSTEM):
        assert Event.objects.get(kind="accounts.person.added").data == {"known": True}


def test_a_corrected_number_is_known_of_the_person_and_takes_over_nobody():
    year.make_exam("1301")
    [one] = people(1)
    officer(7)
    with acting(POINT):
        services.edit_member(member_id=one, version=1, facts=person(5, name="李1"), by=POINT, at=AT)
        with pytest.raises(RuleRefused) as caught, transaction.atomic():
            services.edit_member(member_id=one, version=2, facts=person(7), by=POINT, at=AT)
    assert refused(caught) == {"staffing_number_signs_in"}
    assert officer(5, "李1").pk == person_of(one).pk


def test_a_number_corrected_while_another_office_enters_it_is_a_refusal(monkeypatch):
    year.make_exam("1301", "1302")
    [one] = people(1)
    looked = service.refused_each

    def and_then_another_office_enters_it(members, **facts):
        found = looked(members, **facts)
        monkeypatch.setattr(service, "refused_each", looked)
        people(1, by=OTHER, first=9)
        return found

    monkeypatch.setattr(service, "refused_each", and_then_another_office_enters_it)
    with pytest.raises(RuleRefused) as caught, acting(POINT):
        services.edit_member(member_id=one, version=1, facts=person(9), by=POINT, at=AT)
    assert refused(caught) == {"staffing_member_raced"}
    with acting(SYSTEM):
        assert Member.objects.get(pk=one).identity == identity(1)
