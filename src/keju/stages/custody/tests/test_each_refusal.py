"""Every rule of custody by itself: what is right passes, and each single wrong is refused by its own code. No database."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from keju.rulebook import Refusal, load_programme
from keju.rulebook.words import t
from keju.stages.custody.rules import (
    cases,
    chain,
    containers,
    counting,
    ending,
    halfday,
    journeys,
    keeping,
    packing,
    seal_room,
    spares,
    stores,
    watching,
)
from keju.stages.custody.rules.chain import Counts
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.rules.counting import Counted, Expected
from keju.stages.custody.rules.journeys import Crew, Duty, Leg, Mode, Plan, Vehicle
from keju.stages.custody.rules.places import room

EXAM_DAY = date(2011, 10, 16)
STARTS = {
    1: datetime(2011, 10, 16, 1, tzinfo=UTC),
    2: datetime(2011, 10, 16, 6, tzinfo=UTC),
}  # 9 and 14 in China
AT = STARTS[1] - timedelta(minutes=90)
HOUR = timedelta(hours=1)
SITE = "1301-01"

Case = tuple[dict[str, Any], str]


def codes(found: Iterator[Refusal]) -> set[str]:
    """The codes; and each has words of its own in the programme, not only its clause's text."""
    refusals = list(found)
    known = load_programme("veterinarian").refusal_words
    assert {r.code for r in refusals} <= set(known)
    assert all(r.words(load_programme("veterinarian")).zh for r in refusals)
    return {r.code for r in refusals}


def judged(rule: Callable[..., Iterator[Refusal]], right: dict[str, Any], *wrong: Case) -> None:
    """`right` passes; with each of `wrong` in place of its part exactly that code refuses."""
    assert codes(rule(**right)) == set()
    for facts, code in wrong:
        assert codes(rule(**right | facts)) == {code}, (rule.__name__, facts)


@pytest.mark.rule("V9.1")
def test_papers_are_made_once_for_what_was_confirmed_and_still_is_so() -> None:
    judged(
        containers.check_makeable,
        {"confirmed": True, "changed": False, "made_already": False},
        ({"confirmed": False}, "custody_unconfirmed"),
        ({"changed": True}, "custody_confirmed_other"),
        ({"made_already": True}, "custody_made_already"),
    )


@pytest.mark.rule("V11.2.2", "V11.2.3")
def test_boxes_are_opened_in_the_store_of_who_has_them_and_scanned_whole() -> None:
    state = chain.State(1, AT, "store:15", "/13/", "13", None, None, "S1", False, Counts())
    judged(
        packing.check_boxes,
        {"boxes": {"X1": state}, "office": "13"},
        ({"boxes": {}}, "custody_pack_nothing"),
        ({"office": "1301"}, "custody_open_elsewhere"),
        ({"boxes": {"X1": replace(state, place="mail_room:13")}}, "custody_open_elsewhere"),
    )
    judged(
        packing.check_scanned,
        {"expected": {"B1", "B2"}, "scanned": ["B2", "B1"]},
        ({"scanned": ["B1"]}, "custody_scan_missing"),
        ({"scanned": ["B1", "B2", "B3"]}, "custody_scan_unknown"),
        ({"scanned": ["B1", "B2", "B2"]}, "custody_scan_twice"),
    )
    judged(
        packing.check_hands,
        {"receivers": [1, 2], "officer": 3, "able": {1, 2, 4}, "officers": {3, 4}, "least": 2},
        ({"receivers": [1, 1]}, "custody_pack_receivers"),
        ({"receivers": [1, 2, 9]}, "custody_pack_receivers"),
        ({"officer": None}, "custody_pack_officer"),
        ({"officer": 4, "receivers": [1, 4]}, "custody_pack_officer"),
    )
    judged(
        packing.check_day,
        {"kind": "point", "on": EXAM_DAY - timedelta(days=1), "exam_days": {EXAM_DAY}},
        ({"on": EXAM_DAY}, "custody_pack_exam_day"),
    )


