"""How a person's modules stand: attended, tried, pledged, passed (V4.3, P8.1); personal links."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count

from keju.kernel.exams import clearing
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook import Refusal
from keju.rulebook.teaching import Module
from keju.stages.staffing.models import Pledge, TrainingLink, Try
from keju.stages.staffing.params import Params
from keju.stages.staffing.queries import courses, handbooks
from keju.stages.staffing.queries.handbooks import NATION
from keju.stages.staffing.rules.checks import Asked, check_begin, drawn, tries_left


@dataclass(frozen=True)
class Standing:
    """How one module stands for one person. `refusals`: why a check cannot be begun now."""

    module: Module
    attended: bool
    tries: list[Try]
    left: int
    pledged: bool
    passed: bool
    refusals: list[Refusal]

    @property
    def open_try(self) -> Try | None:
        return next((one for one in self.tries if one.ended_at is None), None)

    @property
    def answered(self) -> bool:
        """Whether the check itself is passed; a pledge may still be owed."""
        return any(one.passed for one in self.tries)


def standings(exam: Exam, person_id: int, modules: Collection[str]) -> list[Standing]:
    """Each of the modules in the programme's order."""
    each = exams.params(exam, Params).check_tries
    there = courses.attended(exam, [person_id])
    with acting(NATION):
        tries = list(Try.objects.filter(exam=exam, person_id=person_id).order_by("number"))
        pledged = set(Pledge.objects.filter(exam=exam, person_id=person_id).values_list("module", flat=True))
        passed = clearing.cleared(exam, [person_id]).get(person_id, set())
    found = []
    for module in exams.programme(exam).teaching.modules:
        if module.code not in modules:
            continue
        mine = [one for one in tries if one.module == module.code]
        times = there.get((person_id, module.code), 0)
        left = tries_left(sum(one.ended_at is not None for one in mine), times, each)
        refusals = check_begin(
            attended=times > 0, passed=any(one.passed for one in mine), left=left, name=module.name
        )
        found.append(
            Standing(
                module, times > 0, mine, left, module.code in pledged, module.code in passed, list(refusals)
            )
        )
    return found


def tried(exam: Exam, person_ids: Collection[int]) -> dict[tuple[int, str], int]:
    """(person, module) → how many tries they ended; one statement."""
    rows = Try.objects.filter(exam=exam, person_id__among=list(person_ids), ended_at__isnull=False)
    counted = rows.values_list("person_id", "module").annotate(n=Count("pk"))
    return {(person, module): n for person, module, n in counted}


def paper(exam: Exam, row: Try) -> list[Asked]:
    """The questions of a try as the person sees them, recomputed from its seed."""
    return papers(exam, [row])[row.pk]


def papers(exam: Exam, rows: Collection[Try]) -> dict[int, list[Asked]]:
    """Try → its questions; each pool is read once."""
    teaching = exams.programme(exam).teaching
    pools = {}
    for code, version in {(row.module, row.pool) for row in rows}:
        module = teaching.module(code)
        # version 0 has no row: it is the programme's own
        pools[code, version] = handbooks.pool(exam, module, version)[1] if module else ()
    return {row.pk: drawn(pools[row.module, row.pool], row.questions, row.seed) for row in rows}


def open_papers(exam: Exam, ids: Collection[int]) -> dict[int, list[Asked]]:
    """As `papers`, of the tries with these ids."""
    with acting(NATION):
        return papers(exam, list(Try.objects.filter(exam=exam, pk__among=list(ids))))


def hashed(token: str) -> bytes:
    """What stands of a token."""
    return hashlib.sha256(token.encode()).digest()


def link(token: str) -> TrainingLink | None:
    """The personal link of the token, unless a later one took its place; looked up by the hash, in a scope of its own.

    Whether it has expired is told by its exam's clock, which the caller reads: a rehearsal's is another.
    """
    if not 20 <= len(token) <= 64:
        return None
    with acting(NATION):
        found = TrainingLink.objects.select_related("exam", "person").filter(token_hash=hashed(token)).first()
    return found if found and found.ended_at is None else None


def questions_of_a_check(exam: Exam) -> int:
    """How many questions a check has."""
    return exams.params(exam, Params).check_questions
