"""The pages of journeys and cases: the board, a leg from draft to arrival, the card's page on a phone, a damaged bag."""

import re
from dataclasses import replace
from decimal import Decimal
from html import unescape
from io import BytesIO
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client

from keju.kernel.accounts.models import Person
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.stages.custody.models import Case, Holding, Journey
from keju.stages.custody.pages.journeys import sketch
from keju.stages.custody.rules.journeys import Crew, Duty
from keju.stages.custody.services import underway
from keju.stages.custody.tests import escorts
from keju.stages.custody.tests.escorts import ARRIVES, LEAVES, load
from keju.stages.custody.tests.screens import text, url
from keju.stages.custody.tests.world import (
    REGION_PAPERS,
    key,
    loose_bag,
    papers,
    stamped,
)
from keju.stages.venues.tests.year import SYSTEM

MOMENT = "%Y-%m-%dT%H:%M"


@pytest.mark.rule("V10.2.4", "V11.3.1")
def test_a_journey_from_its_draft_to_its_arrival(exam: Exam, region: Client) -> None:
    assert "没有试卷在途中" in text(region.get(url("journeys")))
    people = escorts.escorts(exam, 3)
    first = text(region.get(url("journey-new")))
    assert "下一步" in first and "员工0" not in first
    assert "员工0" in text(region.get(url("journey-new"), {"ends": "13>1301>mail_room:1301"}))
    facts = {
        "ends": "13>1301>mail_room:1301", "mode": "road", "depart_at": f"{LEAVES:{MOMENT}}", "arrive_at": f"{ARRIVES:{MOMENT}}",
        "responsible_id": people[0], "receiver_id": people[1], "conditions": "防水布袋", "route": "京港澳高速", "road": "晴",
        "leader": people[0], "plate1": "冀A00001", "kind1": "papers", "sealed1": "on", "serviced1": "on", "escorts1": people[:2],
    }  # fmt: skip
    refused = region.post(url("journey-new"), facts)
    assert refused.status_code == 409 and "直接送到接收单位的保密室" in text(refused)
    posted = region.post(
        url("journey-new"), {**facts, "mode": "post", "carrier": "机要局", "terms": "考前两天送达"}
    )
    assert posted.status_code == 302
    with acting(SYSTEM):
        row = Journey.objects.get()
    there = {"journey_id": row.pk}
    page = region.get(url("journey-change", **there))
    assert "机要局" in page.content.decode() and page.context["form"].initial["ends"] == facts["ends"]
    changed = {**facts, "mode": "post", "carrier": "机要通信局", "terms": "专人专车", "version": row.version}
    assert region.post(url("journey-change", **there), changed).status_code == 302
    assert region.post(url("journey-change", **there), changed).status_code == 409  # somebody moved first
    with acting(SYSTEM):
        assert (Journey.objects.get().carrier, Journey.objects.get().state) == ("机要通信局", "draft")
    assert region.post(url("journey-submit", **there), {"reason": ""}).status_code == 302
    empty = region.post(url("journey-depart", **there), {"key": str(key("go"))})
    assert empty.status_code == 409 and "还没有装上任何试卷" in text(empty)
    load(exam, papers(exam), row.pk)
    assert region.post(url("journey-depart", **there), {"key": str(key("go"))}).status_code == 302
    assert "河北" in text(region.get(url("journeys")))
    report = {"key": str(key("heard")), "kind": "trouble", "words": "爆胎", "lat": "38.1", "lng": "114.5"}
    assert region.post(url("journey-enter", **there), report).status_code == 302
    shown = text(region.get(url("journey", **there)))
    assert "还没有报告" in shown and "兽医主管部门" in shown and "爆胎" in shown
    told = {"key": str(key("told")), "told": "police", "words": "110"}
    assert region.post(url("journey-tell", **there), told).status_code == 302
    for name in ("journey-print", "journey-cards"):
        assert region.post(url(name, **there)).content.startswith(b"%PDF")
    assert region.post(url("journey-arrive", **there), {"key": str(key("there"))}).status_code == 302
    assert "已到达" in text(region.get(url("journeys") + "?state=arrived"))


@pytest.mark.rule("V10.2.4")
def test_the_card_s_page_reports_without_a_sign_in_and_once(exam: Exam) -> None:
    row = escorts.settled(exam, escorts.road(escorts.escorts(exam, 3)))
    load(exam, papers(exam), row.pk)
    with acting(REGION_PAPERS):
        underway.depart(
            exam=exam,
            departures=[underway.Departure(row.pk, key("go"), ["no_others", "watched", "fit"])],
            by=REGION_PAPERS,
            at=LEAVES,
        )
        token = next(
            iter(underway.new_cards(exam=exam, journey_id=row.pk, by=REGION_PAPERS, at=LEAVES).values())
        )
    phone = Client()
    assert phone.get(url("onway", token="x" * 24)).status_code == 404
    assert "途中报告" in text(phone.get(url("onway", token=token)))
    for _ in range(2):
        sent = phone.post(
            url("onway-enter", token=token), {"key": str(key("ok")), "kind": "report", "words": "平安过邢台"}
        )
        assert sent.status_code == 302
    with acting(SYSTEM):
        assert row.entries.filter(kind="report").count() == 1
    assert text(phone.get(url("onway", token=token))).count("平安过邢台") == 1
    vague = phone.post(url("onway-enter", token=token), {"key": str(key("bad")), "kind": "trouble"})
    assert vague.status_code == 409 and "请写明情况" in text(vague)
    assert phone.post(url("onway-arrive", token=token), {"key": str(key("end"))}).status_code == 302
    assert "途中报告结束" in text(phone.get(url("onway", token=token)))


