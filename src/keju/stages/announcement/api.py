"""The announcement over the API."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import actor, office_api, public_api
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


@router.get("/{exam}/notices", response=list[NoticeOut], operation_id="announcement_published")
@public_api
def published(request: HttpRequest, exam: str) -> object:
    """Published announcements, newest first."""
    return list(queries.published(request.exam))


@router.get("/{exam}/windows", response=WindowsOut, operation_id="announcement_windows")
@public_api
def windows(request: HttpRequest, exam: str) -> object:
    """The nation's registration periods."""
    return queries.windows(request.exam)


@router.post("/{exam}/notices", response={201: NoticeOut}, operation_id="announcement_draft")
@office_api("announcement:notice:draft")
def draft(request: HttpRequest, exam: str, body: NoticeIn) -> object:
    """Draft an announcement."""
    return services.draft(exam=request.exam, **body.dict(), by=actor(request), at=now(request.exam))