SITE_PLAN = Plan(
    Leg.TO_SITE, Mode.ROAD, AT, AT + HOUR, "seal_room:1301-01", 1, 2, route="人民路", conditions="轻", road="晴",
    police="市公安局", secrecy="市保密局", vehicles=[Vehicle("冀A1"), Vehicle("冀A2", "escort")],
    crew=[Crew(1, Duty.LEADER, 1), Crew(2, Duty.ESCORT, 1), Crew(3, Duty.ESCORT, 1), Crew(4, Duty.DRIVER, 1)],
)  # fmt: skip


@pytest.mark.rule("V10.2.2", "V10.2.3", "V10.2.5", "V11.3.1")
def test_a_plan_of_a_way_says_all_that_it_has_to() -> None:
    def wrong(**facts: Any) -> dict[str, Any]:
        return {"plan": replace(SITE_PLAN, **facts)}

    judged(
        journeys.check_plan,
        {"plan": SITE_PLAN},
        (wrong(responsible_id=None), "custody_journey_responsible"),
        (wrong(receiver_id=None), "custody_journey_responsible"),
        (wrong(arrive_at=AT), "custody_journey_times"),
        (wrong(conditions=" "), "custody_journey_conditions"),
        (wrong(road=""), "custody_journey_road"),
        (wrong(route=""), "custody_journey_route"),
        (wrong(police=""), "custody_journey_authorities"),
        (wrong(secrecy=""), "custody_journey_authorities"),
        (wrong(leg=Leg.TO_POINT), "custody_journey_to_store"),
        (wrong(mode=Mode.AIR), "custody_journey_air"),
        (wrong(mode=Mode.POST, carrier="机要通信局"), "custody_journey_carrier"),
    )
    assert codes(journeys.check_route("", "塌方")) == codes(journeys.check_route("绕行", "")) == {
        "custody_journey_route_why"
    }  # fmt: skip


class Figures:
    """The figures that the rules give."""

    journey_escorts_single, journey_escorts_each = 3, 2
    journey_escorts_train = journey_escorts_air = 2


@pytest.mark.rule("V10.2.3", "V10.2.4", "V10.2.5", "V10.2.6")
def test_crew_and_vehicles_satisfy_the_figures() -> None:
    def wrong(**facts: Any) -> dict[str, Any]:
        return {"plan": replace(SITE_PLAN, **facts)}

    leader, one, two, driver = SITE_PLAN.crew
    van, second = SITE_PLAN.vehicles
    judged(
        journeys.check_crew,
        {"plan": SITE_PLAN, "params": Figures()},
        (wrong(crew=[one, replace(one, person_id=7), two, driver]), "custody_journey_leader"),
        (wrong(crew=[leader, one, driver]), "custody_journey_crew_single"),
        (wrong(crew=[leader, one, replace(two, vehicle=2)]), "custody_journey_crew_single"),
        (wrong(vehicles=[van, Vehicle("冀A3"), second]), "custody_journey_crew_each"),
        (wrong(vehicles=[second]), "custody_journey_vehicle"),
        (wrong(vehicles=[replace(van, serviced=False), second]), "custody_journey_serviced"),
        (wrong(vehicles=[van, replace(second, exempt=False)]), "custody_journey_exempt"),
        (wrong(vehicles=[replace(van, sealed=False), second]), "custody_journey_van"),
        (wrong(vehicles=[van]), "custody_journey_accompanied"),
        (wrong(mode=Mode.TRAIN, crew=[leader]), "custody_journey_crew_train"),
        (wrong(mode=Mode.AIR, crew=[leader]), "custody_journey_crew_air"),
    )
    judged(
        journeys.check_departure,
        {"mode": Mode.AIR, "attested": set(journeys.TO_ATTEST[Mode.AIR]), "approved": True, "loaded": 3},
        ({"approved": False}, "custody_journey_unapproved"),
        ({"loaded": 0}, "custody_journey_empty"),
        *(
            ({"attested": set(journeys.TO_ATTEST[Mode.AIR]) - {code}}, "custody_journey_attest")
            for code in journeys.TO_ATTEST[Mode.AIR]
        ),
    )  # fmt: skip


