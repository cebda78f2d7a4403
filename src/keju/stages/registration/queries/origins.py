"""How registrations came in."""

from collections.abc import Sequence

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.registration.models import Version


def on_paper(*, viewer: Actor, exam: Exam, ids: Sequence[int]) -> set[int]:
    """Those of the registrations that an office brought in, from a form filled in on paper or a workbook."""
    first = Version.objects.filter(registration_id__among=ids, number=1, registration__exam=exam)
    authors = first.values_list("registration_id", "by")
    return {pk for pk, author in authors if not author.startswith("candidate:")}
