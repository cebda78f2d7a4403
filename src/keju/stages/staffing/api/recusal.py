"""Recusal over the API: declarations, hits and hints; the doors and services of the pages."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Field, Path, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.staffing import queries as staffing
from keju.stages.staffing.api.people import After, Size, router
from keju.stages.staffing.queries import hints, recusal
from keju.stages.staffing.services import hints as hint_services
from keju.stages.staffing.services import recusal as services

Version = Annotated[int, Field(ge=1, lt=2**31)]
Key = Annotated[int, Path(ge=1, lt=2**63)]
Reason = Annotated[str, Field(min_length=1, max_length=300)]


class RelativeOut(Schema):
    """A relative as the home office sees one."""

    relation: str
    name: str
    identity_masked: str


class DeclarationOut(Schema):
    number: int
    nobody: bool
    way: str
    made_at: datetime
    by: str
    relatives: list[RelativeOut]


class HitOut(Schema):
    """`state`: "open", "upheld" or "released"; `sits`: whether the candidate's registration stands."""

    id: int
    version: int
    state: str
    cause: str
    member_id: int
    member: str
    relation: str
    sits: bool
    posts: list[tuple[str, str]]
    reported_at: datetime | None


class HitDecisionIn(Schema):
    version: Version
    outcome: Literal["upheld", "mistaken", "ended", "withdrawn"]
    reason: Reason


class HintOut(Schema):
    """A question, which bars nobody: `kind` "phone", "address" or "employer", shared with `count` candidates."""

    id: int
    version: int
    kind: str
    count: int
    open: bool
    member_id: int
    member: str
    found_at: datetime


class HintAnswerIn(Schema):
    version: Version
    related: bool
    reason: Reason


class RecheckedOut(Schema):
    found: int


@router.get(
    "/{exam}/members/{member}/declarations",
    response=list[DeclarationOut],
    operation_id="staffing_declarations",
)
@office_api("staffing:people:read")
def declarations(request: Request, exam: str, member: Key) -> object:
    """What a member declared for the exam, newest first; the relatives only for the home office and above."""
    staffing.member(member, viewer=actor(request))
    return [
        DeclarationOut(
            number=d.row.number, nobody=d.row.nobody, way=d.row.way, made_at=d.row.made_at, by=d.by,
            relatives=[
                RelativeOut(relation=str(r.relation), name=r.name, identity_masked=r.identity_masked)
                for r in d.relatives
            ],
        )
        for d in recusal.declarations(request.exam, member)
    ]  # fmt: skip


@router.get("/{exam}/recusal/hits", response=list[HitOut], operation_id="staffing_hits")
@office_api("staffing:people:read")
def hits(
    request: Request,
    exam: str,
    state: Literal["", "open", "upheld", "released"] = "open",
    after: After = 0,
    size: Size = 50,
) -> object:
    """Hits of the viewer's offices in id order after `after`; state "" for all."""
    found = recusal.hits(viewer=actor(request), exam=request.exam, state=state, after=after, size=size)
    return [_hit(row) for row in found]


@router.post("/{exam}/recusal/hits/{hit}/decision", response=HitOut, operation_id="staffing_hit_decide")
@office_api("staffing:recusal:decide")
def decide(request: Request, exam: str, hit: Key, body: HitDecisionIn) -> object:
    """The hit bars, or is released for the cause; decided by somebody above."""
    here, by, uphold = request.exam, actor(request), body.outcome == "upheld"
    services.decide_hit(
        exam=here, hit_id=hit, version=body.version, uphold=uphold, cause="" if uphold else body.outcome,
        reason=body.reason, by=by, at=now(here),
    )  # fmt: skip
    return _hit(recusal.hit(viewer=by, exam=here, hit_id=hit))


@router.post("/{exam}/recusal/recheck", response=RecheckedOut, operation_id="staffing_recheck")
@office_api("staffing:people:edit")
def recheck(request: Request, exam: str) -> object:
    """Everybody is compared with everybody once more; how many hits nobody had found."""
    return {"found": services.recheck(exam=request.exam, by=actor(request), at=now(request.exam))}


@router.get("/{exam}/recusal/hints", response=list[HintOut], operation_id="staffing_hints")
@office_api("staffing:people:read")
def all_hints(
    request: Request, exam: str, open_only: bool = True, after: After = 0, size: Size = 50
) -> object:
    """Hints of the viewer's offices in id order after `after`."""
    return hints.hints(viewer=actor(request), exam=request.exam, open_only=open_only, after=after, size=size)


@router.post("/{exam}/recusal/hints/{hint}/answer", response=HintOut, operation_id="staffing_hint_answer")
@office_api("staffing:appointment:make")
def answer(request: Request, exam: str, hint: Key, body: HintAnswerIn) -> object:
    """What was found about the hint."""
    here, by = request.exam, actor(request)
    hint_services.answer_hint(exam=here, hint_id=hint, **body.dict(), by=by, at=now(here))
    return hints.hint(viewer=by, exam=here, hint_id=hint)


def _hit(row: recusal.HitRow) -> HitOut:
    return HitOut(
        id=row.id, version=row.version, state=row.state, cause=row.cause, member_id=row.member_id,
        member=row.member, relation=str(row.relation), sits=row.sits, posts=list(row.posts),
        reported_at=row.reported_at,
    )  # fmt: skip
