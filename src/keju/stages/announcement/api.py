"""The announcement over the API."""

from datetime import date, datetime

from ninja import Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api, public_api
from keju.stages.announcement import queries, services

router = Router(tags=["announcement"])


class NoticeOut(Schema):
    id: int
    state: str
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    published_at: datetime | None


class NoticeIn(Schema):
    title_zh: str
    body_zh: str
    title_en: str = ""
    body_en: str = ""


class WindowsOut(Schema):
    registration_opens: datetime | None
    registration_closes: datetime | None
    confirmation_opens: datetime | None
    confirmation_ends: datetime | None


class PublicationOut(Schema):
    medium: str
    title: str
    published_on: date
    link: str


class AnswerOut(Schema):
    id: int
    region_code: str
    question_zh: str
    question_en: str
    answer_zh: str
    answer_en: str
    version: int


class AnswerIn(Schema):
    question_zh: str
    answer_zh: str
    question_en: str = ""
    answer_en: str = ""


@router.get("/{exam}/notices", response=list[NoticeOut], operation_id="announcement_published")
@public_api
def published(request: Request, exam: str) -> object:
    """Published announcements, newest first."""
    return list(queries.published(request.exam))


@router.get("/{exam}/windows", response=WindowsOut, operation_id="announcement_windows")
@public_api
def windows(request: Request, exam: str) -> object:
    """The nation's registration periods."""
    return queries.windows(request.exam)


@router.post("/{exam}/notices", response={201: NoticeOut}, operation_id="announcement_draft")
@office_api("announcement:notice:draft")
def draft(request: Request, exam: str, body: NoticeIn) -> object:
    """Draft an announcement."""
    return services.draft(exam=request.exam, **body.dict(), by=actor(request), at=now(request.exam))


@router.get(
    "/{exam}/regions/{region}/publications",
    response=list[PublicationOut],
    operation_id="announcement_publications",
)
@public_api
def publications(request: Request, exam: str, region: str) -> object:
    """Where else the region published its dates, places and requirements."""
    return list(queries.publications(request.exam, region).filter(struck_at=None))


@router.get("/{exam}/answers", response=list[AnswerOut], operation_id="announcement_answers")
@public_api
def answers(request: Request, exam: str) -> object:
    """What the regions answer to their candidates."""
    return list(queries.answers(request.exam))


@router.post("/{exam}/answers", response={201: AnswerOut}, operation_id="announcement_answer_say")
@office_api("announcement:region:publish")
def say_answer(request: Request, exam: str, body: AnswerIn) -> object:
    """Publish a question with the answer of one's own region."""
    by = actor(request)
    return services.say_answer(
        exam=request.exam, region_code=by.region_code, **body.dict(), by=by, at=now(request.exam)
    )
