"""Chapter 2 on the readiness board: posts filled by people in force, and what is collected of everybody."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.readiness import AMBER, GREEN, GREY, MUST, PRINCIPLE, RED, Row, State, provides
from keju.rulebook.words import Words, later, t
from keju.stages.staffing import queries
from keju.stages.staffing.params import Params
from keju.stages.staffing.queries import rosters

MISSING = t("{post}缺{n}人", "{post}: {n} missing")
OVER = t("{post}多{n}人", "{post}: {n} too many")
MORE = t("等{n}项", "and {n} more")
LACKING = t("{n}人缺工作单位或手机号码", "{n:person lacks|persons lack} employer or mobile number")
FEW = 4
POSTS = ("V1.4", "V1.6", "V2.1", "V2.2", "V2.3", "V2.4", "V2.5", "V2.6", "V2.7", "V2.8", "P4.1")


@provides(*POSTS, strength=MUST, title=t("岗位配齐", "Posts filled"))
def posts_filled(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Every post with its quota in force: open until persons are filed, late afterwards; too many is wrong at once."""
    found: dict[tuple[str, str], list[queries.Gap]] = defaultdict(list)
    for gap in queries.gaps(exam, path):
        if gap.post.rule in POSTS:
            found[gap.post.rule, gap.place.office_path].append(gap)
    late = _late(exam, at)
    for (rule, where), gaps in found.items():
        lacking = sum(gap.missing or gap.over for gap in gaps)
        wrong = late or any(gap.over for gap in gaps)
        yield Row(
            where,
            GREEN if not lacking else RED if wrong else AMBER,
            later(partial(_said, gaps)) if lacking else None,
            "staffing-gaps",
            lacking=lacking,
            rule=rule,
        )


@provides("P5.2", strength=MUST, title=t("人员信息收齐", "Facts of everybody collected"))
def collected(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Employer and telephone of everybody who holds a post, office by office."""
    counts = queries.lacking_counts(exam, path)
    for where, lacking in sorted(counts.items()):
        state = GREEN if not lacking else RED if _late(exam, at) else AMBER
        words = LACKING.format(n=lacking) if lacking else None
        yield Row(where, state, words, "staffing-members", lacking=lacking)


def _said(gaps: list[queries.Gap]) -> Words:
    """Post by post, floors of a site together; the first few."""
    missing: dict[str, int] = defaultdict(int)
    over: dict[str, int] = defaultdict(int)
    names = {}
    for gap in gaps:
        names[gap.post.code] = gap.post.name
        missing[gap.post.code] += gap.missing
        over[gap.post.code] += gap.over
    said = [
        words.format(post=names[code], n=n)
        for words, counted in ((MISSING, missing), (OVER, over))
        for code, n in counted.items()
        if n
    ]
    shown = said[:FEW] + ([MORE.format(n=len(said) - FEW)] if len(said) > FEW else [])
    return t("；".join(w.zh for w in shown), "; ".join(w.en for w in shown))


def _late(exam: Exam, at: datetime) -> bool:
    """Whether persons should have been filed by now (V15.1.1)."""
    day = exams.milestone(exam, "exam_day")
    return day is not None and at >= day - timedelta(days=exams.params(exam, Params).consent_days_before)


NOT_FILED = t("还没有报送负责人、值班人员和电话", "Responsible persons, duty staff and phones are not filed")
NO_ROSTER = t("值班表没有排满并发布（{n}处）", "The duty roster is not complete and published ({n} open)")
NOT_SENT = t(
    "值班电话没有互通，或值班表后来改过", "Duty phones are not exchanged, or the roster changed since"
)


@provides("V15.1.4", strength=MUST, title=t("值班", "Duty"))
def on_duty(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """The duty roster of every office in force without a gap, and its phones exchanged; late five days before the exam."""
    found = rosters.duty_standing(exam, path)
    days = exams.milestone_by_office(exam, "exam_day", [one.office_path for one in found])
    for one in found:
        if one.against:
            words, url = NO_ROSTER.format(n=one.against), "staffing-rosters"
        elif not one.exchanged:
            words, url = NOT_SENT, "staffing-directory"
        else:
            yield Row(one.office_path, GREEN, url="staffing-rosters")
            continue
        state = _due(days.get(one.office_path), at, exams.params(exam, Params).phones_days)
        yield Row(one.office_path, state, words, url, lacking=max(one.against, 1))


@provides("V15.1.1", strength=PRINCIPLE, title=t("报送通讯录", "Directory filed"))
def directory_filed(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Regions and host points filed what the roster in force says; late ten days before the exam. The centre files nothing."""
    found = rosters.duty_standing(exam, path)
    days = exams.milestone_by_office(exam, "exam_day", [one.office_path for one in found])
    for one in found:
        if one.office_path == "/":
            continue
        if one.filed:
            yield Row(one.office_path, GREEN, url="staffing-directory")
        else:
            state = _due(days.get(one.office_path), at, exams.params(exam, Params).directory_days)
            yield Row(one.office_path, state, NOT_FILED, "staffing-directory", lacking=1)


def _due(day: datetime | None, at: datetime, days: int) -> State:
    """Of something open so many days before the exam: grey while the day is unknown."""
    if day is None:
        return GREY
    return RED if at >= day - timedelta(days=days) else AMBER
