"""Who has passed which module of an exam, and who still has to (V4.1, V4.3)."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from keju.kernel.accounts.permissions import ROLES, Permission
from keju.kernel.audit import record, write
from keju.kernel.exams import queries
from keju.kernel.exams.models import Clearance, Exam
from keju.kernel.exams.rules import Untrained, check_reviewers
from keju.kernel.offices.actors import Actor
from keju.kernel.offices.bulk import insert_rows
from keju.kernel.offices.looking import once_for_all
from keju.kernel.offices.scope import acting
from keju.rulebook import Refusal
from keju.rulebook.words import Words

CLEARED = "exams.training.cleared"
COLUMNS = ("exam_id", "person_id", "office_path", "module", "evidence", "cleared_at")
REVIEWERS = (Permission.REVIEW_FIRST_DECIDE, Permission.REVIEW_SECOND_DECIDE)
HOLDERS = """
SELECT p.id, p.name, g.office_path, g.office_code, g.role FROM accounts_posting g JOIN accounts_person p ON p.id = g.person_id
WHERE g.office_path >= %s AND g.office_path < %s AND g.role = ANY(%s) AND g.exam_slug = ANY(%s)
  AND g.starts_on <= %s AND (g.ends_on IS NULL OR g.ends_on >= %s)
ORDER BY g.office_path, g.role, p.name, p.id
"""


@dataclass(frozen=True)
class NewClearance:
    """A module passed by a person of that office, and what proves it."""

    person_id: int
    office_path: str
    module: str
    evidence: str


@dataclass(frozen=True)
class Holder:
    """A posting in force in an exam whose role needs modules; `lacking`: codes of those not passed."""

    person_id: int
    name: str
    office_path: str
    office_code: str
    role: str
    lacking: tuple[str, ...]


@write(None)
def clear(*, exam: Exam, passed: Iterable[NewClearance], by: Actor, at: datetime) -> int:
    """They have passed these modules for the exam; who had before keeps the first. Returns how many are new."""
    rows = [(exam.pk, c.person_id, c.office_path, c.module, c.evidence, at) for c in passed]
    added = insert_rows("exams_clearance", COLUMNS, rows, on_conflict="DO NOTHING")
    ids, paths = {row[1] for row in rows}, {row[2] for row in rows}
    record(
        CLEARED,
        by=by,
        at=at,
        subject=f"person:{min(ids)}" if len(ids) == 1 else "people",
        exam=exam.slug,
        office_path=min(paths) if len(paths) == 1 else by.office_path or "/",
        rules=["V4.3"],
        data={"count": len(rows), "new": added, "modules": sorted({row[3] for row in rows})},
    )
    return added


def cleared(exam: Exam, person_ids: Collection[int] | None = None) -> dict[int, set[str]]:
    """Person → modules passed, of those that the scope shows."""
    found: dict[int, set[str]] = {}
    rows = Clearance.objects.filter(exam=exam)
    if person_ids is not None:
        rows = rows.filter(person_id__among=list(person_ids))
    for person, module in rows.values_list("person_id", "module"):
        found.setdefault(person, set()).add(module)
    return found


def lacking(exam: Exam, actor: Actor, permission: str = "") -> list[Words]:
    """The modules that the actor's role needs and they have not passed (before writing under `permission`); none in a
    rehearsal, where people practise."""
    if exam.is_rehearsal or actor.person_id is None:
        return []
    teaching = queries.programme(exam).teaching
    needed = teaching.needed_by(actor.role, permission)
    if not needed:
        return []
    with acting(Actor.system("training")):
        passed = cleared(exam, [actor.person_id]).get(actor.person_id, set())
    return names(exam, [code for code in needed if code not in passed])


def holders(exam: Exam, path: str, on: date, *, roles: Collection[str] | None = None) -> list[Holder]:
    """Everybody at and under the path who holds a role that needs modules (or one of `roles`), with what they lack.

    Two statements whatever the number of offices; postings in the caller's scope.
    """
    teaching = queries.programme(exam).teaching
    wanted = [role for role in teaching.roles if roles is None or role in roles]
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(HOLDERS, [path, path + "~", wanted, slugs(exam), on, on])
        rows = cursor.fetchall()
    with acting(Actor.system("training")):  # who serves here may have passed at home
        passed = cleared(exam, {row[0] for row in rows})
    return [
        Holder(pk, name, at, code, role, _open(teaching.roles[role], passed.get(pk, set())))
        for pk, name, at, code, role in rows
    ]


def reviewers(exam: Exam, path: str, on: date) -> list[Holder]:
    """Those of `holders` who decide about registrations."""
    roles = {code for code, role in ROLES.items() if role.permissions & set(REVIEWERS)}
    return holders(exam, path, on, roles=roles)


def against_opening(exam: Exam, path: str, on: date) -> Iterator[Refusal]:
    """What stands against the body at the path receiving candidates: reviewers of its own who are not trained, or that there
    is not one; that is let be in a rehearsal, in which one office may practise alone."""
    with acting(Actor.system("training", path)):
        own = [h for h in reviewers(exam, path, on) if h.office_path == path]
    taught = bool(queries.programme(exam).teaching.roles)
    yield from check_reviewers(
        [Untrained(h.name, ROLES[h.role].name, tuple(names(exam, h.lacking))) for h in own if h.lacking],
        nobody=taught and not own and not exam.is_rehearsal,
    )


def names(exam: Exam, codes: Iterable[str]) -> list[Words]:
    """The modules as people call them."""
    teaching = queries.programme(exam).teaching
    return [module.name for code in codes if (module := teaching.module(code)) is not None]


@once_for_all
def slugs(exam: Exam) -> list[str]:
    """What postings say that are good in this exam: "" is every exam. In a rehearsal those of the real exam are good too:
    who is to act there practises here."""
    found = ["", exam.slug]
    if exam.is_rehearsal:
        real = Exam.objects.filter(programme=exam.programme, year=exam.year, is_rehearsal=False)
        found += real.values_list("slug", flat=True)
    return found


def _open(needed: Iterable[str], passed: Collection[str]) -> tuple[str, ...]:
    return tuple(code for code in needed if code not in passed)
