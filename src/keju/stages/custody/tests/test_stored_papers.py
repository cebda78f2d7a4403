"""Papers in a store: guarded and watched every minute, reported every day, and what is wrong is raised (V12.3, V12.4)."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

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
    DailyReport,
    Entry,
    Store,
    WatchReview,
    WatchSpan,
)
from keju.stages.custody.queries import watching
from keju.stages.custody.queries.alarms import alarms
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.watching import unwatched
from keju.stages.custody.services import daily, stores
from keju.stages.custody.services import watching as watch
from keju.stages.custody.services.watching import NewSpan
from keju.stages.custody.tests import stores as world
from keju.stages.custody.tests.stores import CAME, brought
from keju.stages.custody.tests.world import CENTRE_PAPERS, POINT_PAPERS, REGION_PAPERS, codes_of, key
from keju.stages.venues.tests.year import SYSTEM


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
                for h in chain.holdings(exam, viewer=CENTRE_PAPERS).filter(place=row.place)}  # fmt: skip
        custody.carry_out(
            exam=exam, key=uuid4(), act=Act.MOVED, changes=away, office_path="/13/", by=CENTRE_PAPERS,
            at=CAME + timedelta(hours=1),
        )  # fmt: skip
    assert "out_of_store" in kinds(CAME + timedelta(hours=2))
    assert "out_of_store" not in kinds(datetime(2011, 10, 16, 7, tzinfo=CHINA))


@pytest.mark.rule("V12.4", "V15.9.1")
def test_the_days_report_is_prefilled_sent_with_one_click_and_rolled_up(exam: Exam) -> None:
    row, people = world.ready(exam)
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
            exam=exam, store=row, office_path=row.office_path, key=uuid4(), person_id=people.paper_keeper, purpose="other",
            admitted=False, refusals=[["stores_entry_stranger", {}]], by="test", at=at,
        )  # fmt: skip
    with acting(POINT_PAPERS), pytest.raises(RuleRefused) as caught:
        daily.send_daily(exam=exam, office_codes=["1301"], by=POINT_PAPERS, at=at)
    assert codes_of(caught) == {"stores_daily_kept"}
    with acting(POINT_PAPERS):
        words = {"1301": "有人走错门"}
        (again,) = daily.send_daily(exam=exam, office_codes=["1301"], progress=words, by=POINT_PAPERS, at=at)
        assert (again.number, again.safe, DailyReport.objects.count()) == (2, False, 2)


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
        (made,) = watch.enter_watch(exam=exam, key=key("watch"), spans=[span], by=POINT_PAPERS, at=CAME)
        again = watch.enter_watch(exam=exam, key=key("watch"), spans=[span], by=POINT_PAPERS, at=CAME)
        assert again == [made] and WatchSpan.objects.count() == 1, "a phone's repeat"
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
