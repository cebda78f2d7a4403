"""The audit log on screen: what happened in one's own offices, and the proof that an event stands in the log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from keju.kernel.audit import queries
from keju.kernel.audit.proving import event_proof
from keju.kernel.exams.access import Request, office_page
from keju.kernel.exams.paging import Page
from keju.web.site.forms import AuditFilter

SIZE = 50


@dataclass(frozen=True)
class Proof:
    """How the event is shown to stand in the tree: its place, the tree's size, the hashes on the way up."""

    index: int
    size: int
    hashes: list[str]
    note: str


@office_page("audit:log:read")
def log(request: Request) -> HttpResponse:
    filters = AuditFilter(request.GET or None)
    asked = filters.cleaned_data if filters.is_valid() else {}
    before = _place(request.GET.get("after", ""))
    words = {k: v.strip() for k, v in asked.items() if k != "exam" and v.strip()}
    rows = list(queries.events(**words, before=before, size=SIZE + 1))
    last = rows[SIZE - 1] if len(rows) > SIZE else None
    more = f"{last.at.isoformat()}_{last.pk}" if last else ""
    page = Page(shown=len(rows[:SIZE]), next=more, is_first=before is None)
    return render(request, "site/audit.html", {"filters": filters, "rows": rows[:SIZE], "page": page})


@office_page("audit:log:read")
def event(request: Request, event_id: UUID) -> HttpResponse:
    found = queries.event(str(event_id))
    proof = event_proof(event_id)
    shown = None if proof is None else Proof(proof[0], proof[1], [h.hex() for h in proof[2]], proof[3])
    return render(request, "site/event.html", {"event": found, "proof": shown})


def _place(text: str) -> tuple[datetime, UUID] | None:
    """Instant and id of the last row of the page before."""
    instant, _, pk = text.partition("_")
    try:
        found = datetime.fromisoformat(instant), UUID(pk)
    except ValueError:
        return None
    return found if found[0].tzinfo else None
