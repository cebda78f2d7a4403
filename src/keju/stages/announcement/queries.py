"""Reading announcements and the calendar that regions publish."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.announcement import rules
from keju.stages.announcement.models import Notice, RegionPage, State
from keju.stages.announcement.params import Params


@dataclass(frozen=True)
class Windows:
    """The registration periods as they hold for an office; None where not yet set."""

    registration_opens: datetime | None
    registration_closes: datetime | None
    confirmation_opens: datetime | None
    confirmation_ends: datetime | None

    def registration_open(self, at: datetime) -> bool:
        return _within(at, self.registration_opens, self.registration_closes)

    def confirmation_open(self, at: datetime) -> bool:
        return _within(at, self.confirmation_opens, self.confirmation_ends)


def windows(exam: Exam, office_path: str = "/") -> Windows:
    """The periods for an office: its own region's calendar where one is set, else the nation's."""
    known = exams.milestones(exam, office_path)
    return Windows(
        known.get("registration_opens"),
        known.get("registration_closes"),
        known.get("confirmation_opens"),
        known.get("confirmation_ends"),
    )


def published(exam: Exam) -> QuerySet[Notice]:
    """What the public reads, newest first."""
    return Notice.objects.filter(exam=exam, state=State.PUBLISHED)


def notices(exam: Exam, *, viewer: Actor) -> QuerySet[Notice]:
    """Every announcement that the viewer's office may read, drafts included at the national bodies."""
    return Notice.objects.filter(exam=exam)


def notice(exam: Exam, notice_id: int) -> Notice:
    """One announcement within the viewer's scope; `Notice.DoesNotExist` otherwise."""
    return Notice.objects.get(exam=exam, pk=notice_id)


def region_page(exam: Exam, region_code: str) -> RegionPage | None:
    return RegionPage.objects.filter(exam=exam, region_code=region_code).first()


def region_pages(exam: Exam) -> QuerySet[RegionPage]:
    return RegionPage.objects.filter(exam=exam).order_by("region_code")


def publishing_due(exam: Exam) -> datetime | None:
    """The last moment of V3.1, once the exam day is known."""
    day = exams.milestone(exam, "exam_day")
    return None if day is None else rules.announcement_due(day, exams.params(exam, Params))


def _within(at: datetime, start: datetime | None, end: datetime | None) -> bool:
    return start is not None and end is not None and start <= at < end