@pytest.mark.rule("V10.2.4", "V10.2.6")
def test_who_travels_is_appointed_trained_and_in_one_place_and_the_book_is_kept_in_time() -> None:
    right: dict[str, Any] = {"unappointed": [], "untrained": [], "busy": []}
    judged(
        journeys.check_people,
        right,
        *(({k: ["甲"]}, f"custody_journey_{k}") for k in right),
    )
    judged(
        journeys.check_entry,
        {
            "kind": "trouble",
            "words": "爆胎",
            "has_left": True,
            "happened_at": AT,
            "departed_at": AT,
            "at": AT,
        },
        ({"words": " "}, "custody_journey_words"),
        ({"has_left": False}, "custody_journey_not_under_way"),
        ({"happened_at": AT + HOUR}, "custody_journey_clock"),
        ({"happened_at": AT - HOUR}, "custody_journey_clock"),
    )


@pytest.mark.rule("V12.5", "V12.6.1", "V12.6.2", "V11.3.3", "V12.2.4")
def test_a_case_says_what_it_has_to_and_is_treated_as_instructed() -> None:
    judged(
        cases.check_report,
        {"kind": cases.CaseKind.DAMAGE, "sort": cases.Sort.DAMAGED, "words": "破口", "containers": 1, "photos": 1,
         "inside": []},
        ({"words": ""}, "custody_case_words"),
        ({"containers": 0}, "custody_case_containers"),
        ({"photos": 0}, "custody_case_photo_before"),
        ({"inside": ["B1"]}, "custody_case_inside"),
    )  # fmt: skip
    leak = {
        "kind": cases.CaseKind.INCIDENT,
        "sort": cases.Sort.LEAK,
        "containers": 0,
        "photos": 0,
        "inside": [],
    }
    judged(cases.check_report, leak | {"words": "网上"}, ({"words": " "}, "custody_case_words"))
    judged(cases.check_repeat, {"before": None}, ({"before": 7}, "custody_case_told"))
    judged(
        cases.check_instruct,
        {"case_path": "/13/1301/", "by_path": "/13/", "is_own": False, "instruction": "重新密封"},
        ({"by_path": "/13/1301/"}, "custody_case_superior"),
        ({"by_path": "/23/"}, "custody_case_superior"),
        ({"case_path": "/", "by_path": "/", "is_own": True}, "custody_case_superior"),
        ({"instruction": ""}, "custody_case_instruction"),
    )
    judged(
        cases.check_treatment,
        {"approved": True, "words": "封条", "people": [1, 2], "least": 2, "unappointed": [], "photos": 1,
         "stamped": True, "seals": {"B1": ("S1", "S2")}},
        ({"approved": False}, "custody_case_unapproved"),
        ({"words": ""}, "custody_case_words"),
        ({"people": [1, 1]}, "custody_case_people"),
        ({"unappointed": ["甲"]}, "custody_case_unappointed"),
        ({"photos": 0}, "custody_case_photo_after"),
        ({"stamped": False}, "custody_case_stamp"),
        ({"seals": {"B1": ("S1", "S1")}}, "custody_case_seal"),
        ({"seals": {"B1": ("S1", "N"), "B2": ("S2", "N")}}, "custody_case_seal"),
    )  # fmt: skip
    judged(
        cases.check_closing,
        {"treated": True, "cause": "雨", "handling": "重封"},
        ({"treated": False}, "custody_case_untreated"),
        ({"cause": ""}, "custody_case_cause"),
        ({"handling": ""}, "custody_case_cause"),
    )
    judged(
        cases.check_findings,
        {"kind": cases.CaseKind.INCIDENT, "missing": [], "findings": "未泄"},
        ({"missing": ["police"]}, "custody_case_steps"),
        ({"findings": ""}, "custody_case_findings"),
        ({"kind": cases.CaseKind.KEY, "has_new_key": False}, "custody_case_new_key"),
    )
    judged(
        cases.check_taken,
        {"kind": cases.CaseKind.KEY, "words": "锁匠", "happened_at": AT, "at": AT},
        ({"happened_at": AT + HOUR}, "custody_case_later"),
        ({"words": " "}, "custody_case_who"),
    )


