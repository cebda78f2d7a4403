"""Containers over the API: where one was, what became of it, and which ones nobody watched."""

from datetime import datetime

from ninja import Router, Schema

from keju.kernel.calendar import CHINA, now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.custody import queries
from keju.stages.custody.queries import containers
from keju.stages.custody.queries import life as lives
from keju.stages.custody.rules.watch import Span

router = Router(tags=["custody"])


class PositionOut(Schema):
    """`place` "" inside a container of an office above; `seal` is the container's own, `was_sealed` counts the outer's too."""

    code: str
    at: datetime
    place: str
    custodian: str
    holder: str
    inside: str
    seal: str
    was_sealed: bool
    frozen: bool


class StepOut(Schema):
    number: int
    act: str
    at: datetime
    place: str
    custodian: str
    inside: str
    seal: str
    frozen: bool
    of_outer: str


class SpanOut(Schema):
    since: datetime
    until: datetime


class UnwatchedOut(Schema):
    code: str
    kind: str
    site: str
    place: str
    custodian: str
    spans: list[SpanOut]


@router.get(
    "/{exam}/containers/{code}/position",
    response=list[PositionOut],
    operation_id="custody_container_position",
)
@office_api("custody:chain:read")
def position(request: Request, exam: str, code: str, at: datetime | None = None) -> object:
    """Where the container was, who had it, and whether it was under seal, at a moment or now; nothing before it was made."""
    row = containers.container(request.exam, code, viewer=actor(request))
    when = _instant(at) if at else now(request.exam)
    found = queries.position(row, when)
    if found is None:
        return []
    return [
        PositionOut(
            code=row.code,
            at=when,
            place=found.place,
            custodian=found.custodian,
            holder=found.holder_name,
            inside=found.outer_code,
            seal=found.state.seal,
            was_sealed=found.was_sealed,
            frozen=found.state.frozen or (found.outer is not None and found.outer.frozen),
        )
    ]


@router.get("/{exam}/containers/{code}/steps", response=list[StepOut], operation_id="custody_container_steps")
@office_api("custody:chain:read")
def steps(request: Request, exam: str, code: str) -> object:
    """Everything that was done with the container and with what it lay in meanwhile, the first first."""
    row = containers.container(request.exam, code, viewer=actor(request))
    return [
        StepOut(
            number=m.step.number,
            act=m.step.act,
            at=m.step.at,
            place=m.step.place,
            custodian=m.step.custodian,
            inside=m.step.parent.code if m.step.parent else "",
            seal=m.step.seal,
            frozen=m.step.frozen,
            of_outer=m.outer.code if m.outer else "",
        )
        for m in lives.life(row)
    ]


@router.get("/{exam}/unwatched", response=list[UnwatchedOut], operation_id="custody_unwatched")
@office_api("custody:chain:read")
def unwatched(request: Request, exam: str, since: datetime, until: datetime) -> object:
    """Bags that were neither under seal nor under watch at some time in the span."""
    return lives.unwatched(request.exam, Span(_instant(since), _instant(until)), viewer=actor(request))


def _instant(given: datetime) -> datetime:
    """In China's time where the sender names no zone."""
    return given if given.tzinfo else given.replace(tzinfo=CHINA)
