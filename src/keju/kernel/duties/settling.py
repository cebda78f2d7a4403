"""Brings the obligations in the database in line with the plan, in three statements whatever their number."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.db import connection

from keju.algorithms.workdays import CHINA
from keju.kernel.duties import plan
from keju.kernel.duties.models import Obligation
from keju.kernel.duties.plan import Owed, Party
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam, Milestone
from keju.kernel.offices.models import Kind, Office
from keju.rulebook import DutySpec, duties_on, load_programme

BY_CALENDAR = "calendar"
NATIONAL = (Kind.COMMITTEE, Kind.OFFICE, Kind.CENTRE)

# A row already there is moved unless it is discharged; one withdrawn by decision stays so unless revived.
# What was done before its term began learns its term; what is owed again is put off, never brought forward.
_UPSERT = """
INSERT INTO duties_obligation AS o (exam_id, code, rule, owner_code, owner_path, creditor_code, office_path,
  day, milestone, milestone_at, due_at, manual, discharged_by, evidence, evidence_file, escalated_level,
  withdrawn_because)
SELECT %s, w.*, '', '', '', 0, ''
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::text[],
  %s::timestamptz[], %s::timestamptz[], %s::boolean[]) AS w(code, rule, owner_code, owner_path, creditor_code,
  office_path, day, milestone, milestone_at, due_at, manual)
ON CONFLICT (exam_id, code, owner_code, creditor_code, day) DO UPDATE SET
  milestone = excluded.milestone, milestone_at = excluded.milestone_at, due_at = excluded.due_at,
  escalated_level = CASE WHEN o.due_at = excluded.due_at THEN o.escalated_level ELSE 0 END,
  withdrawn_at = NULL, withdrawn_because = ''
WHERE (o.discharged_at IS NULL OR o.milestone_at IS NULL)
  AND (o.due_at IS DISTINCT FROM excluded.due_at OR o.milestone_at IS DISTINCT FROM excluded.milestone_at
       OR o.withdrawn_at IS NOT NULL)
  AND (o.withdrawn_at IS NULL OR o.withdrawn_because = %s OR %s)
  AND (o.renewed_at IS NULL OR o.due_at < excluded.due_at)
RETURNING (xmax = 0)
"""
# By equations only, so that a duty of many days is compared by hashing and not each day with each.
_WITHDRAW = """
UPDATE duties_obligation SET withdrawn_at = %s, withdrawn_because = %s
WHERE exam_id = %s AND code = ANY(%s) AND discharged_at IS NULL AND withdrawn_at IS NULL
  AND office_path >= %s AND office_path < %s
  AND NOT EXISTS (
    SELECT FROM unnest(%s::text[], %s::text[], %s::text[], %s::date[]) AS w(code, owner, creditor, on_day)
    WHERE w.code = duties_obligation.code AND w.owner = duties_obligation.owner_code
      AND w.creditor = duties_obligation.creditor_code
      AND coalesce(w.on_day, 'infinity') = coalesce(duties_obligation.day, 'infinity'))
"""


@dataclass(frozen=True)
class Settled:
    """How many obligations were opened, given another due date, withdrawn."""

    opened: int
    moved: int
    withdrawn: int


def specs_of(exam: Exam) -> tuple[DutySpec, ...]:
    """The duties of the exam's law as it stood on its day."""
    return _specs(exam.programme, exam.rules_as_of)


def parties_of(exam: Exam) -> list[Party]:
    """The national bodies, the offices opened for the exam, and the regions above opened points."""
    opened = set(exams.openings(exam).values_list("office_id", flat=True))
    codes = opened | {code[:2] for code in opened if code.isdigit()}
    found = Office.objects.filter(kind__in=NATIONAL) | Office.objects.filter(code__in=codes)
    return [Party(o.code, o.kind, o.path) for o in found.order_by("code")]


def calendar_of(exam: Exam) -> dict[str, dict[str, datetime]]:
    """Every milestone known, by office path and key."""
    calendar: dict[str, dict[str, datetime]] = {}
    for path, key, at in Milestone.objects.filter(exam=exam).values_list("office_path", "key", "at"):
        calendar.setdefault(path, {})[key] = at
    return calendar


def settle(
    exam: Exam, specs: Collection[DutySpec], *, at: datetime, office_path: str = "/", revive: bool = False
) -> Settled:
    """Afterwards exactly the obligations of these duties that the plan names are open or done in the subtree.

    `revive` brings back what was withdrawn by decision. A point that was decided to host nobody is not given anew what only
    hosts owe: neither the days of a daily duty nor what begins later.
    """
    specs = [spec for spec in specs if not spec.by_case]
    if not specs:
        return Settled(0, 0, 0)
    today = at.astimezone(CHINA).date()
    wanted = list(plan.owed(specs, parties_of(exam), calendar_of(exam), today, office_path))
    free = set() if revive else _free_of(exam, specs)
    wanted = [one for one in wanted if (one.code, one.owner_code) not in free]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [exam.pk, *_columns(wanted), BY_CALENDAR, revive])
        new = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            _WITHDRAW,
            [
                *(at, BY_CALENDAR, exam.pk, [s.code for s in specs], office_path, office_path + "~"),
                *(
                    [getattr(w, name) for w in wanted]
                    for name in ("code", "owner_code", "creditor_code", "day")
                ),
            ],
        )
        withdrawn = cursor.rowcount
    return Settled(opened=sum(new), moved=len(new) - sum(new), withdrawn=withdrawn)


def _free_of(exam: Exam, specs: Collection[DutySpec]) -> set[tuple[str, str]]:
    """(duty, point) of what only hosts owe, for the points that some of it was withdrawn from by decision."""
    hosted = [spec.code for spec in specs_of(exam) if spec.hosts_only]
    rows = Obligation.objects.filter(exam=exam, code__in=hosted, withdrawn_at__isnull=False)
    points = set(
        rows.exclude(withdrawn_because=BY_CALENDAR).order_by().values_list("owner_code", flat=True).distinct()
    )
    return {(spec.code, point) for spec in specs if spec.hosts_only for point in points}


@cache
def _specs(programme: str, as_of: date) -> tuple[DutySpec, ...]:
    return duties_on(load_programme(programme), as_of)


def _columns(wanted: Sequence[Owed]) -> list[list[object]]:
    return [[getattr(w, name) for w in wanted] for name in Owed.__slots__]
