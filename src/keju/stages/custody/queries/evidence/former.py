"""Who had an evidence file made before, and why: the audit log knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.accounts.permissions import ROLES
from keju.kernel.accounts.queries import staff_names
from keju.kernel.audit import queries as audit
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.custody import events

MOST = 20


@dataclass(frozen=True)
class Asked:
    """Somebody asked for a file. `name`: "" of another office's people, who are known by role and office alone."""

    at: datetime
    name: str
    role: str
    office: str
    reason: str


def former(exam: Exam, subject: str, *, viewer: Actor) -> Sequence[Asked]:
    """The last times that a file of this was asked for, newest first, as far as the viewer's scope shows them."""
    with acting(viewer):
        rows = audit.events(kind=events.EVIDENCE_ASKED, subject=subject, exam=exam.slug, size=MOST)
        names = staff_names({row.actor for row in rows})
    return [
        Asked(
            row.at, names.get(row.actor, ""), row.role, _office(row.role, row.office_path), row.data["reason"]
        )
        for row in rows
    ]


def _office(role: str, path: str) -> str:
    """The code of the office in which somebody of that role acted; the three national ones share the path "/"."""
    parts = [part for part in path.split("/") if part]
    if not parts:
        return next((kind.value for kind in ROLES[role].at), "") if role in ROLES else ""
    return "-".join(parts[1:]) if len(parts) > 2 else parts[-1]
