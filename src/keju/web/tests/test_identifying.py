"""The administrator of accounts records whose identity number it is, and two entries become one human."""

from datetime import date

import pytest

from keju.algorithms.identity import compose
from keju.kernel.accounts.models import Joining, Person
from keju.kernel.accounts.queries import identity_index
from keju.kernel.offices import Actor, acting
from keju.web.tests.conftest import enter, make_person

SYSTEM = Actor.system("test")
NUMBER = compose("130102", date(1970, 5, 6), 11)
pytestmark = pytest.mark.django_db


def staff(client, role: str, code: str) -> None:
    make_person("me", (code, role))
    enter(client, "me")


def entry(name: str, number: str = "") -> Person:
    with acting(SYSTEM):
        index = identity_index(number) if number else None
        return Person.objects.create(name=name, office_path="/13/", identity_index=index)


def post(client, person: Person, **facts: str):
    given = {"identity": NUMBER, "seen": "身份证原件"} | facts
    return client.post(f"/office/people/{person.pk}/identify/", given, follow=True)


def test_the_number_joins_two_entries_and_both_pages_say_so(client, exam):
    staff(client, "centre_system", "centre")
    one, other = entry("王某"), entry("王某", NUMBER)
    assert "未登记" in client.get(f"/office/people/{one.pk}/").content.decode()
    assert "已合并" in post(client, one).content.decode()
    with acting(SYSTEM):
        assert Joining.objects.get().other_id == other.pk
    for person, there in ((one, other), (other, one)):
        page = client.get(f"/office/people/{person.pk}/").content.decode()
        assert f"/office/people/{there.pk}/" in page and "身份证原件" in page and NUMBER not in page


def test_a_wrong_number_or_name_is_said_at_its_field(client, exam):
    staff(client, "centre_system", "centre")
    one, _ = entry("李某"), entry("王某", NUMBER)
    for facts, words in (({"identity": "123"}, "位"), ({}, "另一个姓名"), ({"seen": ""}, "证件")):
        answer = post(client, one, **facts)
        assert answer.status_code == 422 and words in answer.content.decode()
    with acting(SYSTEM):
        assert not Joining.objects.exists()


def test_who_only_reads_does_not_join(client, exam):
    staff(client, "region_officer", "13")
    assert post(client, entry("王某")).status_code == 403
