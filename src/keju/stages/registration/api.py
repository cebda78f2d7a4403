"""Registrations over the API: a candidate's own, and the offices' lists. The same doors and services as the pages."""

from datetime import date, datetime
from typing import Annotated, Any

from ninja import Field, File, Query, Router, Schema, UploadedFile

from keju.algorithms.photo.limits import MAX_FILE_BYTES
from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, candidate_api, office_api
from keju.kernel.files import queries as files
from keju.rulebook import Refusal, RuleRefused
from keju.stages.registration import queries, services
from keju.stages.registration.queries import Filters
from keju.stages.registration.services import Submission

router = Router(tags=["registration"])

Short = Annotated[str, Field(max_length=40)]
Text = Annotated[str, Field(max_length=120)]
# Rows are counted in 64 bits.
RowId = Annotated[int, Field(ge=0, lt=2**63)]


class OwnIn(Schema):
    """The identity document is the account's; `birth_on` and `sex` count where its number does not tell them.

    `photo_sha256` is what the upload of the photo answered.
    """

    name: Annotated[str, Field(max_length=80)]
    phone: Annotated[str, Field(max_length=20)]
    address: Annotated[str, Field(max_length=200)]
    category: Annotated[str, Field(max_length=20)]
    route: Annotated[str, Field(max_length=20)]
    route_facts: dict[Short, Text] = Field(default_factory=dict, max_length=10)
    point_code: Annotated[str, Field(max_length=4)]
    photo_sha256: Annotated[str, Field(max_length=64)]
    pledge: bool
    employer: Text = ""
    email: Text = ""
    birth_on: Annotated[str, Field(max_length=10)] = ""
    sex: Annotated[str, Field(max_length=6)] = ""


class EditIn(OwnIn):
    version: Annotated[int, Field(ge=0, lt=2**31)]


class WithdrawIn(Schema):
    version: Annotated[int, Field(ge=0, lt=2**31)]
    reason: Annotated[str, Field(min_length=1, max_length=300)]


class RegistrationOwnOut(Schema):
    id: int
    number: str
    version: int
    state: str
    name: str
    phone: str
    email: str
    address: str
    employer: str
    category: str
    route: str
    route_facts: dict[str, Any]
    point_code: str
    photo_sha256: str
    submitted_at: datetime
    reason: str


class NeedsIn(Schema):
    kinds: Annotated[list[Short], Field(min_length=1, max_length=20)]
    note: Annotated[str, Field(max_length=300)] = ""


class NeedOut(Schema):
    """`state`: asked, granted, declined, or "" where nobody asked. `note`: the candidate's own words."""

    kind: str
    name_zh: str
    name_en: str
    state: str
    note: str


class DecidedIn(Schema):
    """`granted`: the kinds; all others that were asked for are declined. `seen`: those shown as asked for or decided."""

    granted: Annotated[list[Short], Field(max_length=20)]
    seen: Annotated[list[Short], Field(max_length=20)]
    reason: Annotated[str, Field(min_length=1, max_length=300)]


class DecidedOut(NeedOut):
    """`reason`: what was shown, or why not: for those alone who decide, as the note."""

    reason: str


class PhotoOut(Schema):
    sha256: str
    width: int
    height: int
    doubts: list[str]


class RowOut(Schema):
    id: int
    number: str
    name: str
    sex: str
    birth_on: date
    identity_masked: str
    category: str
    route: str
    point_code: str
    region_code: str
    state: str
    employer: str
    photo_sha256: str
    photo_overruled: bool
    version: int
    submitted_at: datetime
    reason: str


class PageOut(Schema):
    rows: list[RowOut]
    next: int | None


class DetailOut(Schema):
    row: RowOut
    route_facts: dict[str, Any]
    phone_masked: str
    photo_doubts: list[str]


class Asked(Schema):
    state: Short = ""
    category: Short = ""
    point: Annotated[str, Field(max_length=4)] = ""
    q: Text = ""
    after: RowId = 0
    size: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("/{exam}/own", response=RegistrationOwnOut, operation_id="registration_own")
@candidate_api
def own(request: Request, exam: str) -> object:
    """One's own registration."""
    return _own(request)


@router.post("/{exam}/photo", response={201: PhotoOut}, operation_id="registration_photo")
@candidate_api
def photo(request: Request, exam: str, photo: File[UploadedFile]) -> object:
    """Upload the photo; what cannot be overruled is refused, what is only doubted is reported."""
    by, row = actor(request), request.exam
    found = services.store_photo(
        exam=row,
        data=photo.read(MAX_FILE_BYTES + 1),
        candidate_id=by.candidate_id or 0,
        by=by,
        at=now(row),
    )
    doubts = [str(f.criterion) for f in found.refused_judged]
    return PhotoOut(sha256=found.sha256, width=found.width, height=found.height, doubts=doubts)


@router.post("/{exam}/own", response={201: RegistrationOwnOut}, operation_id="registration_submit")
@candidate_api
def submit(request: Request, exam: str, body: OwnIn) -> object:
    """Register."""
    by, row = actor(request), request.exam
    services.submit(
        exam=row,
        submissions=[_submission(request, body)],
        candidate_ids=[by.candidate_id or 0],
        by=by,
        at=now(row),
    )
    return _own(request)


