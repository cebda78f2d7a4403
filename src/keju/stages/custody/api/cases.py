"""Damage and incidents over the API: the list, one case, and what its page does with it. What needs photographs (a damaged bag
and its treatment: V12.6.2) comes as a form with files."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, File, Form, Router, Schema
from ninja.files import UploadedFile

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.kernel.files.scans import received
from keju.rulebook import Refusal, RuleRefused
from keju.stages.custody import queries as chain
from keju.stages.custody.api.stores import Id
from keju.stages.custody.queries import cases as queries
from keju.stages.custody.rules.cases import CaseKind, Sort
from keju.stages.custody.services import cases as services
from keju.stages.custody.services import incidents, isolating
from keju.stages.custody.services.together import Signing

READ, REPORT, INSTRUCT = "custody:chain:read", "custody:case:report", "custody:case:instruct"
PAGE = 100
router = Router(tags=["custody"])
Words = Annotated[str, Field(max_length=500)]
Short = Annotated[str, Field(max_length=120)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]


class CaseOut(Schema):
    """`kind`: damage or incident; `exposed`: questions could be seen."""

    id: int
    version: int
    kind: str
    sort: str
    state: str
    office_code: str
    words: str
    exposed: bool
    reported_at: datetime
    instruction: str
    instructed_at: datetime | None
    cause: str
    handling: str
    closed_at: datetime | None


class PieceOut(Schema):
    code: str
    seal_before: str
    seal_after: str


class CaseStepOut(Schema):
    kind: str
    words: str
    happened_at: datetime


class WholeCaseOut(CaseOut):
    """`missing`: steps of an incident that nobody has taken; `apart`: people who are kept apart now."""

    containers: list[PieceOut]
    steps: list[CaseStepOut]
    missing: list[str]
    apart: int


class IncidentIn(Schema):
    """`key`: made on the device; `codes`: of the containers, which are frozen."""

    key: UUID
    sort: Literal["theft", "loss", "leak"]
    words: Words
    codes: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=1000)] = []
    exposed: bool = False


class DamageIn(Schema):
    """As `IncidentIn`; each code a field of its own."""

    key: UUID
    sort: Literal["unsealed", "damaged"]
    words: Words
    codes: Annotated[list[Annotated[str, Field(max_length=40)]], Field(min_length=1, max_length=1000)]
    exposed: bool = False


class TreatIn(Schema):
    """`containers` with the new seal of each in `seals`, `people` with the signing code of each in `codes`: in one order.
    `stamped`: across the seam."""

    version: Version
    words: Words
    stamped: bool
    containers: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=1000)]
    seals: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=1000)]
    people: Annotated[list[Id], Field(max_length=20)]
    codes: Annotated[list[Annotated[str, Field(max_length=20)]], Field(max_length=20)]


class TreatedOut(Schema):
    """`whole`: everybody signed, and the bags are closed again; else the signatures that were right stand."""

    whole: bool


class InstructIn(Schema):
    version: Version
    instruction: Words


class UpIn(Schema):
    version: Version
    cause: Words
    handling: Words


class CaseStepIn(Schema):
    """A step of an incident, or of a lost key."""

    step: Literal[
        "local_authority", "secrecy_authority", "emergency_plan", "scene", "police", "watched", "checked", "lock_changed"
    ]  # fmt: skip
    words: Words = ""
    happened_at: datetime | None = None


class CaseCloseIn(Schema):
    """`release`: whether its containers may move again."""

    version: Version
    findings: Words
    release: bool = False


class IsolateIn(Schema):
    """`companion_id`: a discipline officer in force at the office or above it, a person of the register."""

    name: Annotated[str, Field(max_length=80)]
    companion_id: Id
    place: Short
    devices: Short


class CaseCountOut(Schema):
    count: int


@router.get("/{exam}/cases", response=list[CaseOut], operation_id="custody_cases")
@office_api(READ)
def listing(
    request: Request,
    exam: str,
    state: Literal["", "open", "reported", "instructed", "treated", "closed"] = "",
    kind: CaseKind | Literal[""] = "",
    after: int = 0,
) -> object:
    """Those of the viewer's offices, the newest first, older than `after`, 100 at a time (V12.5, V12.6)."""
    found = queries.cases(request.exam, viewer=actor(request), state=state, kind=kind, after=after)
    return list(found[:PAGE])


@router.get("/{exam}/cases/{case_id}", response=WholeCaseOut, operation_id="custody_case")
@office_api(READ)
def case(request: Request, exam: str, case_id: Id) -> object:
    """One case: what was found, its containers, and what was done about it."""
    row = queries.one(request.exam, case_id, viewer=actor(request))
    whole = queries.whole(row)
    pieces = [
        {"code": c.container.code, "seal_before": c.seal_before, "seal_after": c.seal_after}
        for c in whole.containers
    ]
    return CaseOut.from_orm(row).dict() | {
        "containers": pieces,
        "steps": [CaseStepOut.from_orm(s).dict() for s in whole.steps],
        "missing": whole.missing,
        "apart": sum(i.ended_at is None for i in whole.isolations),
    }


@router.post("/{exam}/cases", response={201: CaseOut}, operation_id="custody_incident_report")
@office_api(REPORT)
def report(request: Request, exam: str, body: IncidentIn) -> object:
    """Theft, loss or leak stands, once by its key; the containers are frozen and those above were told (V12.5)."""
    return _reported(request, CaseKind.INCIDENT, body, ())


