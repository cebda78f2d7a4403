"""Emergency plans and drills as their offices see them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from keju.kernel.audit import NotPermitted
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office, path_of
from keju.rulebook.precautions import EmergencyKind, Partner
from keju.stages.security.models import Drill, DrillPerson, DrillStep, EmergencyPlan
from keju.stages.security.queries.inspecting import under
from keju.stages.security.rules import emergencies as rules

Contacts = dict[str, dict[str, str]]
"""Partner → {"name", "phone"}."""


@dataclass(frozen=True)
class KindOf:
    """A class of emergency at an office: the plan in force, and the newest that is not."""

    kind: EmergencyKind
    current: EmergencyPlan | None
    coming: EmergencyPlan | None


@dataclass(frozen=True)
class Preparedness:
    """How an office stands: classes that it needs plans for, how many are in force, drills that count."""

    code: str
    needed: int
    in_force: int
    drills: int


def kinds(exam: Exam) -> tuple[EmergencyKind, ...]:
    return exams.programme(exam).precautions.emergencies


def kind_of(exam: Exam, code: str) -> EmergencyKind:
    """The class; `NotPermitted` (hidden) if there is none of that code."""
    found = next((kind for kind in kinds(exam) if kind.code == code), None)
    if found is None:
        raise NotPermitted(hidden=True)
    return found


def partners(exam: Exam) -> dict[str, Partner]:
    return {partner.code: partner for partner in exams.programme(exam).precautions.partners}


def kinds_at(exam: Exam, code: str) -> list[EmergencyKind]:
    """The classes that an office of this kind needs plans for."""
    where = str(office(code).kind)
    return [kind for kind in kinds(exam) if where in kind.at]


def own(viewer: Actor, code: str) -> str:
    """The office's path; `NotPermitted` (hidden) outside the viewer's scope."""
    path = path_of(code)
    if path == "/" or not path.startswith(viewer.office_path):
        raise NotPermitted(hidden=True)
    return path


def of_office(exam: Exam, code: str) -> list[KindOf]:
    """Every class that the office needs, with its plans."""
    rows = list(EmergencyPlan.objects.filter(exam=exam, office_code=code).order_by("number"))
    found = []
    for kind in kinds_at(exam, code):
        mine = [row for row in rows if row.kind == kind.code]
        current = next((row for row in mine if row.state == "approved"), None)
        coming = next((row for row in reversed(mine) if row.state in ("draft", "proposed")), None)
        found.append(KindOf(kind, current, coming))
    return found


def current(exam: Exam, path: str, *, since: datetime | None = None) -> dict[str, dict[str, int]]:
    """Office → class → number of the plan in force, at and under the path; of those that were so at `since`, if given."""
    found: dict[str, dict[str, int]] = {}
    rows = EmergencyPlan.objects.filter(exam=exam, state="approved", **under(path))
    rows = rows.filter(approved_at__lte=since) if since else rows
    for code, kind, number in rows.values_list("office_code", "kind", "number"):
        found.setdefault(code, {})[kind] = number
    return found


def contacts_of(plan: EmergencyPlan) -> Contacts:
    return dict(json.loads(plan.contacts)) if plan.contacts else {}


def preparedness(exam: Exam, path: str, codes: Iterable[str]) -> list[Preparedness]:
    """The offices in their order; a few statements however many."""
    in_force = current(exam, path)
    counted = _counting(exam, path, in_force)
    needed: Mapping[str, list[str]] = {
        where: [k.code for k in kinds(exam) if where in k.at] for where in ("region", "point")
    }
    found = []
    for code in codes:
        wanted = needed["region" if len(code) == 2 else "point"]
        have = sum(kind in in_force.get(code, {}) for kind in wanted)
        found.append(Preparedness(code, len(wanted), have, counted.get(code, 0)))
    return found


def counting(exam: Exam, path: str) -> dict[str, int]:
    """Office → drills that count, at and under the path."""
    return _counting(exam, path, current(exam, path))


def _counting(exam: Exam, path: str, in_force: Mapping[str, dict[str, int]]) -> dict[str, int]:
    begins = exam_begins(exam)
    found: dict[str, int] = {}
    rows = Drill.objects.filter(exam=exam, state="done", **under(path)).annotate(n=Count("people"))
    for row in rows:
        if rules.counts(row.ended_at, begins, row.plans, in_force.get(row.office_code, {}), row.n):
            found[row.office_code] = found.get(row.office_code, 0) + 1
    return found


def exam_begins(exam: Exam) -> datetime | None:
    return min((s.starts_at for s in exams.sessions(exam)), default=None)


def drill_clause(exam: Exam) -> str:
    """The clause that drills rest on."""
    return "P5.3" if exams.programme(exam).clause("P5.3") else "V4.1"


def drills(exam: Exam, *, viewer: Actor, after: int = 0) -> QuerySet[Drill]:
    """The viewer's drills, newest first."""
    found = Drill.objects.filter(exam=exam, **under(viewer.office_path)).order_by("-id")
    found = found.filter(pk__lt=after) if after else found
    return found.annotate(n=Count("people"))


def drill(exam: Exam, drill_id: int, *, viewer: Actor) -> Drill:
    """The drill; `Drill.DoesNotExist` outside the viewer's scope."""
    return Drill.objects.get(exam=exam, pk=drill_id, **under(viewer.office_path))


def steps(row: Drill) -> list[DrillStep]:
    return list(DrillStep.objects.filter(drill=row).order_by("id"))


def people_of(row: Drill) -> list[int]:
    return list(DrillPerson.objects.filter(drill=row).order_by("id").values_list("person_id", flat=True))


def clock(found: Sequence[DrillStep], at: datetime) -> timedelta:
    """How long the drill has run, without pauses."""
    return rules.running_time([(step.kind, step.at) for step in found], at)
