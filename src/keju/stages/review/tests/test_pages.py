"""The counter and the region's desk as people meet them."""

import json
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from keju.kernel.documents.codes import sign_code
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.stages.fees.tests.world import AFTER, DOUBTED, DURING, SYSTEM, World, cash, make_world, set_clock
from keju.stages.registration.models import Registration
from keju.stages.registration.queries import number_of
from keju.stages.review import services
from keju.stages.review.models import Batch, FirstReview, SecondReview, Summary
from keju.stages.review.services import FirstDecision

pytestmark = pytest.mark.django_db
TICKED = {"identity_card": (True, True, True), "diploma": (True, True, True)}
TICKS = {f"{k}_{m}": "on" for k in ("complete", "true", "valid") for m in TICKED}


@pytest.fixture
def world() -> World:
    world = make_world()
    set_clock(world.exam, DURING)
    return world


def at(name: str, **more: object) -> str:
    return reverse(name, kwargs={"exam": "vet-2011", **more})


def text(response: HttpResponse, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:3000]
    return response.content.decode()


def reviewed(world: World, point: str = "1301") -> list[int]:
    """All of the point have passed the first review by somebody else than the clients of these tests."""
    ids = world.ids[point]
    decisions = [
        FirstDecision(
            pk, True, TICKED, True, signed=True, payment=cash(pk, 160 if point.startswith("13") else 130)
        )
        for pk in ids
    ]
    with acting(SYSTEM):
        services.decide_first(exam=world.exam, decisions=decisions, by=SYSTEM, at=DURING)
    return ids


def figures(page: str) -> list[str]:
    return re.findall(r'class="figure-value[^>]*>([^<]*)<', page)


def answer(kind: str, **changes: str) -> dict[str, str]:
    return {
        **TICKS,
        "method": "cash",
        "returned": "on",
        "signed": "on",
        "version": "1",
        "answer": kind,
        **changes,
    }


@pytest.mark.parametrize(
    ("code", "role", "names"),
    [
        ("1301", "point_clerk", ["review-home", "review-counter", "review-figures", "review-second"]),
        ("13", "region_officer", ["review-home", "review-second", "review-figures", "review-badge"]),
        ("centre", "centre_exam", ["review-home", "review-second", "review-figures", "review-badge"]),
    ],
)
def test_every_page_opens_in_both_languages(
    world: World, client: Client, code: str, role: str, names: list[str]
) -> None:
    reviewed(world, "1302")
    signed_in(client, code, role)
    for language in ("zh", "en"):
        for name in names:
            text(client.get(at(name) + f"?lang={language}"))
        text(client.get(at("review-summary", point="1301") + f"?lang={language}"))


@pytest.mark.rule("V5.3.2b")
def test_a_code_a_number_or_a_unique_name_opens_the_desk(world: World, client: Client) -> None:
    signed_in(client, "1301", "point_clerk")
    pk = world.ids["1301"][0]
    with acting(SYSTEM):
        person = Registration.objects.get(pk=pk)
    number = number_of(world.exam, pk)
    for wanted in (number, person.identity, person.name, sign_code("registration", f"vet-2011|{number}")):
        found = client.get(at("review-counter"), {"q": wanted})
        assert (found.status_code, found.headers["Location"]) == (302, at("review-desk", registration_id=pk))
    listed = text(client.get(at("review-counter"), {"q": "考生"}))
    assert listed.count("/review/desk/") == 3
    elsewhere = number_of(world.exam, world.ids["1101"][0])
    for nobody in (elsewhere, sign_code("registration", f"other|{number}"), "K1.forged.code"):
        assert "没有找到" in text(client.get(at("review-counter"), {"q": nobody}, follow=True))


@pytest.mark.rule("V5.3.2a", "V5.3.2c")
def test_the_clerk_passes_one_and_is_ready_for_the_next(world: World, client: Client) -> None:
    signed_in(client, "1301", "point_clerk")
    pk = world.ids["1301"][0]
    page = text(client.get(at("review-desk", registration_id=pk)))
    assert page.count('type="checkbox"') == 8  # two materials by three, the originals, the signatures
    assert "¥160.00" in page
    passed = client.post(at("review-desk", registration_id=pk), answer("pass"), follow=True)
    assert passed.redirect_chain[0][0] == at("review-counter")
    assert "HB000001" in text(passed)
    # The second click finds it decided and does nothing.
    assert client.post(at("review-desk", registration_id=pk), answer("pass")).status_code == 409
    assert "HB000001" in text(client.get(at("review-desk", registration_id=pk)))
    with acting(SYSTEM):
        assert FirstReview.objects.count() == 1


