"""The rows of now: every provider asked, nothing kept."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.looking import look
from keju.kernel.readiness.registry import Provider, Row, providers
from keju.rulebook.refusals import Strength


@dataclass(frozen=True, slots=True)
class Found:
    """A row with the clause that it is about, and how strongly that holds."""

    rule: str
    strength: Strength
    row: Row


def found(
    exam: Exam,
    path: str,
    at: datetime,
    *,
    rules: Collection[str] = (),
    strength: Strength | None = None,
) -> list[Found]:
    """Every row of the offices at and under the path, or those of these rules, of this strength; of the programme's own
    clauses only.

    The scope of each provider is the path: what lies elsewhere it sees only by its own, named actor.
    """
    known = exams.programme(exam).rules
    asked = [p for p in providers() if _is_asked(p, known, rules) and strength in (None, p.strength)]
    with acting(Actor.system("readiness", path)), look():
        return [
            one
            for provider in asked
            for one in _of(provider, exam, path, at)
            if one.rule in known and (not rules or one.rule in rules) and strength in (None, one.strength)
        ]


def _is_asked(provider: Provider, known: Collection[str], rules: Collection[str]) -> bool:
    if not provider.rules:
        return True
    wanted = set(provider.rules) & set(known)
    return bool(wanted & set(rules) if rules else wanted)


def _of(provider: Provider, exam: Exam, path: str, at: datetime) -> Iterator[Found]:
    only = provider.rules[0] if len(provider.rules) == 1 else ""
    for row in provider.run(exam, path, at):
        if row.office_path.startswith(path):
            yield Found(row.rule or only, row.strength or provider.strength, row)


def code_of(path: str) -> str:
    """ "/11/1101/01/" → "1101-01"; "/11/" → "11"; the nation → "centre"."""
    parts = path.strip("/").split("/")
    return "-".join(parts[1:]) if len(parts) > 2 else parts[-1] or "centre"
