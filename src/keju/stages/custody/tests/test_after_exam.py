"""Spares, alarms of the day, cards on their way, and how papers end."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from keju.kernel.accounts.models import Person
from keju.kernel.approvals import services as approvals
from keju.kernel.audit.models import Event
from keju.kernel.duties import queries as duties
from keju.kernel.duties import services as owed
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Notice
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody import services
from keju.stages.custody.models import Container, Destruction, SpareUse
from keju.stages.custody.queries import returns
from keju.stages.custody.queries.alarms import alarms
from keju.stages.custody.queries.verifying import broken
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.rules.counting import Counted
from keju.stages.custody.services import day_sheets, ending, half_day, spares
from keju.stages.custody.services.returns import settle_returns
from keju.stages.custody.services.together import Signatures
from keju.stages.custody.tests import day as days
from keju.stages.custody.tests.day import SESSION, SITE, SYSTEM, Day
from keju.stages.custody.tests.hands import text_of
from keju.stages.custody.tests.test_seal_room import back
from keju.stages.custody.tests.world import POINT_PAPERS, REGION_PAPERS, codes_of, key
from keju.stages.venues.tests.year import staff


@pytest.fixture
def day(exam: Exam) -> Day:
    return days.day(exam)


def out(day: Day) -> None:
    days.withdrawn(day)
    days.checked(day)
    for room in (1, 2, 3):
        days.issued(day, room)
    days.opened(day, 1, 2, 3)


def whole(day: Day, room: int, *, defective: int = 0, present: int | None = None) -> None:
    n = days.room_copies_of(day.exam, room)
    there = n if present is None else present
    papers = Counted(there - defective, n - there, defective=defective)
    days.counted(day, room, papers, Counted(there, n - there), present=there, absent=n - there)


def used(day: Day, seated: str, **facts: Any) -> Signatures:
    exam = day.exam
    with acting(POINT_PAPERS):
        bag = Container.objects.get(exam=exam, room=1, session=SESSION, kind=Kind.BAG)
        spare = Container.objects.get(exam=exam, session=SESSION, kind=Kind.SPARE_BAG, category=bag.category)
        use = spares.Use(1, seated, "missing_pages", "缺第3页", spare.first_serial, bag.first_serial + 2)
        return spares.use_spare(
            exam=exam, key=key(f"spare {facts}"), site_code=SITE, session=SESSION, use=replace(use, **facts),
            head=day.head, code=day.code(day.head), by=POINT_PAPERS, at=days.starts(exam) + timedelta(minutes=5),
        )  # fmt: skip


@pytest.mark.rule("V15.6")
def test_a_spare_is_used_with_consent_reported_and_comes_back_into_its_bag(day: Day, seats: str) -> None:
    exam = day.exam
    out(day)
    for facts, code in (
        ({"defect": "by_candidate"}, "spare_by_candidate"),
        ({"ticket": "9"}, "spare_other_candidate"),
        ({"defective_serial": 10_000}, "spare_other_serial"),
        ({"spare_serial": 10_000}, "spare_not_in_bag"),
    ):
        with pytest.raises(RuleRefused) as refused:
            used(day, seats, **facts)
        assert codes_of(refused) == {code}
    assert used(day, seats).is_whole
    with pytest.raises(RuleRefused) as refused:
        used(day, seats, note="再用一次")
    assert codes_of(refused) == {"spare_used_already", "spare_replaced_already"}
    spare = next(h for h in days.bags(exam) if h.container.kind == Kind.SPARE_BAG and not h.seal)
    assert (spare.inside, spare.out, spare.copies) == (4, 1, 5)
    with acting(POINT_PAPERS):
        use = SpareUse.objects.get()
        assert (use.ticket, use.consented_by_id) == (seats, day.head)
        assert Event.objects.get(kind="custody.spare.used").rules == ["V15.6"]
    with acting(SYSTEM):
        assert "缺第3页" in Notice.objects.get(kind="custody").body_zh
    with acting(REGION_PAPERS):
        done = spares.report_spares(exam=exam, uses=[use.pk], by=REGION_PAPERS, at=days.ends(exam))
        assert done == 1
        made = day_sheets.print_spare_report(exam=exam, by=REGION_PAPERS, at=days.ends(exam))
        words = text_of(made.pdf)
        for said in (
            seats,
            "缺第3页",
            str(use.spare_serial),
            str(use.defective_serial),
            use.consented_by.name,
        ):
            assert said in words
        assert Event.objects.get(kind="custody.spare.printed").data["uses"] == [use.pk]
    late = days.ends(exam) + timedelta(hours=3)
    assert ("spares_short", f"container:{spare.container.code}") in raised(day, late)
    whole(day, 1, defective=1)
    (now,) = [h for h in days.bags(exam) if h.container_id == spare.container_id]
    assert (now.inside, now.out, now.used) == (4, 0, 1)
    with acting(POINT_PAPERS):
        spares.seal_spares(
            exam=exam, key=key("sealed"), site_code=SITE, session=SESSION, seals={spare.container_id: "N1"},
            by=POINT_PAPERS, at=days.ends(exam) + timedelta(minutes=20),
        )  # fmt: skip
    assert "spares_short" not in {kind for kind, _ in raised(day, late)}


def raised(day: Day, at: datetime) -> set[tuple[str, str]]:
    with acting(SYSTEM):
        return {(a.kind, a.subject) for a in alarms(day.exam, "/", at)}


@pytest.mark.rule("V15.2", "V15.3.4", "V16.1.1", "V15.5.2")
def test_lateness_attempts_and_differences_are_alarms_until_they_are_mended(day: Day) -> None:
    exam, here = day.exam, f"seal_room:{SITE}/{SESSION}"
    start, end = days.starts(exam), days.ends(exam)
    assert ("withdrawal_late", here) not in raised(day, start - timedelta(minutes=61))
    assert ("withdrawal_late", here) in raised(day, start - timedelta(minutes=59))
    days.withdrawn(day, seen=days.seen(days.bags(exam) + days.bags(exam, 2)[:1]))
    assert ("wrong_half_day", here) in raised(day, start - timedelta(minutes=61))
    days.withdrawn(day)
    days.checked(day)
    assert ("withdrawal_late", here) not in raised(day, start - timedelta(minutes=59))
    assert ("bags_not_issued", here) in raised(day, start - timedelta(minutes=10))
    for room in (1, 2, 3):
        days.issued(day, room)
    assert ("bags_not_issued", here) not in raised(day, start - timedelta(minutes=10))
    days.opened(day, 1, at=start - timedelta(minutes=20))
    assert ("early_opening", here) in raised(day, start)
    days.opened(day, 1, 2, 3)
    n = days.room_copies_of(exam, 1)
    days.counted(day, 1, Counted(n, 0), Counted(n - 1, 1), present=n, absent=0)
    assert "count_differs" in {kind for kind, _ in raised(day, end)}
    assert ("return_late", here) in raised(day, end + timedelta(minutes=121))
    whole(day, 2)
    whole(day, 3)
    back(day)
    assert ("return_late", here) not in raised(day, end + timedelta(minutes=121))


@pytest.mark.rule("V16.1.2", "V16.2.1")
def test_cards_on_their_way_settle_the_duties_and_papers_end_by_order(day: Day) -> None:
    exam = day.exam
    over = exams.sessions(exam)[-1].ends_at
    with acting(SYSTEM):
        owed.reach(exam=exam, key="exam_ends", when=over, by=SYSTEM, at=over)
    cards_only(exam)
    out(day)
    for room in (1, 2, 3):
        whole(day, room)
    back(day)
    ordered = destroyed(day, over + timedelta(days=1))
    assert not arrive(exam, "1301", over)
    arrive(exam, "13", over + timedelta(days=1))
    with acting(SYSTEM):
        assert duties.is_done(exam=exam, rule="V16.1.2/point", owner="1301")
        assert exams.milestone(exam, "cards_received", "/13/") is not None
        assert exams.milestone(exam, "cards_returned", "/13/") is None
    arrive(exam, "centre", over + timedelta(days=3))
    with acting(SYSTEM):
        assert duties.is_done(exam=exam, rule="V16.1.2/region", owner="13")
        assert exams.milestone(exam, "cards_returned", "/13/") is not None
        assert Event.objects.filter(kind="custody.cards.returned").count() == 2
    with acting(POINT_PAPERS):
        assert Destruction.objects.get(pk=ordered).done_at is not None
        (site,) = returns.returned(exam, viewer=POINT_PAPERS)
        assert site.destroyed == 2 * sum(days.room_copies_of(exam, r) for r in (1, 2, 3))
    with acting(SYSTEM):
        assert list(broken(exam)) == []


def cards_only(exam: Exam) -> None:
    """The afternoon never happened: its bags went with the morning's, for the count of this small world."""
    with acting(SYSTEM):
        rest = [h for h in days.bags(exam, 2) if h.container.kind != Kind.SPARE_BAG]
        common = {
            "exam": exam,
            "office_path": "/13/",
            "by": SYSTEM,
            "at": days.starts(exam) - timedelta(hours=3),
        }
        services.carry_out(
            key=key("cut 2"),
            act=Act.OPENED,
            changes={h.container_id: Change(seal="") for h in rest},
            **common,
        )
        counts = {h.container_id: Change(counts=Counted(h.copies, 0).counts()) for h in rest}
        services.carry_out(key=key("counted 2"), act=Act.COUNTED, changes=counts, **common)


