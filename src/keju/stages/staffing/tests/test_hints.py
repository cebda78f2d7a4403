"""Hints: who shares something with candidates of their place is asked about, answered for, and barred by nothing."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.registration.models import Registration
from keju.stages.staffing.models import Appointment, Hint, HintAnswer, Member
from keju.stages.staffing.queries import appointments_in_force
from keju.stages.staffing.queries import hints as queries
from keju.stages.staffing.rules.hints import Sharing, one_form, shared
from keju.stages.staffing.rules.recusal import NewDeclaration
from keju.stages.staffing.services import hints
from keju.stages.staffing.services.recusal import declare_in_person
from keju.stages.staffing.tests import crowd
from keju.stages.staffing.tests.test_people_pages import url
from keju.stages.venues.tests.year import AT, SYSTEM, make_exam, staff

POINT, OTHER = staff("point_manager", "1301"), staff("point_manager", "1302")
PLACE = "/13/1301/"


@pytest.fixture
def exam(db) -> Exam:
    return make_exam("1301", "1302")


@pytest.fixture
def member(exam: Exam) -> Member:
    """Who guards at 1301, with a telephone, an employer and a declared address."""
    with acting(SYSTEM):
        (row,) = crowd.members(1, first=700)
        row.person.phone, row.person.employer = "138 0000 0001", "石家庄市第一中学"
        row.person.save()
        crowd.appoint(exam, row.pk)
        Appointment.objects.update(state="accepted", decided_at=AT)
    said = NewDeclaration(row.pk, nobody=True, pledge=True, address="桥西区中山路 1 号")
    themself = Actor(f"person:{row.person_id}", row.person.name, "member", person_id=row.person_id)
    declare_in_person(exam=exam, declaration=said, by=themself, at=AT)
    return row


def candidate(exam: Exam, number: int, *, point: str = "1301", **facts: str) -> int:
    with acting(SYSTEM):
        (pk,) = crowd.register(exam, [number], point=point)
        Registration.objects.filter(pk=pk).update(**facts)
        return pk


def look(exam: Exam, at=AT) -> int:
    with acting(SYSTEM):
        return hints.look(exam=exam, place=PLACE, by=SYSTEM, at=at)


def answer(exam: Exam, hint: Hint, *, by: Actor = POINT, version: int | None = None, **facts: object) -> None:
    given = {"related": False, "reason": "同事，无亲属关系", "version": version or hint.version, **facts}
    with acting(by):
        hints.answer_hint(exam=exam, hint_id=hint.pk, by=by, at=AT, **given)


def test_only_what_tells_something_is_compared():
    assert one_form("phone", "+86 138-0000-0001") == "8613800000001" and one_form("phone", "110") == ""
    assert one_form("address", "中山路１号，２单元") == one_form("address", "中山路1号2单元")
    staff_ = [Sharing(1, (("phone", "x"), ("employer", ""))), Sharing(2, (("phone", "x"),))]
    found = shared(staff_, [Sharing(9, (("phone", "x"), ("employer", ""))), Sharing(8, (("employer", "x"),))])
    assert {key: (one.count, one.registrations) for key, one in found.items()} == {
        (1, "phone"): (1, [9]),
        (2, "phone"): (1, [9]),
    }


@pytest.mark.rule("V2.9", "P1.2")
def test_telephone_address_and_employer_of_the_place_are_asked_about_and_bar_nobody(exam, member):
    one = candidate(exam, 1, phone="13800000001", address="桥西区中山路1号", employer="某兽医站")
    candidate(exam, 2, phone="13900000000", employer="石家庄市 第一中学")
    candidate(exam, 3, point="1302", phone="13800000001")  # elsewhere
    candidate(exam, 4, phone="13800000001", state="withdrawn")
    assert look(exam) == 3
    with acting(POINT):
        rows = {r.kind: r for r in queries.hints(viewer=POINT, exam=exam)}
        assert {k: r.count for k, r in rows.items()} == {"phone": 1, "address": 1, "employer": 1}
        assert [c.id for c in rows["phone"].candidates] == [one]
        assert appointments_in_force(exam, PLACE).count() == 1
    with acting(OTHER):
        assert queries.hints(viewer=OTHER, exam=exam) == []
    with acting(SYSTEM):
        data = Event.objects.get(kind="staffing.recusal.hints").data
        assert data == {"staff": 1, "hints": 3, "gone": 0}


def test_an_answer_stands_until_there_are_more(exam, member):
    first = candidate(exam, 1, phone="13800000001")
    look(exam)
    with acting(SYSTEM):
        hint = Hint.objects.get()
    for facts, wrong in (
        ({"reason": " "}, RuleRefused),
        ({"version": 9}, Stale),
        ({"by": OTHER}, NotPermitted),
    ):
        with pytest.raises(wrong), transaction.atomic():
            answer(exam, hint, **facts)
    himself = Actor(**{f: getattr(POINT, f) for f in POINT.__slots__} | {"person_id": member.person_id})
    with pytest.raises(RuleRefused), transaction.atomic():
        answer(exam, hint, by=himself)
    answer(exam, hint)
    look(exam)
    with acting(POINT):
        assert queries.open_count(viewer=POINT, exam=exam) == 0
    candidate(exam, 2, phone="13800000001")
    look(exam)
    with acting(POINT):
        assert queries.open_count(viewer=POINT, exam=exam) == 1
        assert HintAnswer.objects.get().reason == "同事，无亲属关系"
        data = Event.objects.get(kind="staffing.recusal.hint_decided").data
        assert data["related"] is False and "同事" not in str(data)
    with acting(SYSTEM):
        Registration.objects.filter(phone__isnull=False).update(state="withdrawn")
        look(exam)
        assert Hint.objects.get().count == 0
    assert first


def test_a_place_has_its_turn_once_a_day_and_at_once_when_asked(exam, member):
    candidate(exam, 1, phone="13800000001")

    def minute(at) -> int:
        with acting(SYSTEM):
            return hints.keep_hints(exam=exam, by=SYSTEM, at=at)

    later = AT + timedelta(hours=1)
    assert (minute(AT), minute(later), minute(AT + timedelta(days=1))) == (1, 0, 1)
    with acting(POINT):
        assert hints.ask_for_look(exam=exam, by=POINT, at=AT) == 1
    assert minute(later) == 1


@pytest.mark.rule("V2.9")
def test_the_office_reads_and_answers_on_its_pages_and_over_the_api(exam, member):
    candidate(exam, 1, phone="13800000001")
    look(exam)
    client = Client()
    signed_in(client, "1301", "point_manager")
    with acting(SYSTEM):
        hint = Hint.objects.get()
    page = client.get(url("hints")).content.decode()
    assert "同一手机号码" in page and "13800000001" not in page
    there = url("hint", hint_id=hint.pk)
    assert "考生1" in client.get(there).content.decode()
    given = {"related": "yes", "reason": "是其子女，已申报"}
    assert client.post(there, {**given, "version": 9}).status_code == 409
    assert client.post(there, {**given, "reason": "", "version": 1}).status_code == 409
    assert client.post(there, {**given, "version": 1}).status_code == 302
    assert client.post(url("hints-look")).status_code == 302
    api = f"/api/v1/staffing/{exam.slug}/recusal"
    found = client.get(f"{api}/hints?open_only=false").json()
    assert [(h["kind"], h["open"], h["count"]) for h in found] == [("phone", False, 1)]
    body = {"version": found[0]["version"], "related": False, "reason": "已核实"}
    answered = client.post(f"{api}/hints/{hint.pk}/answer", body, content_type="application/json")
    assert answered.status_code == 200 and answered.json()["open"] is False


@pytest.mark.rule("V2.9", "P1.2")
def test_hits_are_listed_and_decided_over_the_api_by_somebody_above(exam, member):
    with acting(SYSTEM):
        crowd.register(exam, [700])
    api = f"/api/v1/staffing/{exam.slug}"
    point, region = Client(), Client()
    signed_in(point, "1301", "point_leader")
    [hit] = point.get(f"{api}/recusal/hits").json()
    assert (hit["relation"], hit["sits"], hit["state"]) == ("本人", True, "open")
    said = point.get(f"{api}/members/{member.pk}/declarations").json()
    assert [d["number"] for d in said] == [1]
    body = {"version": hit["version"], "outcome": "upheld", "reason": "本人报名"}
    there = f"{api}/recusal/hits/{hit['id']}/decision"
    assert point.post(there, body, content_type="application/json").status_code == 409
    signed_in(region, "13", "region_leader")
    decided = region.post(there, body, content_type="application/json")
    assert decided.json()["state"] == "upheld"
    assert region.post(there, body, content_type="application/json").status_code == 409
    officer = Client()
    signed_in(officer, "13", "region_officer")
    assert officer.post(f"{api}/recusal/recheck").json() == {"found": 0}
