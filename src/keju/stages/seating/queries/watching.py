"""Which sites have their seats planned: for the readiness board."""

from keju.kernel.exams.models import Exam
from keju.stages.seating.models import Plan


def planned_sites(exam: Exam, path: str) -> set[int]:
    """Ids of the sites under the path whose plan in force is frozen, in one look."""
    found = Plan.objects.filter(exam=exam, superseded_at=None, frozen_at__isnull=False)
    return set(
        found.filter(office_path__gte=path, office_path__lt=path + "~").values_list("site_id", flat=True)
    )
