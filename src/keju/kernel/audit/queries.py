"""Reading the log. Row-level security shows a viewer the events of their own subtree."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from keju.kernel.audit.models import Event


def events(
    *,
    kind: str = "",
    subject: str = "",
    rule: str = "",
    exam: str = "",
    before: datetime | None = None,
    size: int = 50,
) -> Sequence[Event]:
    """The newest events that match, at most `size`, older than `before` (the last row's instant, for paging)."""
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
        found = found.filter(at__lt=before)
    return list(found[:size])


def event(event_id: str) -> Event:
    return Event.objects.get(pk=event_id)
