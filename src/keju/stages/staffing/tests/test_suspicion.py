"""What somebody who means ill, or only is in a hurry, might try with posts, links, hits and spreadsheets."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from keju.kernel.accounts.queries import identity_index
from keju.kernel.approvals import queries as approvals
from keju.kernel.approvals.tests.world import signed, someone
from keju.kernel.audit import Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Delivery
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import Actor, acting
from keju.kernel.sheets import read_table, write_table
from keju.rulebook import RuleRefused
from keju.stages.staffing import queries, services
from keju.stages.staffing.models import Appointment, Declaration, Hit, Member
from keju.stages.staffing.services import people as registry
from keju.stages.staffing.services import recusal
from keju.stages.staffing.tests import crowd
from keju.stages.staffing.tests.test_answering import ask, refused, reply, row
from keju.stages.staffing.tests.test_people_pages import hosts_at, url
from keju.stages.staffing.tests.world import (
    AT,
    CENTRE,
    COMMITTEE,
    POINT,
    REGION,
    SITE,
    SYSTEM,
    accepted,
    appoint,
    hosts,
    identity,
    people,
    person,
)
from keju.stages.venues.tests.year import staff

pytestmark = pytest.mark.django_db
LATE = AT + timedelta(days=70)
LEADER = staff("region_leader", "13")


@pytest.fixture
def exam(settings, tmp_path, db) -> Exam:
    settings.FILES_ROOT = tmp_path
    return hosts(rooms=1)


def replaced(exam: Exam, held: int, member: int, by: Actor) -> int:
    """The proposal that waits for the leader."""
    with acting(by):
        done = services.replace(
            exam=exam, appointment_id=held, version=1, member_id=member, reason="急病", by=by, at=LATE
        )
    assert done.proposal_id is not None
    return done.proposal_id


@pytest.mark.rule("V2.2")
def test_whom_the_region_sends_only_the_regions_leader_replaces(exam):
    old, new = people(2, by=REGION)
    [held] = appoint(exam, "supervisor", [old], by=REGION, office="1301")
    accepted(exam, [held])
    asked = replaced(exam, held, new, REGION)
    with acting(SYSTEM):
        seen = approvals.standing(asked, at=LATE)
    assert [m.what for m in seen.missing] == ["region_leader"]  # not the leader of the supervised point
    leader = someone("赵主任", "region_leader", "13", codes=1)
    with CaptureQueriesContext(connection) as done:
        assert signed(seen.proposal, leader, at=LATE)
    looks = [q["sql"] for q in done if 'FROM "staffing_appointment"' in q["sql"]]
    assert "FOR UPDATE" in looks[0]  # whoever ends or replaces the same one meanwhile, waits
    assert row(held).state == "ended"


def test_somebody_of_the_region_stands_in_at_a_point_that_does_not_know_them(exam):
    [old] = people(1)
    [new] = people(1, by=REGION, first=2)
    [held] = appoint(exam, "guard", [old], by=REGION)
    accepted(exam, [held])
    asked = replaced(exam, held, new, REGION)
    with acting(SYSTEM):
        seen = approvals.standing(asked, at=LATE)
    assert signed(seen.proposal, someone("王局长", "point_leader", "1301", codes=1), at=LATE)
    with acting(SYSTEM):
        assert Appointment.objects.get(member_id=new).replaces_id == held


def test_the_centres_officer_is_replaced_with_the_centres_consent(exam):
    old, new = people(2, by=CENTRE)
    [held] = appoint(exam, "centre_duty_officer", [old], by=CENTRE, office="centre")
    accepted(exam, [held])
    asked = replaced(exam, held, new, CENTRE)
    with acting(SYSTEM):
        assert [m.what for m in approvals.standing(asked, at=LATE).missing] == ["centre"]


def test_an_accepted_link_ends_with_the_appointment(exam):
    [held] = appoint(exam, "guard", people(1))
    [token] = ask(exam, [held])
    reply(exam, token, accept=True)
    assert queries.invited(exam, token, at=AT).state == "answered"
    with acting(POINT):
        services.end(
            exam=exam, appointment_id=held, version=row(held).version, reason="不再需要", by=POINT, at=AT
        )
    assert queries.invited(exam, token, at=AT).state == "ended"
    with acting(SYSTEM):
        before = Declaration.objects.count()
    said = {"rows": "0", "nobody": "on", "pledge": "on"}
    assert Client().post(url("declare", token=token), said).status_code == 302
    with acting(SYSTEM):
        assert Declaration.objects.count() == before


def test_an_answer_that_is_none_declines_nothing(exam):
    [held] = appoint(exam, "guard", people(1))
    with acting(POINT):
        [link] = services.invite(exam=exam, appointment_ids=[held], base="", by=POINT, at=hosts_at())
    for said in ({}, {"answer": "perhaps"}):
        Client().post(url("answer", token=link.token), said)
    assert row(held).state == "invited"


def test_what_two_change_at_once_is_not_overwritten_unseen(exam):
    """A spreadsheet is read while somebody corrects a member by hand: it would take the correction back, same version."""
    [pk] = people(1)
    with acting(POINT):
        before = registry.known_by_index([identity_index(identity(1))])[identity_index(identity(1))]
        registry.edit_member(member_id=pk, version=1, facts=person(1, in_sector=True), by=POINT, at=AT)
        with pytest.raises(Stale):
            registry.change_members(changes={pk: (before, person(1))}, by=POINT, at=AT)
        member = Member.objects.get(pk=pk)
    assert (member.version, member.in_sector) == (2, True)


def test_asking_many_takes_no_more_statements_than_asking_few(exam):
    with acting(SYSTEM):
        Exam.objects.filter(pk=exam.pk).update(is_rehearsal=False)
    exam.is_rehearsal = False
    counted = []
    for first, count in ((1, 2), (10, 12)):
        held = appoint(exam, "logistics", people(count, first=first))
        with CaptureQueriesContext(connection) as done:
            ask(exam, held)
        counted.append(len(done))
    assert counted[0] == counted[1]
    with acting(SYSTEM):
        assert Delivery.objects.filter(is_secret=True, is_urgent=False).count() == 14
        assert Event.objects.filter(kind="notices.delivery.queued", data__count=12).count() == 1


@pytest.mark.rule("V2.9", "P1.2")
def test_no_office_comes_to_stand_above_its_own_hit(exam):
    """The region's member is caught, and the region enters the member under a point: it would be above them now."""
    [member] = people(1, by=REGION)
    appoint(exam, "supervisor", [member], by=REGION, office="1301")
    with acting(SYSTEM):
        crowd.register(exam, [identity(1)])
    sheet = write_table(
        services.COLUMNS, [("李1", identity(1), "", "第一中学", "否", "13800000001", "", "", "", "1301")]
    )
    with acting(REGION):
        assert services.import_members(data=sheet, filename="x.xlsx", by=REGION, at=AT).changed == 1
    with acting(SYSTEM):
        assert Member.objects.get(pk=member).office_path == "/13/1301/"
        hit = Hit.objects.get(member_id=member)
    with acting(LEADER), pytest.raises(RuleRefused) as caught:
        recusal.decide_hit(
            exam=exam, hit_id=hit.pk, version=hit.version, uphold=False, cause="mistaken", reason="不是同一人",
            by=LEADER, at=AT,
        )  # fmt: skip
    assert refused(caught) == "recusal_not_above"


