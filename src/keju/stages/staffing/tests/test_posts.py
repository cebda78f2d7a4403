"""Posts and quotas: what is needed, what is missing, who may be appointed by whom (V2.1-V2.8)."""

import threading
from dataclasses import replace

import pytest
from django.db import connection, connections

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused, load_programme
from keju.rulebook.model import Post, PostQuota
from keju.rulebook.words import t
from keju.stages.staffing import queries, rules, services
from keju.stages.staffing.models import Appointment, Member
from keju.stages.staffing.rules import Counted, Place, Quota
from keju.stages.staffing.services import NewAppointment
from keju.stages.staffing.tests.world import (
    AT,
    CENTRE,
    COMMITTEE,
    OTHER,
    POINT,
    REGION,
    SITE,
    SYSTEM,
    accepted,
    appoint,
    hosts,
    people,
    person,
)

VET = load_programme("veterinarian")


def codes(caught: pytest.ExceptionInfo[RuleRefused]) -> list[tuple[str, str]]:
    return [(r.rule, r.code) for r in caught.value.refusals]


def missing(exam, path="/13/"):
    with acting(SYSTEM):
        return {
            (g.post.code, g.place.office_code, g.place.floor): g.missing
            for g in queries.gaps(exam, path)
            if g.missing
        }


@pytest.mark.django_db
@pytest.mark.rule("V2.1", "V2.2", "V2.3", "V2.4", "V2.5", "V2.6", "V2.7", "V2.8")
def test_needs_are_computed_from_hosts_and_rooms():
    exam = hosts()
    found = missing(exam)
    assert found["inspector", "13", None] == 2
    assert found["supervisor", "1301", None] == found["supervisor", "1302", None] == 2
    assert found["chief_examiner", "1301", None] == 1
    assert found["deputy_chief_examiner", "1301", None] == 2
    assert (found["patrol", SITE, 1], found["patrol", SITE, 2]) == (1, 1)
    assert (
        found["region_confidential_officer", "13", None]
        == found["point_confidential_officer", "1301", None]
        == 1
    )
    assert (found["invigilator", SITE, None], found["invigilator", "1302-01", None]) == (22, 2)
    others = {p.code for p in VET.posts if p.rule == "V2.8"}
    assert {code for code, *_ in found if code in others} == others and len(others) == 10


