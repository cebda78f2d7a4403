"""Implementation plans and the gap lists that go with them (P5.1)."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import QuerySet

from keju.kernel.approvals import queries as approvals
from keju.kernel.approvals.content import digest
from keju.kernel.approvals.queries import Standing
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.security.models import Finding, Plan
from keju.stages.security.models.planning import APPROVED, DRAFT, PROPOSED

GAPS = "review"
"""The source of findings that a body made in looking for its own gaps."""


def plans(exam: Exam, path: str) -> QuerySet[Plan]:
    """Those of the offices at and under the path, the tree downwards, newest first."""
    found = Plan.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    return found.select_related("proposal").order_by("office_path", "office_code", "-number")


def plan(exam: Exam, plan_id: int, *, viewer: Actor) -> Plan:
    """`Plan.DoesNotExist` outside of the viewer's offices."""
    return plans(exam, viewer.office_path).get(pk=plan_id)


def in_work(exam: Exam, office_code: str) -> Plan | None:
    return Plan.objects.filter(exam=exam, office_code=office_code, state__in=[DRAFT, PROPOSED]).first()


def in_force(exam: Exam, office_code: str) -> Plan | None:
    return Plan.objects.filter(exam=exam, office_code=office_code, state=APPROVED).first()


def approved_codes(exam: Exam, path: str) -> set[str]:
    """The offices at and under the path that have an approved plan."""
    return set(plans(exam, path).filter(state=APPROVED).values_list("office_code", flat=True))


def waiting(row: Plan, at: datetime) -> Standing | None:
    """How its proposal stands; None if it was never proposed."""
    return None if row.proposal_id is None else approvals.standing(row.proposal_id, at=at)


def may_change(row: Plan, at: datetime) -> bool:
    """A draft, or one whose proposal has ended without approval."""
    if row.state == DRAFT:
        return True
    standing = waiting(row, at)
    return row.state == PROPOSED and (standing is None or not standing.is_open)


def hash_of(title: str, text: str, file: str) -> str:
    return digest({"title": title, "text": text, "file": file})


def gaps(exam: Exam, path: str) -> QuerySet[Finding]:
    """What the bodies found lacking themselves, open ones first by their day."""
    found = Finding.objects.filter(exam=exam, source=GAPS, office_path__gte=path, office_path__lt=path + "~")
    return found.select_related("owner").order_by("state", "due_on", "pk")


def late(rows: Iterable[Finding], today: date) -> int:
    return sum(1 for row in rows if row.state != "closed" and row.due_on is not None and row.due_on < today)
