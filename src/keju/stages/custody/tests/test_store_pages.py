"""Pages of stores: from an empty list to a store that may hold papers, at the door, the day's report, the coverage map."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.stages.custody.models import Entry, KeyStep, Store, StorePerson, WatchReview, WatchSpan
from keju.stages.custody.queries import entries
from keju.stages.custody.tests import stores as world
from keju.stages.custody.tests.screens import text, url
from keju.stages.custody.tests.world import stamped
from keju.stages.security.models import Finding
from keju.stages.venues.tests.year import SYSTEM

CLOCK = "keju.stages.custody.pages.{}.now"


@pytest.fixture
def point(exam: Exam, monkeypatch: pytest.MonkeyPatch) -> Client:
    for room in ("stores", "store_checklist", "doors", "daily", "watching"):
        monkeypatch.setattr(CLOCK.format(room), lambda exam: world.CAME)
    client = Client()
    signed_in(client, "1301", "point_custody")
    return client


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("scan.png", stamped(), "image/png")


def test_a_store_is_made_ready_page_by_page(exam: Exam, point: Client) -> None:
    assert "还没有登记保密室" in text(point.get(url("stores")))
    wrong = point.post(url("store-enter"), {"office": "1302", "name": "甲", "address": "乙"})
    assert wrong.status_code == 409 and "没有这个考区或考点" in text(wrong)
    made = point.post(url("store-enter"), {"office": "1301", "name": "甲", "address": "乙"})
    assert made.status_code == 302
    people = world.People(exam)
    world.round_the_clock(exam, people)
    with acting(SYSTEM):
        pk = Store.objects.get().pk
    assert "还没有保密部门的验收合格证明" in text(point.get(url("store", store_id=pk)))
    facts = {"authority": "市保密局", "accepted_on": "2011-07-20", "scan": scan()}
    assert point.post(url("store-accept", store_id=pk), facts).status_code == 302
    for item in [i.code for i in world.queries.items(exam)]:
        sent = {"settled": "1", "photos": [scan()]}
        assert point.post(url("store-look", store_id=pk, item=item), sent).status_code == 302
    bare = point.post(url("store-look", store_id=pk, item="store_door"), {"settled": "1"})
    assert bare.status_code == 409 and "请附照片" in text(bare)
    for role, person in (("responsible", people.paper_keeper), ("receiver", people.paper_receiver)):
        assert point.post(url("store-name", store_id=pk), {"role": role, "person": person}).status_code == 302
    keys = (
        ("door_a", people.paper_keeper),
        ("door_b", people.paper_receiver),
        ("cabinet", people.point_confidential_officer),
    )
    for lock, person in keys:
        move = {"lock": lock, "label": "1", "act": "issued", "person": person, "note": ""}
        assert point.post(url("store-key", store_id=pk), move).status_code == 302
    shown = text(point.get(url("store", store_id=pk)))
    assert "各项条件都具备" in shown and "7 项中 7 项符合" in shown
    again = point.post(
        url("store-key", store_id=pk),
        {"lock": "door_a", "label": "1", "act": "issued", "person": people.paper_receiver},
    )
    assert again.status_code == 409 and "还在别人手里" in text(again)
    with acting(SYSTEM):
        assert KeyStep.objects.count() == 3
        naming = StorePerson.objects.get(role="receiver").pk
    assert point.post(url("store-name", store_id=pk), {"end": naming}).status_code == 302
    assert "可以存放" in text(point.get(url("stores"))) or "还缺" in text(point.get(url("stores")))
    for what in ("sheet", "entries", "keys"):
        printed = point.post(url("store-print", store_id=pk), {"what": what})
        assert printed.status_code == 200 and printed.content.startswith(b"%PDF")


def test_no_two_fields_of_a_store_share_an_id(exam: Exam, point: Client) -> None:
    made = point.post(url("store-enter"), {"office": "1301", "name": "甲", "address": "乙"})
    page = point.get(made["Location"]).content.decode()
    ids = re.findall(r' id="([^"]+)"', page)
    assert {"name-person", "key-person"} <= set(ids) and len(ids) == len(set(ids))


@pytest.mark.rule("V12.2.4")
def test_at_the_door_both_keyholders_type_their_codes_and_refusals_are_shown(
    exam: Exam, point: Client
) -> None:
    row, people = world.ready(exam)
    first, second = world.codes(people.paper_keeper, 3), world.codes(people.paper_receiver, 3)
    page = point.get(url("store-door", store_id=row.pk))
    assert "看守：看守" in text(page)
    key = page.context["form"].initial["key"]
    sent = {
        "people": [people.point_confidential_officer], "purpose": "inspect", "key": key,
        f"code_{people.paper_keeper}": first[0], f"code_{people.paper_receiver}": "",
    }  # fmt: skip
    refused = point.post(url("store-in", store_id=row.pk), sent)
    assert refused.status_code == 409 and "两把门钥匙的掌管人须同时在场" in text(refused)
    assert first[0] not in refused.content.decode()
    key = refused.context["form"].data["key"]
    sent |= {"key": key, f"code_{people.paper_keeper}": first[1], f"code_{people.paper_receiver}": second[0]}
    assert point.post(url("store-in", store_id=row.pk), sent).status_code == 302
    with acting(SYSTEM):
        (entry,) = entries.inside(row)
        assert Entry.objects.filter(admitted=False).count() == 1
    empty = point.post(url("store-out", store_id=row.pk), {})
    assert empty.status_code == 409 and "请选择离开的人" in text(empty)
    assert (
        point.post(url("store-out", store_id=row.pk), {"entries": [entry.pk], "taken": "7"}).status_code
        == 302
    )
    log = text(point.get(url("store-log", store_id=row.pk)))
    assert "handover:7" in log and "拒绝进入" in log and "门锁一" in log


@pytest.mark.rule("P7.2", "V12.4")
def test_the_day_goes_up_with_one_click_and_the_map_takes_videos_and_replays(
    exam: Exam, point: Client
) -> None:
    row, people = world.ready(exam)
    day = point.get(url("daily"))
    assert "各项正常" in text(day)
    assert point.post(url("daily-send"), {"progress": ""}).status_code == 302
    assert "已报" in text(point.get(url("daily")))
    assert point.post(url("daily-send"), {"progress": ""}).status_code == 409
    region = Client()
    signed_in(region, "13", "region_custody")
    assert "安全" in text(region.get(url("daily")))
    assert "没有试卷或答题卡" in text(point.get(url("watch")))
    begins = world.CAME - timedelta(hours=3)
    spans = {
        "key": str(uuid4()), "place": row.place, "means": "video", "what": "1号", "starts_at": begins.strftime("%Y-%m-%dT%H:%M"),
        "ends_at": world.CAME.strftime("%Y-%m-%dT%H:%M"),
    }  # fmt: skip
    assert point.post(url("watch-enter"), spans | {"ends_at": spans["starts_at"]}).status_code == 409
    assert point.post(url("watch-enter"), spans).status_code == 302
    assert point.post(url("watch-enter"), spans).status_code == 302  # the phone's repeat
    with acting(SYSTEM):
        pk = WatchSpan.objects.get().pk
    seen = {"from_at": spans["starts_at"], "to_at": spans["ends_at"], "seen": "有人徘徊"}
    odd = {"person": people.paper_keeper, "due_on": date(2011, 10, 15).isoformat()}
    assert point.post(url("watch-review", span_id=pk), seen | {"seen": ""}).status_code == 409
    assert point.post(url("watch-review", span_id=pk), seen | odd).status_code == 302
    with acting(SYSTEM):
        assert WatchReview.objects.get().finding == Finding.objects.get().pk
    assert "有问题，已列入整改" in text(point.get(url("watch-span", span_id=pk)))
    assert point.post(url("watch-void", span_id=pk), {"why": "录错"}).status_code == 302
