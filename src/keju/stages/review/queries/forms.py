"""How the registration form stands, by the print ledger (V5.3.2b)."""

from collections.abc import Mapping

from keju.kernel.documents.models import Print, Voiding
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.registration import queries as registration
from keju.stages.review.rules import Form

CHECK, COPIES = "registration_form_check", "registration_form"
"""Kinds in the ledger: the print that the candidate checks and keeps, and the copies that are signed."""


def subject_of(registration_id: int) -> str:
    return f"registration:{registration_id}"


def mark_of(version: int) -> str:
    """What a print of this version of the data is marked with."""
    return f"v{version}"


def forms(*, viewer: Actor, exam: Exam, versions: Mapping[int, int]) -> dict[int, Form]:
    """How the form of each registration stands for its present version; `versions`: registration → version."""
    subjects = {subject_of(pk): pk for pk in versions}
    voided: dict[tuple[str, str], int] = {}
    where = {"exam_slug": exam.slug, "kind__in": (CHECK, COPIES), "subject__among": list(subjects)}
    for kind, subject, up_to in Voiding.objects.filter(**where).values_list("kind", "subject", "up_to"):
        voided[kind, subject] = max(up_to, voided.get((kind, subject), 0))
    good: set[tuple[str, int]] = set()
    ever: set[int] = set()
    for pk, kind, subject, mark in Print.objects.filter(**where).values_list(
        "pk", "kind", "subject", "plan_version"
    ):
        one = subjects[subject]
        ever.add(one)
        if pk > voided.get((kind, subject), 0) and mark == mark_of(versions[one]):
            good.add((kind, one))
    paper = registration.on_paper(viewer=viewer, exam=exam, ids=list(versions))
    return {pk: Form((CHECK, pk) in good, (COPIES, pk) in good, pk in ever, pk in paper) for pk in versions}


def form_of(*, viewer: Actor, exam: Exam, registration_id: int, version: int) -> Form:
    """The form of one registration."""
    return forms(viewer=viewer, exam=exam, versions={registration_id: version})[registration_id]


def standing_prints(exam: Exam, registration_id: int) -> list[tuple[str, str]]:
    """(kind, mark) of every print of the registration's form that nobody declared void."""
    subject = subject_of(registration_id)
    where = {"exam_slug": exam.slug, "kind__in": (CHECK, COPIES), "subject": subject}
    voided: dict[str, int] = {}
    for kind, up_to in Voiding.objects.filter(**where).values_list("kind", "up_to"):
        voided[kind] = max(up_to, voided.get(kind, 0))
    rows = Print.objects.filter(**where).order_by("pk").values_list("pk", "kind", "plan_version")
    return [(kind, mark) for pk, kind, mark in rows if pk > voided.get(kind, 0)]