def test_numbers_of_other_offices_people_do_not_leave_in_clear(exam, client):
    """An inspector of the nation serves here; unmasking them is for their own office alone, so is a sheet in clear."""
    [inspector] = appoint(exam, "inspector", people(1, by=CENTRE), by=COMMITTEE, office="13")
    accepted(exam, [inspector])
    people(1, by=REGION, first=2)
    signed_in(client, "13", "region_officer")
    book = client.post(url("members-export"))
    rows = read_table(book.content, filename="x.xlsx", columns=services.COLUMNS).rows
    shown = {r.values["name"]: r.values["identity"] for r in rows}
    assert set(shown) == {"李1", "李2"} and shown["李2"] == identity(2) and shown["李1"] != identity(1)
    assert "13800000001" not in {r.values["phone"] for r in rows}


def test_figures_that_are_no_numbers_choose_nobody(exam, client):
    signed_in(client, "1301", "point_manager")
    there = url("appoint", post="medic", place=SITE)
    assert client.post(there, {"member": "²"}).status_code == 409
    assert client.post(there + "?building=A&floor=²", {"member": str(people(1)[0])}).status_code < 500
    for pick in ("guard|1301-01|²|1|", "guard|1301-01||²|"):
        assert client.post(url("fill"), {"pick": pick}).status_code < 500
    with acting(SYSTEM):
        assert not Appointment.objects.exists()


@pytest.mark.rule("V2.4")
def test_ending_and_appointing_anew_does_not_go_past_the_leader(exam):
    one, other, third = people(3)
    [held] = appoint(exam, "guard", [one])
    [token] = ask(exam, [held])
    reply(exam, token, accept=True)
    with acting(POINT):
        services.end(
            exam=exam,
            appointment_id=held,
            version=row(held).version,
            reason="张三之妻生病",
            by=POINT,
            at=LATE,
        )
        new = [services.NewAppointment(other, "guard", SITE)]
        with pytest.raises(RuleRefused) as caught:
            services.appoint(exam=exam, appointments=new, by=POINT, at=LATE)
        assert refused(caught) == "staffing_needs_consent"
        done = services.replace(
            exam=exam, appointment_id=held, version=row(held).version, member_id=other, reason="生病", by=POINT, at=LATE
        )  # fmt: skip
    assert done.appointment_id is None
    leader = someone("领导", "point_leader", "1301", codes=1)
    with acting(SYSTEM):
        proposal = approvals.Proposal.objects.get(pk=done.proposal_id)
    assert signed(proposal, leader, at=LATE)
    with acting(SYSTEM):
        assert Appointment.objects.get(member_id=other).replaces_id == held
        assert "张三" not in str([e.data for e in Event.objects.filter(kind="staffing.appointment.ended")])
    with acting(POINT):  # whoever was to be replaced is: the next one is an appointment as any
        services.appoint(
            exam=exam, appointments=[services.NewAppointment(third, "guard", SITE)], by=POINT, at=LATE
        )
