"""How every office stands with its duties, in one look at the table."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from keju.kernel.duties.models import OPEN, Obligation
from keju.kernel.duties.queries import SOON
from keju.kernel.exams.models import Exam


@dataclass(frozen=True, slots=True)
class Standing:
    """What the offices at `owner_path` owe under one clause; `late` and `soon` are among `open`."""

    owner_path: str
    rule: str
    open: int
    late: int
    soon: int


def standing(*, exam: Exam, office_path: str, at: datetime) -> list[Standing]:
    """By office and clause, of the offices at and under the path, as far as the scope reaches."""
    found = Obligation.objects.filter(exam=exam, withdrawn_at=None)
    found = found.filter(owner_path__gte=office_path, owner_path__lt=office_path + "~")
    counted = found.values_list("owner_path", "rule").annotate(
        open=Count("pk", filter=OPEN),
        late=Count("pk", filter=OPEN & Q(due_at__lt=at)),
        soon=Count("pk", filter=OPEN & Q(due_at__gte=at, due_at__lt=at + SOON)),
    )
    return [Standing(*row) for row in counted.order_by("owner_path", "rule")]
