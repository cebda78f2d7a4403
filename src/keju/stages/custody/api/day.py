"""The exam day's papers over the API: how far each room is, seals as they were read, and what came back."""

from uuid import UUID

from ninja import Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.custody.queries import returns as back
from keju.stages.custody.queries import seal_room as queries
from keju.stages.custody.rules.seal_room import Seen
from keju.stages.custody.services import seal_room as services

router = Router(tags=["custody"])


class IssuedRoomOut(Schema):
    """`state`: awaited, here, checked, broken, issued, opened or back."""

    room: int
    state: str
    copies: int
    bags: list[str]


class SealRoomOut(Schema):
    site: str
    session: int
    in_use: bool
    left: list[str]
    rooms: list[IssuedRoomOut]


class SeenIn(Schema):
    """`seal` "" where it was broken."""

    code: str
    seal: str


class SealsIn(Schema):
    key: UUID
    seen: list[SeenIn]


class SealsOut(Schema):
    broken: int


class ReturnedOut(Schema):
    site: str
    cards: int
    with_point: int
    with_region: int
    at_centre: int
    spares: int
    spares_back: int
    to_destroy: int
    to_return: int
    missing: int
    destroyed: int


@router.get("/{exam}/day/{site}/{session}", response=SealRoomOut, operation_id="custody_seal_room")
@office_api("custody:chain:read")
def seal_room(request: Request, exam: str, site: str, session: int) -> object:
    """A site's seal room in a session; `left`: bags that must still be issued before anybody leaves (V15.3.4)."""
    found = queries.board(request.exam, site, session, viewer=actor(request))
    rooms = [
        IssuedRoomOut(
            room=line.room, state=line.state, copies=line.copies, bags=[p.container.code for p in line.pieces]
        )
        for line in found.rooms
    ]
    return SealRoomOut(site=site, session=session, in_use=found.row is not None, left=found.left, rooms=rooms)


@router.post("/{exam}/day/{site}/{session}/seals", response=SealsOut, operation_id="custody_seals")
@office_api("custody:seal_room:run")
def seals(request: Request, exam: str, site: str, session: int, given: SealsIn) -> object:
    """The seals of bags as they were read in the seal room (V15.3.1); `key` makes sending it twice do it once."""
    broken = services.check_seals(
        exam=request.exam,
        site_code=site,
        session=session,
        seen=[Seen(one.code, one.seal) for one in given.seen],
        key=given.key,
        by=actor(request),
        at=now(request.exam),
    )
    return SealsOut(broken=broken)


@router.get("/{exam}/returns", response=list[ReturnedOut], operation_id="custody_returns")
@office_api("custody:chain:read")
def returns(request: Request, exam: str, site: str = "") -> object:
    """Each site's card bags, spare bags and papers after the exam (V16.1.2, V16.2)."""
    return back.returned(request.exam, viewer=actor(request), site=site)
