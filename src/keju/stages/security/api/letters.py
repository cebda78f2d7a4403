"""Letters of responsibility, the matrix and implementation plans over the API."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpResponse, JsonResponse
from ninja import Field, Query, Router, Schema

from keju.kernel.approvals.forms import WRONG
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.rulebook.words import t
from keju.stages.security.queries import letters as queries
from keju.stages.security.queries import planning as plans
from keju.stages.security.services import letters as services
from keju.stages.security.services import planning

router = Router(tags=["security"])
READ, MAKE, SIGN = "security:record:read", "security:plan:make", "security:letter:sign"
Id = Annotated[int, Field(ge=0, lt=2**62)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Code = Annotated[str, Field(min_length=1, max_length=16)]
NOT_SIGNED = t("没有签署", "Not signed")


class LetterOut(Schema):
    """`above_at`, `below_at`: when each side signed; `content_hash`: what they signed."""

    id: int
    code: str
    rule: str
    office_code: str
    above_code: str
    post: str
    holder_name: str
    version: int
    content_hash: str
    above_at: datetime | None
    below_at: datetime | None
    ended_at: datetime | None


class LettersAsked(Schema):
    state: Literal["", "above", "below", "signed", "ended"] = ""
    after: Id = 0
    size: Annotated[int, Field(ge=1, le=500)] = 100


class LettersMadeOut(Schema):
    made: int
    ended: int


class SignAboveIn(Schema):
    """`seen`: the fingerprint of the list, from `letters/mine`."""

    seen: Hash
    code: Code


class LettersMineOut(Schema):
    seen: str
    letters: list[LetterOut]


class SignBelowIn(Schema):
    content_hash: Hash
    code: Code


class LettersSignedOut(Schema):
    count: int


class MatrixLineOut(Schema):
    rule: str
    task: str
    names: list[str]


class MatrixOut(Schema):
    office_code: str
    first: str
    direct: str
    lines: list[MatrixLineOut]


class SecurityPlanOut(Schema):
    id: int
    office_code: str
    number: int
    title: str
    state: str
    content_hash: str
    approved_at: datetime | None
    version: int


class SecurityPlanIn(Schema):
    title: Annotated[str, Field(max_length=120)]
    text: Annotated[str, Field(max_length=20_000)]
    version: Id = 0


class SecurityPlanVersionIn(Schema):
    version: Id


@router.get("/{exam}/letters", response=list[LetterOut], operation_id="security_letters")
@office_api(READ)
def letters(request: Request, exam: str, asked: Query[LettersAsked]) -> object:
    """The letters of the caller's offices, in the order in which they were made."""
    path = actor(request).office_path
    return queries.letters(request.exam, path, state=asked.state, after=asked.after, size=asked.size)


@router.post("/{exam}/letters", response=LettersMadeOut, operation_id="security_letters_make")
@office_api(MAKE)
def make(request: Request, exam: str) -> object:
    """Every holder of a key post under the caller's office has a letter; those of others have ended."""
    row, by = request.exam, actor(request)
    return services.make_letters(exam=row, path=by.office_path, by=by, at=now(row))


@router.get("/{exam}/letters/mine", response=LettersMineOut, operation_id="security_letters_mine")
@office_api(SIGN)
def mine(request: Request, exam: str) -> object:
    """What waits for the caller's signature as leader above."""
    rows = list(queries.for_me(request.exam, actor(request)))
    return {"seen": queries.bound(rows), "letters": rows}


@router.post("/{exam}/letters/mine", response=LettersSignedOut, operation_id="security_letters_sign")
@office_api(SIGN)
def sign_above(request: Request, exam: str, body: SignAboveIn) -> object:
    """All of them signed with the caller's second factor; 422 if the code does not prove the caller."""
    row, by = request.exam, actor(request)
    ids = [r.pk for r in queries.for_me(row, by)]
    count = services.sign_above(exam=row, letter_ids=ids, seen=body.seen, code=body.code, by=by, at=now(row))
    return _unproved() if count is None else {"count": count}


@router.post(
    "/{exam}/letters/{number}/below", response=LettersSignedOut, operation_id="security_letter_below"
)
@office_api(READ)
def sign_below(request: Request, exam: str, number: Id, body: SignBelowIn) -> object:
    """The holder signs with the own code; 422 if it does not prove the holder."""
    row, by = request.exam, actor(request)
    found = queries.letter(row, number, viewer=by)
    proved = services.sign_below(
        exam=row, letter_id=found.pk, content_hash=body.content_hash, code=body.code, by=by, at=now(row)
    )
    return {"count": 1} if proved else _unproved()


@router.get("/{exam}/matrix/{office_code}", response=MatrixOut, operation_id="security_matrix")
@office_api(READ)
def matrix(
    request: Request, exam: str, office_code: Annotated[str, Field(pattern=r"^[0-9]{2}([0-9]{2})?$")]
) -> object:
    """Who is first and directly responsible at a region or point, and who answers for which task."""
    found = queries.matrix_seen(request.exam, office_code, viewer=actor(request))
    who = found.responsible
    return {
        "office_code": office_code,
        "first": who.first if who else "",
        "direct": who.direct if who else "",
        "lines": [
            {"rule": one.task.rule, "task": str(one.task.words), "names": list(one.names)}
            for one in found.lines
        ],
    }


@router.get("/{exam}/plans", response=list[SecurityPlanOut], operation_id="security_plans")
@office_api(READ)
def listed(request: Request, exam: str) -> object:
    """The implementation plans of the caller's offices, 500 at most."""
    return list(plans.plans(request.exam, actor(request).office_path)[:500])


@router.post("/{exam}/plans", response=SecurityPlanOut, operation_id="security_plan_save")
@office_api(MAKE)
def save(request: Request, exam: str, body: SecurityPlanIn) -> object:
    """The plan in work of the caller's office says this; `version` 0 begins one."""
    row, by = request.exam, actor(request)
    kept = plans.in_work(row, by.office_code)
    file = kept.file if kept else ""
    return planning.save_plan(exam=row, **body.dict(), file=file, by=by, at=now(row))


@router.post("/{exam}/plans/{number}/propose", response=SecurityPlanOut, operation_id="security_plan_propose")
@office_api(MAKE)
def propose(request: Request, exam: str, number: Id, body: SecurityPlanVersionIn) -> object:
    """It waits for its leader's signature, as a proposal of the approvals."""
    row, by = request.exam, actor(request)
    planning.propose_plan(exam=row, plan_id=number, version=body.version, by=by, at=now(row))
    return plans.plan(row, number, viewer=by)


def _unproved() -> HttpResponse:
    """Said without raising: the wrong try stays counted."""
    reason = {"rule": "", "field": "code", "text": str(WRONG)}
    body = {"type": "about:blank", "title": str(NOT_SIGNED), "status": 422, "reasons": [reason]}
    return JsonResponse(body, status=422, content_type="application/problem+json")
