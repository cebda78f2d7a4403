"""Asking people, what they answer, replacing them, and what inspectors report."""

import hashlib
import io
from datetime import timedelta

import pytest
from PIL import Image

from keju.kernel.accounts.models import Person
from keju.kernel.approvals import queries as approvals
from keju.kernel.approvals.tests.world import signed, someone
from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Delivery
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.staffing import queries, services
from keju.stages.staffing.models import Appointment, Invitation, Report
from keju.stages.staffing.services import LASTS
from keju.stages.staffing.tests.world import (
    AT,
    CENTRE,
    COMMITTEE,
    OTHER,
    POINT,
    REGION,
    SYSTEM,
    accepted,
    appoint,
    hosts,
    people,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def exam() -> Exam:
    return hosts(rooms=1)


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 60), "white").save(buffer, "PNG")
    return buffer.getvalue()


def ask(exam: Exam, ids: list[int], by: Actor = POINT) -> list[str]:
    with acting(by):
        return [
            link.token
            for link in services.invite(exam=exam, appointment_ids=ids, base="https://x/", by=by, at=AT)
        ]


def row(appointment_id: int) -> Appointment:
    with acting(SYSTEM):
        return Appointment.objects.get(pk=appointment_id)


def reply(exam: Exam, token: str, accept: bool, at=AT, **facts: str) -> None:
    found = queries.invited(exam, token, at=at)
    assert found is not None
    services.answer(invited=found, accept=accept, by=found.actor, at=at, **facts)


def refused(caught: pytest.ExceptionInfo[RuleRefused]) -> str:
    return caught.value.refusals[0].code


def test_a_link_is_answered_once_and_stands_nowhere_in_clear(exam):
    ids = appoint(exam, "guard", people(2))
    tokens = ask(exam, ids)
    assert [row(i).state for i in ids] == ["invited", "invited"]
    with acting(SYSTEM):
        hashes = {bytes(h) for h in Invitation.objects.values_list("token_hash", flat=True)}
    assert hashes == {hashlib.sha256(token.encode()).digest() for token in tokens}
    reply(exam, tokens[0], accept=True)
    reply(exam, tokens[1], accept=False, reason="出差")
    assert [(row(i).state, row(i).answered, row(i).reason) for i in ids] == [
        ("accepted", "link", ""),
        ("declined", "link", "出差"),
    ]
    with pytest.raises(RuleRefused) as caught:
        reply(exam, tokens[0], accept=False)
    assert refused(caught) == "staffing_link_over"
    with acting(SYSTEM):
        event = Event.objects.get(kind="staffing.appointment.accepted")
        assert (
            event.actor == f"person:{Person.objects.order_by('pk').first().pk}"
            and event.subject == f"appointment:{ids[0]}"
        )
        assert not any(token in str(e.data) for e in Event.objects.all() for token in tokens)


def test_late_old_and_unknown_links_open_nothing(exam):
    [held] = appoint(exam, "guard", people(1))
    [first] = ask(exam, [held])
    [second] = ask(exam, [held])
    assert queries.invited(exam, "no-such-token", at=AT) is None
    assert queries.invited(exam, first, at=AT).state == "ended"
    assert queries.invited(exam, second, at=AT).state == "open"
    assert queries.invited(exam, second, at=AT + LASTS).state == "expired"
    with pytest.raises(RuleRefused):
        reply(exam, second, accept=True, at=AT + LASTS)
    with acting(POINT):
        services.end(
            exam=exam, appointment_id=held, version=row(held).version, reason="不再需要", by=POINT, at=AT
        )
    assert queries.invited(exam, second, at=AT).state == "ended"
    with acting(OTHER), pytest.raises(NotPermitted):
        services.invite(exam=exam, appointment_ids=[held], base="", by=OTHER, at=AT)


def test_whoever_has_a_telephone_is_told(exam):
    with acting(SYSTEM):
        Exam.objects.filter(pk=exam.pk).update(is_rehearsal=False)
    exam.is_rehearsal = False
    ids = appoint(exam, "guard", people(1) + people(1, first=2, phone=""))
    tokens = ask(exam, ids)
    with acting(SYSTEM):
        [message] = Delivery.objects.all()
        assert message.is_secret and tokens[0] in message.body and message.address == "13800000001"


def test_paper_is_as_good_with_its_scan(exam):
    ids = appoint(exam, "guard", people(3))
    with acting(POINT):
        with pytest.raises(RuleRefused) as caught:
            services.accept_on_paper(exam=exam, appointment_ids=ids, scan=b"", by=POINT, at=AT)
        assert refused(caught) == "staffing_no_scan"
        services.accept_on_paper(exam=exam, appointment_ids=ids[:2], scan=picture(), by=POINT, at=AT)
        services.decline_on_paper(exam=exam, appointment_id=ids[2], reason="生病", by=POINT, at=AT)
        with pytest.raises(RuleRefused) as caught:
            services.accept_on_paper(exam=exam, appointment_ids=ids[2:], scan=picture(), by=POINT, at=AT)
        assert refused(caught) == "staffing_not_acceptable"
    assert [(row(i).state, row(i).answered, len(row(i).scan)) for i in ids] == [
        ("accepted", "paper", 64)
    ] * 2 + [("declined", "paper", 0)]


