"""The scans of what candidates brought."""

from dataclasses import dataclass

from keju.kernel.exams.models import Exam
from keju.rulebook.model import Material
from keju.stages.review.models import Scan
from keju.stages.review.queries.desk import materials


@dataclass(frozen=True)
class Evidence:
    """A material, what the first review ticked of it, and its pages."""

    material: Material
    ticks: tuple[bool, ...]
    scans: list[Scan]


def scans_of(exam: Exam, registration_id: int) -> dict[str, list[Scan]]:
    """The pages by material, in the order in which they were taken; within the viewer's scope."""
    found: dict[str, list[Scan]] = {}
    for scan in Scan.objects.filter(exam=exam, registration_id=registration_id, removed_at=None).order_by(
        "pk"
    ):
        found.setdefault(scan.material, []).append(scan)
    return found


def scan(exam: Exam, scan_id: int) -> Scan:
    """One page; `Scan.DoesNotExist` outside the viewer's scope or when it was taken away."""
    return Scan.objects.get(exam=exam, pk=scan_id, removed_at=None)


def evidence(exam: Exam, registration_id: int, route: str, ticked: dict[str, list[bool]]) -> list[Evidence]:
    """Every material of the route with ticks and pages."""
    pages = scans_of(exam, registration_id)
    return [
        Evidence(m, tuple(ticked.get(m.code, [False] * 3)), pages.get(m.code, []))
        for m in materials(exam, route)
    ]
