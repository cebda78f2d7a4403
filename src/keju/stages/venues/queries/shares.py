"""What the exam rooms are capable of: cameras, college-entrance rooms, step-free ones (P2.1, V14.1)."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.venues import rules
from keju.stages.venues.models import Room
from keju.stages.venues.queries.siting import under


@dataclass(frozen=True)
class Share:
    """Exam rooms of an office (a point or a region), and how many of them are what.

    `either`: those to be preferred, with cameras (V14.1) or, where P2.1 holds, of the college-entrance exam.
    """

    office: str
    rooms: int
    cameras: int
    gaokao: int
    either: int
    step_free: int

    @property
    def percent(self) -> Decimal | None:
        return rules.share(self.either, self.rooms)


def shares(exam: Exam, *, viewer: Actor, region_code: str = "") -> list[Share]:
    """A row for every point of the scope with exam rooms, each region's sum before its points."""
    found = Room.objects.filter(exam=exam, kind=rules.EXAM, **under(viewer))
    found = found.filter(site__point_code__startswith=region_code).order_by().values("site__point_code")
    preferred = Q(cameras=True)
    if exams.programme(exam).clause("P2.1") is not None:
        preferred |= Q(gaokao=True)
    rows = found.annotate(
        rooms=Count("pk"),
        with_cameras=Count("pk", filter=Q(cameras=True)),
        of_gaokao=Count("pk", filter=Q(gaokao=True)),
        either=Count("pk", filter=preferred),
        flat=Count("pk", filter=Q(step_free=True)),
    )
    points = [
        Share(r["site__point_code"], r["rooms"], r["with_cameras"], r["of_gaokao"], r["either"], r["flat"])
        for r in rows.order_by("site__point_code")
    ]
    return [share for region in sorted({p.office[:2] for p in points}) for share in _with_sum(region, points)]


def _with_sum(region: str, points: list[Share]) -> list[Share]:
    mine = [p for p in points if p.office.startswith(region)]
    numbers = ("rooms", "cameras", "gaokao", "either", "step_free")
    return [Share(region, *(sum(getattr(p, name) for p in mine) for name in numbers)), *mine]
