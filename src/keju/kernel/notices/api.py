"""The outbox over the API: what did not arrive of the messages to an office's candidates, and asking again."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Field, Query, Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.kernel.notices import queries, services

router = Router(tags=["notices"])

Channel = Literal["sms", "email"]
Kind = Annotated[str, Field(max_length=40)]


class OutboxRowOut(Schema):
    """One kind of message by one channel; `since`: the oldest of them."""

    kind: str
    channel: str
    waiting: int
    failed: int
    given_up: int
    since: datetime


class OutboxDownOut(Schema):
    """A gateway that is left alone for a while, and why."""

    channel: str
    fault: str
    until: datetime


class OutboxOut(Schema):
    rows: list[OutboxRowOut]
    down: list[OutboxDownOut]


class UndeliveredOut(Schema):
    """One message that failed or was given up: the candidate's name, no number and no address."""

    id: int
    name: str
    kind: str
    channel: str
    fault: str
    attempts: int
    made_at: datetime


class UndeliveredPageOut(Schema):
    rows: list[UndeliveredOut]
    next: int | None


class UndeliveredAsked(Schema):
    after: Annotated[int, Field(ge=0, lt=2**63)] = 0
    size: Annotated[int, Field(ge=1, le=200)] = 50


class AgainIn(Schema):
    kind: Kind
    channel: Channel


class AgainOut(Schema):
    count: int


@router.get("/{exam}/outbox", response=OutboxOut, operation_id="notices_outbox")
@office_api("notices:notice:read")
def outbox(request: Request, exam: str) -> object:
    """What has not arrived of the messages to the office's candidates, by kind and channel."""
    return queries.undelivered(viewer=actor(request), exam=request.exam, at=now())


@router.get("/{exam}/outbox/undelivered", response=UndeliveredPageOut, operation_id="notices_undelivered")
@office_api("notices:notice:read")
def undelivered(request: Request, exam: str, asked: Query[UndeliveredAsked]) -> object:
    """The messages that failed or were given up, in order; `next` is the next page's `after`."""
    found = queries.undelivered_page(
        viewer=actor(request),
        exam=request.exam,
        after=asked.after,
        size=asked.size + 1,
    )
    rows = found[: asked.size]
    return {"rows": rows, "next": rows[-1].id if len(found) > asked.size else None}


@router.post("/{exam}/outbox/again", response=AgainOut, operation_id="notices_ask_again")
@office_api("notices:notice:send")
def ask_again(request: Request, exam: str, body: AgainIn) -> object:
    """What was given up of this kind and channel waits to be sent again; `count` of how many."""
    row = request.exam
    again = services.ask_again(exam=row, kind=body.kind, channel=body.channel, by=actor(request), at=now(row))
    return {"count": again}