@pytest.mark.rule("V11.3.1")
def test_the_receiver_knows_who_comes_and_their_telephones_on_record(exam: Exam) -> None:
    people = escorts.escorts(exam, 3)
    with acting(SYSTEM):
        Person.objects.filter(pk=people[0]).update(phone="13912345678", name="押运员甲")
    row = escorts.settled(exam, escorts.road(people))
    point = Client()
    signed_in(point, "1301", "point_custody")
    there = {"journey_id": row.pk}
    seen = text(point.get(url("journey", **there)))
    assert "押运员甲" in seen and "139****5678" in seen and "13912345678" not in seen
    clear = point.post(url("journey-phones", **there))
    assert "13912345678" in text(clear) and clear.headers["Cache-Control"] == "private, no-store"
    with acting(SYSTEM):
        asked = Event.objects.get(kind="custody.journey.phones_shown")
        assert asked.rules == ["V11.3.1"] and asked.data == {"people": sorted(people)}


@pytest.mark.rule("V12.6.1", "V12.6.2")
def test_a_damaged_bag_by_the_pages(exam: Exam, region: Client) -> None:
    bag = loose_bag(exam)
    point = Client()
    signed_in(point, "1301", "point_custody")
    assert "没有破损或事件" in text(point.get(url("cases")))
    facts = {"key": str(key("found")), "sort": "unsealed", "codes": "B000", "words": "封条开了"}
    unknown = point.post(url("case-report"), facts)
    assert unknown.status_code == 409 and "B000" in text(unknown)
    photo = BytesIO(stamped())
    photo.name = "bag.png"
    sent = point.post(url("case-report"), {**facts, "codes": bag.code.lower(), "photos": photo})
    assert sent.status_code == 302
    with acting(SYSTEM):
        row = Case.objects.get()
    there = {"case_id": row.pk}
    assert "等待上级指示" in text(point.get(url("case", **there)))
    assert region.post(url("case-instruct", **there), {"version": 1, "words": "白纸封口"}).status_code == 302
    first, second = escorts.escorts(exam, 2, post="paper_keeper", code="1301", path="/13/1301/", first=100)
    sheets = {pk: escorts.codes(pk) for pk in (first, second)}
    photo = BytesIO(stamped())
    photo.name = "after.png"
    done = {
        "version": 2, "words": "两人核对，白纸封口", "stamped": "on", f"seal{bag.pk}": "白纸-7", "person1": first,
        "code1": sheets[first][0], "person2": second, "code2": sheets[second][0], "photos": photo,
    }  # fmt: skip
    answer = point.post(url("case-treat", **there), done)
    assert answer.status_code == 302, text(answer)
    with acting(SYSTEM):
        assert Holding.objects.get(pk=bag.pk).seal == "白纸-7"
    shown = region.get(url("case", **there))
    assert "报中心" in text(shown)
    thumb = re.search(r'src="([^"]+/photo/[^"]+)"', shown.content.decode())
    assert thumb and region.get(thumb[1]).status_code == 200
    assert (
        region.post(url("case-up", **there), {"version": 3, "cause": "摩擦", "handling": "封口"}).status_code
        == 302
    )
    assert point.post(url("case-print", **there)).content.startswith(b"%PDF")
    assert "已结案" in text(region.get(url("cases") + "?state=closed"))


def test_positions_are_drawn_north_up_within_the_square() -> None:
    south, north, east = ((Decimal(a), Decimal(b)) for a, b in ((38, 114), (39, 114), (39, 116)))
    assert sketch([]) == [] and sketch([south] * 2) == []
    assert sketch([south, north, east]) == [(20, 150), (20, 20), (280, 20)]


@pytest.mark.rule("V10.2.4", "V11.3.1")
def test_the_crew_of_a_journey_is_proposed_as_the_escorts_who_load_and_unload_it(
    exam: Exam, region: Client
) -> None:
    """Who leads comes first, since the first named answers; a driver stays with the vehicle; what was ticked stays so."""
    made = papers(exam)
    people = escorts.escorts(exam, 5)
    plan = escorts.road(people[3:0:-1])
    plan = replace(plan, crew=[*plan.crew[1:], plan.crew[0], Crew(people[4], Duty.DRIVER, 1)])
    row = escorts.settled(exam, plan)
    way = {"kind": "region_to_escort", "sender": "13", "receiver": "13"}
    asked = urlencode({**way, "place": f"journey:{row.pk}"})
    assert f"?{asked}" in unescape(region.get(url("journey", journey_id=row.pk)).content.decode())
    page = region.get(f"{url('handover-new')}?{asked}").content.decode()
    role = "p-receiver-escort"
    shown = re.findall(rf'name="{role}" value="(\d+)"( checked)?', page)
    assert [int(pk) for pk, ticked in shown if ticked] == [people[3], people[2], people[1]]
    assert {int(pk) for pk, ticked in shown if not ticked} == {people[0], people[4]}
    other = {**way, "place": f"journey:{row.pk}", "codes": "", "key": str(uuid4()), role: [people[0]]}
    again = region.post(url("handover-new"), other).content.decode()
    assert re.findall(rf'name="{role}" value="(\d+)" checked', again) == [str(people[0])]

    there = {"kind": "return_to_centre", "sender": "13", "receiver": "centre"}
    assert " checked" not in region.get(url("handover-new"), there).content.decode()
    load(exam, made, row.pk)
    back = region.get(url("handover-new"), there).content.decode()
    sender = re.findall(r'name="p-sender-escort" value="(\d+)" checked', back)
    assert sender == [str(pk) for pk in (people[3], people[2], people[1])]