def test_in_good_time_somebody_else_takes_the_post_at_once(exam):
    old, new = people(2)
    [held] = appoint(exam, "chief_examiner", [old], office="1301")
    accepted(exam, [held])
    with acting(POINT):
        with pytest.raises(RuleRefused) as caught:
            services.replace(
                exam=exam, appointment_id=held, version=1, member_id=old, reason="x", by=POINT, at=AT
            )
        assert refused(caught) == "staffing_same_person"
        done = services.replace(
            exam=exam, appointment_id=held, version=1, member_id=new, reason="调任", by=POINT, at=AT
        )
    assert (row(held).state, row(held).reason) == ("ended", "调任")
    assert (row(done.appointment_id).state, row(done.appointment_id).replaces_id) == ("proposed", held)
    with acting(SYSTEM):
        assert Event.objects.get(kind="staffing.appointment.replaced").data["successor"] == new


def test_in_the_last_days_only_with_the_leaders_consent(exam):
    old, new = people(2)
    [held] = appoint(exam, "guard", [old])
    accepted(exam, [held])
    [stand_in] = appoint(exam, "guard", [new], substitute=True)
    accepted(exam, [stand_in])
    late = AT + timedelta(days=70)
    with acting(POINT):
        done = services.replace(
            exam=exam, appointment_id=held, version=1, member_id=new, reason="急病", by=POINT, at=late
        )
    assert done.appointment_id is None and row(held).state == "accepted"
    with acting(SYSTEM):
        seen = approvals.standing(done.proposal_id, at=late)
        assert [m.what for m in seen.missing] == ["point_leader"]
        assert {str(value) for _, value in seen.proposal.content.facts} >= {"李1", "李2", "急病"}
    leader = someone("王局长", "point_leader", "1301", codes=1)
    assert signed(seen.proposal, leader, at=late)
    assert (row(held).state, row(held).reason) == ("ended", "急病")
    assert (row(stand_in).state, row(stand_in).substitute, row(stand_in).replaces_id) == (
        "accepted",
        False,
        held,
    )


@pytest.mark.rule("V2.1", "V2.2")
def test_reports_reach_who_sent_the_reporter(exam):
    [inspector] = appoint(exam, "inspector", people(1, by=CENTRE), by=COMMITTEE, office="13")
    [supervisor] = appoint(exam, "supervisor", people(1, by=REGION, first=2), by=REGION, office="1301")
    accepted(exam, [supervisor])
    for held, to in ((inspector, "committee"), (supervisor, "13")):
        with acting(SYSTEM):
            a = queries.appointment(exam, held, viewer=SYSTEM)
        by = Actor(f"person:{a.member.person_id}", "", "member", person_id=a.member.person_id)
        if held == inspector:
            with pytest.raises(RuleRefused) as caught:  # not accepted yet
                services.file_report(appointment=a, phase="conduct", items={}, text="见闻", by=by, at=AT)
            assert refused(caught) == "staffing_not_reporting"
            accepted(exam, [inspector])
        services.file_report(
            appointment=a,
            phase="conduct",
            items={"draw": True, "order": False},
            text="二楼嘈杂",
            by=by,
            at=AT,
        )
        with pytest.raises(NotPermitted):
            services.file_report(appointment=a, phase="conduct", items={}, text="冒名", by=POINT, at=AT)
        with acting(SYSTEM):
            report = Report.objects.get(appointment_id=held)
            assert (report.to_code, report.items, report.text) == (
                to,
                {"draw": True, "order": False},
                "二楼嘈杂",
            )
    with acting(COMMITTEE):
        assert queries.unreceived(exam, viewer=COMMITTEE) == 1
        [of_inspector] = [r for r in queries.reports(exam, viewer=COMMITTEE) if r.to_code == "committee"]
        services.receive_report(exam=exam, report_id=of_inspector.id, by=COMMITTEE, at=AT)
        assert queries.unreceived(exam, viewer=COMMITTEE) == 0
    with acting(REGION):
        with pytest.raises(NotPermitted):
            services.receive_report(exam=exam, report_id=of_inspector.id, by=REGION, at=AT)
        assert queries.unreceived(exam, viewer=REGION) == 1


@pytest.mark.rule("V2.2")
def test_what_is_not_in_order_is_told_in_words(exam):
    [held] = appoint(exam, "guard", people(1))
    accepted(exam, [held])
    with acting(SYSTEM):
        a = queries.appointment(exam, held, viewer=SYSTEM)
    by = Actor("person:x", "", "member", person_id=a.member.person_id)
    with pytest.raises(RuleRefused) as caught:  # a guard reports nothing
        services.file_report(appointment=a, phase="conduct", items={}, text="见闻", by=by, at=AT)
    assert refused(caught) == "staffing_not_reporting"
    [supervisor] = appoint(exam, "supervisor", people(1, by=REGION, first=5), by=REGION, office="1301")
    accepted(exam, [supervisor])
    with acting(SYSTEM):
        a = queries.appointment(exam, supervisor, viewer=SYSTEM)
    by = Actor("person:y", "", "member", person_id=a.member.person_id)
    with pytest.raises(RuleRefused) as caught:
        services.file_report(appointment=a, phase="conduct", items={"draw": False}, by=by, at=AT)
    assert refused(caught) == "staffing_report_empty"
    assert services.file_report(appointment=a, phase="conduct", items={"draw": True}, by=by, at=AT)
