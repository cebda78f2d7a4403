"""Which regions' papers are made, may be made, or cannot be yet."""

from dataclasses import dataclass

from django.db.models import Count, Q

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal
from keju.rulebook.words import Words
from keju.stages.custody.models import Container
from keju.stages.custody.queries.chain import holdings
from keju.stages.custody.queries.quantities import confirmations, quantities
from keju.stages.custody.rules.containers import OUTER, Kind, check_makeable


@dataclass(frozen=True)
class Region:
    """`refusals`: why nothing can be made now; `copies`: papers made with the spare ones."""

    code: str
    name: Words
    confirmed: bool
    changed: bool
    boxes: int
    bags: int
    refusals: tuple[Refusal, ...]

    @property
    def is_made(self) -> bool:
        return bool(self.bags)

    @property
    def may_make(self) -> bool:
        return not self.refusals


def regions(exam: Exam, *, viewer: Actor) -> list[Region]:
    """Every region that takes part, in code order."""
    confirmed = confirmations(exam, viewer=viewer)
    made = dict(_made(exam, viewer))
    found = []
    for opening in exams.openings(exam, "region"):
        code = opening.office.code
        row = confirmed.get(code)
        boxes, bags = made.get(code, (0, 0))
        changed = bool(row and not bags and row.digest != quantities(exam, code, viewer=viewer).digest)
        stands = tuple(check_makeable(row is not None, changed, bool(bags)))
        found.append(Region(code, opening.office.name, row is not None, changed, boxes, bags, stands))
    return found


def unmade(exam: Exam, *, viewer: Actor) -> int:
    """How many regions have confirmed and have no papers yet. Two statements."""
    return len(confirmations(exam, viewer=viewer).keys() - dict(_made(exam, viewer)).keys())


def boxes(exam: Exam, region_path: str, *, viewer: Actor) -> list[Container]:
    """The region's boxes and packs, in order of their codes."""
    rows = holdings(exam, viewer=viewer).filter(
        container__kind__in=sorted(OUTER), office_path__gte=region_path, office_path__lt=region_path + "~"
    )
    return [row.container for row in rows.order_by("container__code")]


def _made(exam: Exam, viewer: Actor) -> list[tuple[str, tuple[int, int]]]:
    path = viewer.office_path or "-"
    rows = Container.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~").values(
        "office_path"
    )
    rows = rows.annotate(
        boxes=Count("pk", filter=Q(kind=Kind.BOX)), bags=Count("pk", filter=~Q(kind__in=sorted(OUTER)))
    )
    sums: dict[str, list[int]] = {}
    for row in rows:
        region = sums.setdefault(row["office_path"].split("/")[1], [0, 0])
        region[0] += row["boxes"]
        region[1] += row["bags"]
    return [(code, (b, n)) for code, (b, n) in sums.items()]
