"""The door of a store: keys lie apart, their holders never guard, and nobody enters but before both (V12.2.4)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from keju.kernel.audit import Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody.models import (
    Attempt,
    Entry,
    EntryEnd,
    KeyStep,
)
from keju.stages.custody.queries import entries as inside
from keju.stages.custody.queries.alarms import alarms
from keju.stages.custody.services import entries, keys, store_people
from keju.stages.custody.services.keys import KeyMove
from keju.stages.custody.services.store_people import Naming
from keju.stages.custody.tests import stores as world
from keju.stages.custody.tests.stores import CAME
from keju.stages.custody.tests.world import POINT_PAPERS, codes_of, key
from keju.stages.staffing.queries import rosters
from keju.stages.venues.tests.year import AT, SYSTEM


@pytest.mark.rule("V12.2.4")
def test_keys_lie_apart_and_their_holders_never_guard(exam: Exam) -> None:
    people, row = world.People(exam), world.entered(exam)
    world.guarded(exam, (people.members["guard_a"], CAME, CAME + timedelta(hours=8)))
    world.named(exam, row, people)

    def refused(*moves: KeyMove) -> set[str]:
        with acting(POINT_PAPERS), pytest.raises(RuleRefused) as caught:
            keys.move_keys(exam=exam, moves=moves, by=POINT_PAPERS, at=AT)
        return codes_of(caught)

    one, two = people.paper_keeper, people.paper_receiver
    assert refused(KeyMove(row.pk, "door_a", "1", "issued", people.point_confidential_officer)) == {
        "stores_key_stranger"
    }
    assert refused(
        KeyMove(row.pk, "door_a", "1", "issued", one), KeyMove(row.pk, "door_b", "1", "issued", one)
    ) == {"stores_both_keys"}
    assert refused(KeyMove(row.pk, "cabinet", "1", "issued", one)) == {"stores_cabinet_officer"}
    assert refused(KeyMove(row.pk, "cabinet", "1", "issued", people.guard_a)) >= {"stores_is_guard"}
    assert refused(KeyMove(row.pk, "door_a", "1", "returned")) == {"stores_key_in"}
    with acting(POINT_PAPERS), pytest.raises(RuleRefused) as caught:
        store_people.name_people(
            exam=exam, named=[Naming(row.pk, "responsible", people.guard_a)], by=POINT_PAPERS, at=AT
        )
    assert codes_of(caught) == {"stores_is_guard"}
    with acting(POINT_PAPERS):  # what was tried with a guard stands on record
        assert [(a.kind, a.subject) for a in Attempt.objects.all()] == [("key_to_guard", row.place)] * 2
    with acting(POINT_PAPERS), pytest.raises(RuleRefused) as caught:
        store_people.name_people(
            exam=exam, named=[Naming(row.pk, "responsible", people.stranger)], by=POINT_PAPERS, at=AT
        )
    assert codes_of(caught) == {"stores_not_in_force"}
    world.keyed(exam, row, people)
    with acting(POINT_PAPERS):
        roster = rosters.rosters(exam, viewer=POINT_PAPERS)[0]
        unfit = {p.member_id: p.unfit for p in rosters.eligible(exam, [roster])[roster.pk]}
        assert unfit[people.members["paper_keeper"]] == "keys" != unfit[people.members["guard_b"]]
        assert not [a for a in alarms(exam, "/13/1301/", CAME) if a.kind == "keyholder_on_guard"]
    world.guarded(
        exam, (people.members["paper_keeper"], CAME, CAME + timedelta(hours=8))
    )  # behind the program's back
    with acting(POINT_PAPERS):
        (alarm,) = [a for a in alarms(exam, "/13/1301/", CAME) if a.kind == "keyholder_on_guard"]
        assert alarm.subject == f"store:{row.pk}/person:{one}" and alarm.rule == "V12.2.4"
        lost = [KeyMove(row.pk, "door_b", "1", "lost", note="途中遗失")]
        keys.move_keys(exam=exam, moves=lost, by=POINT_PAPERS, at=CAME)
        assert "key_lost" in {a.kind for a in alarms(exam, "/13/1301/", CAME)}
        assert [s.act for s in inside.register(row)] == ["lost", "issued", "issued", "issued"]
        with pytest.raises(DatabaseError), transaction.atomic():
            KeyStep.objects.all().delete()
    assert refused(KeyMove(row.pk, "door_b", "1", "issued", two)) == {"stores_key_lost"}


@pytest.mark.rule("V12.2.4")
def test_nobody_enters_but_whom_the_rule_names_before_both_keyholders(exam: Exam) -> None:
    row, people = world.ready(exam)
    first, second = world.codes(people.paper_keeper), world.codes(people.paper_receiver)
    officer = people.point_confidential_officer

    def enter(person: int, codes: dict[int, str], name: str = "") -> Entry:
        with acting(POINT_PAPERS):
            (made,) = entries.enter(
                exam=exam, key=key(name) if name else uuid4(), store_id=row.pk, person_ids=[person], purpose="receive",
                codes=codes, by=POINT_PAPERS, at=CAME,
            )  # fmt: skip
            return made

    def why(entry: Entry) -> set[str]:
        return {r.code for r in inside.refusals(entry)}

    assert why(enter(officer, {people.paper_keeper: first[0]})) == {"stores_entry_keyholders"}
    assert why(enter(officer, {people.paper_keeper: first[1], officer: "WRONG"})) == {
        "stores_entry_keyholders"
    }
    both = {people.paper_keeper: first[2], people.paper_receiver: second[0]}
    assert why(enter(people.guard_a, both)) == {"stores_entry_stranger"}
    done = enter(officer, {people.paper_keeper: first[3], people.paper_receiver: second[1]}, "once")
    assert done.admitted and {done.holder_a_id, done.holder_b_id} == {
        people.paper_keeper,
        people.paper_receiver,
    }
    assert enter(officer, {}, "once").pk == done.pk
    with pytest.raises(Stale):  # somebody else, by the key of the first
        enter(people.guard_a, {}, "once")
    again = enter(officer, {people.paper_keeper: first[4], people.paper_receiver: second[2]})
    assert why(again) == {"stores_entry_inside"}
    with acting(SYSTEM):
        refusals = Event.objects.filter(kind="custody.entry.refused")
        assert refusals.count() == 4 and all("V12.2.4" in e.rules for e in refusals)
        assert Entry.objects.filter(admitted=True).count() == 1
    with acting(POINT_PAPERS):
        late = CAME + timedelta(hours=3)
        assert [a.subject for a in alarms(exam, "/13/1301/", late) if a.kind == "entry_open"] == [
            f"entry:{done.pk}"
        ]
        entries.come_out(
            exam=exam, store_id=row.pk, entry_ids=[done.pk], taken="handover:7", by=POINT_PAPERS, at=late
        )
        assert EntryEnd.objects.get().taken == "handover:7" and not inside.inside(row)
        assert "entry_open" not in {a.kind for a in alarms(exam, "/13/1301/", late)}
        with pytest.raises(RuleRefused) as caught:
            entries.come_out(exam=exam, store_id=row.pk, entry_ids=[done.pk], by=POINT_PAPERS, at=late)
    assert codes_of(caught) == {"stores_out_already"}
    with acting(SYSTEM), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE custody_entry SET admitted = true")
