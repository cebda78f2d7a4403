"""Boxes and packs that an office may open: in a store, in its own custody, with something in them."""

from django.db.models import Count

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.custody.models import Holding
from keju.stages.custody.queries.chain import holdings
from keju.stages.custody.rules.containers import OUTER
from keju.stages.custody.rules.places import Spot


def own_boxes(exam: Exam, *, viewer: Actor) -> list[tuple[Holding, int]]:
    """Each with how many lie in it, in order of their codes."""
    found = holdings(exam, viewer=viewer).filter(
        container__kind__in=sorted(OUTER), custodian=viewer.office_code, place__gte=f"{Spot.STORE}:",
        place__lt=f"{Spot.STORE};", frozen=False,
    ).order_by("container__code")  # fmt: skip
    rows = list(found)
    inside = Holding.objects.filter(parent_id__among=[r.container_id for r in rows]).order_by()
    counts = dict(inside.values_list("parent_id").annotate(Count("pk")))
    return [(row, counts[row.container_id]) for row in rows if row.container_id in counts]