@pytest.mark.rule("V5.3.1a", "V5.3.2a")
def test_what_is_missing_is_said_on_the_desk_and_what_was_ticked_stays(world: World, client: Client) -> None:
    signed_in(client, "1301", "point_clerk")
    pk = world.ids["1301"][0]
    given = answer("pass")
    given.pop("true_diploma")
    given.pop("returned")
    page = text(client.post(at("review-desk", registration_id=pk), given), 409)
    assert "学历证书" in page
    assert "原件" in page
    assert page.count("checked") >= 5
    page = text(client.post(at("review-desk", registration_id=pk), answer("fail")), 409)
    assert "原因" in page
    failed = client.post(
        at("review-desk", registration_id=pk), answer("fail", reason="专业不符"), follow=True
    )
    assert "审核不通过" in text(failed)
    with acting(SYSTEM):
        assert Registration.objects.get(pk=pk).reason == "专业不符"


@pytest.mark.rule("V5.2.2")
def test_a_doubted_photo_is_accepted_on_the_desk(world: World, client: Client) -> None:
    pk = world.ids["1301"][0]
    with acting(SYSTEM):
        Registration.objects.filter(pk=pk).update(photo_sha256=DOUBTED)
    signed_in(client, "1301", "point_clerk")
    assert "照片有疑问" in text(client.get(at("review-desk", registration_id=pk)))
    assert "照片有疑问" in text(client.post(at("review-desk", registration_id=pk), answer("pass")), 409)
    client.post(at("review-photo-accept", registration_id=pk), {"reason": "本人"})
    assert client.post(at("review-desk", registration_id=pk), answer("pass")).status_code == 302


@pytest.mark.rule("V1.5", "V1.7", "V5.3.2c")
def test_another_offices_rows_do_not_exist(world: World, client: Client) -> None:
    ours, theirs = world.ids["1301"][0], world.ids["1101"][0]
    reviewed(world, "1101")
    signed_in(client, "1301", "point_clerk")
    for name in ("review-desk", "review-photo"):
        assert client.get(at(name, registration_id=theirs)).status_code == 404
    assert client.post(at("review-desk", registration_id=theirs), answer("pass")).status_code == 404
    assert client.post(at("review-form", registration_id=theirs)).status_code == 404
    assert client.get(at("review-summary", point="1101")).status_code == 404
    assert client.post(at("review-summary-send", point="1101")).status_code == 404
    region = Client()
    signed_in(region, "13", "region_officer")
    assert region.get(at("review-second-item", registration_id=theirs)).status_code == 404
    assert (
        region.post(at("review-second-item", registration_id=theirs), {"answer": "pass"}).status_code == 404
    )
    assert region.get(at("review-desk", registration_id=ours)).status_code == 403
    assert client.get(at("review-second-item", registration_id=ours)).status_code == 403


@pytest.mark.rule("V5.4")
def test_the_region_passes_many_fails_one_and_sets_the_batch(world: World, client: Client) -> None:
    one, two, three = reviewed(world)
    set_clock(world.exam, AFTER)
    signed_in(client, "13", "region_officer")
    assert "现在不能" in text(client.get(at("review-home")))
    page = text(client.get(at("review-second")))
    assert page.count('name="id"') == 3
    chosen: dict[str, object] = {"id": [str(one), str(two)], "whom": "ticked"}
    assert "签署复核意见" in text(client.post(at("review-second"), chosen), 409)
    chosen["signed"] = "on"
    assert figures(text(client.post(at("review-second"), chosen, follow=True))) == ["2", "0"]
    again = client.post(at("review-second"), chosen, follow=True)
    assert figures(text(again)) == ["0", "2"]
    assert "已有复核结论" in text(again)
    assert client.get(again.redirect_chain[0][0] + "sheet/").content[:2] == b"PK"
    text(client.get(at("review-second-item", registration_id=three)))
    bare = client.post(at("review-second-item", registration_id=three), {"answer": "fail", "version": "0"})
    assert "原因" in text(bare, 409)
    said = {"answer": "fail", "reason": "证书系伪造", "version": "0", "signed": "on"}
    done = client.post(at("review-second-item", registration_id=three), said)
    assert done.headers["Location"] == at("review-second")
    assert client.post(at("review-second-item", registration_id=three), said).status_code == 409
    assert "证书系伪造" in text(client.get(at("review-second") + "?state=failed"))
    assert client.get(at("review-second-sheet") + "?state=all").content[:2] == b"PK"
    assert "设置全部复核结果" in text(client.get(at("review-home")))
    assert client.post(at("review-batch")).status_code == 302
    assert client.post(at("review-batch")).status_code == 409
    assert "退费名单" in text(client.get(at("review-home")))
    with acting(SYSTEM):
        assert Batch.objects.get().failed == 1


