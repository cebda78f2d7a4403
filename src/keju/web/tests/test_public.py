"""What anybody reads: confirmation places, the bulletin, questions, one field to verify."""

from datetime import timedelta

import pytest
from django.utils.html import escape

from keju.kernel.calendar import now
from keju.kernel.documents.codes import sign_code
from keju.kernel.exams import services as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.stages.announcement import services as announcement
from keju.stages.registration import services as registration
from keju.web.site.bulletin import items
from keju.web.tests.conftest import SYSTEM
from keju.web.tests.test_pages import mile, page


@pytest.fixture
def places(exam: Exam) -> Exam:
    """Hebei with two points, one of them with its place; Shanxi with one."""
    at = now(exam)
    with acting(SYSTEM):
        for code in ("13", "1301", "1302", "14", "1401"):
            exams.open_office(exam=exam, office=office(code), leader="王一", by=SYSTEM, at=at)
        for code, address in (("1301", "朝阳门外大街1号"), ("1401", "解放路9号一楼")):
            registration.prepare_point(
                exam=exam, point_code=code, address=address, contact="报名组", phone="010-6000 0001", hours="9:00–17:00",
                by=SYSTEM, at=at,
            )  # fmt: skip
    return exam


@pytest.mark.rule("V5.1.1", "V3.3")
@pytest.mark.parametrize(
    ("asked", "found", "missing"),
    [
        ("region=13", ["朝阳门外大街1号", "地点尚未公布"], ["解放路9号"]),
        ("region=13&prefecture=1301", ["朝阳门外大街1号"], ["地点尚未公布"]),
        ("q=解放路", ["解放路9号一楼"], ["朝阳门"]),
        ("q=解放路+9号", ["解放路9号一楼"], []),
        ("region=13&q=解放路", ["没有这样的地点"], ["解放路9号"]),
        ("q=%25_'", ["没有这样的地点"], []),
        ("region=99", ["按考区"], []),
        ("", ["按考区"], ["朝阳门"]),
    ],
)
def test_a_confirmation_place_is_found_by_region_prefecture_and_words(client, places, asked, found, missing):
    text = page(client, f"/exams/{places.slug}/points/?{asked}")
    results = text.partition('id="found"')[2]
    assert [words for words in found if words not in results] == []
    assert [words for words in missing if words in results] == []


def test_a_telephone_can_be_dialled_and_works_without_javascript(client, places):
    text = page(client, f"/exams/{places.slug}/points/?region=13")
    assert '<a href="tel:01060000001">010-6000 0001</a>' in text
    assert '<form method="get"' in text


def test_the_bulletin_lists_what_was_published_and_nothing_that_is_to_come(client, places):
    hebei = Actor(
        "person:1",
        "考区",
        "region_officer",
        "13",
        "/13/",
        person_id=1,
        permissions=frozenset({"announcement:region:publish"}),
    )
    with acting(hebei):
        announcement.publish_region(
            exam=places, region_code="13", requirements_zh="带证件", by=hebei, at=now(places)
        )
    mile(places, "registration_opens", -3)
    mile(places, "results_released", 9)
    text = page(client, f"/exams/{places.slug}/bulletin/")
    assert text.index("发布报名时间、要求和确认地点") < text.index("网上报名开始")
    assert "成绩发布" not in text
    assert [i.at for i in items(places)] == sorted((i.at for i in items(places)), reverse=True)
    assert "最新" in page(client, f"/exams/{places.slug}/bulletin/?from=1")
    assert client.get(f"/exams/{places.slug}/bulletin/?from=x").status_code == 200


def test_questions_are_answered_with_the_figures_of_the_exams_law(client, exam):
    text = page(client, f"/exams/{exam.slug}/faq/")
    assert "考试结束后22个工作日内" in text
    assert "/rules/V8.3/" in text
    assert "{" not in text.partition("<main")[2].partition("</main>")[0]
    assert "22个工作日" in page(client, f"/exams/{exam.slug}/faq/?q=退")
    assert "没有这样的问题" in page(client, f"/exams/{exam.slug}/faq/?q=火星")


def test_a_regions_answers_stand_beside_the_nations(client, places):
    hebei = Actor(
        "person:1",
        "考区",
        "region_officer",
        "13",
        "/13/",
        person_id=1,
        permissions=frozenset({"announcement:region:publish"}),
    )
    with acting(hebei):
        announcement.say_answer(
            exam=places,
            region_code="13",
            question_zh="<b>停车？</b>",
            answer_zh="没有车位",
            by=hebei,
            at=now(places),
        )
    for url in ("faq/", "regions/13/"):
        text = page(client, f"/exams/{places.slug}/{url}")
        assert escape("<b>停车？</b>") in text
        assert "没有车位" in text


@pytest.mark.parametrize(
    ("kind", "leads"),
    [
        ("ticket", "/verify/ticket/?code="),
        ("transcript", "/verify/transcript/?code="),
        ("certificate", "/verify/certificate/?text="),
    ],
)
@pytest.mark.parametrize("dressed", ["{}", " {} ", "https://exam.example/verify/ticket/?code={}"])
@pytest.mark.django_db
def test_one_field_leads_any_code_to_the_page_that_knows(client, kind, leads, dressed):
    code = sign_code(kind, "veterinarian-2027|2711010001")
    answer = client.get("/verify/", {"text": dressed.format(code)})
    assert answer.status_code == 302
    assert answer["Location"].startswith(leads)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (lambda: sign_code("registration", "x|1"), "报名回执"),
        (lambda: sign_code("ticket", "x|1")[:-4] + "AAAA", "不是本系统签发"),
        (lambda: "hello", "不是本系统签发"),
        (lambda: "https://elsewhere.example/?q=1", "不是本系统签发"),
        (lambda: "", "核验文件"),
    ],
)
@pytest.mark.django_db
def test_what_is_no_code_of_a_known_kind_is_answered_in_words(client, text, said):
    answer = client.post("/verify/", {"text": text()})
    assert answer.status_code == 200
    assert said in answer.content.decode()


@pytest.mark.django_db
def test_the_number_of_a_certificate_will_do(client):
    assert client.get("/verify/", {"text": "2027 1101 0000 01"})["Location"].startswith(
        "/verify/certificate/?text=2027"
    )


def test_home_and_the_exam_lead_to_all_of_it(client, places):
    for url in ("/", f"/exams/{places.slug}/"):
        text = page(client, url)
        for name in ("points", "faq", "bulletin", "fees"):
            assert f"/exams/{places.slug}/{name}/" in text, (url, name)


def test_the_timeline_of_a_later_day_moves_on(client, places):
    mile(places, "registration_opens", 2)
    before = items(places)
    with acting(SYSTEM):
        exams.shift_clock(
            exam=places, to=now(places) + timedelta(days=3), real_now=now(), by=SYSTEM, at=now(places)
        )
    places.refresh_from_db()
    assert len(items(places)) == len(before) + 1
