"""Journeys and cases over the API, and the lists of custody as spreadsheets: the same services as the pages."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.kernel.sheets import read_table
from keju.stages.custody.models import Case, JourneyEntry
from keju.stages.custody.pages import exports
from keju.stages.custody.tests import escorts, hands
from keju.stages.custody.tests.escorts import ARRIVES, LEAVES, load
from keju.stages.custody.tests.world import key, papers
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


def test_the_list_of_handovers_is_exported_as_it_is_shown(exam: Exam) -> None:
    papers(exam)
    who = hands.cast(exam, ["centre"], codes=1)
    row = hands.arranged(who, "centre_to_carrier", hands.boxes(exam), "journey:1")
    centre = client_of("centre", "centre_custody")
    (line,) = exported(centre, "handovers", f"?state={row.state}")
    assert (line["number"], line["pieces"]) == (row.pk, 1)
    assert exported(centre, "handovers", "?state=closed") == []
    assert exported(client_of("11", "region_custody"), "handovers") == []