@router.put("/{exam}/own", response=RegistrationOwnOut, operation_id="registration_edit")
@candidate_api
def edit(request: Request, exam: str, body: EditIn) -> object:
    """Change the registration that has this version."""
    row = request.exam
    services.edit(
        exam=row,
        registration_id=_own(request).id,
        submission=_submission(request, body),
        version=body.version,
        by=actor(request),
        at=now(row),
    )
    return _own(request)


@router.post("/{exam}/own/withdraw", response=RegistrationOwnOut, operation_id="registration_withdraw")
@candidate_api
def withdraw(request: Request, exam: str, body: WithdrawIn) -> object:
    """Withdraw it."""
    row = request.exam
    services.withdraw(
        exam=row,
        registration_id=_own(request).id,
        version=body.version,
        reason=body.reason,
        by=actor(request),
        at=now(row),
    )
    return _own(request)


@router.get("/{exam}/own/needs", response=list[NeedOut], operation_id="registration_own_needs")
@candidate_api
def own_needs(request: Request, exam: str) -> object:
    """Every kind of need and how it stands with one's own registration."""
    return _needs(request, _own(request).id, with_words=True)


@router.post("/{exam}/own/needs", response={201: list[NeedOut]}, operation_id="registration_ask_needs")
@candidate_api
def ask_needs(request: Request, exam: str, body: NeedsIn) -> object:
    """Ask for what one needs at the exam; what was asked for or decided before stays."""
    row, by = request.exam, actor(request)
    own_id = _own(request).id
    services.ask_needs(exam=row, registration_id=own_id, **body.dict(), by=by, at=now(row))
    return _needs(request, own_id, with_words=True)


@router.get(
    "/{exam}/registrations/{registration_id}/needs",
    response=list[DecidedOut],
    operation_id="registration_needs",
)
@office_api("registration:list:read")
def needs(request: Request, exam: str, registration_id: RowId) -> object:
    """What a candidate needs. Note and reason are empty for whoever does not decide."""
    row, by = request.exam, actor(request)
    queries.detail(viewer=by, exam=row, registration_id=registration_id)
    return _needs(request, registration_id, with_words=by.may("registration:need:decide"))


@router.put(
    "/{exam}/registrations/{registration_id}/needs",
    response=list[DecidedOut],
    operation_id="registration_decide_needs",
)
@office_api("registration:need:decide")
def decide_needs(request: Request, exam: str, registration_id: RowId, body: DecidedIn) -> object:
    """Grant and decline; the candidate is told. 409 if more was asked for since."""
    row, by = request.exam, actor(request)
    services.decide_needs(exam=row, registration_id=registration_id, **body.dict(), by=by, at=now(row))
    return _needs(request, registration_id, with_words=True)


@router.get("/{exam}/registrations", response=PageOut, operation_id="registration_list")
@office_api("registration:list:read")
def listing(request: Request, exam: str, asked: Query[Asked]) -> object:
    """Registrations in the office's scope, in id order; `next` is the next page's `after`."""
    filters = Filters(asked.state, asked.category, asked.point, asked.q.strip())
    found = queries.rows(
        viewer=actor(request),
        exam=request.exam,
        filters=filters,
        after=asked.after,
        size=asked.size + 1,
    )
    more = len(found) > asked.size
    rows = found[: asked.size]
    return {"rows": rows, "next": rows[-1].id if more else None}


@router.get("/{exam}/registrations/{registration_id}", response=DetailOut, operation_id="registration_detail")
@office_api("registration:list:read")
def detail(request: Request, exam: str, registration_id: RowId) -> object:
    """One registration; of another office it does not exist."""
    found = queries.detail(
        viewer=actor(request),
        exam=request.exam,
        registration_id=registration_id,
    )
    return {
        "row": found.row,
        "route_facts": found.route_facts,
        "phone_masked": found.phone_masked,
        "photo_doubts": found.photo.judged if found.photo else [],
    }


def _needs(request: Request, registration_id: int, *, with_words: bool) -> list[dict[str, str]]:
    by, exam = actor(request), request.exam
    return [
        {
            "kind": one.kind.code,
            "name_zh": one.kind.name.zh,
            "name_en": one.kind.name.en,
            "state": one.state,
            "note": one.note if with_words else "",
            "reason": one.reason if with_words else "",
        }
        for one in queries.needs(viewer=by, exam=exam, registration_id=registration_id)
    ]


def _own(request: Request) -> RegistrationOwnOut:
    exam = request.exam
    row = queries.own(viewer=actor(request), exam=exam)
    if row is None:
        raise NotPermitted(hidden=True)
    return RegistrationOwnOut(
        number=queries.number_of(exam, row.pk),
        **{name: getattr(row, name) for name in RegistrationOwnOut.model_fields if name != "number"},
    )


def _submission(request: Request, body: OwnIn) -> Submission:
    """What the candidate states; the photo has to be one that they uploaded themself."""
    try:
        files.row(body.photo_sha256, viewer=actor(request))
    except NotPermitted as error:
        raise RuleRefused([Refusal("V5.2.2", "registration_photo_missing", field="photo")]) from error
    return Submission(
        identity=request.candidate.identity,
        document_kind=request.candidate.document_kind,
        country=request.candidate.country,
        **{name: getattr(body, name) for name in OwnIn.model_fields},
    )
