"""Reading the log. Row-level security shows a viewer the events of their own subtree."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from keju.kernel.audit.models import Event


def events(
    *,
    kind: str = "",
    subject: str = "",
    rule: str = "",
    exam: str = "",
    before: tuple[datetime, UUID] | None = None,
    size: int = 50,
) -> Sequence[Event]:
    """The newest events that match, at most `size`, older than `before` (the last row's instant and id, for paging).

    Events of one act have the same instant: the id tells them apart.
    """
    found: QuerySet[Event] = Event.objects.select_related("leaf").order_by("-at", "-id")
    if kind:
        found = found.filter(kind__startswith=kind)
    if subject:
        found = found.filter(subject=subject)
    if rule:
        found = found.filter(rules__contains=[rule])
    if exam:
        found = found.filter(exam=exam)
    if before is not None:
        at, pk = before
        found = found.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    return list(found[:size])


class Said(NamedTuple):
    """What an event says."""

    kind: str
    actor: str
    at: datetime
    subject: str
    office_path: str
    data: dict[str, Any]


def said(*, kind: str, exam: str) -> Iterator[Said]:
    """Every event of the exam whose kind begins so, in no particular order."""
    found = Event.objects.filter(kind__startswith=kind, exam=exam)
    for row in found.values_list(*Said._fields).iterator(5_000):
        yield Said(*row)


def event(event_id: str) -> Event:
    return Event.objects.get(pk=event_id)


def ids_about(subjects: Collection[str], *, exam: str) -> list[UUID]:
    """The events of these subjects, as far as the scope shows them, in no particular order."""
    found = Event.objects.filter(subject__in=list(subjects), exam=exam)
    return list(found.values_list("pk", flat=True))


def ids_said(*, kind: str, exam: str, subjects: Collection[str], at: Collection[datetime]) -> dict[int, UUID]:
    """Operation → its event, of those of these subjects at these instants whose kind begins so and whose data names one."""
    found = Event.objects.filter(
        kind__startswith=kind, exam=exam, subject__in=list(subjects), at__in=list(at)
    )
    return {data["operation"]: pk for pk, data in found.values_list("pk", "data") if "operation" in data}
