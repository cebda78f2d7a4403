"""Chapter 2 on the readiness board: posts filled by people in force, and what is collected of everybody."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.readiness import AMBER, GREEN, MUST, RED, Row, provides
from keju.rulebook.words import Words, t
from keju.stages.staffing import queries
from keju.stages.staffing.params import Params

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
        said = _said(gaps)
        wrong = late or any(gap.over for gap in gaps)
        yield Row(
            where,
            GREEN if not said else RED if wrong else AMBER,
            _joined(said) if said else None,
            "staffing-gaps",
            lacking=sum(gap.missing or gap.over for gap in gaps),
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


def _said(gaps: list[queries.Gap]) -> list[Words]:
    """Post by post, floors of a site together."""
    missing: dict[str, int] = defaultdict(int)
    over: dict[str, int] = defaultdict(int)
    names = {}
    for gap in gaps:
        names[gap.post.code] = gap.post.name
        missing[gap.post.code] += gap.missing
        over[gap.post.code] += gap.over
    return [
        words.format(post=names[code], n=n)
        for words, counted in ((MISSING, missing), (OVER, over))
        for code, n in counted.items()
        if n
    ]


def _joined(said: list[Words]) -> Words:
    shown = said[:FEW] + ([MORE.format(n=len(said) - FEW)] if len(said) > FEW else [])
    return t("；".join(w.zh for w in shown), "; ".join(w.en for w in shown))


def _late(exam: Exam, at: datetime) -> bool:
    """Whether persons should have been filed by now (V15.1.1)."""
    day = exams.milestone(exam, "exam_day")
    return day is not None and at >= day - timedelta(days=exams.params(exam, Params).consent_days_before)
