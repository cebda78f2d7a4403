"""Who needs which module, who lacks it, whom an office trains (V4.1, V4.3)."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from keju.kernel.accounts.permissions import ROLES
from keju.kernel.calendar import CHINA
from keju.kernel.exams import clearing
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook.words import Words
from keju.stages.staffing.queries.handbooks import NATION
from keju.stages.staffing.queries.held import held

APPOINTED = """
SELECT p.id, p.name, a.office_path, a.office_code, a.post FROM staffing_appointment a
JOIN staffing_member m ON m.id = a.member_id JOIN accounts_person p ON p.id = m.person_id
WHERE a.exam_id = %s AND a.office_path >= %s AND a.office_path < %s AND a.state = ANY(%s)
ORDER BY a.office_path, a.post, p.name, p.id
"""
OF_PERSONS = """
SELECT m.person_id, min(a.office_path COLLATE "C"), array_agg(a.post) FROM staffing_appointment a
JOIN staffing_member m ON m.id = a.member_id
WHERE m.person_id = ANY(%s) AND a.post = ANY(%s) AND a.exam_id = %s AND a.office_path >= %s AND a.office_path < %s
  AND a.state = 'accepted'
GROUP BY 1
"""

ROLES_OF = """
SELECT DISTINCT role FROM accounts_posting
WHERE person_id = %s AND exam_slug = ANY(%s) AND (ends_on IS NULL OR ends_on >= %s)
"""
POSTS_OF = """
SELECT DISTINCT a.post FROM staffing_appointment a JOIN staffing_member m ON m.id = a.member_id
WHERE a.exam_id = %s AND m.person_id = %s AND a.state IN ('proposed', 'invited', 'accepted')
"""


@dataclass
class Trainee:
    """Somebody with a post or a role that needs modules. `needed`, `lacking`: codes, in the programme's order."""

    person_id: int
    name: str
    office_path: str
    office_code: str
    what: list[Words] = field(default_factory=list)
    needed: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counted:
    """A module needed by a post at an office: how many hold the post in force, how many of them lack the module."""

    office_path: str
    post: str
    module: str
    people: int
    lacking: int


def trainees(
    exam: Exam, path: str, at: datetime, *, states: Collection[str] = ("accepted",)
) -> list[Trainee]:
    """Everybody at and under the path who needs modules, once each, at the first of their places; a few statements.

    `states`: of appointments that count. Sign-ins count by their postings in force.
    """
    teaching = exams.programme(exam).teaching
    posts = {post.code: post for post in exams.programme(exam).posts}
    found: dict[int, Trainee] = {}
    with acting(NATION):  # whoever serves here may be at home elsewhere
        for holder in clearing.holders(exam, path, at.astimezone(CHINA).date()):
            one = found.setdefault(holder.person_id, _trainee(holder.person_id, holder.name, holder))
            _add(one, ROLES[holder.role].name, teaching.roles[holder.role])
        with connection.cursor() as cursor:
            cursor.execute(APPOINTED, [exam.pk, path, path + "~", list(states)])
            rows = cursor.fetchall()
        for person, name, office_path, office_code, code in rows:
            post = posts.get(code)
            if post is not None and post.needs.training:
                one = found.setdefault(person, Trainee(person, name, office_path, office_code))
                _add(one, post.name, post.needs.training)
        passed = clearing.cleared(exam, found)
    order = {module.code: n for n, module in enumerate(teaching.modules)}
    for one in found.values():
        one.needed = tuple(sorted(one.needed, key=lambda code: order.get(code, 99)))
        one.lacking = tuple(code for code in one.needed if code not in passed.get(one.person_id, set()))
    return sorted(found.values(), key=lambda one: (one.office_path, one.name, one.person_id))


def tally(exam: Exam, path: str, at: datetime) -> dict[str, tuple[int, int]]:
    """Office → how many of `trainees` stand there, and how many of them lack a module; counted by the database, because a
    board asks at every look and a region has thousands."""
    people, lacking = Counter[str](), Counter[str]()
    for where, (n, open_) in held(exam, path).persons.items():
        people[where], lacking[where] = n, open_
    with acting(NATION):
        signed: dict[int, list[clearing.Holder]] = {}
        for holder in clearing.holders(exam, path, at.astimezone(CHINA).date()):
            signed.setdefault(holder.person_id, []).append(holder)
        for person, (where, lacks) in _posted(exam, path, signed).items():
            people[where] -= 1  # counted where they sign in
            lacking[where] -= lacks
            lacking[signed[person][0].office_path] += lacks and not _lacks(signed[person])
    for mine in signed.values():
        people[mine[0].office_path] += 1
        lacking[mine[0].office_path] += _lacks(mine)
    return {where: (n, lacking[where]) for where, n in people.items() if n}


