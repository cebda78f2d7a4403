"""The readiness of offices over the API: the rows that the boards show."""

from typing import Literal

from ninja import Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.kernel.readiness.asking import code_of
from keju.kernel.readiness.boards import rows
from keju.kernel.readiness.showing import Filters

router = Router(tags=["readiness"])


class ReadinessRowOut(Schema):
    """How one clause stands at one office, site or room."""

    rule: str
    strength: Literal["must", "in principle"]
    office: str
    room: int | None
    state: Literal["red", "amber", "green", "grey"]
    lacking: int
    missing: str


@router.get("/{exam}/{office}", response=list[ReadinessRowOut], operation_id="readiness_rows")
@office_api("readiness:board:read")
def of_office(
    request: Request,
    exam: str,
    office: str,
    state: Literal["", "open", "red"] = "",
    stage: str = "",
    strength: Literal["", "must", "in principle"] = "",
    rule: str = "",
) -> object:
    """The rows of an office and everything below it, as they are now; of a site with its rooms."""
    found = rows(
        viewer=actor(request),
        exam=request.exam,
        code=office,
        at=now(request.exam),
        filters=Filters(state, stage, strength, rule),
    )
    return [
        {
            "rule": f.rule,
            "strength": f.strength,
            "office": code_of(f.row.office_path),
            "room": f.row.room,
            "state": f.row.state.value,
            "lacking": f.row.lacking,
            "missing": str(f.row.words or ""),
        }
        for f in found
    ]
