"""Sheets of signing codes: taken once by the person behind a link, handed over anew by the office, void when lost."""

import re

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from keju.kernel.accounts import services as accounts
from keju.kernel.accounts.models import Person, SigningSheet
from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.staffing import queries, services
from keju.stages.staffing.models import Appointment
from keju.stages.staffing.services import codes
from keju.stages.staffing.tests.test_answering import ask, refused, reply
from keju.stages.staffing.tests.world import AT, OTHER, POINT, SYSTEM, accepted, appoint, hosts, people

pytestmark = pytest.mark.django_db
CODE = re.compile(r"\b\d\d-[0-9A-Z]{6}\b")


@pytest.fixture
def exam() -> Exam:
    return hosts(rooms=1)


def person_of(appointment_id: int) -> int:
    with acting(SYSTEM):
        return Appointment.objects.get(pk=appointment_id).member.person_id


def hand(exam: Exam, *ids: int, by: Actor = POINT) -> codes.CodeSheets:
    with acting(by):
        return codes.hand_codes(exam=exam, appointment_ids=ids, by=by, at=AT)


def take(exam: Exam, token: str) -> codes.CodeSheets:
    found = queries.invited(exam, token, at=AT)
    assert found is not None
    return codes.take_codes(invited=found, by=found.actor, at=AT)


def proves(person_id: int, code: str, by: Actor = SYSTEM) -> bool:
    with acting(by):
        return accounts.prove(person_id=person_id, code=code, by=by, at=AT) is not None


def test_behind_the_link_one_takes_the_own_sheet_once_and_after_accepting(exam):
    [held] = appoint(exam, "guard", people(1))
    [token] = ask(exam, [held])
    with pytest.raises(RuleRefused) as caught, transaction.atomic():
        take(exam, token)
    assert refused(caught) == "staffing_codes_not_accepted"
    reply(exam, token, accept=True)
    [sheet] = take(exam, token).sheets
    assert len(sheet.codes) == 20 and sheet.name == "李1"
    with pytest.raises(RuleRefused) as caught, transaction.atomic():
        take(exam, token)
    assert refused(caught) == "staffing_codes_taken"
    with acting(SYSTEM):
        assert SigningSheet.objects.get().issuer_id is None
        event = Event.objects.get(kind="staffing.codes.taken")
        assert event.subject == f"appointment:{held}"
        assert not any(code[3:] in str(e.data) for e in Event.objects.all() for code in sheet.codes)
    assert proves(person_of(held), sheet.codes[0]) and not proves(person_of(held), sheet.codes[0])


def test_who_signs_by_a_device_gets_no_sheet(exam):
    [asked, held] = appoint(exam, "guard", people(2))
    [token] = ask(exam, [asked])
    reply(exam, token, accept=True)
    accepted(exam, [held])
    for appointment in (asked, held):
        client, person = Client(), person_of(appointment)
        by_device = signed_in(client, "1301" if appointment == held else "1302", "point_manager")
        login = by_device.login
        with acting(SYSTEM):
            Person.objects.filter(pk=by_device.pk).update(login=None)
            Person.objects.filter(pk=person).update(login=login)
    with pytest.raises(RuleRefused) as caught, transaction.atomic():
        take(exam, token)
    assert refused(caught) == "staffing_codes_device"
    with pytest.raises(RuleRefused) as caught, transaction.atomic():
        hand(exam, held)
    assert refused(caught) == "staffing_codes_device"
    with acting(SYSTEM):
        assert not SigningSheet.objects.exists()


def test_whoever_printed_the_link_is_taken_to_have_seen_the_sheet(exam, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    [clerk, other] = appoint(exam, "guard", people(2))
    by = Actor(**{**{f: getattr(POINT, f) for f in POINT.__slots__}, "ref": f"person:{person_of(clerk)}"})
    with acting(by):
        [link] = services.invite(
            exam=exam, appointment_ids=[other], base="https://x/", printed=True, by=by, at=AT
        )
    reply(exam, link.token, accept=True)
    take(exam, link.token)
    with acting(SYSTEM):
        assert SigningSheet.objects.get().issuer_id == person_of(clerk)


def test_a_lost_sheet_is_replaced_by_the_office_and_the_old_codes_end(exam):
    [one, other] = appoint(exam, "guard", people(2))
    with pytest.raises(RuleRefused) as caught, transaction.atomic():
        hand(exam, one)
    assert refused(caught) == "staffing_codes_not_accepted"
    accepted(exam, [one, other])
    [lost, _] = hand(exam, one, other).sheets
    [new] = hand(exam, one).sheets
    assert not proves(person_of(one), lost.codes[0])
    with acting(SYSTEM):
        SigningSheet.objects.filter(voided_at=None).update(failures=0, failed_at=None)
        said = [e.data for e in Event.objects.filter(kind="staffing.codes.handed").order_by("at", "id")]
    assert sorted((d["count"], d["replaced"]) for d in said) == [(1, 1), (2, 0)]
    assert proves(person_of(one), new.codes[0])
    with acting(POINT):
        codes.void_codes(exam=exam, appointment_id=one, by=POINT, at=AT)
    assert not proves(person_of(one), new.codes[1])
    with acting(SYSTEM):
        assert Event.objects.get(kind="staffing.codes.voided").subject == f"appointment:{one}"


def test_another_office_hands_out_nothing_and_too_many_at_once_are_refused(exam, monkeypatch):
    ids = appoint(exam, "guard", people(2))
    accepted(exam, ids)
    with pytest.raises(NotPermitted), acting(OTHER):
        codes.hand_codes(exam=exam, appointment_ids=ids, by=OTHER, at=AT)
    monkeypatch.setattr(codes, "MOST", 1)
    with pytest.raises(RuleRefused) as caught, transaction.atomic():
        hand(exam, *ids)
    assert refused(caught) == "staffing_codes_many"


def test_the_pages_show_the_codes_once_and_only_how_many_are_left(exam, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    [held] = appoint(exam, "guard", people(1))
    [token] = ask(exam, [held])
    reply(exam, token, accept=True)
    own, client = Client(), Client()
    there = {"exam": exam.slug, "token": token}
    assert "领取签字码单" in own.get(reverse("staffing-invited", kwargs=there)).content.decode()
    shown = own.post(reverse("staffing-codes-take", kwargs=there))
    assert len(set(CODE.findall(shown.content.decode()))) == 20 and "no-store" in shown["Cache-Control"]
    after = own.get(reverse("staffing-invited", kwargs=there)).content.decode()
    assert not CODE.search(after) and "还有 20 个" in after
    assert own.post(reverse("staffing-codes-take", kwargs=there)).status_code == 409
    signed_in(client, "1301", "point_manager")
    page = client.get(reverse("staffing-appointment", kwargs={"exam": exam.slug, "appointment": held}))
    assert "换一张新的" in page.content.decode() and not CODE.search(page.content.decode())
    made = client.post(reverse("staffing-codes", kwargs={"exam": exam.slug}), {"id": held})
    assert len(set(CODE.findall(made.content.decode()))) == 20
    void = reverse("staffing-codes-void", kwargs={"exam": exam.slug, "appointment": held})
    assert client.post(void).status_code == 302
    assert "已作废" in own.get(reverse("staffing-invited", kwargs=there)).content.decode()
