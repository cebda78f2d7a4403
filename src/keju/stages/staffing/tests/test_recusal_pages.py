"""Declaring behind a link and in the office, and the pages on which recusals are decided."""

import pytest
from django.test import Client

from keju.kernel.calendar import now
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.stages.staffing import services
from keju.stages.staffing.models import Accountability, Appointment, Declaration, Hit, Member
from keju.stages.staffing.tests import crowd
from keju.stages.staffing.tests.test_answering import picture
from keju.stages.staffing.tests.test_people_pages import text, upload, url
from keju.stages.staffing.tests.test_recusal import WIFE
from keju.stages.venues.tests.year import SYSTEM, make_exam, staff

POINT = staff("point_manager", "1301")
SPOUSE = {"rows": "4", "relation_1": "spouse", "name_1": "王丽", "kind_1": "resident", "identity_1": WIFE}


@pytest.fixture
def exam(settings, tmp_path, db: None) -> Exam:
    settings.FILES_ROOT = tmp_path
    return make_exam("1301")


@pytest.fixture
def member(exam: Exam) -> Member:
    with acting(SYSTEM):
        (row,) = crowd.members(1, first=900)
        crowd.register(exam, [WIFE])
        return row


def visitor(role: str, code: str) -> Client:
    client = Client()
    signed_in(client, code, role)
    return client


@pytest.mark.rule("V2.9", "P1.2")
def test_behind_the_link_one_declares_before_one_accepts(exam: Exam, member: Member) -> None:
    with acting(SYSTEM):
        held = crowd.appoint(exam, member.pk)
        Appointment.objects.update(state="proposed")
    with acting(POINT):
        [link] = services.invite(exam=exam, appointment_ids=[held], base="", by=POINT, at=now(exam))
    person, there = Client(), {"token": link.token}
    page = text(person.get(url("invited", **there)))
    assert "先作回避申报" in page
    assert "接受任用" not in page
    assert person.post(url("answer", **there), {"answer": "accept"}).status_code == 409
    more = person.post(url("declare", **there), {**SPOUSE, "more": "1"})
    assert more.status_code == 200
    assert f'value="{WIFE}"' in more.content.decode()
    assert 'name="identity_8"' in more.content.decode()
    refused = person.post(url("declare", **there), {**SPOUSE, "identity_1": "1"})
    assert refused.status_code == 409
    assert "位数不对" in text(refused)
    assert person.post(url("declare", **there), {**SPOUSE, "pledge": "on"}).status_code == 302
    assert "接受任用" in text(person.get(url("invited", **there)))
    assert person.post(url("answer", **there), {"answer": "accept"}).status_code == 302
    page = text(person.get(url("invited", **there)))
    assert "岗位暂不生效" in page
    assert "领取签字码单" not in page
    with acting(SYSTEM):
        assert Declaration.objects.get().way == "link"
        assert Hit.objects.get().state == "open"
        assert Appointment.objects.get().state == "accepted"


@pytest.mark.rule("V2.9", "P1.2", "P3.1")
def test_from_the_paper_to_the_decision_of_the_office_above(exam: Exam, member: Member) -> None:
    with acting(SYSTEM):
        crowd.appoint(exam, member.pk)
    clerk, leader = visitor("point_manager", "1301"), visitor("region_leader", "13")
    there = {"member_id": member.pk}
    assert "还没有申报" in text(clerk.get(url("declaration", **there)))
    said = {**SPOUSE, "pledge": "on"}
    refused = clerk.post(url("declaration", **there), said)
    assert refused.status_code == 409
    assert "签字的纸质申报书" in text(refused)
    said["scan"] = upload(picture(), "scan.png")
    assert clerk.post(url("declaration", **there), said).status_code == 302
    page = text(clerk.get(url("declaration", **there)))
    assert "王丽" in page
    assert WIFE not in page
    assert "配偶" in text(clerk.get(url("recusal")))
    with acting(SYSTEM):
        hit = Hit.objects.get()
    mine = text(clerk.get(url("recusal-hit", hit_id=hit.pk)))
    assert "由上一级单位（河北省）" in mine
    assert (
        clerk.post(url("recusal-hit", hit_id=hit.pk), {"outcome": "upheld", "reason": "x"}).status_code == 403
    )
    form = {"version": hit.version, "outcome": "withdrawn", "reason": "已核实"}
    refused = leader.post(url("recusal-hit", hit_id=hit.pk), form)
    assert refused.status_code == 409
    assert "报名仍然有效" in text(refused)
    assert leader.post(url("recusal-hit", hit_id=hit.pk), {**form, "outcome": "mistaken"}).status_code == 302
    assert "已解除" in text(leader.get(url("recusal") + "?state=released"))
    assert "这里没有事项" in text(leader.get(url("recusal")))
    account = {"rule": "V2.9", "what": "未如实申报", "measure": "取消资格"}
    assert leader.post(url("declaration", **there), {**account, "what": ""}).status_code == 409
    assert leader.post(url("declaration", **there), account).status_code == 302
    assert "未如实申报" in text(leader.get(url("accountability")))
    with acting(SYSTEM):
        assert Accountability.objects.count() == 1


def test_everybody_is_compared_anew_by_hand(exam: Exam) -> None:
    clerk = visitor("point_manager", "1301")
    assert clerk.post(url("recusal-recheck")).status_code == 302
    assert "全国重新核对完毕" in text(clerk.get(url("recusal")))
