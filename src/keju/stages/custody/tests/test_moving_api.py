"""Journeys and cases over the API, and the lists of custody as spreadsheets: the same services as the pages."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.kernel.sheets import read_table
from keju.stages.custody.models import Case, JourneyEntry, LookUp, WatchSpan
from keju.stages.custody.pages import exports
from keju.stages.custody.queries import tracing
from keju.stages.custody.rules.containers import number_of
from keju.stages.custody.tests import escorts, hands, stores
from keju.stages.custody.tests.escorts import ARRIVES, LEAVES, load
from keju.stages.custody.tests.world import key, papers, stamped
from keju.stages.venues.tests.year import SYSTEM

BASE = "/api/v1/custody/vet-2011"


def client_of(office: str, role: str) -> Client:
    client = Client()
    signed_in(client, office, role)
    return client


def post(client: Client, address: str, body: dict[str, Any], status: int = 200) -> Any:
    answer = client.post(f"{BASE}/{address}", body, content_type="application/json")
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def exported(client: Client, name: str, query: str = "") -> list[dict[str, Any]]:
    """The rows of a list's spreadsheet."""
    answer = client.get(reverse(f"custody-{name}-export", kwargs={"exam": "vet-2011"}) + query)
    assert answer.status_code == 200
    columns = getattr(exports, name.upper())
    try:
        return [row.values for row in read_table(answer.content, filename="x.xlsx", columns=columns).rows]
    except ValidationError:  # only its head
        return []


@pytest.mark.rule("V10.2.4", "V11.3.1")
def test_a_journey_is_planned_leaves_is_heard_of_and_arrives_over_the_api(exam: Exam) -> None:
    region = client_of("13", "region_custody")
    people = escorts.escorts(exam, 3)
    plan = {
        "sender": "13", "receiver": "1301", "mode": "post", "depart_at": LEAVES.isoformat(),
        "arrive_at": ARRIVES.isoformat(), "to_place": "mail_room:1301", "responsible": people[0], "receiving": people[1],
        "carrier": "机要局", "terms": "考前两天送达", "conditions": "防水布袋",
    }  # fmt: skip
    row = post(region, "journeys", plan, 201)
    assert (row["state"], row["leg"]) == ("draft", "to_point")
    one = f"journeys/{row['id']}"
    assert post(region, f"{one}/submit", {})["state"] == "settled"
    other = {k: v for k, v in plan.items() if k not in ("sender", "receiver")} | {"terms": "考前两天上午送达"}
    stale = other | {"version": row["version"]}
    assert post(region, f"{one}/change", stale, 409)
    changed = post(region, f"{one}/change", other | {"version": row["version"] + 1})
    assert (changed["state"], changed["version"]) == ("draft", row["version"] + 2)
    assert post(region, f"{one}/submit", {})["state"] == "settled"
    for paper in ("plan", "cards"):
        printed = region.post(f"{BASE}/{one}/{paper}.pdf")
        assert printed.status_code == 200 and printed.content.startswith(b"%PDF")
    with acting(SYSTEM):
        assert Event.objects.filter(kind="custody.journey.printed").count() == 2
    early = post(region, f"{one}/depart", {"key": str(key("go"))}, 409)
    assert [reason["rule"] for reason in early["reasons"]] == ["V10.2.4"]
    with acting(SYSTEM):
        assert Event.objects.filter(kind="custody.journey.refused").count() == 1
    load(exam, papers(exam), row["id"])
    for _ in range(2):
        assert post(region, f"{one}/depart", {"key": str(key("go"))})["state"] == "under_way"
        heard = {"key": str(key("heard")), "kind": "trouble", "words": "爆胎", "lat": "38.1", "lng": "114.5"}
        post(region, f"{one}/entries", heard, 201)
    with acting(SYSTEM):
        assert list(JourneyEntry.objects.order_by("pk").values_list("kind", flat=True)) == [
            "departed",
            "trouble",
        ]
    seen = region.get(f"{BASE}/{one}").json()
    assert seen["untold"] == ["veterinary", "police", "secrecy"] and len(seen["cargo"]) == 1
    wrong = {"key": str(key("other")), "route": "国道", "reason": "堵车", "code": "01-AAAAAA"}
    assert post(region, f"{one}/route", wrong) == {"changed": False}
    assert post(region, f"{one}/arrive", {"key": str(key("there"))})["state"] == "arrived"
    assert [r["id"] for r in region.get(f"{BASE}/journeys?state=arrived").json()] == [row["id"]]
    assert region.get(f"{BASE}/journeys?state=draft").json() == []
    assert post(region, f"{one}/cancel", {"version": 9, "reason": "x"}, 409)
    stranger = client_of("11", "region_custody")
    assert stranger.get(f"{BASE}/{one}").status_code == 404
    assert post(stranger, f"{one}/arrive", {"key": str(key("there"))}, 404)
    (line,) = exported(region, "journeys", "?state=arrived")
    assert (line["number"], line["sender"]) == (row["id"], "13")
    assert exported(region, "journeys", "?state=draft") == []
    assert exported(stranger, "journeys") == []