@pytest.mark.django_db
@pytest.mark.rule("V2.5", "V2.7")
def test_once_the_plan_is_frozen_only_rooms_in_use_count():
    exam = hosts()
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO seating_plan (exam_id, site_id, office_path, version, standard, seed, count, hash, made_by)
               SELECT exam_id, id, office_path, 1, 30, '', 1, 'x', 't' FROM venues_site WHERE code = %s RETURNING id""",
            [SITE],
        )
        plan = cursor.fetchone()[0]
        cursor.execute(
            """INSERT INTO seating_seat (plan_id, registration_id, office_path, room_id, serial, "column", row, category, current)
               SELECT %s, (SELECT min(id) FROM registration_registration), office_path, id, 1, 1, 1, 'general', true
               FROM venues_room WHERE number = 10 AND office_path = '/13/1301/01/'""",
            [plan],
        )
        assert missing(exam)["invigilator", SITE, None] == 22  # a draft says nothing
        cursor.execute("UPDATE seating_plan SET frozen_at = now() WHERE id = %s", [plan])
    found = missing(exam)
    assert found["invigilator", SITE, None] == 2
    assert ("patrol", SITE, 1) not in found and found["patrol", SITE, 2] == 1


@pytest.mark.django_db
def test_who_is_asked_and_who_is_barred_does_not_fill_a_post():
    exam = hosts(rooms=1)
    ids = appoint(exam, "chief_examiner", people(1), office="1301")
    assert missing(exam)["chief_examiner", "1301", None] == 1
    accepted(exam, ids)
    assert ("chief_examiner", "1301", None) not in missing(exam)
    with acting(POINT):
        assert [a.pk for a in queries.appointments_in_force(exam, "/13/1301/")] == ids
        events = Event.objects.filter(kind="staffing.appointments.made", exam=exam.slug)
        assert [(e.subject, e.rules) for e in events] == [(f"appointment:{ids[0]}", ["V2.3"])]


@pytest.mark.django_db
@pytest.mark.rule("V2.1", "V2.2")
def test_who_is_sent_from_above_is_sent_by_that_office_alone():
    exam = hosts(rooms=1)
    mine, theirs = people(3, by=REGION), people(2, by=CENTRE, first=10)
    for by, post, office in (
        (REGION, "inspector", "13"),
        (CENTRE, "inspector", "13"),
        (POINT, "supervisor", "1301"),
    ):
        with pytest.raises(RuleRefused) as caught:
            appoint(
                exam,
                post,
                people(1, by=by, first={"13": 20, "centre": 30, "1301": 40}[by.office_code]),
                by=by,
                office=office,
            )
        assert codes(caught) == [(VET.post(post).rule, "staffing_appointer")]
    assert len(appoint(exam, "inspector", theirs, by=COMMITTEE, office="13")) == 2
    assert len(appoint(exam, "supervisor", mine[:2], by=REGION, office="1301")) == 2
    with pytest.raises(RuleRefused) as caught:
        appoint(exam, "supervisor", mine[2:], by=REGION, office="1301")
    assert codes(caught) == [("V2.2", "staffing_too_many")]


@pytest.mark.django_db
@pytest.mark.rule("V2.1", "V2.2")
def test_who_looks_at_a_point_is_not_proposed_from_that_point():
    exam = hosts(rooms=1)
    own, neighbour = people(3, permanent=True), people(1, by=OTHER, first=10)
    region = people(2, by=REGION, first=20)
    with acting(REGION):
        found = queries.fill(exam, viewer=REGION, by_kind="region", posts=["supervisor"])
    sent = {(p.place.office_code, p.member.id) for p in found.picks}
    assert {("1301", m) for m in region} < sent  # the region's own people first
    assert {m for place, m in sent if place == "1302"} == set(own[:2])
    assert neighbour[0] not in {m for _, m in sent} and found.unfilled == 0
    with acting(REGION):
        kept = queries.fill(
            exam, viewer=REGION, by_kind="region", posts=["region_duty_officer", "supervisor"]
        )
    assert {p.member.id for p in kept.picks if p.post.at == "region"} == set(
        region
    )  # its own posts come first
    with acting(COMMITTEE):
        assert queries.fill(exam, viewer=COMMITTEE, by_kind="committee").unfilled == 2


@pytest.mark.django_db
@pytest.mark.rule("V2.3", "V2.4")
def test_one_chief_and_two_to_four_deputies():
    exam = hosts(rooms=1)
    ids = people(7)
    appoint(exam, "chief_examiner", ids[:1], office="1301")
    with pytest.raises(RuleRefused) as caught:
        appoint(exam, "chief_examiner", ids[1:2], office="1301")
    assert codes(caught) == [("V2.3", "staffing_too_many")]
    said = str(caught.value.refusals[0].words(VET).zh)
    assert "最多1人" in said and "V2.3" in said
    with pytest.raises(RuleRefused) as caught:
        appoint(exam, "deputy_chief_examiner", ids[2:7], office="1301")
    assert codes(caught) == [("V2.4", "staffing_too_many")]
    with acting(SYSTEM):
        assert Appointment.objects.filter(post="deputy_chief_examiner").count() == 0
    accepted(exam, appoint(exam, "deputy_chief_examiner", ids[2:3], office="1301"))
    assert missing(exam)["deputy_chief_examiner", "1301", None] == 1
    appoint(exam, "deputy_chief_examiner", ids[3:6], office="1301")
    appoint(exam, "deputy_chief_examiner", ids[6:], office="1301", substitute=True)  # counts for nothing


@pytest.mark.django_db
@pytest.mark.rule("V2.5")
def test_patrols_are_of_a_floor_in_use():
    exam = hosts()
    ids = people(4)
    appoint(exam, "patrol", ids[:2], building="教学楼A座", floor=1)
    for facts, code in (({"floor": 1}, "staffing_too_many"), ({"floor": 7}, "staffing_floor")):
        with pytest.raises(RuleRefused) as caught:
            appoint(exam, "patrol", ids[2:3], building="教学楼A座", **facts)
        assert codes(caught) == [("V2.5", code)]


@pytest.mark.django_db
@pytest.mark.rule("V2.7")
def test_the_sector_does_not_invigilate():
    exam = hosts(rooms=1)
    vet = people(1, in_sector=True, name="赵兽医")
    with pytest.raises(RuleRefused) as caught:
        appoint(exam, "invigilator", vet)
    assert codes(caught) == [("V2.7", "staffing_sector")]
    assert "赵兽医" in str(caught.value.refusals[0].words(VET).zh)
    appoint(exam, "guard", vet)
    with pytest.raises(RuleRefused) as caught:
        appoint(exam, "invigilator", people(4, first=2))
    assert codes(caught) == [("V2.7", "staffing_too_many")]  # three to a room


@pytest.mark.rule("V2.7")
def test_rooms_are_drawn_with_enough_invigilators_only():
    assert [r.code for r in rules.check_invigilators(SITE, 3, 5, 2, 3)] == ["staffing_invigilators_few"]
    assert (
        list(rules.check_invigilators(SITE, 3, 6, 2, 3))
        == list(rules.check_invigilators(SITE, 3, 9, 2, 3))
        == []
    )
    assert [r.code for r in rules.check_invigilators(SITE, 3, 10, 2, 3)] == ["staffing_invigilators_many"]


@pytest.mark.django_db
@pytest.mark.rule("V2.7")
def test_whoever_changes_into_the_sector_invigilates_no_more():
    exam = hosts(rooms=1)
    ids = people(3)
    accepted(exam, appoint(exam, "invigilator", ids))
    with acting(POINT):
        assert queries.check_invigilators(exam, SITE) == []
        for member in ids[:2]:
            services.edit_member(
                member_id=member,
                version=1,
                facts=person(member - ids[0] + 1, in_sector=True),
                by=POINT,
                at=AT,
            )
        assert [r.code for r in queries.check_invigilators(exam, SITE)] == ["staffing_invigilators_few"]
        [gap] = queries.gaps(exam, "/13/1301/", posts=["invigilator"])
        assert (gap.counted.accepted, gap.counted.barred, gap.missing) == (1, 2, 1)


@pytest.mark.django_db
@pytest.mark.rule("V2.6")
def test_without_a_confidential_officer_in_force_no_papers_move():
    exam = hosts(rooms=1)

    def refused() -> list[str]:
        with acting(POINT):
            return [r.code for r in queries.check_confidential_officer(exam, "1301")]

    ids = appoint(exam, "point_confidential_officer", people(1), office="1301")
    assert refused() == ["staffing_no_confidential_officer"]
    accepted(exam, ids)
    assert refused() == []


@pytest.mark.rule("V2.8")
@pytest.mark.django_db
def test_nobody_serves_at_two_places():
    exam = hosts(rooms=1)
    [member] = people(1, by=REGION)
    appoint(exam, "guard", [member], by=REGION)
    appoint(exam, "duty_officer", [member], by=REGION, office="1301")  # above the site, in one line with it
    with pytest.raises(RuleRefused) as caught:
        appoint(exam, "guard", [member], by=REGION)
    assert ("V2.8", "staffing_already") in codes(caught)
    with pytest.raises(RuleRefused) as caught:
        appoint(exam, "guard", [member], by=REGION, office="1302-01")
    assert codes(caught) == [("V2.8", "staffing_elsewhere_here")]
    with acting(OTHER), pytest.raises(RuleRefused) as caught:
        rules_of = NewAppointment(member, "guard", "1302-01")
        services.appoint(exam=exam, appointments=[rules_of], by=OTHER, at=AT)
    assert codes(caught) == [("V2.8", "staffing_member_gone")]  # not of 1302's registry


@pytest.mark.django_db
def test_strangers_do_not_appoint_and_the_stale_do_not_end():
    exam = hosts(rooms=1)
    [held] = appoint(exam, "guard", people(1))
    for by, office in ((OTHER, SITE), (POINT, "1302-01")):
        with pytest.raises(NotPermitted):
            appoint(exam, "guard", people(1, by=by, first=50 if by is OTHER else 60), by=by, office=office)
    with acting(OTHER), pytest.raises(NotPermitted):
        services.end(exam=exam, appointment_id=held, version=1, reason="x", by=OTHER, at=AT)
    with acting(POINT):
        with pytest.raises(RuleRefused):
            services.end(exam=exam, appointment_id=held, version=1, reason=" ", by=POINT, at=AT)
        services.end(exam=exam, appointment_id=held, version=1, reason="病假", by=POINT, at=AT)
        with pytest.raises(Stale):
            services.end(exam=exam, appointment_id=held, version=2, reason="再来", by=POINT, at=AT)
        row = Appointment.objects.get(pk=held)
        assert (row.state, row.reason, row.version) == ("ended", "病假", 2)


@pytest.mark.django_db(transaction=True)
def test_two_clerks_fill_one_post_once():
    exam = hosts(rooms=1)
    ids = people(2)
    start, said = threading.Barrier(2), []

    def clerk(member: int) -> None:
        try:
            start.wait()
            said.append(len(appoint(exam, "chief_examiner", [member], office="1301")))
        except RuleRefused as refused:
            said.append(refused.refusals[0].code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=clerk, args=(member,)) for member in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, said)) == ["1", "staffing_too_many"]


@pytest.mark.django_db
def test_gaps_of_a_region_take_few_statements(django_assert_max_num_queries):
    exam = hosts()
    with acting(REGION), django_assert_max_num_queries(8):
        assert queries.gaps(exam, "/13/")
    with acting(SYSTEM):
        assert Member.objects.count() == 0


def test_shortfall_and_surplus_are_of_units():
    quota = Quota(2, 3)
    assert rules.shortfall(quota, 4, Counted(accepted=7, asked=5)) == (1, 0)
    assert rules.shortfall(quota, 4, Counted(accepted=13)) == (0, 1)
    assert rules.shortfall(Quota(1, None), 1, Counted(accepted=9)) == (0, 0)


def test_a_post_without_quota_is_missing_nowhere():
    post = Post("extra", t("其他", "Other"), "site", "V2.8", quota=None)
    assert rules.quota_of(post, None) is None  # type: ignore[arg-type]


@pytest.mark.rule("V2.8")
def test_a_post_is_filled_only_where_the_programme_has_it():
    post = Post("extra", t("其他", "Other"), "site", "V2.8", quota=None)
    place = Place(SITE, "/13/1301/01/")
    assert [r.code for r in rules.check_place(post, place, [place], 3)] == ["staffing_room"]
    elsewhere, above = replace(place, office_code="1302-01"), replace(place, floor=9)
    assert [r.code for r in rules.check_place(post, elsewhere, [place], None)] == ["staffing_place"]
    assert [r.code for r in rules.check_place(post, above, [place], None)] == ["staffing_floor"]
    assert list(rules.check_place(post, place, [place], None)) == []
    counted = Post("x", t("其他", "Other"), "site", "V2.7", quota=PostQuota("room", 2, 3))
    assert list(rules.check_place(counted, place, [place], 3)) == []
