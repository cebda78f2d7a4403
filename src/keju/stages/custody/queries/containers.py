"""Lists of containers: narrowed, by the page, and in whole."""

from dataclasses import dataclass

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from keju.kernel.audit import NotPermitted
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.stages.custody.models import Container, Holding
from keju.stages.custody.queries.chain import holdings
from keju.stages.custody.rules.containers import read_code

PAGE = 50
EMPTIED = Q(container__kind__in=("box", "pack")) & ~Exists(
    Holding.objects.filter(parent_id=OuterRef("container_id"))
)


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; "" or None is everything. `code`: as typed or scanned, with or without blanks.

    `office`: a region's, point's or site's code; `spot`: a kind of place, `place` one place; `sealed` and `frozen` count
    the outer container's as well.
    """

    code: str = ""
    kind: str = ""
    spot: str = ""
    place: str = ""
    office: str = ""
    session: int | None = None
    sealed: bool | None = None
    frozen: bool | None = None


def rows(exam: Exam, *, viewer: Actor, filters: Filters, after: int = 0) -> QuerySet[Holding]:
    """Containers in the viewer's scope that match, in the order in which they were made, those after that id.

    Each row has `stands` (its place, or that of what it lies in; "" where that is another office's), `keeper`, and
    `emptied`: a box or pack out of which everything was taken; it needs no seal, and is none of those not `sealed`.
    """
    found = holdings(exam, viewer=viewer).select_related("container", "parent__holding", "holder")
    found = found.annotate(
        stands=Coalesce("parent__holding__place", F("place"), output_field=CharField()),
        keeper=Coalesce("parent__holding__custodian", F("custodian"), Value(""), output_field=CharField()),
        emptied=EMPTIED,
    )
    found = found.filter(container_id__gt=after, **_plain(filters))
    if filters.spot:
        found = found.filter(
            Q(stands=filters.spot) | Q(stands__gte=filters.spot + ":", stands__lt=filters.spot + ";")
        )
    if filters.office:
        path = path_of(filters.office)
        found = found.filter(office_path__gte=path, office_path__lt=path + "~")
    if filters.sealed is not None:
        closed = ~Q(seal="") | Q(parent__isnull=False) & ~Q(parent__holding__seal="")
        found = found.filter(closed if filters.sealed else ~closed & ~EMPTIED)
    if filters.frozen is not None:
        held = Q(frozen=True) | Q(parent__holding__frozen=True)
        found = found.filter(held if filters.frozen else ~held)
    return found.order_by("container_id")


def _plain(filters: Filters) -> dict[str, object]:
    wanted = {
        "container__code": filters.code and (read_code(filters.code) or "-"),
        "container__kind": filters.kind,
        "stands": filters.place,
        "container__session": filters.session,
    }
    return {name: value for name, value in wanted.items() if value not in ("", None)}


def container(exam: Exam, code: str, *, viewer: Actor) -> Container:
    """The container of that code in the viewer's scope; hidden otherwise."""
    path = viewer.office_path or "-"
    found = Container.objects.select_related("holding").filter(
        exam=exam, code=read_code(code) or "-", office_path__gte=path, office_path__lt=path + "~"
    )
    row = found.first()
    if row is None:
        raise NotPermitted(hidden=True)
    return row
