"""The pages of the registry, the posts and the appointments, and the one behind a one-time link."""

import re
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from keju.kernel.calendar import now
from keju.kernel.documents.counting import page_texts
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.kernel.sheets import read_table, write_table
from keju.stages.staffing import services
from keju.stages.staffing.models import Appointment, Member
from keju.stages.staffing.pages import appointing
from keju.stages.staffing.services.sheets import COLUMNS as POSTS
from keju.stages.staffing.tests import crowd
from keju.stages.staffing.tests.test_answering import picture
from keju.stages.staffing.tests.world import (
    POINT,
    REGION,
    SITE,
    SYSTEM,
    accepted,
    appoint,
    hosts,
    identity,
    people,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def exam(settings, tmp_path, db) -> Exam:
    settings.FILES_ROOT = tmp_path
    return hosts(rooms=1)


@pytest.fixture
def clerk(exam: Exam) -> Client:
    client = Client()
    signed_in(client, "1301", "point_manager")
    return client


def url(name: str, **kwargs: object) -> str:
    return reverse(f"staffing-{name}", kwargs={"exam": "vet-2011", **kwargs})


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def upload(data: bytes, name: str = "staff.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_the_empty_office_is_told_where_to_begin(clerk):
    said = text(clerk.get(url("home")))
    assert "名册还是空的" in said and "监考员" in said and "缺 2" in said
    assert "先登记或导入" in text(clerk.get(url("members")))
    assert "还没有任用" in text(clerk.get(url("appointments")))


def test_a_person_is_registered_found_corrected_and_shown_masked(clerk):
    form = {"name": "李一", "identity": identity(1), "phone": "13800000001", "employer": "一中"}
    assert clerk.post(url("member-add"), form).status_code == 302
    again = clerk.post(url("member-add"), form)
    assert again.status_code == 409 and "已经登记在本机构" in text(again)
    with acting(POINT):
        member = Member.objects.get()
    listed = text(clerk.get(url("members"), {"q": "13800000001"}))
    assert (
        "李一" in listed
        and identity(1) not in listed
        and "13800000001" not in listed.replace('value="13800000001"', "")
    )
    assert clerk.post(url("member-edit", member=member.pk), {"name": "李毅", "version": 1}).status_code == 302
    with acting(POINT):
        kept = Member.objects.select_related("person").get()
        assert (kept.person.name, kept.identity, kept.person.phone) == ("李毅", identity(1), "13800000001")
    assert identity(1) not in text(clerk.get(url("member", member=member.pk)))
    assert identity(1) in text(clerk.post(url("member-unmask", member=member.pk), {"reason": "核对证件"}))
    book = clerk.post(url("members-export"), {"q": "李毅"})
    [row] = read_table(book.content, filename="x.xlsx", columns=services.COLUMNS).rows
    assert row.values["identity"] == identity(1)
    assert (
        clerk.post(url("members-import"), {"file": upload(book.content)}).status_code == 302
    )  # what goes out comes in


def test_a_workbook_with_errors_comes_back(clerk):
    bad = write_table(services.COLUMNS, [("张三", "123", "", "", "否", "", "", "", "", "")])
    answer = clerk.post(url("members-import"), {"file": upload(bad)})
    assert answer.status_code == 409 and "没有导入" in text(answer) and "18位" in text(answer)
    there = re.search(r'href="([^"]*errors/[^"]*)"', answer.content.decode())
    assert (
        there
        and b"".join(
            clerk.get(there[1]).streaming_content
            if clerk.get(there[1]).streaming
            else [clerk.get(there[1]).content]
        )[:2]
        == b"PK"
    )


def test_posts_are_filled_from_a_sheet_and_by_proposal(clerk, exam):
    ids = people(3)
    people(1, first=9, in_sector=True, permanent=True)
    sheet = write_table(
        POSTS,
        [("主考", "1301", "", None, None, "李1", "", ""), ("巡视员", "13", "", None, None, "李2", "", "")],
    )
    answer = clerk.post(url("appointments-import"), {"file": upload(sheet)})
    assert answer.status_code == 409 and "不属于本机构" in text(answer)
    sheet = write_table(POSTS, [("主考", "1301", "", None, None, "李1", identity(1), "")])
    assert clerk.post(url("appointments-import"), {"file": upload(sheet)}).status_code == 302
    seen = clerk.get(url("fill"), {"post": "invigilator"}).content.decode()
    picks = re.findall(r'name="pick" value="([^"]+)"', seen)
    assert [p.split("|")[0::3] for p in picks] == [
        ["invigilator", str(ids[1])],
        ["invigilator", str(ids[2])],
    ]  # nobody of the sector
    assert clerk.post(url("fill"), {"pick": picks}).status_code == 302
    with acting(POINT):
        assert sorted(Appointment.objects.values_list("post", "state")) == [
            ("chief_examiner", "proposed"),
            *[("invigilator", "proposed")] * 2,
        ]
    assert "chief" not in clerk.get(url("fill")).content.decode()  # leaders follow from their offices
    refused = clerk.post(url("fill"), {"pick": picks})
    assert refused.status_code == 409 and "已经是" in text(refused)


def test_everybody_on_all_pages_is_asked_at_once_but_only_as_many_as_were_shown(clerk, exam, monkeypatch):
    monkeypatch.setattr(appointing, "SIZE", 2)
    rows = appoint(exam, "invigilator", people(3))
    shown = clerk.get(url("appointments"), {"post": "invigilator"}).content.decode()
    assert 'name="every" value="3"' in shown
    there = url("invite") + "?post=invigilator"
    assert clerk.post(there, {"every": "4"}).status_code == 409
    assert clerk.post(url("invite") + "?post=medic", {"every": "3"}).status_code == 409
    with acting(SYSTEM):
        assert set(Appointment.objects.values_list("state", flat=True)) == {"proposed"}
    assert clerk.post(there, {"every": "3"}).status_code == 302
    monkeypatch.setattr(
        appointing, "SIZE", 50
    )  # one page, and fresh slips for all of it are one tick as well
    assert 'name="every" value="3"' in clerk.get(url("appointments") + "?state=invited").content.decode()
    with acting(SYSTEM):
        asked = Appointment.objects.filter(state="invited").values_list("pk", flat=True)
        assert sorted(asked) == sorted(rows)


def test_from_slip_to_acceptance_on_a_telephone(clerk, exam):
    [held] = appoint(exam, "guard", people(1))
    slips = clerk.post(url("slips"), {"id": held})
    assert slips["Content-Type"] == "application/pdf" and "保卫人员" in "".join(page_texts(slips.content))
    with acting(POINT):
        [link] = services.invite(exam=exam, appointment_ids=[held], base="", by=POINT, at=hosts_at())
    person = Client()
    page = person.get(url("invited", token=link.token))
    assert "保卫人员" in text(page) and "接受任用" in text(page)
    assert person.post(url("answer", token=link.token), {"answer": "accept"}).status_code == 302
    assert "您已接受" in text(person.get(url("invited", token=link.token)))
    assert person.post(url("answer", token=link.token), {"answer": "decline"}).status_code == 409
    assert person.get(url("invited", token="nobody-knows")).status_code == 404
    with acting(POINT):
        assert Appointment.objects.get().state == "accepted"


def test_an_appointment_is_made_signed_replaced_and_ended_by_hand(clerk, exam):
    first, second = people(2)
    page = clerk.get(url("appoint", post="medic", place=SITE), {"q": "李1"})
    assert page.status_code == 200 and f'value="{first}"' in page.content.decode()
    assert clerk.get(url("appoint", post="medic", place="1302-01")).status_code == 404
    assert clerk.post(url("appoint", post="medic", place=SITE), {"member": first}).status_code == 302
    with acting(POINT):
        row = Appointment.objects.get()
    there = {"appointment": row.pk}
    assert clerk.post(url("accept"), {"id": row.pk, "scan": upload(picture(), "scan.png")}).status_code == 409
    with acting(SYSTEM):
        crowd.declare(exam, first)
    clerk.post(url("accept"), {"id": row.pk, "scan": upload(picture(), "scan.png")})
    assert clerk.get(url("scan", **there)).status_code == 200
    assert "已接受" in text(clerk.get(url("appointment", **there)))
    assert clerk.post(url("end", **there), {"version": 2}).status_code == 409
    assert (
        clerk.post(url("replace", **there), {"version": 2, "member": second, "reason": "调班"}).status_code
        == 302
    )
    assert "已接受" in text(
        clerk.get(url("appointment", **there))
    )  # the exam is near: it waits for the leader
    assert "李2" in text(clerk.get(url("replacement", member=second, **there)))  # what the leader looks at
    assert clerk.post(url("end", **there), {"version": 2, "reason": "取消"}).status_code == 302
    assert clerk.post(url("end", **there), {"version": 2, "reason": "又一次"}).status_code == 409
    assert "取消" in text(clerk.get(url("member", member=first)))


def test_a_supervisor_reports_from_the_link_and_the_region_receives(exam):
    [held] = appoint(exam, "supervisor", people(1, by=REGION), by=REGION, office="1301")
    with acting(REGION):
        [link] = services.invite(exam=exam, appointment_ids=[held], base="", by=REGION, at=hosts_at())
    person, officer = Client(), Client()
    signed_in(officer, "13", "region_officer")
    person.post(url("answer", token=link.token), {"answer": "accept"})
    assert "考场布置" in text(person.get(url("invited", token=link.token)))
    empty = person.post(url("report", token=link.token), {"phase": "conduct", "item_draw": "0"})
    assert empty.status_code == 409
    person.post(url("report", token=link.token), {"phase": "conduct", "item_draw": "0", "text": "未抽签"})
    page = officer.get(url("reports"))
    assert "未抽签" in text(page) and "签收" in text(page)
    receipt = re.search(r'action="([^"]*receive/)"', page.content.decode())
    assert receipt and officer.post(receipt[1]).status_code == 302
    assert "1 份报告" not in text(officer.get(url("home")))


def test_gaps_are_listed_and_exported_as_shown(clerk, exam):
    accepted(exam, appoint(exam, "guard", people(1)))
    assert "保卫人员" not in text(clerk.get(url("gaps"), {"place": SITE})).split("至多")[-1].split("办理")[-1]
    assert "配齐" in text(clerk.get(url("gaps"), {"post": "guard", "all": "on"}))
    book = clerk.get(url("gaps-export"), {"post": "invigilator"})
    assert book.content[:2] == b"PK"


def hosts_at() -> datetime:
    """The exam's own now, which the pages go by."""
    with acting(SYSTEM):
        return now(Exam.objects.get())


def test_the_same_over_the_api(clerk):
    def api(path: str, body: object = None):
        there = f"/api/v1/staffing/vet-2011/{path}"
        return clerk.get(there) if body is None else clerk.post(there, body, content_type="application/json")

    one = {"name": "李一", "identity": identity(1), "in_sector": True}
    made = api("members", [one])
    assert made.status_code == 201 and api("members", [one]).status_code == 409
    [member] = made.json()["ids"]
    assert [(m["id"], m["identity_masked"] == identity(1)) for m in api("members?text=李").json()] == [
        (member, False)
    ]
    assert {g["post"]: g["missing"] for g in api("gaps").json()}["guard"] == 1
    wrong = api("appointments", [{"member_id": member, "post": "invigilator", "office_code": SITE}])
    assert wrong.status_code == 409 and "V2.7" in wrong.content.decode()
    [held] = api("appointments", [{"member_id": member, "post": "guard", "office_code": SITE}]).json()["ids"]
    assert [a["state"] for a in api("appointments").json()] == ["proposed"]
    assert api(f"appointments/{held}/end", {"version": 1, "reason": "取消"}).status_code == 200
    assert api("appointments").json() == []
