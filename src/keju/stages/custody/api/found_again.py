"""Missing sheets that are found again, over the API: as the page does it."""

from typing import Annotated
from uuid import UUID

from ninja import Field, Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.custody.api.stores import Id
from keju.stages.custody.rules.found_again import Found
from keju.stages.custody.services import found_again

router = Router(tags=["custody"])
Sheets = Annotated[int, Field(ge=0, le=9999)]
Number = Annotated[str, Field(max_length=40)]
Code = Annotated[str, Field(max_length=20)]


class FoundIn(Schema):
    """`key`: made on the device; `container`: the bag that lacks them; `other`: the bag in which they lay; each
    person with a signing code."""

    key: UUID
    container: Number
    used: Sheets = 0
    unused: Sheets = 0
    defective: Sheets = 0
    where: Annotated[str, Field(max_length=120)]
    other: Number = ""
    reason: Annotated[str, Field(max_length=150)]
    seal_cut: Number
    seal_new: Number
    officer: Id
    officer_code: Code = ""
    first: Id
    first_code: Code = ""
    second: Id
    second_code: Code = ""


class FoundOut(Schema):
    """`whole`: all have signed and the sheets are in their bag; `failed`: whose code did not count."""

    whole: bool
    failed: list[int]


@router.post("/{exam}/cases/{case_id}/found", response={201: FoundOut}, operation_id="custody_found_again")
@office_api("custody:case:report")
def found(request: Request, exam: str, case_id: Id, body: FoundIn) -> object:
    """The sheets are in the bag that lacked them, under a new seal, once all three have signed (V15.5.2)."""
    said = found_again.FoundAgain(
        Found(body.used, body.unused, body.defective), body.where, body.other, body.reason, body.seal_cut, body.seal_new,
        body.officer, body.first, body.second,
    )  # fmt: skip
    codes = {body.officer: body.officer_code, body.first: body.first_code, body.second: body.second_code}
    done = found_again.put_back(
        exam=request.exam, key=body.key, case_id=case_id, container=body.container, said=said, codes=codes,
        by=actor(request), at=now(request.exam),
    )  # fmt: skip
    return {"whole": done.is_whole, "failed": done.failed}
