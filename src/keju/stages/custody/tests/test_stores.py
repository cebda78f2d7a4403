"""Stores: nothing comes in before all is in order, keys lie apart, entries need both keyholders, what is wrong is raised."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from keju.kernel.approvals import services as approvals
from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.calendar import CHINA
from keju.kernel.duties import services as duties
from keju.kernel.duties.models import Obligation
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody import queries as chain
from keju.stages.custody import services as custody
from keju.stages.custody.models import (
    Acceptance,
    Attempt,
    DailyReport,
    Entry,
    EntryEnd,
    Handover,
    KeyStep,
    Store,
    StoreLeave,
    WatchReview,
)
from keju.stages.custody.queries import entries as inside
from keju.stages.custody.queries import stores as queries
from keju.stages.custody.queries import watching
from keju.stages.custody.queries.alarms import alarms
from keju.stages.custody.readiness import stores as readiness
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.stores import NewStore
from keju.stages.custody.rules.watching import unwatched
from keju.stages.custody.services import daily, entries, keys, store_leave, store_people, stores
from keju.stages.custody.services import watching as watch
from keju.stages.custody.services.handovers import hooks
from keju.stages.custody.services.keys import KeyMove
from keju.stages.custody.services.store_people import Naming
from keju.stages.custody.services.stores import Look
from keju.stages.custody.services.watching import NewSpan
from keju.stages.custody.tests import stores as world
from keju.stages.custody.tests.stores import CAME
from keju.stages.custody.tests.world import CENTRE_PAPERS, POINT_PAPERS, REGION_PAPERS, key, papers
from keju.stages.security.tests.people import leader
from keju.stages.staffing.queries import rosters
from keju.stages.venues.tests.year import AT, SYSTEM, staff

pytestmark = pytest.mark.django_db


def codes_of(caught: pytest.ExceptionInfo[RuleRefused]) -> set[str]:
    return {r.code for r in caught.value.refusals}


def against(exam: Exam, row: Store, at: datetime = CAME) -> list[tuple[str, str]]:
    with acting(POINT_PAPERS):
        return [(r.rule, r.code) for r in queries.receivable(exam, row.pk, at)]


@pytest.mark.rule("V12.1", "V12.2.2", "V12.2.3", "V12.2.4")
def test_papers_come_into_a_store_only_when_every_condition_is_met(exam: Exam) -> None:
    row, people = world.entered(exam), world.People(exam)
    found = against(exam, row)
    assert ("V12.2.2", "stores_not_accepted") in found and ("V12.1", "stores_no_responsible") in found
    assert found.count(("V12.2.3", "stores_unseen")) == 7 and ("V12.2.4", "stores_unguarded") in found
    assert {c for _, c in found} >= {"stores_door_keys", "stores_cabinet_key"}
    world.accepted(exam, row)
    world.looked(exam, row, store_windows="窗户没有栏杆")
    world.named(exam, row, people)
    world.keyed(exam, row, people)
    world.round_the_clock(exam, people)
    assert against(exam, row) == [("V12.2.3", "stores_fails")]
    world.looked(exam, row)
    assert against(exam, row) == []
    with acting(POINT_PAPERS):
        store_people.end_naming(
            exam=exam, store_id=row.pk, naming_id=next(p.pk for p in queries.named(row) if p.role == "responsible"),
            by=POINT_PAPERS, at=AT,
        )  # fmt: skip
    assert ("V12.1", "stores_no_responsible") in against(exam, row)
    with acting(SYSTEM):
        assert Obligation.objects.get(code="V12.2.2/point", owner_code="1301").discharged_at == AT
        assert Obligation.objects.get(code="V12.2.2/point", owner_code="1301").evidence.startswith(
            "acceptance:"
        )
        event = Event.objects.get(kind="custody.store.accepted")
        assert event.rules == ["V12.2.1", "V12.2.2"] and Acceptance.objects.get().scan in event.data["scan"]
    with acting(CENTRE_PAPERS):
        assert queries.acceptances(queries.store(exam, row.pk, viewer=CENTRE_PAPERS))
    stranger = staff("point_custody", "1302")
    with acting(stranger), pytest.raises(NotPermitted):
        queries.store(exam, row.pk, viewer=stranger)


@pytest.mark.rule("V12.1", "V12.2.3", "V12.3")
def test_no_handover_into_a_store_is_signed_before_it_is_ready_or_too_early(exam: Exam) -> None:
    row, _ = world.ready(exam)
    into = Handover(exam=exam, place=row.place, receiver_code="1301")

    def judged(moment: str, at: datetime) -> set[str]:
        with acting(POINT_PAPERS):
            return {r.code for r in hooks.refusals(moment, exam, into, [], at)}  # type: ignore[arg-type]

    assert judged("prepare", AT) == judged("sign", CAME) == set()
    assert judged("sign", CAME - timedelta(days=3)) == {"stores_too_early", "stores_unguarded"}
    world.looked(exam, row, store_door="门坏了")
    assert judged("prepare", AT) == judged("sign", CAME) == {"stores_fails"}
    into.receiver_code = "13"
    assert judged("sign", CAME) == {"stores_unknown"}
    with acting(SYSTEM):
        states = {r.rule: str(r.state) for r in readiness.fit(exam, "/13/1301/", AT)}
    assert states["V12.2.3"] == "amber" and states["V12.1"] == "green"


@pytest.mark.rule("V12.2.1")
def test_a_rented_store_has_its_lease_agreement_and_withdrawers_and_a_preferred_host_or_a_reason(
    exam: Exam,
) -> None:
    with pytest.raises(RuleRefused) as caught:
        world.entered(exam, host_kind="other", host_name="某公司")
    assert codes_of(caught) == {"stores_other_host"}
    row, people = world.entered(exam, host_kind="education", host_name="市考试院"), world.People(exam)
    world.accepted(exam, row)
    assert {("V12.2.1", "stores_no_lease"), ("V12.2.1", "stores_no_withdrawers")} <= set(against(exam, row))
    with acting(POINT_PAPERS):
        new = NewStore(row.name, row.address, "education", "市考试院")
        scan = world.stamped()
        stores.change_store(
            exam=exam,
            store_id=row.pk,
            new=new,
            expected=1,
            lease=scan,
            agreement=scan,
            by=POINT_PAPERS,
            at=AT,
        )
        store_people.name_people(
            exam=exam, named=[Naming(row.pk, "withdraw", people.paper_receiver)], by=POINT_PAPERS, at=AT
        )
        assert Store.objects.get().lease != ""
    assert not {c for _, c in against(exam, row)} & {"stores_no_lease", "stores_no_withdrawers"}
    with acting(POINT_PAPERS), pytest.raises(RuleRefused) as caught:
        looks = [Look(row.pk, "store_door", True)]
        stores.check_stores(exam=exam, looks=looks, by=POINT_PAPERS, at=AT)
    assert codes_of(caught) == {"stores_check_photo"}


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


def brought(exam: Exam, place: str, at: datetime) -> int:
    """Every bag of site 1301-01 is out of its box and lies at that place, in the point's custody. How many."""
    made = papers(exam)
    boxes, bags = [c.pk for c in made if c.kind == "box"], [c.pk for c in made if c.kind != "box"]
    out = Change(parent_id=None, place="printing_house", place_path="/", custodian="centre")
    there = Change(place=place, place_path="/13/1301/", custodian="1301")
    with acting(CENTRE_PAPERS):
        for act, ids, change in (
            (Act.OPENED, boxes, Change(seal="")),
            (Act.UNPACKED, bags, out),
            (Act.HANDED_OVER, bags, there),
        ):
            custody.carry_out(
                exam=exam, key=uuid4(), act=act, changes=dict.fromkeys(ids, change), office_path="/13/", by=CENTRE_PAPERS,
                at=at,
            )  # fmt: skip
    return len(bags)


