"""Chapters 10 and 11 on the readiness board: journeys planned, in time and heard of, people who receive, receipts sent."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from keju.algorithms.workdays import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import path_of
from keju.kernel.readiness import AMBER, GREEN, GREY, MUST, PRINCIPLE, RED, Row, State, is_site, provides
from keju.rulebook.words import Words, t
from keju.stages.custody.params import Params
from keju.stages.custody.queries import handovers, journeys, standing
from keju.stages.custody.queries.standing import Way
from keju.stages.custody.rules.journeys import Leg, Mode
from keju.stages.venues import queries as venues

NO_PLAN = t("还没有送往考点的运送方案", "No journey to the point is planned")
NOT_SETTLED = t("送往考点的运送方案还没有定", "The journey to the point is planned and not settled")
NOT_THERE = t("{n}袋试卷没有按时运到考点", "{n:bag has|bags have} not come to the point in time")
UNAPPROVED = t("运送方案还没有批准", "The plan of the journey is not approved")
OVERDUE = t("押运超过计划到达时间", "The journey is past its planned arrival")
SILENT = t("押运没有按时报告", "The escort has not reported in time")
TROUBLE = t("押运途中遇到问题", "The escort is in trouble")
UNFIT = t(
    "押运人员中{n}人没有有效任职或没有培训",
    "{n:escort holds|escorts hold} no post in force or are not trained",
)
LACKING = t("还缺{n}名接收试卷的人员", "{n:person is|persons are} lacking to receive papers")
OWED = t("{n}张签字交接单还没有送到上级", "{n:signed sheet has|signed sheets have} not gone up")
PLAN = "custody:journey:approve"
UNSETTLED = ("draft", "proposed")
RECEIVES = {"region": "region_mail_to_store", "point": "escort_to_point_store"}
RECEIPT = {"region": "V10.2.1", "point": "V11.2.3"}


@provides("V10.2.2", strength=MUST, title=t("试卷按时运到考点", "Papers at the point in time"))
def arriving(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """A row for each host: grey before its papers are made, red when they are not there two days before the exam, or later
    than a settled plan has it. Once the exam begins V15.2 tells."""
    if is_site(path):
        return
    away: dict[str, int] = {}
    for lot in standing.lots(exam, path):
        there = lot.keeper == lot.point or lot.spot == "destroyed"
        away[lot.point] = away.get(lot.point, 0) + (0 if there else lot.bags)
    to_point = [way for way in standing.ways(exam, path, at) if way.leg == Leg.TO_POINT]
    plans = {way.receiver: way for way in sorted(to_point, key=lambda way: way.state not in UNSETTLED)}
    for host in sorted({site.point_code for site in venues.sites_of_hosts(exam, path)} | away.keys()):
        plan = plans.get(host)
        state, words = _arrival(exam, plan, away.get(host), at)
        args = {"journey_id": plan.pk} if plan else {}
        url = "custody-journey" if plan else "custody-journeys"
        yield Row(path_of(host), state, words, url, args, mends=PLAN, lacking=int(words is not None))


def _arrival(exam: Exam, plan: Way | None, away: int | None, at: datetime) -> tuple[State, Words | None]:
    """`away`: bags that are not at the point; None before there are any."""
    day, figures = journeys.exam_day(exam), exams.params(exam, Params)
    if away == 0 or (day and at.astimezone(CHINA).date() >= day):
        return (GREEN, None) if away is not None else (GREY, None)
    settled = plan is not None and plan.state not in UNSETTLED
    allowed = [plan.arrive_at + timedelta(minutes=figures.journey_grace_minutes)] if plan and settled else []
    if day is not None:
        latest = day - timedelta(days=figures.journey_arrive_days)
        allowed.append(datetime.combine(latest + timedelta(days=1), time(), CHINA))
    if away and allowed and at >= max(allowed):
        return RED, NOT_THERE.format(n=away)
    if settled:
        return GREEN, None
    if plan is not None:
        return AMBER, NOT_SETTLED
    return (AMBER, NO_PLAN) if away else (GREY, None)


@provides("V10.2.3", "V10.2.4", "V10.2.5", "V10.2.6", strength=MUST)
def moving(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """A row for each journey and clause that it is subject to: its plan's approval, what is wrong on the way, its people."""
    ways = standing.ways(exam, path, at)
    unfit = standing.unfit(exam, ways)
    for way in ways:
        late = at >= way.depart_at
        waits = UNAPPROVED if way.state in UNSETTLED else None
        if way.leg == Leg.TO_SITE:
            yield _way(way, "V10.2.3", waits, late, mends=PLAN)
        if way.mode == Mode.AIR:
            yield _way(way, "V10.2.5", waits, late, mends=PLAN)
        wrong = TROUBLE if way.troubled else OVERDUE if way.overdue else SILENT if way.silent else None
        if way.state in ("under_way", "arrived"):
            yield _way(way, "V10.2.4", wrong, True)
        n = unfit.get(way.pk, 0)
        yield _way(way, "V10.2.6", UNFIT.format(n=n) if n else None, True, lacking=n)


def _way(
    way: Way,
    rule: str,
    words: Words | None,
    late: bool,
    *,
    mends: str = "custody:journey:plan",
    lacking: int = 1,
) -> Row:
    state = GREEN if words is None else RED if late else AMBER
    return Row(
        way.office_path, state, words, "custody-journey", {"journey_id": way.pk}, lacking=lacking if words else 0,
        rule=rule, mends=mends,
    )  # fmt: skip


@provides("V11.1", strength=MUST, title=t("接收试卷的人员", "People to receive papers"))
def receiving(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """A row for each region and host: whether head, receivers and confidential officer are there. Red once papers are made."""
    if is_site(path):
        return
    offices = {o.office_id: "region" for o in exams.openings_under(exam, path, "region")}
    offices |= {site.point_code: "point" for site in venues.sites_of_hosts(exam, path)}
    needs = {
        kind: [role for role in handovers.kind_of(exam, code).people if role.side == "receiver"]
        for kind, code in RECEIVES.items()
    }
    posts = {post for roles in needs.values() for role in roles for post in role.posts}
    held = standing.staffed(exam, offices, posts)
    made = {code for lot in standing.lots(exam, path) for code in (lot.point, lot.point[:2])}
    for code, kind in sorted(offices.items()):
        lacking = sum(
            max(
                0,
                handovers.least(exam, role)
                - len(set().union(*(held.get((code, p), ()) for p in role.posts))),
            )
            for role in needs[kind]
        )
        state = GREEN if not lacking else RED if code in made else AMBER
        words = LACKING.format(n=lacking) if lacking else None
        yield Row(path_of(code), state, words, "staffing-gaps", lacking=lacking)


@provides("V10.2.1", "V11.2.3", strength=PRINCIPLE)
def receipts(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Of every office that took over papers: green when each signed sheet has gone up, red after the hour."""
    hour = timedelta(minutes=exams.params(exam, Params).receipt_minutes)
    for code, office_path, owed, since in standing.receipts(exam, path):
        late = since is not None and at > since + hour
        state = GREEN if not owed else RED if late else AMBER
        yield Row(
            office_path, state, OWED.format(n=owed) if owed else None, "custody-handovers", lacking=owed,
            mends="custody:handover:make", rule=RECEIPT["region" if len(code) == 2 else "point"],
        )  # fmt: skip