@pytest.mark.rule("V12.2.1", "V12.2.2", "V12.2.3")
def test_a_store_is_entered_accepted_and_looked_at_with_what_proves_it() -> None:
    new = stores.NewStore("一号", "保密路1号", "education", "考试院")
    judged(
        stores.check_store,
        {"new": new},
        ({"new": replace(new, name="")}, "stores_no_name"),
        ({"new": replace(new, address="")}, "stores_no_address"),
        ({"new": replace(new, host_name="")}, "stores_no_host"),
        ({"new": replace(new, host_kind="other")}, "stores_other_host"),
    )
    judged(
        stores.check_acceptance,
        {"authority": "保密局", "accepted_on": EXAM_DAY, "today": EXAM_DAY, "has_scan": True},
        ({"authority": ""}, "stores_no_authority"),
        ({"accepted_on": EXAM_DAY + timedelta(days=1)}, "stores_accepted_later"),
        ({"has_scan": False}, "stores_no_scan"),
    )
    item = next(i for i in load_programme("veterinarian").checklist if i.code == "store_door")
    judged(
        stores.check_entry,
        {"item": item, "settled": True, "note": "", "photos": 1},
        ({"photos": 0}, "stores_check_photo"),
        ({"settled": False}, "stores_check_note"),
        ({"photos": stores.MOST_PHOTOS + 1}, "stores_check_photos"),
    )


FIT = stores.Ready(
    "一号", False, False, False, True, 0, {"store_door": True}, 1, 2, (frozenset({1}), frozenset({2})), frozenset({3}),
    frozenset({3}), [],
)  # fmt: skip


@pytest.mark.rule("V12.1", "V12.2.1", "V12.2.2", "V12.2.3", "V12.2.4")
def test_nothing_comes_into_a_store_that_lacks_anything() -> None:
    def wrong(**facts: Any) -> dict[str, Any]:
        return {"found": replace(FIT, **facts)}

    rented = {"is_rented": True, "has_lease": True, "has_agreement": True, "withdrawers": 1}
    right: dict[str, Any] = {"found": FIT, "words": {"store_door": t("门", "Door")}}
    assert codes(stores.check_receivable(**right | wrong(**rented))) == set()
    judged(
        stores.check_receivable,
        right,
        (wrong(accepted=False), "stores_not_accepted"),
        (wrong(**rented | {"has_lease": False}), "stores_no_lease"),
        (wrong(**rented | {"has_agreement": False}), "stores_no_lease"),
        (wrong(**rented | {"withdrawers": 0}), "stores_no_withdrawers"),
        (wrong(items={"store_door": None}), "stores_unseen"),
        (wrong(items={"store_door": False}), "stores_fails"),
        (wrong(responsible=None), "stores_no_responsible"),
        (wrong(officers=frozenset()), "stores_no_officer"),
        (wrong(door=(frozenset({1}), frozenset())), "stores_door_keys"),
        (wrong(door=(frozenset({1}), frozenset({1}))), "stores_keys_together"),
        (wrong(door=(frozenset({1}), frozenset({4}))), "stores_keys_elsewhere"),
        (wrong(cabinet=frozenset()), "stores_cabinet_key"),
        (wrong(cabinet=frozenset({1})), "stores_cabinet_elsewhere"),
        (wrong(unguarded=[(AT, AT + HOUR)]), "stores_unguarded"),
    )
    judged(
        stores.check_named,
        {"role": "responsible", "human": 1, "name": "甲", "in_force": True, "permanent": True, "others": {},
         "guards": ()},
        ({"in_force": False}, "stores_not_in_force"),
        ({"permanent": False}, "stores_not_permanent"),
        ({"others": {"receiver": 1}}, "stores_both_keys"),
        ({"guards": {1}}, "stores_is_guard"),
    )  # fmt: skip