@pytest.mark.rule("V12.5", "V12.6.3")
def test_an_incident_is_reported_dealt_with_and_closed_over_the_api(exam: Exam) -> None:
    made = papers(exam)
    box = next(c for c in made if c.kind == "box")
    region, centre = client_of("13", "region_custody"), client_of("centre", "centre_custody")
    assert post(
        region, "cases", {"key": str(key("x")), "sort": "loss", "words": "丢失", "codes": ["B1"]}, 409
    )
    facts = {"key": str(key("theft")), "sort": "theft", "words": "被盗", "codes": [box.code], "exposed": True}
    for _ in range(2):
        row = post(region, "cases", facts, 201)
    with acting(SYSTEM):
        assert Case.objects.count() == 1 and hands.holding(box.pk).frozen
    one = f"cases/{row['id']}"
    for step in ("local_authority", "secrecy_authority", "emergency_plan", "scene", "police"):
        post(region, f"{one}/steps", {"step": step, "words": "已办"}, 201)
    (officer,) = escorts.escorts(exam, 1, post="region_discipline_officer")
    kept = {"name": "张三", "companion_id": officer, "place": "招待所", "devices": "手机一部"}
    assert post(region, f"{one}/isolations", kept, 201) == {"count": 1}
    seen = centre.get(f"{BASE}/{one}").json()
    assert (seen["missing"], seen["apart"]) == ([], 1)
    assert [c["code"] for c in seen["containers"]] == [box.code]
    (line,) = exported(centre, "cases", "?state=open")
    assert (line["number"], line["words"]) == (row["id"], "被盗")
    assert f"case:{row['id']}" in {line["subject"] for line in exported(centre, "alarms")}
    assert post(region, f"{one}/isolations/end", {}) == {"count": 1}
    end = {"version": row["version"], "findings": "未开封，已追回", "release": True}
    assert post(region, f"{one}/close", end, 409)
    assert post(centre, f"{one}/close", end)["state"] == "closed"
    assert exported(centre, "cases", "?state=open") == [] and not hands.holding(box.pk).frozen


