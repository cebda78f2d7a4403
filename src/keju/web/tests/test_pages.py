"""The site's own pages: who may open them, what they show, what they change."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from keju.kernel.accounts.models import Posting
from keju.kernel.audit import record, write
from keju.kernel.audit.models import Event
from keju.kernel.calendar import now
from keju.kernel.exams import services as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.web.site.menu import ITEMS
from keju.web.tests.conftest import SYSTEM, enter, make_person


def page(client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


def mile(exam: Exam, key: str, days: int, path: str = "/") -> None:
    when = now(exam) + timedelta(days=days)
    with acting(SYSTEM):
        exams.set_milestone(exam=exam, key=key, when=when, office_path=path, by=SYSTEM, at=now())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["/", "/sign-in/", "/sign-up/", "/office/sign-in/", "/rules/", "/rules/V7.2/"]
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_public_pages_stand_in_both_languages(client, url, language):
    answer = client.get(url, {"lang": language})
    assert answer.status_code == 200
    assert f'<html lang="{"en" if language == "en" else "zh-CN"}"' in answer.content.decode()
    assert answer["Content-Language"] == ("en" if language == "en" else "zh-CN")


def test_home_puts_today_between_what_was_and_what_comes(client, exam):
    mile(exam, "registration_opens", -3)
    mile(exam, "registration_closes", 9)
    text = page(client, "/")
    text = text.partition("line-list")[2]
    assert text.index("网上报名开始") < text.index("moment-today") < text.index("网上报名截止")


def test_home_says_what_comes_next_when_nothing_is_open(client, exam):
    mile(exam, "registration_opens", -9)
    mile(exam, "registration_closes", -3)
    mile(exam, "confirmation_opens", 4)
    assert "接下来：报名确认开始" in page(client, "/")


def test_home_shows_a_regions_staff_their_own_calendar(client, exam):
    for key, distance, path in (
        ("registration_opens", -9, "/13/"), ("registration_opens", 2, "/11/"), ("exam_day", 90, "/"),
    ):  # fmt: skip
        mile(exam, key, distance, path)
    there = page(client, "/")
    assert "网上报名开始" in there.partition("moment-today")[0], "the public sees the first region's"
    make_person("beijing", ("11", "region_officer"))
    enter(client, "beijing")
    before, _, after = page(client, "/").partition("line-list")[2].partition("moment-today")
    assert "网上报名开始" not in before and "网上报名开始" in after and "考试日" in after


def test_home_leads_to_another_exam_by_its_address(client, exam):
    assert exam.name_zh in page(client, f"/?exam={exam.slug}")
    assert page(client, "/?exam=no-such-exam")


def test_unknown_addresses_and_clauses_are_404_in_words(client, db):
    for url in ("/nothing/", "/rules/V99.9/", "/office/no-such-exam/clock/"):
        answer = client.get(url)
        assert answer.status_code == 404
        assert "没有找到" in answer.content.decode()


def test_a_clause_shows_both_languages_and_its_dated_figures(client, db):
    text = page(client, "/rules/V7.1/")
    assert "生成准考证的期限" in text and "个工作日" in text
    assert "generate_working_days" not in text
    assert 'lang="en"' in text and 'lang="zh-CN"' in text
    assert "2011年1月1日" in text


def test_clauses_are_found_by_id_and_by_words_of_either_language(client, db):
    assert "V7.2" in page(client, "/rules/?q=v7.2")
    assert "/rules/V7.2/" not in page(client, "/rules/?q=certificate")


def test_the_workplace_wants_staff(client, candidate):
    for name in ("office", "people-list", "audit-log"):
        assert client.get(reverse(name))["Location"].startswith("/office/sign-in/")


def test_the_menu_shows_what_the_role_may_see_and_nothing_else(client, exam):
    make_person("point", ("1101", "point_clerk"))
    enter(client, "point")
    text = client.get("/office/", follow=True).content.decode()
    assert 'aria-label="考务菜单"' in text
    assert "/office/audit/" not in text
    assert "/office/people/" not in text


def test_every_menu_permission_is_held_by_some_role():
    from keju.kernel.accounts.permissions import ROLES

    held = {p for role in ROLES.values() for p in role.permissions}
    assert {item.permission for _, items in ITEMS for item in items} <= held


def test_acting_for_another_office_takes_an_own_posting(client, exam):
    make_person("two", ("centre", "centre_exam"), ("11", "region_officer"))
    other = make_person("other", ("12", "region_officer"))
    enter(client, "two")
    with acting(SYSTEM):
        mine = Posting.objects.get(office_code="11")
        foreign = Posting.objects.get(person=other)
    assert client.get("/office/act-for/").status_code == 405
    assert client.post("/office/act-for/", {"posting": foreign.pk}).status_code == 403
    # the region officer may not read the log: not back there, but to the workplace's door
    answer = client.post("/office/act-for/", {"posting": mine.pk, "next": "/office/audit/"})
    assert (answer.status_code, answer["Location"]) == (302, "/office/")
    answer = client.post("/office/act-for/", {"posting": mine.pk, "next": "/office/people/"})
    assert answer["Location"] == "/office/people/"
    assert "北京市" in page(client, "/office/people/")
    assert client.get("/office/audit/").status_code == 403


def test_an_office_sees_the_people_of_its_subtree_only(client, exam):
    make_person("centre", ("centre", "centre_exam"))
    make_person("region", ("11", "region_officer"))
    enter(client, "region")
    text = page(client, "/office/people/")
    assert "某centre" not in text  # people of the nation's bodies stand above the region


def test_only_who_manages_people_may_give_and_end_roles(client, exam):
    person = make_person("plain", ("11", "region_officer"))
    make_person("reader", ("centre", "centre_exam"))
    enter(client, "reader")
    assert page(client, f"/office/people/{person.pk}/")
    grant = {"office": "11", "role": "region_finance", "exam_slug": "", "starts_on": "2026-01-01"}
    assert client.post(f"/office/people/{person.pk}/grant/", grant).status_code == 403
    assert client.get("/office/people/add/").status_code == 403


def test_a_role_is_given_and_ended_with_an_event_each(client, exam):
    person = make_person("plain")
    make_person("boss", ("centre", "centre_system"))
    enter(client, "boss")
    wrong = {"office": "11", "role": "point_clerk", "exam_slug": "", "starts_on": "2026-01-01"}
    assert client.post(f"/office/people/{person.pk}/grant/", wrong).status_code == 422
    right = wrong | {"role": "region_finance"}
    assert client.post(f"/office/people/{person.pk}/grant/", right).status_code == 302
    with acting(SYSTEM):
        posting = Posting.objects.get(person=person)
    url = f"/office/people/{person.pk}/end/{posting.pk}/"
    assert client.post(url, {"ends_on": "2025-12-31"}).status_code == 422
    assert client.post(url, {"ends_on": "2026-06-30"}).status_code == 302
    with acting(SYSTEM):
        posting.refresh_from_db()
        assert posting.ends_on == date(2026, 6, 30)
        kinds = list(Event.objects.filter(subject=f"person:{person.pk}").values_list("kind", flat=True))
    assert {"accounts.role.granted", "accounts.role.ended"} <= set(kinds)


def test_people_are_paged_by_key_without_gap_or_double(client, exam):
    from keju.kernel.accounts.models import Person

    make_person("boss", ("centre", "centre_system"))
    with acting(SYSTEM):
        Person.objects.bulk_create(Person(name=f"人{n % 40:02}", office_path="/11/") for n in range(120))
        everybody = set(Person.objects.values_list("pk", flat=True))
    enter(client, "boss")
    seen: list[int] = []
    after = ""
    for _ in range(4):
        answer = client.get("/office/people/", {"after": after})
        seen += [p.pk for p in answer.context["rows"]]
        after = answer.context["page"].next
        if not after:
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == everybody


def test_the_clock_moves_forward_and_only_in_a_rehearsal(client, exam):
    mile(exam, "exam_day", 30)
    make_person("centre", ("centre", "centre_exam"))
    enter(client, "centre")
    url = f"/office/{exam.slug}/clock/"
    assert "拨到这里" in page(client, url)
    mile(exam, "registration_opens", 3, "/13/")
    mile(exam, "registration_opens", 5, "/11/")
    text = page(client, url).partition("<tbody>")[2]
    assert text.index("河北") < text.index("北京") < text.index("全国")
    before = now(exam)
    there = (before + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%S")
    assert client.post(url, {"to": there}).status_code == 302
    exam.refresh_from_db()
    assert abs(now(exam) - before - timedelta(days=30)) < timedelta(minutes=1)
    back = (before - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S")
    assert client.post(url, {"to": back}).status_code == 422
    with acting(SYSTEM):
        real = exams.make(
            slug="vet-2026", programme="veterinarian", year=2026, exam_day=date(2026, 10, 1),
            rules_as_of=date(2026, 1, 1), is_rehearsal=False, by=SYSTEM, at=now(),
        )  # fmt: skip
    assert client.get(f"/office/{real.slug}/clock/").status_code == 404


def test_the_log_is_filtered_by_address_and_an_event_has_its_page(client, exam):
    make_person("centre", ("centre", "centre_exam"))
    enter(client, "centre")
    text = page(client, "/office/audit/?kind=exams.")
    assert "exams.exam.made" in text
    assert "accounts.person.added" not in text
    with acting(SYSTEM):
        event = Event.objects.filter(kind="exams.exam.made").get()
    text = page(client, f"/office/audit/{event.pk}/")
    assert exam.slug in text


def test_the_log_is_paged_through_without_leaving_out_events_of_one_moment(client, exam):
    make_person("centre", ("centre", "centre_exam"))
    with acting(SYSTEM):
        at = now()
        for n in range(60):  # one act often leaves several events, all of its instant
            _noted(n, by=SYSTEM, at=at)
    enter(client, "centre")
    first = page(client, "/office/audit/?kind=test.noted")
    after = re.search(r"after=([^&\"]+)", first)[1].replace("&amp;", "&")
    second = page(client, f"/office/audit/?kind=test.noted&after={after}")
    shown = [re.findall(r"note:(\d+)</a>", text) for text in (first, second)]
    assert [len(part) for part in shown] == [50, 10]
    assert sorted(int(n) for part in shown for n in part) == list(range(60))


@write(None)
def _noted(n: int, *, by, at) -> None:
    record("test.noted", by=by, at=at, subject=f"note:{n}", office_path="/")


def test_the_demo_page_is_hidden_outside_a_demo(client, db):
    assert client.get("/demo/").status_code == 404


def test_health_answers(client, db):
    assert client.get("/health/").json() == {"ok": True}


def test_a_fragment_gets_a_fragment(client, db):
    text = client.get("/rules/V99.9/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    assert 'role="alert"' in text
