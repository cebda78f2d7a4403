"""Where containers are, who holds them, and where they were at any moment."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.custody.models import Container, Holding, Step
from keju.stages.custody.rules.chain import State


def held(exam: Exam, container_ids: Iterable[int]) -> dict[int, Holding]:
    """Container id → where it stands now, of those in the scope."""
    rows = Holding.objects.select_related("container").filter(
        exam=exam, container_id__among=list(container_ids)
    )
    return {row.container_id: row for row in rows}


def holdings(exam: Exam, *, viewer: Actor) -> QuerySet[Holding]:
    """Every container in the viewer's scope as it stands now."""
    path = viewer.office_path or "-"
    found = Holding.objects.select_related("container", "parent", "holder")
    return found.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")


def contents(exam: Exam, outer_ids: Collection[int]) -> dict[int, list[Holding]]:
    """Outer container → what lies in it, in order of their codes."""
    rows = Holding.objects.select_related("container").filter(exam=exam, parent_id__among=list(outer_ids))
    found: dict[int, list[Holding]] = {pk: [] for pk in outer_ids}
    for row in rows.order_by("container__code"):
        if row.parent_id is not None:
            found[row.parent_id].append(row)
    return found


def by_codes(exam: Exam, codes: Collection[str], *, viewer: Actor) -> dict[str, Container]:
    """Code → container, of those in the viewer's scope."""
    path = viewer.office_path or "-"
    rows = Container.objects.filter(
        exam=exam, code__in=list(codes), office_path__gte=path, office_path__lt=path + "~"
    )
    return {row.code: row for row in rows}


@dataclass(frozen=True)
class Position:
    """Where a container was at a moment. `state` is its own; `outer` that of what it lay in, or None."""

    container: Container
    state: State
    outer: State | None
    outer_id: int | None
    outer_code: str = ""
    holder_name: str = ""

    @property
    def place(self) -> str:
        return self.outer.place if self.outer else self.state.place

    @property
    def custodian(self) -> str:
        return self.outer.custodian if self.outer else self.state.custodian

    @property
    def was_sealed(self) -> bool:
        return self.state.is_sealed or (self.outer is not None and self.outer.is_sealed)


def position(container: Container, at: datetime) -> Position | None:
    """Where it was, who held it and whether it was under seal at that moment; None before it was made."""
    own = _last(container.pk, at)
    if own is None:
        return None
    outer = _last(own.parent_id, at) if own.parent_id else None
    keeper = (outer or own).holder
    return Position(
        container,
        own.state,
        outer.state if outer else None,
        own.parent_id,
        own.parent.code if own.parent_id and outer and own.parent else "",
        keeper.name if keeper else "",
    )


def history(container: Container) -> QuerySet[Step]:
    """Every step of it, the first one first. Their operations may be out of the viewer's sight: those of offices above."""
    return container.steps.select_related("parent", "holder").order_by("number")


def last_seals(container_ids: Collection[int]) -> dict[int, str]:
    """Container → the number of the last seal that it had, of those that ever had one."""
    rows = Step.objects.filter(container_id__in=list(container_ids)).exclude(seal="")
    found = rows.order_by("container_id", "-number").distinct("container_id")
    return dict(found.values_list("container_id", "seal"))


def used_seals(
    exam: Exam, office_path: str, container_ids: Collection[int], seals: Collection[str]
) -> set[str]:
    """Which of these numbers are on something of that site now, or were on one of these containers before."""
    now = Holding.objects.filter(exam=exam, office_path=office_path, seal__in=list(seals))
    before = Step.objects.filter(container_id__in=list(container_ids), seal__in=list(seals))
    return {*now.values_list("seal", flat=True), *before.values_list("seal", flat=True)}


def _last(container_id: int, at: datetime) -> Step | None:
    found = Step.objects.select_related("parent", "holder").filter(container_id=container_id, at__lte=at)
    return found.order_by("-number").first()