@router.post("/{exam}/damage", response={201: CaseOut}, operation_id="custody_damage_report")
@office_api(REPORT)
def report_damage(
    request: Request, exam: str, body: Form[DamageIn], photos: File[list[UploadedFile]]
) -> object:
    """Unsealed or damaged bags stand as a case, once by its key, with photographs (JPEG or PNG, 10 MB each at most); they are
    frozen and those above were told (V12.6.1)."""
    return _reported(request, CaseKind.DAMAGE, body, received(photos, services.MOST_PHOTOS))


def _reported(
    request: Request, kind: CaseKind, body: IncidentIn | DamageIn, photos: Sequence[bytes]
) -> object:
    by = actor(request)
    ids = list(_ids(request, body.codes).values())
    new = services.NewCase(body.key, kind, Sort(body.sort), body.words, ids, photos, body.exposed)
    (row,) = services.report(exam=request.exam, found=[new], by=by, at=now(request.exam))
    return row


def _ids(request: Request, codes: Sequence[str]) -> dict[str, int]:
    """Code → container, in the order given; a refusal for what the reporter has not."""
    known = chain.by_codes(request.exam, codes, viewer=actor(request))
    if strange := [code for code in codes if code not in known]:
        raise RuleRefused(
            [Refusal("V12.6.1", "custody_case_unknown", {"codes": "、".join(strange)}, field="codes")]
        )
    return {code: known[code].pk for code in codes}


@router.post("/{exam}/cases/{case_id}/treat", response={201: TreatedOut}, operation_id="custody_case_treat")
@office_api(REPORT)
def treat(
    request: Request, exam: str, case_id: Id, body: Form[TreatIn], photos: File[list[UploadedFile]]
) -> object:
    """The bags are closed again with new seals and free, once all who treated them signed (V12.6.1, V12.6.2)."""
    by = actor(request)
    row = queries.one(request.exam, case_id, viewer=by)
    ids = _ids(request, body.containers)
    signings = [
        Signing(person, "", services.TREATER, row.office_path, code)
        for person, code in zip(body.people, body.codes, strict=False)
    ]
    signed = services.treat(
        exam=request.exam, case_id=case_id, version=body.version, words=body.words, stamped=body.stamped,
        photos=received(photos, services.MOST_PHOTOS), seals=dict(zip(ids.values(), body.seals, strict=False)),
        signings=signings, by=by, at=now(request.exam),
    )  # fmt: skip
    return {"whole": signed.is_whole}


@router.post("/{exam}/cases/{case_id}/instruct", response=CaseOut, operation_id="custody_case_instruct")
@office_api(INSTRUCT)
def instruct(request: Request, exam: str, case_id: Id, body: InstructIn) -> object:
    """The superior's instruction stands (V12.6.1)."""
    return services.instruct(
        exam=request.exam, case_id=case_id, **body.dict(), by=actor(request), at=now(request.exam)
    )


@router.post("/{exam}/cases/{case_id}/report-up", response=CaseOut, operation_id="custody_case_report_up")
@office_api(INSTRUCT)
def report_up(request: Request, exam: str, case_id: Id, body: UpIn) -> object:
    """Cause and handling are with the centre; the damage case is closed (V12.6.1)."""
    return services.report_up(
        exam=request.exam, case_id=case_id, **body.dict(), by=actor(request), at=now(request.exam)
    )


@router.post("/{exam}/cases/{case_id}/steps", response={201: CaseStepOut}, operation_id="custody_case_step")
@office_api(REPORT)
def step(request: Request, exam: str, case_id: Id, body: CaseStepIn) -> object:
    """The step of the incident was taken, once (V12.5)."""
    return incidents.take_step(
        exam=request.exam, case_id=case_id, **body.dict(), by=actor(request), at=now(request.exam)
    )


@router.post("/{exam}/cases/{case_id}/close", response=CaseOut, operation_id="custody_case_close")
@office_api(INSTRUCT)
def close(request: Request, exam: str, case_id: Id, body: CaseCloseIn) -> object:
    """The incident is closed with its findings (V12.5)."""
    by = actor(request)
    whole = queries.whole(queries.one(request.exam, case_id, viewer=by))
    return incidents.close_incident(
        exam=request.exam, case_id=case_id, version=body.version, findings=body.findings,
        release=[c.container_id for c in whole.containers] if body.release else [], by=by, at=now(request.exam),
    )  # fmt: skip


@router.post(
    "/{exam}/cases/{case_id}/isolations", response={201: CaseCountOut}, operation_id="custody_case_isolate"
)
@office_api(REPORT)
def isolate(request: Request, exam: str, case_id: Id, body: IsolateIn) -> object:
    """They are kept apart from now on, accompanied and without devices (V12.6.3)."""
    people = [isolating.Isolated(**body.dict())]
    made = isolating.isolate(
        exam=request.exam, case_id=case_id, people=people, by=actor(request), at=now(request.exam)
    )
    return {"count": len(made)}


@router.post(
    "/{exam}/cases/{case_id}/isolations/end", response=CaseCountOut, operation_id="custody_case_isolation_end"
)
@office_api(REPORT)
def end_isolation(request: Request, exam: str, case_id: Id) -> object:
    """Everybody kept apart because of the case is free; a conflict before the last session ends (V12.6.3)."""
    n = isolating.end_isolation(exam=request.exam, case_id=case_id, by=actor(request), at=now(request.exam))
    return {"count": n}