@pytest.mark.rule("V12.3")
def test_a_point_keeps_papers_two_days_and_longer_only_where_it_is_remote_and_says_why() -> None:
    judged(
        stores.check_not_too_early,
        {"kind": "point", "planned": EXAM_DAY - timedelta(days=2), "exam_day": EXAM_DAY, "most_days": 2},
        ({"planned": EXAM_DAY - timedelta(days=3)}, "stores_too_early"),
        ({"exam_day": None}, "stores_no_exam_day"),
    )
    judged(
        stores.check_leave,
        {
            "remote": True,
            "from_on": EXAM_DAY - timedelta(days=4),
            "exam_day": EXAM_DAY,
            "most_days": 2,
            "reason": "远",
        },
        ({"remote": False}, "stores_not_remote"),
        ({"from_on": EXAM_DAY - timedelta(days=2)}, "stores_leave_needless"),
        ({"exam_day": None}, "stores_leave_needless"),
        ({"reason": " "}, "stores_leave_reason"),
    )


@pytest.mark.rule("V12.2.4")
def test_keys_and_entries_one_wrong_at_a_time() -> None:
    mine, other = keeping.KeyNow("door_a", "1", "issued", 1), keeping.KeyNow("door_b", "1", "issued", 2)
    issue = {
        "lock": "door_a", "label": "1", "act": "issued", "human": 1, "name": "甲", "keys": [other],
        "roles": {"responsible": 1, "receiver": 2}, "officers": {3}, "guards": {4},
    }  # fmt: skip
    judged(
        keeping.check_key,
        issue,
        ({"keys": [mine]}, "stores_key_out"),
        ({"keys": [replace(mine, act="lost", human=None)]}, "stores_key_lost"),
        ({"human": None}, "stores_key_nobody"),
        ({"human": 5}, "stores_key_stranger"),
        ({"human": 2}, "stores_both_keys"),
        ({"guards": {1}}, "stores_is_guard"),
        ({"lock": "cabinet"}, "stores_cabinet_officer"),
        ({"act": "returned"}, "stores_key_in"),
    )
    judged(
        keeping.check_key,
        issue | {"act": "lost", "human": None, "keys": [mine], "note": "途中"},
        ({"note": ""}, "stores_key_note"),
    )
    one = keeping.Visitor(3, "丙", True)
    judged(
        keeping.check_admission,
        {"visitors": [one], "purpose": "receive", "door": ({1}, {2}), "present": {1, 2}},
        ({"visitors": []}, "stores_entry_nobody"),
        ({"visitors": [replace(one, may_enter=False)]}, "stores_entry_stranger"),
        ({"visitors": [replace(one, is_inside=True)]}, "stores_entry_inside"),
        ({"present": {1}}, "stores_entry_keyholders"),
        ({"door": ({1}, {1})}, "stores_entry_keyholders"),
    )
    judged(
        keeping.check_leaving,
        {"entered": AT, "at": AT, "ended": False},
        ({"ended": True}, "stores_out_already"),
        ({"at": AT - HOUR}, "stores_out_before_in"),
    )


@pytest.mark.rule("P7.2")
def test_a_stretch_of_watching_and_its_review_say_what_was_seen_of_what() -> None:
    judged(
        watching.check_span,
        {"clause": "P7.2", "means": "video", "what": "1号", "starts": AT, "ends": AT + HOUR},
        ({"what": " "}, "watch_what"),
        ({"ends": AT}, "watch_hours"),
        ({"ends": AT + timedelta(days=93)}, "watch_hours"),
    )
    judged(
        watching.check_review,
        {"clause": "P7.2", "of": (AT, AT + HOUR), "means": "video", "from_at": AT, "to_at": AT + HOUR,
         "at": AT + HOUR, "seen": "无人"},
        ({"means": "persons"}, "watch_review_video"),
        ({"at": AT}, "watch_review_hours"),
        ({"from_at": AT - HOUR}, "watch_review_hours"),
        ({"seen": ""}, "watch_review_seen"),
    )  # fmt: skip


