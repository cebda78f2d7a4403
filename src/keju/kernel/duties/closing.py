"""Closing obligations by set operations."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db import connection
from django.db.models import Q

from keju.algorithms.workdays import CHINA
from keju.kernel.duties import plan
from keju.kernel.duties.models import OPEN, Obligation
from keju.kernel.duties.settling import BY_CALENDAR, parties_of
from keju.kernel.exams.models import Exam
from keju.rulebook import DutySpec

_EARLY = """
INSERT INTO duties_obligation (exam_id, code, rule, owner_code, owner_path, creditor_code, office_path,
  milestone, manual, due_at, discharged_at, discharged_by, evidence, evidence_file, escalated_level,
  withdrawn_because)
SELECT %s, w.*, %s, %s, %s, %s, %s, 0, ''
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
  %s::boolean[]) AS w
ON CONFLICT DO NOTHING
"""


def close(
    exam: Exam,
    specs: Sequence[DutySpec],
    owners: Collection[str],
    *,
    evidence: str,
    file: str | None,
    creditor: str | None,
    day: date | None,
    by: str,
    at: datetime,
) -> int:
    """The owners' obligations of these duties are discharged, those not yet begun too. Returns how many."""
    facts = {"discharged_at": at, "discharged_by": by, "evidence": evidence, "evidence_file": file or ""}
    found = Obligation.objects.filter(
        OPEN, exam=exam, code__in=[spec.code for spec in specs], owner_code__in=list(owners)
    ).filter(Q(day__isnull=True) | Q(day=day or at.astimezone(CHINA).date()))
    if creditor is not None:
        found = found.filter(creditor_code=creditor)
    return found.update(**facts) + _close_early(exam, specs, set(owners), creditor, facts)


def withdraw_rows(exam: Exam, rule: str, owners: Collection[str], *, because: str, at: datetime) -> int:
    """The owners' open obligations of the clause or duty code have ended without being done."""
    found = Obligation.objects.filter(
        OPEN, Q(rule=rule) | Q(code=rule), exam=exam, owner_code__in=list(owners)
    )
    return found.update(withdrawn_at=at, withdrawn_because=because)


def narrow_rows(
    exam: Exam,
    codes: Collection[str],
    office_path: str,
    owners: Collection[str],
    *,
    because: str,
    at: datetime,
) -> tuple[int, int]:
    """Of these duties, in the subtree, what others than the owners owe has ended without being done; what the owners were
    let off by decision is given back to the calendar. Returns how many of each."""
    found = Obligation.objects.filter(
        exam=exam, code__in=codes, owner_path__gte=office_path, owner_path__lt=office_path + "~"
    )
    others = found.filter(OPEN).exclude(owner_code__in=list(owners))
    ended = others.update(withdrawn_at=at, withdrawn_because=because)
    mine = found.filter(owner_code__in=list(owners), withdrawn_at__isnull=False, discharged_at__isnull=True)
    return ended, mine.exclude(withdrawn_because=BY_CALENDAR).update(withdrawn_because=BY_CALENDAR)


def _close_early(
    exam: Exam, specs: Sequence[DutySpec], owners: set[str], creditor: str | None, facts: dict[str, object]
) -> int:
    rows = [
        (s.code, s.rule, owner.code, owner.path, to.code, plan.lower(owner.path, to.path),
         plan.counts_from(s), s.discharge == "manual")
        for s in specs
        if s.daily_until is None and not s.by_case
        for owner, to in plan.pairs(s, parties_of(exam))
        if owner.code in owners and creditor in (None, to.code)
    ]  # fmt: skip
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            _EARLY, [exam.pk, facts["discharged_at"], *facts.values(), *map(list, zip(*rows, strict=True))]
        )
        return cursor.rowcount
