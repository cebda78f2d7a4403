"""Tickets over the API."""

from django.http import HttpRequest
from ninja import Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import actor, office_api, public_api
from keju.stages.tickets import queries, services

router = Router(tags=["tickets"])


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
def verify(request: HttpRequest, code: str) -> object:
    """What the code on a ticket says: valid, reissued, revoked or unknown."""
    return queries.verify(code)


@router.get("/{exam}/tickets", response=list[TicketOut], operation_id="tickets_list")
@office_api("tickets:list:read")
def tickets(request: HttpRequest, exam: str, site: str = "", after: str = "") -> object:
    """The next 50 tickets after a number, in number order."""
    wanted = queries.Filters(site_code=site)
    rows = queries.rows(viewer=actor(request), exam=request.exam, filters=wanted, after=after)  # type: ignore[attr-defined]
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
def generate(request: HttpRequest, exam: str) -> object:
    """Number the region's candidates."""
    by, at = actor(request), now(request.exam)  # type: ignore[attr-defined]
    return services.generate(exam=request.exam, region_code=by.region_code, by=by, at=at)  # type: ignore[attr-defined]


@router.post("/{exam}/open", response=OpenedOut, operation_id="tickets_open")
@office_api("tickets:printing:open")
def open_printing(request: HttpRequest, exam: str) -> object:
    """Open printing for every region that is ready."""
    done = services.open_printing(exam=request.exam, by=actor(request), at=now(request.exam))  # type: ignore[attr-defined]
    return {"opened": done.opened, "closed": {code: str(why) for code, why in done.closed.items()}}