def arrive(exam: Exam, custodian: str, at: datetime) -> int:
    with acting(SYSTEM):
        cards = [h for s in (1, 2) for h in days.bags(exam, s) if h.container.kind == Kind.CARD_BAG]
        if custodian != "1301":
            changes = {
                h.container_id: Change(place="centre", place_path="/", custodian=custodian, holder_id=None)
                for h in cards
            }
            services.carry_out(
                exam=exam, key=key(f"to {custodian}"), act=Act.HANDED_OVER, changes=changes, office_path="/13/",
                by=SYSTEM, at=at,
            )  # fmt: skip
        return settle_returns(exam=exam, by=SYSTEM, at=at)


def destroyed(day: Day, at: datetime) -> int:
    exam = day.exam
    ids = [h.container_id for s in (1, 2) for h in days.bags(exam, s) if h.container.kind == Kind.BAG]
    with acting(SYSTEM):
        leader_row = Person.objects.create(name="考点负责人", office_path="/13/1301/")
        code = days.accounts.issue_signing_codes(person_id=leader_row.pk, by=SYSTEM, at=at)[0]
    leader = replace(staff("point_leader", "1301"), person_id=leader_row.pk)
    with acting(POINT_PAPERS):
        row, again = (
            ending.order(
                exam=exam,
                point_code="1301",
                container_ids=ids,
                place="造纸厂",
                method="化浆",
                by=POINT_PAPERS,
                at=at,
            )
            for _ in range(2)
        )
        assert row.pk == again.pk == Destruction.objects.get().pk

    def go(name: str) -> half_day.Signatures:
        with acting(POINT_PAPERS):
            return ending.destroy(
                exam=exam, destruction_id=row.pk, key=key(name), head=day.head, officer=day.officer, staff=day.staff,
                codes=day.signed(day.head, day.officer, *day.staff), by=POINT_PAPERS, at=at,
            )  # fmt: skip

    with pytest.raises(RuleRefused) as refused:
        go("early")
    assert codes_of(refused) == {"approval_missing"}
    with acting(leader):
        assert row.order is not None
        approvals.sign(
            proposal_id=row.order.pk, content_hash=row.order.content_hash, code=code, by=leader, at=at
        )  # fmt: skip
    assert go("done").is_whole
    papers = [h for s in (1, 2) for h in days.bags(exam, s) if h.container.kind == Kind.BAG]
    assert {(h.place, h.used) for h in papers} == {("destroyed", 0)}
    with acting(POINT_PAPERS):
        assert Event.objects.get(kind="custody.destruction.done").data["left"] == 0
    return row.pk