@pytest.mark.rule("V15.2", "V11.2.3")
def test_papers_are_drawn_for_their_half_day_and_opened_where_and_when_they_may_be() -> None:
    bag = halfday.Served("B1", SITE, 1)
    judged(
        halfday.check_withdrawal,
        {"bags": [bag], "site": SITE, "session": 1, "starts": STARTS, "at": AT},
        ({"at": AT - timedelta(days=1)}, "withdrawal_other_day"),
        ({"bags": [bag, replace(bag, session=2)]}, "withdrawal_other_half_day"),
        ({"bags": [replace(bag, site="1301-02")]}, "withdrawal_other_site"),
    )
    judged(
        halfday.check_drawn,
        {"unknown": [], "found": [1]},
        ({"unknown": ["B9"]}, "withdrawal_unknown"),
        ({"found": []}, "withdrawal_nothing"),
    )
    judged(
        halfday.check_packing,
        {"on_record": {"B1": ("store:15", "S1")}, "seen": {"B1": "s-1"}},
        ({"on_record": {"B1": ("journey:1", "S1")}}, "withdrawal_not_stored"),
        ({"seen": {}}, "withdrawal_seal_differs"),
        ({"on_record": {"B1": ("store:15", "")}}, "withdrawal_seal_differs"),
    )
    judged(
        halfday.check_packs,
        {"packs": {"P1": f"seal_room:{SITE}"}, "bags": [bag], "site": SITE, "session": 1, "starts": STARTS, "at": AT},
        ({"packs": {"P1": "store:15"}}, "packs_elsewhere"),
        ({"packs": {"P1": "seal_room:1301-02"}}, "packs_elsewhere"),
        ({"at": AT - timedelta(days=1)}, "packs_other_day"),
        ({"bags": [replace(bag, session=2)]}, "withdrawal_other_half_day"),
    )  # fmt: skip
    judged(
        halfday.check_opening,
        {"bags": {"B1": f"room:{SITE}/1"}, "rooms": {"B1": room(SITE, 1)}, "starts_at": STARTS[1], "minutes": 10,
         "at": STARTS[1] - timedelta(minutes=10)},
        ({"at": STARTS[1] - timedelta(minutes=11)}, "bag_too_early"),
        ({"bags": {"B1": f"room:{SITE}/2"}}, "bag_elsewhere"),
    )  # fmt: skip


@pytest.mark.rule("V15.3.1", "V15.3.4", "V12.6.1")
def test_a_room_gets_whole_bags_that_are_its_own_once() -> None:
    bag = seal_room.Ready("B1", True, True, True)
    judged(
        seal_room.check_issue,
        {"bags": [bag], "scanned": {"B1"}, "invigilators": [1, 2], "issued_already": False},
        ({"issued_already": True}, "issue_done_already"),
        ({"bags": [], "scanned": set()}, "issue_no_bags"),
        ({"bags": [replace(bag, is_here=False)]}, "issue_not_here"),
        ({"bags": [replace(bag, is_checked=False)]}, "issue_unchecked"),
        ({"bags": [replace(bag, is_intact=False)]}, "issue_broken"),
        ({"scanned": {"B2"}}, "issue_other_bag"),
        ({"invigilators": [1, 1]}, "issue_few_invigilators"),
    )
    judged(
        seal_room.check_known,
        {"unknown": [], "odd": []},
        ({"unknown": ["B9"]}, "seal_scan_unknown"),
        ({"odd": ["?"]}, "seal_scan_odd"),
    )
    judged(seal_room.check_leave, {"left": []}, ({"left": ["B1"]}, "seal_room_bags_left"))


