"""Gates: what stands in the way of a step, from the same rows that the boards show."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.readiness.asking import Found, code_of, found
from keju.kernel.readiness.mending import roles_of
from keju.kernel.readiness.models import Override
from keju.kernel.readiness.params import Params
from keju.kernel.readiness.registry import MUST, RED, Gate, titles
from keju.rulebook import Refusal
from keju.rulebook.words import Words, t

DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Obstacle:
    """A clause that is red at a site, or at its point or region: what is missing, and the override that covers it."""

    rule: str
    title: Words
    rows: Sequence[Found]
    may_be_overridden: bool
    override: Override | None

    @property
    def lacking(self) -> int:
        """How many things are missing; a row that does not count is one."""
        return sum(max(1, f.row.lacking) for f in self.rows)

    @property
    def missing(self) -> Words:
        """What is missing where, in both languages."""
        said = [(code_of(f.row.office_path), f.row.words or self.title) for f in self.rows]
        return t(
            "；".join(f"{code} {words.zh}" for code, words in said),
            "; ".join(f"{code} {words.en}" for code, words in said),
        )

    @property
    def who(self) -> list[Words]:
        """The roles that can mend it."""
        every = [role for f in self.rows for role in roles_of(f.row)]
        return list(dict.fromkeys(every))


def obstacles(exam: Exam, paths: Collection[str], gate: Gate, at: datetime) -> dict[str, list[Obstacle]]:
    """What is red and a `must` of this gate, for each path: at it, under it, and at its point and region; overridden or
    not. The rows of a region are asked for once, however many of its sites."""
    return {
        path: _of(exam, path, mine, allowed, at) for path, mine, allowed in _standing(exam, paths, gate, at)
    }


def closed(found: Iterable[Obstacle]) -> list[Obstacle]:
    """Those that no override covers."""
    return [obstacle for obstacle in found if obstacle.override is None]


def gate(exam: Exam, office_path: str, gate: Gate, at: datetime) -> Iterator[Refusal]:
    """Yield a refusal for each clause that stands against the step at this office; silence is consent."""
    for obstacle in closed(obstacles(exam, [office_path], gate, at)[office_path]):
        yield refusal(obstacle)


def refusal(obstacle: Obstacle) -> Refusal:
    """The clause, what is missing, and who can mend it."""
    who = obstacle.who
    facts = {
        "missing": obstacle.missing,
        "who": t("、".join(w.zh for w in who), ", ".join(w.en for w in who))
        if who
        else t("上级", "the office above"),
    }
    return Refusal(obstacle.rule, "readiness_not_ready", facts)


def overrides(exam: Exam, path: str) -> list[Override]:
    """Every override at and under the path, newest first, as far as the scope reaches."""
    found = Override.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    return list(found.order_by("-pk"))


def overridable(exam: Exam) -> Collection[str] | None:
    """The clauses that a leader may override in this exam; None: all."""
    params = exams.params(exam, Params)
    return None if exam.is_rehearsal and params.any_in_rehearsal else params.overridable


def _standing(
    exam: Exam, paths: Collection[str], gate: Gate, at: datetime
) -> Iterator[tuple[str, list[Found], Collection[str] | None]]:
    allowed = overridable(exam)
    asked: dict[str, list[Found]] = {}
    for path in sorted(paths):
        top = _region(path)
        if top not in asked:
            every = found(exam, top, at, strength=MUST)
            asked[top] = [f for f in every if f.row.state == RED and f.row.gate == gate]
        mine = [
            f for f in asked[top] if f.row.office_path.startswith(path) or path.startswith(f.row.office_path)
        ]
        yield path, mine, allowed


def _of(
    exam: Exam, path: str, mine: Sequence[Found], allowed: Collection[str] | None, at: datetime
) -> list[Obstacle]:
    by_rule: dict[str, list[Found]] = {}
    for one in mine:
        by_rule.setdefault(one.rule, []).append(one)
    covering = _covering(exam, path, at) if by_rule else {}
    clauses, known = exams.programme(exam).rules, titles()
    return [
        Obstacle(
            rule,
            known.get(rule, clauses[rule].text),
            rows,
            allowed is None or rule in allowed,
            _fitting(covering.get(rule), rows),
        )
        for rule, rows in sorted(by_rule.items())
    ]


def _covering(exam: Exam, path: str, at: datetime) -> Mapping[str, Override]:
    """Clause → the newest override at the site that has not expired."""
    since = at - timedelta(days=exams.params(exam, Params).override_days)
    with acting(Actor.system("readiness", path)):
        rows = Override.objects.filter(exam=exam, office_path=path, made_at__gt=since)
        return {one.rule: one for one in rows.order_by("pk")}


def _fitting(override: Override | None, rows: Sequence[Found]) -> Override | None:
    """The override, unless more is lacking now than when it was decided, or as much of something else."""
    if override is None:
        return None
    now = Obstacle(override.rule, Words("", ""), rows, False, None)
    same = now.lacking == override.lacking and _unnumbered(now.missing.zh) == _unnumbered(override.missing_zh)
    return override if same or now.lacking < override.lacking else None


def _unnumbered(words: str) -> str:
    return DIGITS.sub("#", words)


def _region(path: str) -> str:
    first = path.strip("/").partition("/")[0]
    return f"/{first}/" if first else "/"
