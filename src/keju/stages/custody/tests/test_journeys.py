"""Papers on the way: what leaves, what is heard of it, what is wrong, what arrives."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Receipt
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.custody.models import Handover, Journey, JourneyEntry
from keju.stages.custody.queries import alarms
from keju.stages.custody.queries import journeys as queries
from keju.stages.custody.services import underway
from keju.stages.custody.services.handovers import hooks
from keju.stages.custody.services.underway import Entry
from keju.stages.custody.tests import escorts
from keju.stages.custody.tests.escorts import ARRIVES, LEAVES, against, gone, load, road, settled
from keju.stages.custody.tests.world import REGION_PAPERS, key, papers
from keju.stages.venues.tests.year import SYSTEM, staff

OTHER_REGION = staff("region_custody", "11")


def entered(exam: Exam, row: Journey, name: str, minutes: int = 30, **facts: Any) -> JourneyEntry:
    entry = Entry(row.pk, key(name), **facts)
    with acting(REGION_PAPERS):
        at = LEAVES + timedelta(minutes=minutes)
        return underway.enter(exam=exam, entries=[entry], by=REGION_PAPERS, at=at)[0]


def kinds(exam: Exam, minutes: int) -> set[str]:
    with acting(REGION_PAPERS):
        found = alarms.alarms(exam, "/13/", LEAVES + timedelta(minutes=minutes))
        return {a.kind for a in found if a.kind.startswith("journey_")}


@pytest.fixture
def moving(exam: Exam) -> Journey:
    """A journey from the region to its point that has just left with a box."""
    row = settled(exam, road(escorts.escorts(exam, 3)))
    load(exam, papers(exam), row.pk)
    return gone(exam, row)


@pytest.mark.rule("V10.2.3", "V10.2.4", "V11.3.1")
def test_nothing_leaves_unloaded_or_unvouched_and_the_receiver_is_told(exam: Exam) -> None:
    row = settled(exam, road(escorts.escorts(exam, 3)))
    with pytest.raises(RuleRefused) as refused:
        gone(exam, row, attested=())
    assert against(refused) == {"empty", "attest"}
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
        assert Event.objects.filter(kind="custody.journey.departed").count() == 1
        assert Event.objects.get(kind="custody.chain.repeated").data["again"] == 1
        assert [e.kind for e in queries.entries_of(row)] == ["departed"]


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
    with pytest.raises(Stale):  # another entry by the key of the first is not answered as if it stood
        entered(exam, moving, "one", 76, words="已到石家庄", **facts)
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
    assert against(refused) == {"route_why"}
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
        for place, sender, codes in (
            (f"journey:{moving.pk}", moving.sender_code, []),
            (f"journey:{moving.pk}", "14", ["custody_journey_load"]),
            (f"journey:{moving.pk + 1}", moving.sender_code, ["custody_journey_load"]),
            ("journey:x", moving.sender_code, ["custody_journey_load"]),
        ):
            row = Handover(place=place, sender_code=sender, receiver_code=sender)
            assert [r.code for r in hooks.refusals("prepare", exam, row, [box], LEAVES)] == codes