@pytest.mark.rule("V12.2.0", "V12.2.4", "V12.3", "V12.4")
def test_what_is_wrong_with_papers_in_a_store_is_raised_and_what_is_right_is_not(exam: Exam) -> None:
    row, _ = world.ready(exam)
    brought(exam, row.place, CAME)

    def kinds(at: datetime) -> set[str]:
        with acting(REGION_PAPERS):
            return {a.kind for a in alarms(exam, "/13/", at)}

    assert kinds(CAME + timedelta(hours=2)) == set()
    assert kinds(datetime(2011, 10, 14, 16, 1, tzinfo=CHINA)) == {"daily_missing"}
    over = CAME - timedelta(hours=1) + timedelta(days=4)
    assert "guard_uncovered" not in kinds(over - timedelta(minutes=2))
    assert "guard_uncovered" in kinds(over + timedelta(minutes=1))
    with acting(SYSTEM):
        Store.objects.update(office_code="1302")
    assert "out_of_store" in kinds(CAME)
    with acting(SYSTEM):
        Store.objects.update(office_code="1301")
    with acting(CENTRE_PAPERS):
        away = {h.container_id: Change(place="seal_room:1301-01", place_path="/13/1301/01/")
                for h in custody_holdings(exam, row)}  # fmt: skip
        custody.carry_out(
            exam=exam, key=uuid4(), act=Act.MOVED, changes=away, office_path="/13/", by=CENTRE_PAPERS,
            at=CAME + timedelta(hours=1),
        )  # fmt: skip
    assert "out_of_store" in kinds(CAME + timedelta(hours=2))
    assert "out_of_store" not in kinds(datetime(2011, 10, 16, 7, tzinfo=CHINA))