@pytest.mark.rule("V5.4")
def test_whoever_did_the_first_review_is_left_out_of_a_bulk_pass(world: World, client: Client) -> None:
    one, two, _ = reviewed(world)
    person = signed_in(client, "13", "region_officer")
    with acting(SYSTEM):
        # As if the officer had sat at the counter that day: the first review of one more is theirs.
        other = world.ids["1302"][0]
        row = FirstReview.objects.get(registration_id=one)
        FirstReview.objects.create(
            exam=world.exam,
            registration_id=other,
            candidate_id=row.candidate_id,
            office_path="/13/1302/",
            form_version=1,
            form="paper",
            materials={},
            returned=True,
            passed=True,
            decided_by=f"person:{person.pk}",
            decided_at=DURING,
        )
    chosen = {"id": [str(two), str(other)], "signed": "on"}
    page = text(client.post(at("review-second"), chosen, follow=True))
    assert figures(page) == ["1", "1"]
    assert "本人初审的，须由他人复核" in page
    assert "须由他人复核" in text(client.get(at("review-second-item", registration_id=other)))
    with acting(SYSTEM):
        assert list(SecondReview.objects.values_list("registration_id", flat=True)) == [two]


@pytest.mark.rule("V5.3.3")
def test_the_point_sends_its_summary_and_the_region_signs(world: World, client: Client) -> None:
    reviewed(world)
    signed_in(client, "1301", "point_clerk")
    assert "现在不能" in text(client.get(at("review-summary", point="1301")))
    parcel = {"packets": "2", "carrier": "王一", "seal": "F-7", "kept": "on"}
    assert client.post(at("review-summary-send", point="1301"), parcel).status_code == 409
    set_clock(world.exam, AFTER)
    assert "报送后现金" in text(client.get(at("review-summary", point="1301")))
    assert "packets" in text(client.post(at("review-summary-send", point="1301")), 422)
    bare = client.post(at("review-summary-send", point="1301"), {**parcel, "kept": ""})
    assert "留存一套" in text(bare, 409)
    assert client.post(at("review-summary-send", point="1301"), parcel).status_code == 302
    assert client.post(at("review-summary-send", point="1301"), parcel).status_code == 409
    assert client.post(at("review-consignment-print", point="1301")).content.startswith(b"%PDF")
    assert client.post(at("review-summary-print", point="1301")).content.startswith(b"%PDF")
    assert client.get(at("review-summary-sheet", point="1301")).content[:2] == b"PK"
    region = Client()
    signed_in(region, "13", "region_officer")
    assert region.get(at("review-summary-sheet", point="1302")).status_code == 404
    counted = {
        "packets": "2",
        "forms": "5",
        "evidence": "3",
        "summaries": "1",
        "slips": "1",
        "seal_whole": "on",
    }
    assert region.post(at("review-summary-receive", point="1301"), {"remark": "齐"}).status_code == 422
    assert "写明差异" in text(region.post(at("review-summary-receive", point="1301"), counted), 409)
    counted["remark"] = "少一份报名表"
    assert region.post(at("review-summary-receive", point="1301"), counted).status_code == 302
    assert region.post(at("review-summary-receive", point="1301"), counted).status_code == 409
    assert "有差异" in text(region.get(at("review-summary", point="1301")))
    with acting(SYSTEM):
        assert Summary.objects.get().found["forms"] == 5


@pytest.mark.rule("V1.5", "V5.4")
def test_the_api_has_the_same_doors(world: World, client: Client) -> None:
    api = "/api/v1/review/vet-2011"
    pk, theirs = world.ids["1301"][0], world.ids["1101"][0]
    assert client.get(f"{api}/progress").status_code in (401, 403)
    signed_in(client, "1301", "point_clerk")
    assert len(client.get(f"{api}/first").json()) == 3
    body = {
        "passed": True,
        "materials": {k: list(v) for k, v in TICKED.items()},
        "returned": True,
        "signed": True,
        "payment": {"method": "cash", "amount": "160.00"},
    }
    assert sent(client, f"{api}/first/{theirs}", body).status_code == 404
    refused = sent(client, f"{api}/first/{pk}", {**body, "materials": {}})
    assert refused.json()["reasons"][0]["rule"] == "V5.3.1a"
    assert sent(client, f"{api}/first/{pk}", body).json() == {"registration_id": pk, "receipt": "HB000001"}
    assert sent(client, f"{api}/first/{pk}", body).status_code == 409
    assert sent(client, f"{api}/second", {"passed": [pk]}).status_code == 403
    region = Client()
    signed_in(region, "13", "region_officer")
    assert [i["row"]["id"] for i in region.get(f"{api}/second").json()] == [pk]
    assert sent(region, f"{api}/second", {"passed": [theirs], "signed": True}).status_code == 404
    assert sent(region, f"{api}/second", {"passed": [pk], "signed": True}).json() == {"done": 1}
    assert sent(region, f"{api}/batch", {}).status_code == 409
    assert region.get(f"{api}/summaries/1101").status_code == 404


def sent(client: Client, path: str, body: dict[str, Any]) -> HttpResponse:
    return client.post(path, json.dumps(body), content_type="application/json")
