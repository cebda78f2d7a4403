"""Letters of responsibility as offices see them; who holds what; the matrix and the chain of a body."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from keju.kernel.accounts.queries import own_ids
from keju.kernel.approvals.content import digest
from keju.kernel.audit import NotPermitted
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office, path_of
from keju.rulebook.words import Words, t
from keju.stages.security.models import Letter
from keju.stages.security.rules.letters import (
    Answering,
    Holder,
    Needed,
    Responsible,
    letters_needed,
    matrix,
    responsible,
)
from keju.stages.staffing import queries as staffing

NATION = Actor.system("security")
PAGE = 50
STATES = {
    "": t("全部", "All"),
    "above": t("待上级签", "To be signed above"),
    "below": t("待本人签", "To be signed by the holder"),
    "signed": t("已签齐", "Signed by both"),
    "ended": t("已换人作废", "Ended, another holds the post"),
}


def holders(exam: Exam, path: str) -> list[Holder]:
    """Who holds a post in force at the offices at and under the path; substitutes hold none."""
    with acting(NATION):
        found = staffing.appointments_in_force(exam, path).filter(substitute=False)
        rows = found.order_by("office_path", "post", "pk").values_list(
            "member__person_id", "member__person__name", "post", "office_code", "office_path"
        )
        return [Holder(*row) for row in rows]


def missing(exam: Exam, path: str) -> list[Needed]:
    """Letters that have to be made: their post is held, and its holder has none."""
    living = living_keys(exam, path)
    return [
        n
        for n in needed(exam, path)
        if (n.holder.office_code, n.holder.post, n.holder.person_id) not in living
    ]


def needed(exam: Exam, path: str) -> list[Needed]:
    return letters_needed(exams.programme(exam).responsibility.letters, holders(exam, path))


def living_keys(exam: Exam, path: str) -> dict[tuple[str, str, int], int]:
    """(office, post, person) → id of the letter that stands."""
    rows = under(exam, path).filter(ended_at=None).values_list("office_code", "post", "holder_id", "pk")
    return {(office_code, post, person): pk for office_code, post, person, pk in rows}


def under(exam: Exam, path: str) -> QuerySet[Letter]:
    return Letter.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")


def letters(exam: Exam, path: str, *, state: str = "", after: int = 0, size: int = PAGE) -> list[Letter]:
    """The next ones in the order in which they were made; ended ones only where asked for."""
    found = _in_state(under(exam, path), state).filter(pk__gt=after)
    return list(found.order_by("pk")[:size])


def letter(exam: Exam, letter_id: int, *, viewer: Actor) -> Letter:
    """`Letter.DoesNotExist` outside of the viewer's offices."""
    found = Letter.objects.select_related("wording", "replaces")
    return found.get(exam=exam, pk=letter_id, office_path__startswith=viewer.office_path)


def for_me(exam: Exam, viewer: Actor) -> QuerySet[Letter]:
    """What the leader of this office has to sign from above."""
    codes = ("centre",) if viewer.office_path == "/" else (viewer.office_code,)
    found = under(exam, viewer.office_path).filter(above_code__in=codes, above_at=None, ended_at=None)
    return found.exclude(holder__in=own_ids(viewer.person_id)).order_by("pk")


def bound(rows: Iterable[Letter]) -> str:
    """The hash of a list of letters, in their order: what a signature for all of them is for."""
    return digest([row.content_hash for row in rows])


@dataclass(frozen=True)
class Tally:
    """The letters of one office: how many stand, how many lack the signature above, or only the holder's."""

    office_path: str
    office_code: str
    living: int
    above: int
    below: int

    @property
    def signed(self) -> int:
        return self.living - self.above - self.below


def tallies(exam: Exam, path: str) -> list[Tally]:
    """By office, the tree downwards. One query."""
    rows = (
        under(exam, path)
        .filter(ended_at=None)
        .values("office_path", "office_code")
        .annotate(
            living=Count("pk"),
            above=Count("pk", filter=Q(above_at=None)),
            below=Count("pk", filter=Q(above_at__isnull=False, below_at=None)),
        )
        .order_by("office_path")
    )
    return [Tally(**row) for row in rows]


def own_is_signed(exam: Exam, office_code: str) -> bool:
    """Whether no first responsible of the office has still to sign towards the office above; asked of the nation, for a
    point sees no letter of its region."""
    kind = str(office(office_code).kind)
    chain = next((c for c in exams.programme(exam).responsibility.chains if c.at == kind), None)
    if chain is None:
        return True
    own = Letter.objects.filter(exam=exam, office_code=office_code, post=chain.first, ended_at=None)
    with acting(NATION):
        return not own.exclude(above_code=office_code).filter(below_at=None).exists()


@dataclass(frozen=True)
class Matrix:
    """Who answers for what at an office."""

    office_code: str
    responsible: Responsible | None
    lines: Sequence[Answering]


def matrix_of(exam: Exam, office_code: str) -> Matrix:
    """The matrix of a region or point; people of its sites answer for the tasks of the point."""
    kind = str(office(office_code).kind)
    return _matrix(exam, office_code, kind, names_at(exam, office_code, holders(exam, path_of(office_code))))


def matrix_seen(exam: Exam, office_code: str, *, viewer: Actor) -> Matrix:
    """As `matrix_of`, of an office of the viewer's; `NotPermitted` for others."""
    if not path_of(office_code).startswith(viewer.office_path):
        raise NotPermitted(hidden=True)
    return matrix_of(exam, office_code)


def matrices(exam: Exam, path: str, codes: Iterable[str]) -> list[Matrix]:
    """Those of many offices under the path, with one reading of who holds what."""
    held = holders(exam, path)
    by_code: dict[str, list[Holder]] = {}
    for one in held:
        by_code.setdefault(one.office_code.partition("-")[0], []).append(one)
    return [
        _matrix(exam, code, str(office(code).kind), names_at(exam, code, by_code.get(code, ())))
        for code in codes
    ]


def names_at(exam: Exam, office_code: str, held: Iterable[Holder]) -> dict[str, list[str]]:
    """post → names of those who hold it at the office or a site of it."""
    found: dict[str, list[str]] = {}
    for one in held:
        if one.office_code.partition("-")[0] == office_code:
            found.setdefault(one.post, []).append(one.name)
    return found


def _matrix(exam: Exam, code: str, kind: str, names: dict[str, list[str]]) -> Matrix:
    known = exams.programme(exam).responsibility
    return Matrix(code, responsible(known.chains, kind, names), matrix(known.tasks, kind, names))


def text_of(row: Letter) -> tuple[Words, list[Words]]:
    """Title and undertakings as they stood when the letter was made."""
    plain = json.loads(row.wording.text)
    return t(*plain["title"]), [t(*one) for one in plain["undertakes"]]


def facts_of(row: Any) -> dict[str, Any]:
    """What is hashed of a letter beside its wording."""
    return {
        "code": row.code,
        "office": row.office_code,
        "above": row.above_code,
        "post": row.post,
        "holder": row.holder_id,
        "name": row.holder_name,
        "version": row.version,
    }


def _in_state(found: QuerySet[Letter], state: str) -> QuerySet[Letter]:
    if state == "ended":
        return found.filter(ended_at__isnull=False)
    found = found.filter(ended_at=None)
    if state == "above":
        return found.filter(above_at=None)
    if state == "below":
        return found.filter(above_at__isnull=False, below_at=None)
    return found.filter(below_at__isnull=False) if state == "signed" else found
