"""Each region's calendar and page; regions that run later by decision."""

from collections.abc import Iterator
from datetime import datetime

from django.core.exceptions import ValidationError

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.clearing import against_opening
from keju.kernel.exams.models import Exam, Opening
from keju.kernel.offices import Actor
from keju.kernel.offices.models import Kind
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, enforce
from keju.rulebook.words import t
from keju.stages.announcement import events, rules
from keju.stages.announcement.models import RegionPage


@write("exams:opening:set")
def set_windows(
    *,
    exam: Exam,
    registration_opens: datetime,
    registration_closes: datetime,
    confirmation_opens: datetime,
    confirmation_ends: datetime,
    region_code: str = "",
    by: Actor,
    at: datetime,
) -> None:
    """The four milestones are set for the nation, or for one region's own calendar; duties follow them.

    A region is refused while somebody who is to review there is not trained (V4.1).
    """
    path = path_of(region_code) if region_code else "/"
    own_only(by, path)
    exam_day = exams.milestone(exam, "exam_day", path)
    if exam_day is None:
        raise ValidationError(str(t("请先设定考试日。", "Set the exam day first.")))
    enforce(
        rules.check_windows(
            registration_opens, registration_closes, confirmation_opens, confirmation_ends, exam_day
        )
    )
    enforce(_leaderless(exam, path))
    if region_code:
        enforce(against_opening(exam, path, at.date()))
    for key, when in (
        ("registration_opens", registration_opens),
        ("registration_closes", registration_closes),
        ("confirmation_opens", confirmation_opens),
        ("confirmation_ends", confirmation_ends),
    ):
        duties.reach(exam=exam, key=key, when=when, office_path=path, by=by, at=at)
    record(
        events.WINDOWS_SET,
        by=by,
        at=at,
        subject=f"windows:{region_code or 'nation'}",
        exam=exam.slug,
        office_path=path,
        rules=["V3.3", "V1.4", "V1.6"],
        data={"opens": registration_opens, "closes": registration_closes, "ends": confirmation_ends},
    )


@write("announcement:region:publish")
def publish_region(
    *,
    exam: Exam,
    region_code: str,
    requirements_zh: str,
    requirements_en: str = "",
    other_media: str = "",
    by: Actor,
    at: datetime,
) -> RegionPage:
    """The region's public page says this (V3.3); `other_media` names where else it was published and the evidence."""
    path = path_of(region_code)
    own_only(by, path)
    page, _ = RegionPage.objects.update_or_create(
        exam=exam,
        region_code=region_code,
        defaults={
            "office_path": path,
            "requirements_zh": requirements_zh,
            "requirements_en": requirements_en,
            "other_media": other_media,
            "published_at": at,
        },
    )
    record(
        events.REGION_PUBLISHED,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path,
        rules=["V3.3"],
    )
    return page


@write("exams:exam:manage")
def defer_region(*, exam: Exam, region_code: str, reason: str, by: Actor, at: datetime) -> None:
    """By the centre's reasoned decision the region runs on its own later calendar; national gates do not wait for it.

    See the ADR on deferred regions: real exams were postponed for regions struck by earthquake or flood.
    """
    if not reason.strip():
        raise ValidationError(str(t("请写明延期理由。", "State the reason for the deferral.")))
    if not exams.openings(exam, "region").filter(office_id=region_code).update(deferred_reason=reason):
        raise Opening.DoesNotExist
    record(
        events.REGION_DEFERRED,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path_of(region_code),
        data={"reason": reason},
    )


def _leaderless(exam: Exam, path: str) -> Iterator[Refusal]:
    """Every office below that takes part, regions before their points."""
    for opening in exams.openings(exam).filter(office_path__startswith=path):
        name = str(opening.office.name)
        if opening.office.kind == Kind.REGION:
            yield from rules.check_region_can_open(opening.leader, name)
        else:
            yield from rules.check_point_can_open(opening.leader, name)


def own_only(by: Actor, path: str) -> None:
    """A region acts on its own calendar only; another's may not even be known to exist."""
    if not path.startswith(by.office_path):
        raise NotPermitted("announcement:region:publish", hidden=True)
