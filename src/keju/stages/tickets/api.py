"""Tickets over the API."""

from datetime import datetime
from typing import Annotated

from django.core.exceptions import ValidationError
from ninja import Field, Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api, public_api
from keju.kernel.jobs import services as jobs
from keju.stages.seating import queries as seating
from keju.stages.seating.services import Move
from keju.stages.tickets import queries, services
from keju.stages.tickets.forms import SheetForm
from keju.stages.tickets.jobs import SHEETS

router = Router(tags=["tickets"])
KEY = 2**63 - 1
"""The largest id that the database knows."""


class TicketOut(Schema):
    number: str
    registration_id: int
    site_code: str
    room_number: int
    seat: int
    column: int
    row: int
    category: str
    issue: int
    revoked: bool


class TicketVerifiedOut(Schema):
    state: str
    number: str
    name: str
    site_code: str
    room_number: int
    seat: int


class PaperOut(Schema):
    """`printed_at` is null while it was never printed; `current`: its last print is of the plan that holds now."""

    kind: str
    clauses: list[str]
    paper: str
    pages: int
    plan: str
    printed_at: datetime | None
    current: bool


class PapersOut(Schema):
    """The work that was begun: follow it on its page, where the file is when it is done."""

    job: str
    state: str


class GeneratedOut(Schema):
    region_code: str
    count: int
    hosts: int
    changed: bool


class OpenedOut(Schema):
    opened: list[str]
    closed: dict[str, str]


@router.get("/verify", response=TicketVerifiedOut, operation_id="tickets_verify")
@public_api
def verify(request: Request, code: str) -> object:
    """What the code on a ticket says: valid, reissued, revoked or unknown."""
    return queries.verify(code)


@router.get("/{exam}/tickets", response=list[TicketOut], operation_id="tickets_list")
@office_api("tickets:list:read")
def tickets(request: Request, exam: str, site: str = "", after: str = "") -> object:
    """The next 50 tickets after a number, in number order."""
    wanted = queries.Filters(site_code=site)
    rows = queries.rows(viewer=actor(request), exam=request.exam, filters=wanted, after=after)
    fields = (
        "number",
        "registration_id",
        "site_code",
        "room_number",
        "seat",
        "column",
        "row",
        "category",
        "issue",
    )
    return [{**{f: getattr(k, f) for f in fields}, "revoked": k.revoked_at is not None} for k in rows]


@router.post("/{exam}/generate", response=GeneratedOut, operation_id="tickets_generate")
@office_api("tickets:numbers:generate")
def generate(request: Request, exam: str) -> object:
    """Number the region's candidates."""
    by, at = actor(request), now(request.exam)
    return services.generate(exam=request.exam, region_code=by.region_code, by=by, at=at)


@router.post("/{exam}/open", response=OpenedOut, operation_id="tickets_open")
@office_api("tickets:printing:open")
def open_printing(request: Request, exam: str) -> object:
    """Open printing for every region that is ready."""
    done = services.open_printing(exam=request.exam, by=actor(request), at=now(request.exam))
    return {"opened": done.opened, "closed": {code: str(why) for code, why in done.closed.items()}}


class MoveIn(Schema):
    """`room_id` and `seat` 0: the first free one; `leaves`: who no longer has a seat."""

    registration_id: Annotated[int, Field(ge=1, le=KEY)]
    room_id: Annotated[int, Field(ge=0, le=KEY)] = 0
    seat: Annotated[int, Field(ge=0, le=999)] = 0
    leaves: bool = False


class SeatChangesIn(Schema):
    """`expected`: site code → version of its plan that was looked at."""

    moves: Annotated[list[MoveIn], Field(max_length=2000)]
    reason: Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]
    expected: dict[str, int] = {}


class SeatsChangedOut(Schema):
    version: int
    sites: list[str]
    moved: list[str]
    added: list[str]
    revoked: list[str]
    void: int


class PrintAgainOut(Schema):
    """A paper to be printed again; no rooms: as a whole."""

    kind: str
    rooms: list[int]
    reason: str
    voided_at: datetime


class VoidListOut(Schema):
    version: int
    text: str


@router.post("/{exam}/seats", response=SeatsChangedOut, operation_id="tickets_change_seats")
@office_api("seating:plan:change")
def change_seats(request: Request, exam: str, body: SeatChangesIn) -> object:
    """Change frozen plans of the region: two moves exchange seats, one takes a free seat; tickets and prints follow."""
    by, at = actor(request), now(request.exam)
    done = services.change_seats(
        exam=request.exam,
        region_code=by.region_code,
        moves=[Move(m.registration_id, None if m.leaves else (m.room_id, m.seat)) for m in body.moves],
        reason=body.reason,
        expected=body.expected,
        by=by,
        at=at,
    )
    return {
        "version": done.plans.version, "sites": [c.site_code for c in done.plans.sites], "moved": done.moved,
        "added": done.added, "revoked": done.revoked, "void": done.void,
    }  # fmt: skip


@router.get("/{exam}/sites/{site}/again", response=list[PrintAgainOut], operation_id="tickets_again")
@office_api("tickets:list:read")
def again(request: Request, exam: str, site: str) -> object:
    """What was printed for the site, is void and was not printed again."""
    plan = seating.plan(request.exam, site, viewer=actor(request))
    return queries.again(request.exam, plan.office_path)


@router.get("/{exam}/void-lists/{site}", response=VoidListOut, operation_id="tickets_void_list")
@office_api("tickets:list:read")
def void_list(request: Request, exam: str, site: str) -> object:
    """The signed list of the tickets of the site's host that no longer hold, for devices (docs/void-list.md)."""
    seating.plan(request.exam, site, viewer=actor(request))
    version, text = queries.void_list(request.exam, site[:4])
    return {"version": version, "text": text}


@router.get("/{exam}/sites/{site}/papers", response=list[PaperOut], operation_id="tickets_papers")
@office_api("tickets:list:read")
def papers(request: Request, exam: str, site: str) -> object:
    """Every kind of paper of a site with its last print, in the print shop's order."""
    found = queries.papers(viewer=actor(request), exam=request.exam, site_code=site)
    return [
        {
            "kind": p.code,
            "clauses": list(p.kind.clauses),
            "paper": str(p.kind.paper),
            "pages": p.last.row.pages if p.last else 0,
            "plan": p.last.row.plan_version if p.last else "",
            "printed_at": p.last.row.printed_at if p.last else None,
            "current": p.current,
        }
        for p in found
    ]


@router.post("/{exam}/sites/{site}/papers", response=PapersOut, operation_id="tickets_papers_print")
@office_api("tickets:sheets:print")
def print_papers(
    request: Request, exam: str, site: str, kind: str = services.EVERYTHING, language: str = "zh", layout: str = ""
) -> object:  # fmt: skip
    """Begin printing one kind, `all` in an archive, or the site's `tickets`."""
    form = SheetForm({"kind": kind, "language": language, "layout": layout})
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    job = jobs.start(
        SHEETS, exam=request.exam, site_code=site, paper=kind, language=language, layout=layout,
        by=actor(request), at=now(request.exam),
    )  # fmt: skip
    return {"job": str(job.public), "state": str(job.state)}
