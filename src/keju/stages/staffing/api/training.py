"""Training over the API: courses and attendance, who lacks what, one's own standing, handbooks."""

from datetime import datetime
from typing import Annotated

from ninja import Field, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.staffing.api.people import Id, router
from keju.stages.staffing.queries import training as queries
from keju.stages.staffing.services import training as services

Code = Annotated[str, Field(max_length=40)]
HOLD, OWN = "staffing:training:hold", "notices:notice:read"


class CourseIn(Schema):
    """`about`: the code of a host point makes it a rehearsal of the exam there."""

    modules: Annotated[list[Code], Field(min_length=1, max_length=20)]
    place: Annotated[str, Field(min_length=1, max_length=200)]
    trainer: Annotated[str, Field(min_length=1, max_length=80)]
    starts_at: datetime
    ends_at: datetime
    about: Annotated[str, Field(max_length=7)] = ""


class CourseOut(Schema):
    """`handbooks`: [code, version, SHA-256] of each version that the course goes by."""

    id: int
    kind: str
    office_code: str
    about: str
    modules: list[str]
    handbooks: list[list[str | int]]
    place: str
    trainer: str
    starts_at: datetime
    ends_at: datetime
    state: str
    invited: int
    attended: int


class AttendeesIn(Schema):
    """Numbers of the attendance list."""

    attendees: Annotated[list[Id], Field(max_length=5000)]


class CodeIn(Schema):
    code: Annotated[str, Field(max_length=12)]


class TraineeOut(Schema):
    person_id: int
    name: str
    office_code: str
    needed: list[str]
    lacking: list[str]


class ModuleOut(Schema):
    module: str
    attended: bool
    tries: int
    left: int
    pledged: bool
    passed: bool


class HandbookOut(Schema):
    """The current version of a handbook; 0 while none is approved."""

    code: str
    version: int
    sha256: str


class TrainingDone(Schema):
    count: int


@router.get("/{exam}/training/courses", response=list[CourseOut], operation_id="training_courses")
@office_api(HOLD)
def courses(request: Request, exam: str) -> object:
    """The newest courses of the viewer's offices."""
    lines, _ = queries.courses(request.exam, viewer=actor(request))
    return [_told(line.course, line.invited, line.attended) for line in lines]


@router.post("/{exam}/training/courses", response={201: CourseOut}, operation_id="training_plan")
@office_api(HOLD)
def plan(request: Request, exam: str, body: CourseIn) -> object:
    """Plan a course of the actor's office; it cites the approved handbooks (V4.2)."""
    by, at = actor(request), now(request.exam)
    made = services.plan_course(exam=request.exam, **body.dict(), by=by, at=at)
    return _told(made, 0, 0)


@router.post(
    "/{exam}/training/courses/{course_id}/invite", response=TrainingDone, operation_id="training_invite"
)
@office_api(HOLD)
def invite(request: Request, exam: str, course_id: Id) -> object:
    """Invite everybody below who lacks what is taught; how many are new."""
    by, at = actor(request), now(request.exam)
    return {"count": services.invite(exam=request.exam, course_id=course_id, by=by, at=at)}


@router.post(
    "/{exam}/training/courses/{course_id}/attendance",
    response=TrainingDone,
    operation_id="training_attendance",
)
@office_api(HOLD)
def attendance(request: Request, exam: str, course_id: Id, body: AttendeesIn) -> object:
    """These were there; how many are new. Scans are added on the page."""
    by, at = actor(request), now(request.exam)
    ids = body.attendees
    count = services.enter_attendance(exam=request.exam, course_id=course_id, attendee_ids=ids, by=by, at=at)
    return {"count": count}


@router.post(
    "/{exam}/training/courses/{course_id}/attend", response=TrainingDone, operation_id="training_attend"
)
@office_api(OWN)
def attend(request: Request, exam: str, course_id: Id, body: CodeIn) -> object:
    """One's own attendance, by the code on the wall."""
    by, at = actor(request), now(request.exam)
    services.attend(exam=request.exam, course_id=course_id, code=body.code, by=by, at=at)
    return {"count": 1}


@router.get("/{exam}/training/lacking", response=list[TraineeOut], operation_id="training_lacking")
@office_api("staffing:people:read")
def lacking(request: Request, exam: str) -> object:
    """Who at the viewer's offices has not passed what post or role needs (no training, no duty)."""
    return queries.untrained(request.exam, actor(request).office_path, now(request.exam))


@router.get("/{exam}/training/own", response=list[ModuleOut], operation_id="training_own")
@office_api(OWN)
def own(request: Request, exam: str) -> object:
    """How the modules that one needs stand."""
    here, person, at = request.exam, actor(request).person_id or 0, now(request.exam)
    found = queries.standings(here, person, queries.needed(here, person, at))
    return [
        {
            "module": s.module.code,
            "attended": s.attended,
            "tries": len(s.tries),
            "left": s.left,
            "pledged": s.pledged,
            "passed": s.passed,
        }
        for s in found
    ]


@router.get("/{exam}/training/handbooks", response=list[HandbookOut], operation_id="training_handbooks")
@office_api(OWN)
def handbooks(request: Request, exam: str) -> object:
    """The current version of every handbook (V4.4)."""
    found = queries.shelves(request.exam)
    return [
        {
            "code": shelf.handbook.code,
            "version": shelf.current.version if shelf.current else 0,
            "sha256": shelf.current.sha if shelf.current else "",
        }
        for shelf in found
    ]


def _told(course: object, invited: int, attended: int) -> dict[str, object]:
    names = (
        "kind",
        "office_code",
        "about",
        "modules",
        "handbooks",
        "place",
        "trainer",
        "starts_at",
        "ends_at",
        "state",
    )
    facts = {name: getattr(course, name) for name in names}
    return {"id": course.pk, **facts, "invited": invited, "attended": attended}  # type: ignore[attr-defined]
