"""Who had an evidence file made before, and why: the audit log knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.accounts.queries import staff_names
from keju.kernel.audit import queries as audit
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.custody import events

MOST = 20


@dataclass(frozen=True)
class Asked:
    """Somebody asked for a file."""

    at: datetime
    by: str
    reason: str


def former(exam: Exam, subject: str, *, viewer: Actor) -> Sequence[Asked]:
    """The last times that a file of this was asked for, newest first, as far as the viewer's scope shows them."""
    with acting(viewer):
        rows = audit.events(kind=events.EVIDENCE_ASKED, subject=subject, exam=exam.slug, size=MOST)
        names = staff_names({row.actor for row in rows})
    return [Asked(row.at, names.get(row.actor, row.actor), row.data["reason"]) for row in rows]