def _lacks(mine: Iterable[clearing.Holder]) -> bool:
    return any(holder.lacking for holder in mine)


def _posted(exam: Exam, path: str, person_ids: Collection[int]) -> dict[int, tuple[str, bool]]:
    """Those of the persons whose posts in force ask for modules → the first of their places, whether they lack one."""
    if not person_ids:
        return {}
    needs = {post.code: post.needs.training for post in exams.programme(exam).posts if post.needs.training}
    with connection.cursor() as cursor:
        cursor.execute(OF_PERSONS, [list(person_ids), list(needs), exam.pk, path, path + "~"])
        rows = cursor.fetchall()
    passed = clearing.cleared(exam, [person for person, _, _ in rows])
    return {
        person: (where, any(set(needs[post]) - passed.get(person, set()) for post in posts))
        for person, where, posts in rows
    }


def untrained(exam: Exam, path: str, at: datetime) -> list[Trainee]:
    """Those of `trainees` who lack a module: not fit for the roster or the draw, nor to act in the real exam."""
    return [one for one in trainees(exam, path, at) if one.lacking]


def untrained_members(exam: Exam, path: str) -> set[int]:
    """Ids of the persons (not members) with an accepted post at and under the path who lack a module that it needs."""
    posts = {post.code: post.needs.training for post in exams.programme(exam).posts}
    with acting(NATION):
        with connection.cursor() as cursor:
            cursor.execute(APPOINTED, [exam.pk, path, path + "~", ["accepted"]])
            rows = cursor.fetchall()
        passed = clearing.cleared(exam, {row[0] for row in rows})
    return {row[0] for row in rows if set(posts.get(row[4], ())) - passed.get(row[0], set())}


def trainable(exam: Exam, holder_path: str, at: datetime) -> dict[int, Trainee]:
    """Person → whom an office trains (V4.1): the centre those of regions; a region its own and its points'; a point its
    own and its sites'. Who is invited to a post is trained as well as who accepted."""
    depth = holder_path.count("/")
    levels = {1: (2,), 2: (2, 3), 3: (3, 4)}.get(depth, ())
    living = ("proposed", "invited", "accepted")
    return {
        one.person_id: one
        for one in trainees(exam, holder_path, at, states=living)
        if one.office_path.count("/") in levels
    }


def counted(exam: Exam, path: str, modules: Collection[str]) -> list[Counted]:
    """Post by post, of these modules, how many lack it, at and under the path."""
    needs = {
        post.code: [m for m in post.needs.training if m in modules] for post in exams.programme(exam).posts
    }
    people, lacking = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for one in held(exam, path).taught:
        for module in needs[one.post]:
            key = (one.office_path, one.post, module)
            people[key] += one.people
            lacking[key] += 0 if module in one.passed else one.people
    return [Counted(*key, n, lacking[key]) for key, n in people.items()]


def _trainee(person_id: int, name: str, holder: clearing.Holder) -> Trainee:
    return Trainee(person_id, name, holder.office_path, holder.office_code)


def _add(one: Trainee, what: Words, modules: Collection[str]) -> None:
    if str(what) not in map(str, one.what):
        one.what.append(what)
    one.needed = tuple(dict.fromkeys([*one.needed, *modules]))


def needed(exam: Exam, person_id: int, at: datetime) -> tuple[str, ...]:
    """The modules that a person needs for all that they are in this exam."""
    teaching = exams.programme(exam).teaching
    posts = {post.code: post for post in exams.programme(exam).posts}
    found: dict[str, None] = {}
    with acting(NATION), connection.cursor() as cursor:
        cursor.execute(ROLES_OF, [person_id, clearing.slugs(exam), at.astimezone(CHINA).date()])
        for (role,) in cursor.fetchall():
            found |= dict.fromkeys(teaching.roles.get(role, ()))
        cursor.execute(POSTS_OF, [exam.pk, person_id])
        for (code,) in cursor.fetchall():
            found |= dict.fromkeys(posts[code].needs.training if code in posts else ())
    return tuple(module.code for module in teaching.modules if module.code in found)