@pytest.mark.rule("V15.6")
def test_a_spare_is_sealed_in_again_with_all_its_papers() -> None:
    book = {
        "defect": "misprint", "ticket": "T", "seated": ["T"], "defective": 3, "room_bag": spares.Range("B1", 1, 9),
        "spare": 11, "spare_bag": spares.Range("S1", 10, 14), "used": [], "replaced": [], "left": 5,
    }  # fmt: skip
    judged(
        spares.check_use,
        book,
        ({"defect": "by_candidate"}, "spare_by_candidate"),
        ({"seated": []}, "spare_other_candidate"),
        ({"room_bag": None}, "spare_other_serial"),
        ({"replaced": [3]}, "spare_replaced_already"),
        ({"spare_bag": None}, "spare_not_in_bag"),
        ({"used": [11]}, "spare_used_already"),
        ({"left": 0}, "spare_none_left"),
        ({"is_here": False}, "spare_not_here"),
    )
    judged(
        spares.check_whole,
        {"bags": {"S1": Counts(inside=5)}, "seals": ["N1"]},
        ({"bags": {"S1": Counts(inside=4, out=1)}}, "spare_still_out"),
        ({"seals": [" "]}, "spare_no_seal"),
        ({"seals": ["N1", "N1"]}, "spare_no_seal"),
        ({"used": {"N1"}}, "custody_seal_used"),
    )


@pytest.mark.rule("V15.5.2", "V16.1.1")
def test_every_sheet_is_named_signed_for_sealed_and_brought_back() -> None:
    all_back = Counted(28, 2)
    judged(
        counting.check_count,
        {"papers": all_back, "cards": all_back, "expected": Expected(30, 28, 2)},
        ({"papers": Counted(31, -1)}, "count_negative"),
        ({"cards": Counted(28, 1)}, "count_not_all"),
    )
    judged(
        counting.check_seals,
        {"seals": ["P1", "C1"]},
        ({"seals": ["P1", ""]}, "count_no_seal"),
        ({"seals": ["P1", "P1"]}, "count_seal_twice"),
        ({"used": {"P1"}}, "custody_seal_used"),
    )
    judged(
        counting.check_explained,
        {"text": "清点有误", "is_above": True},
        ({"text": " "}, "count_unexplained"),
        ({"is_above": False}, "count_explained_above"),
    )
    judged(
        counting.check_counter,
        {"counter": 1, "point_staff": [1, 2], "by": 2},
        ({"counter": 3}, "count_no_point_staff"),
        ({"by": 1}, "count_no_point_staff"),
    )
    judged(
        halfday.check_back,
        {"not_back": [], "open_bags": [], "bags": 3},
        ({"not_back": ["2"]}, "back_rooms_missing"),
        ({"open_bags": ["B1"]}, "back_bags_open"),
        ({"bags": 0}, "back_nothing"),
    )


@pytest.mark.rule("V16.2.1")
def test_papers_are_destroyed_after_the_exam_by_order_under_their_eyes() -> None:
    bag = ending.Ending("B1", Kind.BAG, "store:15", Counts(used=28, unused=2), False)
    judged(
        ending.check_destroyable,
        {"bags": [bag], "ends_at": AT, "at": AT},
        ({"at": AT - HOUR}, "destruction_too_early"),
        ({"bags": []}, "destruction_nothing"),
        ({"bags": [replace(bag, kind=Kind.CARD_BAG)]}, "destruction_not_papers"),
        ({"bags": [replace(bag, place="seal_room:1301-01")]}, "destruction_not_stored"),
        ({"bags": [replace(bag, is_frozen=True)]}, "destruction_frozen"),
        ({"bags": [replace(bag, counts=Counts(out=1, used=29))]}, "destruction_uncounted"),
        ({"bags": [replace(bag, counts=Counts(used=29, defective=1))]}, "destruction_defective"),
        ({"bags": [replace(bag, counts=Counts(used=29, missing=1), is_explained=False)]}, "destruction_unexplained"),
    )  # fmt: skip
    judged(
        ending.check_how,
        {"method": "化浆", "place": "造纸厂"},
        ({"method": ""}, "destruction_no_method"),
        ({"place": ""}, "destruction_no_place"),
    )
    judged(
        ending.check_record,
        {"watchers": [1, 2], "heads": [1], "officers": [2], "staff": [3]},
        ({"watchers": [2]}, "destruction_no_head"),
        ({"watchers": [1]}, "destruction_no_officer"),
        ({"staff": [1]}, "destruction_no_staff"),
    )