def custody_holdings(exam: Exam, row: Store) -> list:  # type: ignore[type-arg]
    return list(chain.holdings(exam, viewer=CENTRE_PAPERS).filter(place=row.place))


@pytest.mark.rule("V12.3")
def test_a_point_keeps_papers_two_days_at_most_unless_its_region_lets_a_remote_place(exam: Exam) -> None:
    row, _ = world.ready(exam)
    early = CAME - timedelta(days=2)
    with acting(POINT_PAPERS):
        assert not queries.not_too_early(exam, row.pk, CAME)
        (refusal,) = queries.not_too_early(exam, row.pk, early)
        assert (refusal.rule, refusal.code, refusal.facts["day"]) == (
            "V12.3",
            "stores_too_early",
            date(2011, 10, 14),
        )
        with pytest.raises(RuleRefused) as caught:
            store_leave.ask_leave(
                exam=exam, store_id=row.pk, from_on=early.date(), reason="路远", by=POINT_PAPERS, at=AT
            )
        assert codes_of(caught) == {"stores_not_remote"}
        new = NewStore(row.name, row.address, remote=True)
        stores.change_store(exam=exam, store_id=row.pk, new=new, expected=1, by=POINT_PAPERS, at=AT)
        proposal = store_leave.ask_leave(
            exam=exam, store_id=row.pk, from_on=early.date(), reason="路远", by=POINT_PAPERS, at=AT
        )
    brought(exam, row.place, early)
    with acting(REGION_PAPERS):
        assert "kept_too_long" in {a.kind for a in alarms(exam, "/13/", early)}
    signer, codes = leader("region_leader", "13")
    with acting(signer):
        approvals.sign(
            proposal_id=proposal.pk, content_hash=proposal.content_hash, code=codes[0], by=signer, at=AT
        )
    with acting(POINT_PAPERS):
        assert StoreLeave.objects.get().from_on == early.date()
        assert not queries.not_too_early(exam, row.pk, early)
        assert queries.not_too_early(exam, row.pk, early - timedelta(days=1))
    with acting(REGION_PAPERS):
        assert "kept_too_long" not in {a.kind for a in alarms(exam, "/13/", early)}


