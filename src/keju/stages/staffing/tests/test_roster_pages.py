"""The pages of rosters: made by hand, proposed, published, shown, filed; the calendar behind a link."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from keju.kernel.audit.models import Event
from keju.kernel.calendar import CHINA
from keju.kernel.documents.counting import page_texts
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.kernel.sheets import read_table, write_table
from keju.stages.staffing.models import CalendarLink, Filing, Roster, Shift
from keju.stages.staffing.services.roster_sheets import COLUMNS
from keju.stages.staffing.tests import world
from keju.stages.staffing.tests.duty import complete, hour, made, officers, opened, posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def exam(settings: Any, tmp_path: Any, db: None) -> Exam:
    settings.FILES_ROOT = tmp_path
    return world.hosts(rooms=1)


@pytest.fixture
def clerk(exam: Exam) -> Client:
    client = Client()
    signed_in(client, "1301", "point_manager")
    return client


def url(name: str, **kwargs: object) -> str:
    return reverse(f"staffing-{name}", kwargs={"exam": "vet-2011", **kwargs})


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def typed(moment: Any) -> str:
    return str(moment.astimezone(CHINA).strftime("%Y-%m-%dT%H:%M"))


def event(kind: str) -> Event:
    with acting(world.SYSTEM):
        return Event.objects.get(kind=kind)


@pytest.mark.rule("V15.1.4")
def test_a_roster_is_made_by_hand_on_one_page_and_published(exam: Exam, clerk: Client) -> None:
    a, b, c = officers(exam, 3)
    assert "还没有值守表" in text(clerk.get(url("rosters")))
    bad = clerk.post(url("roster-add"), {"kind": "duty", "office": "9999"})
    assert bad.status_code == 409 and "没有这样的单位" in text(bad)
    assert clerk.post(url("roster-add"), {"kind": "floors", "office": "1301"}).status_code == 409
    page = clerk.post(url("roster-add"), {"kind": "duty", "office": "1301"}, follow=True)
    assert "2011年10月15日 15:00 – 2011年10月16日 21:00" in text(page)
    with acting(world.SYSTEM):
        roster = Roster.objects.get().pk
    for n, member in enumerate((a, b)):
        shift = {
            "member": member,
            "starts_at": typed(hour(10 * n)),
            "ends_at": typed(hour(10 * n + 10)),
            "version": n + 1,
        }
        assert clerk.post(url("shift-add", roster_id=roster), shift).status_code == 302
    late = {"member": a, "starts_at": typed(hour(9)), "ends_at": typed(hour(12)), "version": 3}
    twice = clerk.post(url("shift-add", roster_id=roster), late)
    assert twice.status_code == 409 and "同一时间已有值守" in text(twice) and "V15.1.4" in text(twice)
    gap = clerk.post(url("publish", roster_id=roster), {"version": 3})
    assert gap.status_code == 409 and "还缺1人" in text(gap)
    last = {
        "member": c,
        "starts_at": typed(hour(20)),
        "ends_at": typed(hour(30)),
        "phone": "0311-555",
        "version": 3,
    }
    assert clerk.post(url("shift-add", roster_id=roster), {**last, "phone": "<b>"}).status_code == 409
    assert clerk.post(url("shift-add", roster_id=roster), last).status_code == 302
    with acting(world.SYSTEM):
        uid = Shift.objects.get(member_id=c).uid
    assert "0311-555" in clerk.get(url("shift", roster_id=roster, shift=uid)).content.decode()
    assert clerk.post(url("shift-strike", roster_id=roster, shift=uid), {"version": 3}).status_code == 409
    assert clerk.post(url("publish", roster_id=roster), {"version": 4}).status_code == 302
    shown = text(clerk.get(url("roster", roster_id=roster)))
    assert "第1版有效" in shown and "时段内没有空档" in shown
    assert "李1" in text(clerk.get(url("roster-version", roster_id=roster, edition=1)))
    assert clerk.get(url("roster-version", roster_id=roster, edition=2)).status_code == 404
    assert event("staffing.rosters.published").data["shifts"] == 3


def test_a_proposal_is_looked_at_and_taken_as_it_was_shown(exam: Exam, clerk: Client) -> None:
    officers(exam, 4)
    roster = opened(exam).pk
    page = text(clerk.get(url("propose", roster_id=roster) + "?seed=5"))
    assert "已证明不能更均" in page
    names = re.findall(r"– 2011年10月1[67]日 \d\d:\d\d (李\d)", page)
    assert clerk.post(url("propose", roster_id=roster), {"seed": 5, "version": 1}).status_code == 302
    with acting(world.SYSTEM):
        found = [
            s.member.person.name for s in Shift.objects.select_related("member__person").order_by("starts_at")
        ]
    assert found == names and len(found) == 3
    assert clerk.post(url("propose", roster_id=roster), {"seed": 5, "version": 1}).status_code == 409
    assert "没有空档要填" in text(clerk.get(url("propose", roster_id=roster)))


def test_one_click_opens_the_rosters_of_all_sites_below(exam: Exam) -> None:
    people = world.people(2)
    posted(exam, "guard", people[:1], office=world.SITE)
    region = Client()
    signed_in(region, "13", "region_officer")
    page = region.post(url("roster-add"), {"kind": "site_guard", "office": "*"}, follow=True)
    assert "已有 2 张表" in text(page)
    with acting(world.SYSTEM):
        assert sorted(r.office_code for r in Roster.objects.all()) == ["1301-01", "1302-01"]
        assert {s.roster.office_code for s in Shift.objects.all()} == {"1301-01"}
    shown = region.get(url("rosters")).content.decode()
    (whole,) = re.findall(r'name="roster" value="([^"]+)"', shown)  # the other has nobody on it
    assert region.post(url("rosters-publish"), {"roster": [whole.replace(":", ":9")]}).status_code == 409
    assert region.post(url("rosters-publish"), {"roster": ["x"]}).status_code == 422
    assert region.post(url("rosters-publish"), {"roster": [whole]}).status_code == 302
    with acting(world.SYSTEM):
        assert [(r.office_code, r.published) for r in Roster.objects.order_by("office_code")] == [
            ("1301-01", 1), ("1302-01", 0),
        ]  # fmt: skip
    assert event("staffing.rosters.published").data["shifts"] == 2
    assert "发布勾选" not in text(region.get(url("rosters")))


def test_a_sheet_is_the_roster_or_tells_every_wrong_row(exam: Exam, clerk: Client) -> None:
    a, b, _ = officers(exam, 3)
    roster = complete(exam, 1, first=20).pk
    sheet = clerk.get(url("roster-export", roster_id=roster)).content
    table = read_table(sheet, filename="r.xlsx", columns=COLUMNS)
    assert table.ok and len(table.rows) >= 1
    rows = [
        (a, "李1", "2011-10-15 15:00", "2011-10-16 01:00", "", ""),
        (None, "李2", "2011/10/16 01:00", "2011-10-16 11:00", "", "0311-1"),
        (b, "李1", "2011-10-16 11:00", "2011-10-16 21:00", "", ""),
        (None, "无名氏", "昨天", "2011-10-16 21:00", "", ""),
    ]
    answer = clerk.post(
        url("roster-import", roster_id=roster),
        {"file": SimpleUploadedFile("r.xlsx", write_table(COLUMNS, rows)), "version": 2},
    )
    assert answer.status_code == 409
    assert {"第4行", "第5行", "另一个人", "没有“无名氏”", "2011-10-15 15:00"} <= set(
        re.findall(r"第4行|第5行|另一个人|没有“无名氏”|2011-10-15 15:00", text(answer))
    )
    with acting(world.SYSTEM):
        assert Roster.objects.get().version == 2
    good = SimpleUploadedFile("r.xlsx", write_table(COLUMNS, rows[:2]))
    assert clerk.post(url("roster-import", roster_id=roster), {"file": good, "version": 2}).status_code == 302
    with acting(world.SYSTEM):
        assert [s.member_id for s in Shift.objects.order_by("starts_at")] == [a, b]
    assert clerk.post(url("roster-import", roster_id=roster), {"version": 3}).status_code == 409


@pytest.mark.rule("V15.1.1")
def test_who_is_on_duty_with_phones_on_record_and_the_directory_filed(exam: Exam, clerk: Client) -> None:
    roster = complete(exam).pk
    (chief,) = world.people(1, first=80)
    posted(exam, "chief_examiner", [chief])
    refused = clerk.post(url("directory-file"))
    assert refused.status_code == 409 and "值班表还没有发布" in text(refused)
    assert clerk.post(url("publish", roster_id=roster), {"version": 2}).status_code == 302
    when = f"?moment={typed(hour(3))}"
    page = clerk.get(url("on-duty") + when)
    assert "138****" in text(page) or re.search(r"138\*+", text(page))
    shown = clerk.post(url("on-duty-show") + when)
    assert re.search(r"tel:138\d{8}", shown.content.decode()) and "no-store" in shown.headers["Cache-Control"]
    assert event("staffing.phones.shown").data["count"] == 1
    assert "没有已发布的值守" in text(clerk.get(url("on-duty")))
    assert "李80" in text(clerk.get(url("directory") + "?kind=leader&q=李80"))
    assert "13800000080" in clerk.post(url("directory-show") + "?kind=leader").content.decode()
    table = clerk.post(url("directory-export")).content
    assert table[:2] == b"PK"
    pdf = clerk.post(url("directory-print"))
    assert pdf["Content-Type"] == "application/pdf" and "13800000080" in "".join(page_texts(pdf.content))
    assert clerk.post(url("directory-file")).status_code == 302
    assert clerk.post(url("phones-exchange")).status_code == 302
    with acting(world.SYSTEM):
        assert {f.what for f in Filing.objects.all()} == {"directory", "phones"}
    assert "第1版" in text(clerk.get(url("directory")))
    pdf = clerk.post(url("roster-print", roster_id=roster))
    (sheet,) = page_texts(pdf.content)
    assert "15:00–01:00 (+1)" in sheet and "V15.1.4" in sheet and len(re.findall(r"138\d{8}", sheet)) == 3


def test_a_calendar_by_a_link_that_works_once(exam: Exam, clerk: Client) -> None:
    roster = complete(exam).pk
    assert clerk.get(url("roster-calendar", roster_id=roster)).status_code == 404
    assert clerk.post(url("publish", roster_id=roster), {"version": 2}).status_code == 302
    whole = clerk.get(url("roster-calendar", roster_id=roster))
    assert whole["Content-Type"].startswith("text/calendar") and whole.content.count(b"BEGIN:VEVENT") == 3
    assert b"DTSTART:20111015T070000Z" in whole.content and not re.search(rb"138\d{8}", whole.content)
    page = clerk.post(url("roster-links", roster_id=roster))
    tokens = re.findall(r"/duty/([\w-]+)/", page.content.decode())
    assert len(tokens) == 3
    anybody = Client()
    assert "只能用一次" in text(anybody.get(url("calendar", token=tokens[0])))
    taken = anybody.post(url("calendar-take", token=tokens[0]))
    assert taken.status_code == 200 and taken.content.count(b"BEGIN:VEVENT") == 1
    assert b"SEQUENCE:0" in taken.content and b"STATUS:CONFIRMED" in taken.content
    assert anybody.post(url("calendar-take", token=tokens[0])).status_code == 404
    assert "已经用过" in text(anybody.get(url("calendar", token=tokens[0])))
    assert anybody.get(url("calendar", token="x" * 32)).status_code == 404
    with acting(world.SYSTEM):
        assert CalendarLink.objects.exclude(used_at=None).count() == 1
        stored = bytes(CalendarLink.objects.order_by("pk")[0].token_hash)
    assert tokens[0].encode() not in stored
    assert event("staffing.calendar.taken").data == {"shifts": 1}
    uid = re.search(rb"UID:(\S+)", taken.content)
    line = made(exam, Roster(pk=roster)).lines[0].row
    assert uid is not None and uid[1].endswith(b"@vet-2011.keju") and line.uid


def test_nobody_makes_rosters_of_others_or_unmasks_without_the_right(exam: Exam, clerk: Client) -> None:
    roster = complete(exam).pk
    other = Client()
    signed_in(other, "1302", "point_manager")
    for name in ("roster", "propose", "roster-export"):
        assert other.get(url(name, roster_id=roster)).status_code == 404
    assert other.post(url("publish", roster_id=roster), {"version": 2}).status_code == 404
    leader = Client()
    signed_in(leader, "1301", "point_leader")
    assert leader.post(url("publish", roster_id=roster), {"version": 2}).status_code == 403
    assert leader.post(url("roster-phones", roster_id=roster)).status_code == 200


def test_the_same_over_the_api(exam: Exam, clerk: Client) -> None:
    a, b, c = officers(exam, 3)
    base = "/api/v1/staffing/vet-2011/"

    def post(path: str, body: object) -> Any:
        return clerk.post(base + path, body, content_type="application/json")

    (roster,) = post("rosters", {"kind": "duty", "office_codes": ["1301"]}).json()
    assert post("rosters", {"kind": "duty", "office_codes": ["1302"]}).status_code == 404
    assert post("rosters", {"kind": "duty", "office_codes": ["nowhere"]}).status_code == 404
    assert (len(roster["gaps"]), roster["shifts"], roster["rule"]) == (1, [], "V15.1.4")
    change = f"rosters/{roster['id']}/shifts"
    shifts = [
        {"member_id": m, "starts_at": hour(10 * n).isoformat(), "ends_at": hour(10 * n + 10).isoformat()}
        for n, m in enumerate((a, b, c))
    ]
    assert (
        post(change, {"version": 1, "put": [{**shifts[0], "starts_at": "2011-10-15T15:00"}]}).status_code
        == 422
    )
    assert post(change, {"version": 1, "put": shifts}).json() == {"count": 3}
    assert post(change, {"version": 1, "put": shifts}).status_code == 409
    clash = post(change, {"version": 2, "put": [{**shifts[0], "ends_at": hour(4).isoformat()}]})
    assert clash.status_code == 409 and "V15.1.4" in clash.content.decode()
    assert post("rosters/propose", {"roster_ids": [roster["id"]]}).json() == {"count": 0}
    assert post("rosters/publish", {"roster_ids": [roster["id"]]}).json() == {"count": 1}
    found = clerk.get(base + "rosters?kind=duty").json()
    assert (found[0]["published"], found[0]["changed"], found[0]["gaps"]) == (1, False, [])
    (row,) = clerk.get(base + "on-duty", {"moment": hour(3).isoformat()}).json()
    assert row["name"] == "李1" and "*" in row["phone"]
    assert post("directory", {"office_codes": ["1301"]}).status_code == 409
    assert post("phones", {"office_codes": ["1301"]}).json()[0]["people"] == 3