@pytest.mark.rule("V12.6.1", "V12.6.2")
def test_damage_is_reported_and_treated_over_the_api_with_its_photographs(exam: Exam) -> None:
    bag = next(c for c in papers(exam) if c.kind == "box")
    point, region = client_of("1301", "point_custody"), client_of("13", "region_custody")
    found = {"key": str(key("torn")), "sort": "unsealed", "words": "封条脱落", "codes": [bag.code]}

    def sent(client: Client, address: str, body: dict[str, Any], status: int) -> Any:
        answer = client.post(f"{BASE}/{address}", body | {"photos": [SimpleUploadedFile("x.png", stamped())]})
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    assert region.post(f"{BASE}/damage", found).status_code == 422, "without a photograph"
    for _ in range(2):
        row = sent(region, "damage", found, 201)
    with acting(SYSTEM):
        assert Case.objects.get().kind == "damage" and hands.holding(bag.pk).frozen
    assert sent(point, "damage", found | {"key": str(key("no"))}, 409)["reasons"][0]["rule"] == "V12.6.1"
    centre = client_of("centre", "centre_custody")
    told = post(centre, f"cases/{row['id']}/instruct", {"version": row["version"], "instruction": "两人处理"})
    people = escorts.escorts(exam, 2, post="region_paper_receiver")
    treatment = {
        "version": told["version"], "words": "核对无缺", "stamped": "true", "containers": [bag.code], "seals": ["白纸-1"],
        "people": people, "codes": [escorts.codes(people[0])[0], "01-AAAAAA"],
    }  # fmt: skip
    assert sent(region, f"cases/{row['id']}/treat", treatment, 201) == {"whole": False}
    treatment["codes"] = [escorts.codes(one)[0] for one in people]
    assert sent(region, f"cases/{row['id']}/treat", treatment, 201) == {"whole": True}
    with acting(SYSTEM):
        now = hands.holding(bag.pk)
        assert (now.seal, now.frozen, Case.objects.get().state) == ("白纸-1", False, "treated")
        assert Event.objects.filter(kind="custody.case.treated").count() == 1


@pytest.mark.rule("V12.5")
def test_whose_copy_it_is_is_asked_over_the_api_and_on_record(exam: Exam) -> None:
    bag = next(c for c in papers(exam) if c.kind == "bag")
    region, point = client_of("13", "region_custody"), client_of("1301", "point_custody")
    (found,) = post(region, "trace", {"typed": tracing.mark(exam, number_of(bag.code))})
    assert (found["verdict"], found["bag"], found["site"]) == ("proven", bag.code, "1301-01")
    assert (found["room"], found["serial"]) == (bag.room, 0)
    asked = {"typed": tracing.mark(exam, number_of(bag.code))}
    assert point.post(f"{BASE}/trace", asked, content_type="application/json").status_code == 403
    (abroad,) = post(client_of("23", "region_custody"), "trace", asked)
    assert (abroad["verdict"], abroad["bag"]) == ("unknown", "")
    blank = SimpleUploadedFile("x.jpg", b"no picture", "image/jpeg")
    assert region.post(f"{BASE}/trace/photo", {"photo": blank}).status_code == 422
    nothing = SimpleUploadedFile("x.png", stamped(), "image/png")
    read = region.post(f"{BASE}/trace/photo", {"photo": nothing})
    assert read.status_code in (200, 422)
    with acting(SYSTEM):
        traced = Event.objects.filter(kind="custody.copy.traced")
        assert traced.count() == LookUp.objects.count() >= 2


@pytest.mark.rule("P7.2")
def test_a_watch_sent_twice_by_a_phone_is_one(exam: Exam) -> None:
    row, point = stores.entered(exam), client_of("1301", "point_custody")
    span = {
        "place": row.place, "means": "video", "what": "1号摄像头", "starts_at": LEAVES.isoformat(),
        "ends_at": ARRIVES.isoformat(),
    }  # fmt: skip
    for _ in range(2):
        assert post(point, "watch", {"key": str(key("watch")), "spans": [span, span]}, 201) == {"count": 2}
    with acting(SYSTEM):
        assert WatchSpan.objects.count() == 2
        assert Event.objects.filter(kind="custody.watch.entered").count() == 1


def test_the_list_of_handovers_is_exported_as_it_is_shown(exam: Exam) -> None:
    papers(exam)
    who = hands.cast(exam, ["centre"], codes=1)
    row = hands.arranged(who, "centre_to_carrier", hands.boxes(exam), "journey:1")
    centre = client_of("centre", "centre_custody")
    (line,) = exported(centre, "handovers", f"?state={row.state}")
    assert (line["number"], line["pieces"]) == (row.pk, 1)
    assert exported(centre, "handovers", "?state=closed") == []
    assert exported(client_of("11", "region_custody"), "handovers") == []