@pytest.mark.rule("V12.4", "V15.9.1")
def test_the_days_report_is_prefilled_sent_with_one_click_and_rolled_up(exam: Exam) -> None:
    row, _ = world.ready(exam)
    bags = brought(exam, row.place, CAME)
    at = datetime(2011, 10, 14, 15, tzinfo=CHINA)
    with acting(POINT_PAPERS):
        assert stores.papers_came(exam=exam, store_ids=[row.pk], by=POINT_PAPERS, at=CAME) == 1
        assert stores.papers_came(exam=exam, store_ids=[row.pk], by=POINT_PAPERS, at=at) == 0
        duties.open_known(exam=exam, by=SYSTEM, at=at)  # the clock's work: today's reports are owed
        (sent,) = daily.send_daily(exam=exam, office_codes=["1301"], by=POINT_PAPERS, at=at)
        assert sent.safe and sent.number == 1
        (store,) = sent.facts["stores"]
        assert (store["came"], store["unguarded"], store["frozen"], store["open"]) == (bags, 0, 0, 0)
        assert store["sealed"] == store["containers"] == bags
        assert "daily_missing" not in {a.kind for a in alarms(exam, "/13/1301/", at + timedelta(hours=2))}
        with pytest.raises(RuleRefused) as caught:
            daily.send_daily(exam=exam, office_codes=["1301"], by=POINT_PAPERS, at=at)
    assert codes_of(caught) == {"stores_daily_same"}
    with acting(REGION_PAPERS):
        (mine,) = daily.send_daily(exam=exam, office_codes=["13"], by=REGION_PAPERS, at=at)
    assert mine.facts["below"] == {"1301": [store["containers"], True]}
    with acting(SYSTEM):
        done = Obligation.objects.filter(
            code__in=("V12.4/point", "V15.9.1/point"), owner_code="1301", day=date(2011, 10, 14)
        )
        assert sorted(done.values_list("code", flat=True)) == ["V12.4/point", "V15.9.1/point"]
        assert not done.filter(discharged_at=None) and set(done.values_list("manual", flat=True)) == {False}
        assert Event.objects.filter(kind="custody.daily.sent", subject=f"daily:{sent.pk}").exists()
        Entry.objects.create(
            exam=exam, store=row, office_path=row.office_path, key=uuid4(), person_id=row_person(), purpose="other",
            admitted=False, refusals=[["stores_entry_stranger", {}]], by="test", at=at,
        )  # fmt: skip
    with acting(POINT_PAPERS), pytest.raises(RuleRefused) as caught:
        daily.send_daily(exam=exam, office_codes=["1301"], by=POINT_PAPERS, at=at)
    assert codes_of(caught) == {"stores_daily_kept"}
    with acting(POINT_PAPERS):
        words = {"1301": "有人走错门"}
        (again,) = daily.send_daily(exam=exam, office_codes=["1301"], progress=words, by=POINT_PAPERS, at=at)
        assert (again.number, again.safe, DailyReport.objects.count()) == (2, False, 2)


def row_person() -> int:
    from_rows = KeyStep.objects.exclude(holder=None).values_list("holder_id", flat=True)
    return int(from_rows[0])


@pytest.mark.rule("P7.2", "V12.2.4")
def test_every_minute_is_covered_by_video_or_persons_or_listed(exam: Exam) -> None:
    row, _ = world.ready(exam)
    brought(exam, row.place, CAME)
    end = CAME + timedelta(days=5)
    over = CAME - timedelta(hours=1) + timedelta(days=4)
    with acting(REGION_PAPERS):
        (found,) = [
            c for c in watching.coverage(exam, (CAME, end), viewer=REGION_PAPERS) if c.place == row.place
        ]
        assert [(a, b) for a, b in found.uncovered] == [(over, end)] and not found.video
    with acting(POINT_PAPERS):
        span = NewSpan(row.place, "video", "1号摄像头", over - timedelta(hours=1), end - timedelta(minutes=1))
        (made,) = watch.enter_watch(exam=exam, spans=[span], by=POINT_PAPERS, at=CAME)
    with acting(REGION_PAPERS):
        (found,) = [
            c for c in watching.coverage(exam, (CAME, end), viewer=REGION_PAPERS) if c.place == row.place
        ]
        assert found.uncovered == [(end - timedelta(minutes=1), end)]
    with acting(POINT_PAPERS):
        seen = {"from_at": over, "to_at": over + timedelta(hours=1), "seen": "无人进出"}
        with pytest.raises(RuleRefused) as caught:
            watch.review_watch(exam=exam, span_id=made.pk, **seen, by=POINT_PAPERS, at=CAME)
        assert codes_of(caught) == {"watch_review_hours"}
        watch.review_watch(exam=exam, span_id=made.pk, **seen, by=POINT_PAPERS, at=end)
        assert WatchReview.objects.get().seen == "无人进出"
        watch.void_watch(exam=exam, span_id=made.pk, why="录像机故障", by=POINT_PAPERS, at=end)
    with acting(REGION_PAPERS):
        (found,) = [
            c for c in watching.coverage(exam, (CAME, end), viewer=REGION_PAPERS) if c.place == row.place
        ]
        assert found.uncovered == [(over, end)]


def test_watched_and_unwatched_minutes_make_up_the_whole() -> None:
    at = datetime(2011, 10, 14, tzinfo=CHINA)
    hour = timedelta(hours=1)
    assert unwatched([(at, at + 4 * hour)], [(at + hour, at + 2 * hour)]) == [
        (at, at + hour),
        (at + 2 * hour, at + 4 * hour),
    ]
    assert unwatched([(at, at)], []) == []
