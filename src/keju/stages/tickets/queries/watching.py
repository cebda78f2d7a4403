"""Which regions have come how far with their tickets: for the readiness board."""

from keju.kernel.exams.models import Exam
from keju.stages.tickets.models import Generation, Opening


def generated_regions(exam: Exam) -> set[str]:
    """Codes of the regions that generated numbers, as far as the scope reaches."""
    return set(Generation.objects.filter(exam=exam).values_list("region_code", flat=True))


def opened_regions(exam: Exam) -> set[str]:
    """Codes of the regions whose candidates may print."""
    return set(Opening.objects.filter(exam=exam).values_list("region_code", flat=True))
