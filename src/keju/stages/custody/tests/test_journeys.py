"""Papers on the way: what a plan must say, what leaves, what is heard of it, what is wrong."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.models import Proposal
from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Receipt
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.custody.models import Handover, Journey, JourneyEntry
from keju.stages.custody.queries import alarms
from keju.stages.custody.queries import journeys as queries
from keju.stages.custody.rules.journeys import Crew, Duty, Leg, Mode, Plan, Vehicle
from keju.stages.custody.services import journey_approval, underway
from keju.stages.custody.services import journeys as planning
from keju.stages.custody.services.handovers import hooks
from keju.stages.custody.services.underway import Departure, Entry
from keju.stages.custody.tests import escorts
from keju.stages.custody.tests.escorts import ARRIVES, LEAVES, load, planned, road, settled
from keju.stages.custody.tests.world import POINT_PAPERS, REGION_PAPERS, key, papers
from keju.stages.staffing.tests import crowd
from keju.stages.venues.tests.year import AT, SYSTEM, staff

OTHER_REGION = staff("region_custody", "11")


def codes(refused: pytest.ExceptionInfo[RuleRefused]) -> set[str]:
    return {r.code.removeprefix("custody_journey_") for r in refused.value.refusals}


def submitted(exam: Exam, row: Journey, by: Actor = REGION_PAPERS, **facts: Any) -> Journey:
    with acting(by):
        return journey_approval.submit(exam=exam, journey_ids=[row.pk], by=by, at=AT, **facts)[0]


def gone(
    exam: Exam,
    row: Journey,
    name: str = "depart",
    attested: Any = ("no_others", "watched", "fit"),
    **facts: Any,
) -> Journey:
    with acting(REGION_PAPERS):
        leaving = [Departure(row.pk, key(name), attested)]
        return underway.depart(exam=exam, departures=leaving, by=REGION_PAPERS, at=LEAVES, **facts)[0]


def entered(exam: Exam, row: Journey, name: str, minutes: int = 30, **facts: Any) -> JourneyEntry:
    entry = Entry(row.pk, key(name), **facts)
    with acting(REGION_PAPERS):
        at = LEAVES + timedelta(minutes=minutes)
        return underway.enter(exam=exam, entries=[entry], by=REGION_PAPERS, at=at)[0]


def kinds(exam: Exam, minutes: int) -> set[str]:
    with acting(REGION_PAPERS):
        found = alarms.alarms(exam, "/13/", LEAVES + timedelta(minutes=minutes))
        return {a.kind for a in found if a.kind.startswith("journey_")}


def needs() -> tuple[Proposal, list[tuple[str, str]]]:
    """The plan that waits, and whose signatures it needs."""
    with acting(SYSTEM):
        row = Proposal.objects.get(kind=journey_approval.KIND)
        return row, list(row.needs.values_list("what", "at_path"))


@pytest.fixture
def moving(exam: Exam) -> Journey:
    """A journey from the region to its point that has just left with a box."""
    row = settled(exam, road(escorts.escorts(exam, 3)))
    load(exam, papers(exam), row.pk)
    return gone(exam, row)


@pytest.mark.rule("V10.1", "V10.2.2", "V11.3.1")
def test_a_plan_says_all_that_it_has_to(exam: Exam) -> None:
    bare = Plan(Leg.TO_POINT, Mode.ROAD, LEAVES, LEAVES, "centre", None, None)
    with pytest.raises(RuleRefused) as refused:
        planned(exam, bare)
    assert codes(refused) == {"responsible", "times", "conditions", "road", "route", "to_store"}
    with pytest.raises(RuleRefused) as refused:
        planned(exam, replace(road([]), mode=Mode.POST))
    assert codes(refused) == {"carrier"}
    with pytest.raises(RuleRefused) as refused:
        planned(exam, road([]), ends=("13", "1301-01"))
    assert codes(refused) == {"leg"}
    (row,) = planned(exam, replace(road([]), mode=Mode.POST, carrier="机要通信局", terms="9月14日前送达"))
    assert submitted(exam, row).state == "settled"
    with acting(SYSTEM):
        assert Event.objects.get(kind="custody.journey.planned").data["journeys"][0][:3] == [
            row.pk,
            "13",
            "1301",
        ]
    with acting(OTHER_REGION), pytest.raises(NotPermitted):
        planning.plan_journeys(
            exam=exam, journeys=[planning.NewJourney("13", "1301", road([]))], by=OTHER_REGION, at=AT
        )


@pytest.mark.rule("V10.2.2", "V12.3")
def test_papers_arrive_two_days_before_or_the_region_s_leader_has_approved_why_not(exam: Exam) -> None:
    for days, code in ((1, "late"), (-1, "early")):
        moved = {"depart_at": LEAVES + timedelta(days=days), "arrive_at": ARRIVES + timedelta(days=days)}
        with pytest.raises(RuleRefused) as refused:
            planned(exam, road([], **moved))
        assert codes(refused) == {code}
    people = escorts.escorts(exam, 3)
    (row,) = planned(
        exam,
        road(
            people,
            arrive_at=ARRIVES - timedelta(days=1),
            depart_at=LEAVES - timedelta(days=1),
            exception="山区，途中需一天",
        ),
    )
    assert submitted(exam, row).state == "proposed"
    assert needs()[1] == [("region_leader", "/13/")]
    with pytest.raises(RuleRefused) as refused:
        gone(exam, row)
    assert "unapproved" in codes(refused)


FIGURES: list[tuple[int, dict[str, Any], str]] = [
    (2, {}, "crew_single"),
    (3, {"vehicles": [Vehicle("冀A1"), Vehicle("冀A2")]}, "crew_each"),
    (3, {"vehicles": []}, "vehicle"),
    (3, {"vehicles": [Vehicle("冀A1", serviced=False)]}, "serviced"),
    (3, {"vehicles": [Vehicle("冀A1", sealed=False)]}, "van"),
    (1, {"mode": Mode.TRAIN}, "crew_train"),
    (1, {"mode": Mode.AIR, "exception": "洪水断路"}, "crew_air"),
]


@pytest.mark.rule("V10.2.4", "V10.2.5")
def test_nothing_is_settled_with_fewer_people_or_other_vehicles(exam: Exam) -> None:
    people = escorts.escorts(exam, 3)
    for count, change, wanted in FIGURES:
        (row,) = planned(exam, road(people[:count], **change))
        with pytest.raises(RuleRefused) as refused:
            submitted(exam, row)
        assert codes(refused) == {wanted}
    leading = Crew(people[0], Duty.LEADER, 1)
    driven = [leading, Crew(people[1], Duty.ESCORT, 1), Crew(people[2], Duty.DRIVER, 1)]
    led_by_none = [Crew(p, Duty.ESCORT, 1) for p in people]
    for going, wanted in ((driven, "crew_single"), (led_by_none, "leader")):
        (row,) = planned(exam, road(people, crew=going))
        with pytest.raises(RuleRefused) as refused:
            submitted(exam, row)
        assert codes(refused) == {wanted}
    with pytest.raises(DatabaseError), transaction.atomic():
        planned(exam, road(people, crew=[Crew(p, Duty.LEADER, 1) for p in people]))


@pytest.mark.rule("V10.2.3")
def test_what_holds_in_principle_yields_to_a_reason_that_is_kept(exam: Exam) -> None:
    (row,) = planned(exam, road(escorts.escorts(exam, 3), vehicles=[Vehicle("冀A1", sealed=False)]))
    with pytest.raises(RuleRefused):
        submitted(exam, row, by=replace_permissions(REGION_PAPERS), reason="县里没有厢式车")
    assert submitted(exam, row, reason="县里没有厢式车").reason == "县里没有厢式车"
    load(exam, papers(exam), row.pk)
    assert gone(exam, row).state == "under_way"


def replace_permissions(by: Actor) -> Actor:
    return replace(by, permissions=by.permissions - {"custody:journey:approve"})


@pytest.mark.rule("V10.2.6", "V2.9")
def test_escorts_are_appointed_trained_unbarred_and_on_one_journey(exam: Exam) -> None:
    people = escorts.escorts(exam, 3)
    first = settled(exam, road(people))
    (second,) = planned(exam, road([*people[:2], escorts.someone("路人")]))
    with pytest.raises(RuleRefused) as refused:
        submitted(exam, second)
    assert codes(refused) == {"busy", "unappointed"}
    fresh = escorts.escorts(exam, 3, first=50, modules=())
    (third,) = planned(exam, road(fresh))
    with pytest.raises(RuleRefused) as refused:
        submitted(exam, third)
    assert codes(refused) == {"untrained"}
    load(exam, papers(exam), first.pk)
    with acting(SYSTEM):
        crowd.run(
            "UPDATE staffing_appointment SET state = 'ended', reason = '回避' WHERE member_id = %s",
            escorts.member_of(people[2]).pk,
        )
    with pytest.raises(RuleRefused) as refused:
        gone(exam, first)
    assert codes(refused) == {"unappointed"}


@pytest.mark.rule("V10.2.3", "V10.2.4", "V11.3.1")
def test_nothing_leaves_unloaded_or_unvouched_and_the_receiver_is_told(exam: Exam) -> None:
    row = settled(exam, road(escorts.escorts(exam, 3)))
    with pytest.raises(RuleRefused) as refused:
        gone(exam, row, attested=())
    assert codes(refused) == {"empty", "attest"}
    with acting(REGION_PAPERS):
        underway.departure_refused(
            exam=exam, journey_id=row.pk, refused=refused.value, by=REGION_PAPERS, at=LEAVES
        )
    load(exam, papers(exam), row.pk)
    gone(exam, row)
    assert gone(exam, row).version == 3  # the same operation once more
    with pytest.raises(Stale):
        gone(exam, row, name="another click")
    with acting(SYSTEM):
        assert Receipt.objects.filter(office_code="1301", notice__title_zh="试卷发运预告").count() == 1
        said = Event.objects.get(kind="custody.journey.refused").data["codes"]
        assert said == ["custody_journey_empty", *["custody_journey_attest"] * 3]
        assert Event.objects.filter(kind="custody.journey.departed").count() == 2
        assert [e.kind for e in queries.entries_of(row)] == ["departed"]


@pytest.mark.rule("V10.2.3")
def test_papers_go_to_rooms_only_after_the_region_approved_exactly_this_plan(exam: Exam) -> None:
    people = escorts.escorts(exam, 3, post="paper_escort", code="1301", path="/13/1301/")
    day = timedelta(days=2)
    plan = road(
        people,
        to_place="seal_room:1301-01",
        depart_at=LEAVES + day,
        arrive_at=LEAVES + day + timedelta(hours=1),
    )
    with pytest.raises(RuleRefused) as refused:
        planned(exam, plan, by=POINT_PAPERS, ends=("1301", "1301-01"))
    assert codes(refused) == {"authorities"}
    plan = replace(plan, police="张警官", secrecy="保密局 赵主任")
    plan = replace(plan, vehicles=[Vehicle("冀A1"), Vehicle("冀A2", "escort", exempt=False)])
    (row,) = planned(exam, plan, by=POINT_PAPERS, ends=("1301", "1301-01"))
    with pytest.raises(RuleRefused) as refused:
        submitted(exam, row, by=POINT_PAPERS)
    assert codes(refused) == {"exempt"}
    plan = replace(plan, vehicles=[Vehicle("冀A1"), Vehicle("冀A2", "escort")])
    with acting(POINT_PAPERS):
        row = planning.change_plan(
            exam=exam, journey_id=row.pk, version=row.version, plan=plan, by=POINT_PAPERS, at=AT
        )
    assert submitted(exam, row, by=POINT_PAPERS).state == "proposed"
    proposal, wanted = needs()
    assert wanted == [("region_custody", "/13/")]
    officer = escorts.someone("考区机要")
    signer = approvals.Signer(officer, "考区机要", [approvals.Capacity("region_custody", "/13/")])
    sheet = escorts.codes(officer)

    def sign() -> object:
        with acting(REGION_PAPERS):
            return approvals.sign(
                proposal_id=proposal.pk, content_hash=proposal.content_hash, code=sheet.pop(), signer=signer,
                by=REGION_PAPERS, at=AT,
            )  # fmt: skip

    with acting(SYSTEM):  # behind the program's back: what was signed is not what would be carried out
        crowd.run("UPDATE custody_journey SET route = '另一条路' WHERE id = %s", row.pk)
    with pytest.raises(RuleRefused, match="approval_other"):
        sign()
    with acting(SYSTEM):
        crowd.run("UPDATE custody_journey SET route = %s WHERE id = %s", plan.route, row.pk)
    assert sign() is not None
    with acting(SYSTEM):
        assert Journey.objects.get(pk=row.pk).state == "settled"
        with pytest.raises(DatabaseError, match="custody_journey_approved"), transaction.atomic():
            Journey.objects.filter(pk=row.pk).update(proposal=None)


@pytest.mark.rule("V10.2.5")
def test_by_air_only_with_the_centre_s_approval_before(exam: Exam) -> None:
    people = escorts.escorts(exam, 2)
    with pytest.raises(RuleRefused) as refused:
        planned(exam, road(people, mode=Mode.AIR))
    assert codes(refused) == {"air"}
    (row,) = planned(exam, road(people, mode=Mode.AIR, exception="洪水断路"))
    assert submitted(exam, row).state == "proposed"
    assert needs()[1] == [("centre_custody", "/")]
    load(exam, papers(exam), row.pk)
    with pytest.raises(RuleRefused) as refused:
        gone(exam, row)
    assert codes(refused) == {"unapproved", "attest"}


@pytest.mark.rule("V10.2.4")
def test_what_is_heard_on_the_way_stands_once_and_silence_is_an_alarm(exam: Exam, moving: Journey) -> None:
    assert kinds(exam, 90) == set() and kinds(exam, 91) == {"journey_silent"}
    facts = {
        "lat": Decimal("38.0421234"),
        "lng": Decimal("114.5"),
        "happened_at": LEAVES + timedelta(minutes=50),
    }
    first = entered(exam, moving, "one", 60, words="过保定", **facts)
    assert entered(exam, moving, "one", 75, words="过保定", **facts).pk == first.pk
    assert kinds(exam, 150) == set() and kinds(exam, 151) == {"journey_silent"}
    assert kinds(exam, 5 * 60 + 31) == {"journey_silent", "journey_overdue"}
    with acting(SYSTEM):
        assert JourneyEntry.objects.filter(journey=moving).count() == 2
        assert JourneyEntry.objects.get(pk=first.pk).lat == Decimal("38.04212")
        with pytest.raises(DatabaseError), transaction.atomic():
            JourneyEntry.objects.filter(pk=first.pk).update(words="x")
    for wrong in ({"happened_at": LEAVES + timedelta(days=1)}, {"kind": "trouble"}):
        with pytest.raises(RuleRefused):
            entered(exam, moving, str(wrong), **wrong)
    with pytest.raises(Stale):
        entered(exam, moving, "forged", kind="arrived")
    with acting(REGION_PAPERS):
        (shown,) = queries.board(exam, viewer=REGION_PAPERS, at=LEAVES + timedelta(minutes=400))
        assert (shown.aboard, shown.is_wrong) == (1, True)
    with acting(OTHER_REGION):
        assert queries.board(exam, viewer=OTHER_REGION, at=LEAVES) == []


@pytest.mark.rule("V10.2.4")
def test_trouble_reaches_the_centre_and_names_who_is_not_told(exam: Exam, moving: Journey) -> None:
    entered(exam, moving, "trouble", kind="trouble", words="车辆故障")
    entered(exam, moving, "told", kind="told", told="police")
    assert kinds(exam, 40) == {"journey_trouble"}
    with acting(SYSTEM):
        assert queries.untold(queries.entries_of(moving)) == ["veterinary", "secrecy"]
        assert set(Receipt.objects.values_list("office_code", flat=True)) == {"13", "1301", "centre"}
        assert Event.objects.get(kind="custody.journey.trouble").rules == ["V10.2.4"]
    entered(exam, moving, "solved", kind="solved", words="换车，全程未离人")
    assert kinds(exam, 40) == set()


@pytest.mark.rule("V10.2.3")
def test_the_route_changes_by_the_consent_of_who_answers_for_it(exam: Exam, moving: Journey) -> None:
    assert moving.responsible_id is not None
    sheet = escorts.codes(moving.responsible_id)
    entered(exam, moving, "asked", kind="route_asked", words="前方塌方", route="绕行107国道")

    def change(code: str, name: str = "route", reason: str = "前方塌方") -> JourneyEntry | None:
        with acting(REGION_PAPERS):
            return underway.change_route(
                exam=exam, journey_id=moving.pk, key=key(name), route="绕行107国道", reason=reason, code=code,
                by=REGION_PAPERS, at=LEAVES + timedelta(hours=1),
            )  # fmt: skip

    with pytest.raises(RuleRefused) as refused:
        change(sheet[0], reason=" ")
    assert codes(refused) == {"route_why"}
    made = change(sheet[0])
    again = change("no matter")
    assert made is not None and again is not None and again.pk == made.pk
    assert change("1-WRONGCODE", name="second") is None
    with acting(SYSTEM):
        (changed,) = JourneyEntry.objects.filter(kind="route_changed")
        assert (changed.person_id, changed.route, changed.words) == (
            moving.responsible_id,
            "绕行107国道",
            "前方塌方",
        )
        assert (
            Event.objects.filter(
                kind="custody.journey.route_changed", data__consent=changed.person_id
            ).count()
            == 2
        )
        assert Journey.objects.get(pk=moving.pk).route == moving.route  # as it was approved


@pytest.mark.rule("V10.2.4", "V11.3.1")
def test_arrival_ends_it_and_papers_left_aboard_are_an_alarm(exam: Exam, moving: Journey) -> None:
    with acting(REGION_PAPERS):
        assert [r.code for r in queries.check_unloading(exam, moving.pk)] == ["custody_journey_unload"]
        assert [r.code for r in queries.check_loading(exam, moving.pk)] == ["custody_journey_load"]
        for _ in range(2):
            underway.arrive(exam=exam, arrivals={moving.pk: key("there")}, by=REGION_PAPERS, at=ARRIVES)
        assert list(queries.check_unloading(exam, moving.pk)) == []
        assert queries.board(exam, viewer=REGION_PAPERS, at=ARRIVES) == []
    assert kinds(exam, 5 * 60 + 60) == set() and kinds(exam, 5 * 60 + 61) == {"journey_not_unloaded"}
    with pytest.raises(RuleRefused):
        entered(exam, moving, "late", 310)


@pytest.mark.rule("V10.2.4")
def test_a_card_lets_its_person_report_on_this_journey_alone(exam: Exam, moving: Journey) -> None:
    with acting(REGION_PAPERS):
        former = underway.new_cards(exam=exam, journey_id=moving.pk, by=REGION_PAPERS, at=LEAVES)
        tokens = underway.new_cards(exam=exam, journey_id=moving.pk, by=REGION_PAPERS, at=LEAVES)
    person, token = next(iter(tokens.items()))
    with acting(Actor.anybody()):
        assert queries.on_way(exam, former[person]) is None and queries.on_way(exam, "x") is None
        card = queries.on_way(exam, token)
        assert card is not None
        made = underway.enter_on_way(
            exam=exam, card=card, by=card.actor, entry=Entry(moving.pk, key("card"), words="正常"), at=LEAVES
        )
        with pytest.raises(NotPermitted):
            underway.enter_on_way(
                exam=exam, card=card, by=card.actor, entry=Entry(moving.pk + 1, key("other")), at=LEAVES
            )
        underway.arrive_on_way(exam=exam, card=card, by=card.actor, key=key("arrived"), at=ARRIVES)
    with acting(SYSTEM):
        assert JourneyEntry.objects.get(pk=made.pk).person_id == person
        assert Journey.objects.get(pk=moving.pk).state == "arrived"


@pytest.mark.rule("V10.2.3", "V10.2.4")
def test_a_handover_onto_or_off_a_journey_waits_for_its_plan_and_its_arrival(
    exam: Exam, moving: Journey
) -> None:
    with acting(SYSTEM):
        box = queries.cargo(moving)[0].container_id
        onto, off = Handover(place=f"journey:{moving.pk}"), Handover(place="seal_room:1301-01")

        def said(row: Handover) -> list[str]:
            return [r.code for r in hooks.refusals("sign", exam, row, [box], LEAVES)]

        assert (said(onto), said(off)) == (["custody_journey_load"], ["custody_journey_unload"])
        underway.arrive(exam=exam, arrivals={moving.pk: key("there")}, by=REGION_PAPERS, at=ARRIVES)
        assert said(off) == []


@pytest.mark.rule("V10.2.3")
def test_a_plan_is_submitted_once_and_stands_once_papers_are_aboard(exam: Exam) -> None:
    """A plan that was sent in is not sent in again; with papers aboard it is neither changed nor cancelled."""
    made, plan = papers(exam), road(escorts.escorts(exam, 3))
    row = settled(exam, plan)
    with pytest.raises(RuleRefused) as refused:
        submitted(exam, row)
    assert codes(refused) == {"not_draft"}
    load(exam, made, row.pk)
    facts: dict[str, Any] = {
        "exam": exam,
        "journey_id": row.pk,
        "version": row.version,
        "by": REGION_PAPERS,
        "at": AT,
    }
    for act in (
        lambda: planning.change_plan(plan=replace(plan, route="另一条路"), **facts),
        lambda: planning.cancel(reason="改期", **facts),
    ):
        with acting(REGION_PAPERS), pytest.raises(RuleRefused) as refused, transaction.atomic():
            act()
        assert codes(refused) == {"stands"} and [r.rule for r in refused.value.refusals] == ["V10.2.3"]
    with acting(REGION_PAPERS):
        now = Journey.objects.get(pk=row.pk)
    assert (now.state, now.version, now.route) == ("settled", row.version, plan.route)
