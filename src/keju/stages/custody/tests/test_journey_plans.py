"""Before papers leave: what a plan must say, who goes along, and whose approval it needs (V10.2)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from keju.kernel.approvals import services as approvals
from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.custody.models import Journey
from keju.stages.custody.rules.journeys import Crew, Duty, Leg, Mode, Plan, Vehicle
from keju.stages.custody.services import journeys as planning
from keju.stages.custody.tests import escorts
from keju.stages.custody.tests.escorts import (
    ARRIVES,
    LEAVES,
    against,
    gone,
    load,
    needs,
    planned,
    road,
    settled,
    submitted,
)
from keju.stages.custody.tests.world import POINT_PAPERS, REGION_PAPERS, papers
from keju.stages.staffing.tests import crowd
from keju.stages.venues.tests.year import AT, SYSTEM, staff

OTHER_REGION = staff("region_custody", "11")


@pytest.mark.rule("V10.1", "V10.2.2", "V11.3.1")
def test_a_plan_says_all_that_it_has_to(exam: Exam) -> None:
    bare = Plan(Leg.TO_POINT, Mode.ROAD, LEAVES, LEAVES, "centre", None, None)
    with pytest.raises(RuleRefused) as refused:
        planned(exam, bare)
    assert against(refused) == {"responsible", "times", "conditions", "road", "route", "to_store"}
    with pytest.raises(RuleRefused) as refused:
        planned(exam, replace(road([]), mode=Mode.POST))
    assert against(refused) == {"carrier"}
    with pytest.raises(RuleRefused) as refused:
        planned(exam, road([]), ends=("13", "1301-01"))
    assert against(refused) == {"leg"}
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
        assert against(refused) == {code}
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
    assert "unapproved" in against(refused)


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
        assert against(refused) == {wanted}
    leading = Crew(people[0], Duty.LEADER, 1)
    driven = [leading, Crew(people[1], Duty.ESCORT, 1), Crew(people[2], Duty.DRIVER, 1)]
    led_by_none = [Crew(p, Duty.ESCORT, 1) for p in people]
    for going, wanted in ((driven, "crew_single"), (led_by_none, "leader")):
        (row,) = planned(exam, road(people, crew=going))
        with pytest.raises(RuleRefused) as refused:
            submitted(exam, row)
        assert against(refused) == {wanted}
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
    assert against(refused) == {"busy", "unappointed"}
    fresh = escorts.escorts(exam, 3, first=50, modules=())
    (third,) = planned(exam, road(fresh))
    with pytest.raises(RuleRefused) as refused:
        submitted(exam, third)
    assert against(refused) == {"untrained"}
    load(exam, papers(exam), first.pk)
    with acting(SYSTEM):
        crowd.run(
            "UPDATE staffing_appointment SET state = 'ended', reason = '回避' WHERE member_id = %s",
            escorts.member_of(people[2]).pk,
        )
    with pytest.raises(RuleRefused) as refused:
        gone(exam, first)
    assert against(refused) == {"unappointed"}


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
    assert against(refused) == {"authorities"}
    plan = replace(plan, police="张警官", secrecy="保密局 赵主任")
    plan = replace(plan, vehicles=[Vehicle("冀A1"), Vehicle("冀A2", "escort", exempt=False)])
    (row,) = planned(exam, plan, by=POINT_PAPERS, ends=("1301", "1301-01"))
    with pytest.raises(RuleRefused) as refused:
        submitted(exam, row, by=POINT_PAPERS)
    assert against(refused) == {"exempt"}
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
    assert against(refused) == {"air"}
    (row,) = planned(exam, road(people, mode=Mode.AIR, exception="洪水断路"))
    assert submitted(exam, row).state == "proposed"
    assert needs()[1] == [("centre_custody", "/")]
    load(exam, papers(exam), row.pk)
    with pytest.raises(RuleRefused) as refused:
        gone(exam, row)
    assert against(refused) == {"unapproved", "attest"}


@pytest.mark.rule("V10.2.3")
def test_a_plan_is_submitted_once_and_stands_once_papers_are_aboard(exam: Exam) -> None:
    """A plan that was sent in is not sent in again; with papers aboard it is neither changed nor cancelled."""
    made, plan = papers(exam), road(escorts.escorts(exam, 3))
    row = settled(exam, plan)
    with pytest.raises(RuleRefused) as refused:
        submitted(exam, row)
    assert against(refused) == {"not_draft"}
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
        assert against(refused) == {"stands"} and [r.rule for r in refused.value.refusals] == ["V10.2.3"]
    with acting(REGION_PAPERS):
        now = Journey.objects.get(pk=row.pk)
    assert (now.state, now.version, now.route) == ("settled", row.version, plan.route)
