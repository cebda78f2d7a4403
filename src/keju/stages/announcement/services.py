"""Announcing: draft, decide, publish; each region's calendar and page."""

from datetime import datetime

from django.core.exceptions import ValidationError

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam, Opening
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, enforce
from keju.rulebook.words import t
from keju.stages.announcement import events, rules
from keju.stages.announcement.models import Notice, RegionPage, State
from keju.stages.announcement.params import Params


@write("announcement:notice:draft")
def draft(
    *, exam: Exam, title_zh: str, body_zh: str, title_en: str = "", body_en: str = "", by: Actor, at: datetime
) -> Notice:
    """A draft stands, waiting for the committee's decision (V1.2)."""
    notice = Notice.objects.create(
        exam=exam,
        title_zh=title_zh,
        title_en=title_en,
        body_zh=body_zh,
        body_en=body_en,
        drafted_by=by.ref,
        drafted_at=at,
    )
    _record(events.DRAFTED, notice, by, at, ["V1.2"])
    return notice


@write("announcement:notice:decide")
def decide(*, notice_id: int, approve: bool, exception_reason: str = "", by: Actor, at: datetime) -> Notice:
    """The committee decided the draft; `exception_reason` is needed where publishing is already too late (V3.1)."""
    notice = _locked(notice_id, State.DRAFT)
    enforce(rules.check_decided_by_another(notice.drafted_by, by.ref))
    notice.state = State.DECIDED if approve else State.REFUSED
    notice.decided_by, notice.decided_at = by.ref, at
    notice.exception_reason = exception_reason
    notice.save()
    _record(events.DECIDED, notice, by, at, ["V1.1", "V1.2"], approve=approve, exception=exception_reason)
    return notice


@write("announcement:notice:draft")
def publish(*, notice_id: int, by: Actor, at: datetime) -> Notice:
    """Anybody can read the announcement; the duty of V3.1 is done."""
    notice = _locked(notice_id, State.DRAFT, State.DECIDED)
    if notice.state != State.DECIDED:
        enforce([Refusal("V1.2", "announcement_not_decided")])
    exam = notice.exam
    exam_day = exams.milestone(exam, "exam_day")
    if exam_day is None:
        raise ValidationError(str(t("请先设定考试日。", "Set the exam day first.")))
    late = enforce(
        rules.check_published_in_time(at, exam_day, exams.params(exam, Params)),
        reason=notice.exception_reason,
        may_override=True,
    )
    notice.state, notice.published_at = State.PUBLISHED, at
    notice.save()
    if exams.milestone(exam, "announced") is None:
        duties.reach(exam=exam, key="announced", when=at, by=by, at=at)
    duties.discharge(exam=exam, rule="V3.1", owner="committee", evidence=f"notice:{notice.pk}", by=by, at=at)
    _record(events.PUBLISHED, notice, by, at, ["V3.1"], exception=notice.exception_reason if late else "")
    return notice


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
    """The four milestones are set for the nation, or for one region's own calendar; duties follow them."""
    path = path_of(region_code) if region_code else "/"
    _own(by, path)
    exam_day = exams.milestone(exam, "exam_day", path)
    if exam_day is None:
        raise ValidationError(str(t("请先设定考试日。", "Set the exam day first.")))
    enforce(
        rules.check_windows(
            registration_opens, registration_closes, confirmation_opens, confirmation_ends, exam_day
        )
    )
    for opening in _regions_under(exam, region_code):
        enforce(rules.check_region_can_open(opening.leader, str(opening.office.name)))
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
        rules=["V3.3", "V1.4"],
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
    _own(by, path)
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
    Opening.objects.filter(exam=exam, office_id=region_code).update(deferred_reason=reason)
    record(
        events.REGION_DEFERRED,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path_of(region_code),
        data={"reason": reason},
    )


def _regions_under(exam: Exam, region_code: str) -> list[Opening]:
    found = exams.openings(exam, "region")
    return [o for o in found if not region_code or o.office_id == region_code]


def _own(by: Actor, path: str) -> None:
    """A region acts on its own calendar only; another's may not even be known to exist."""
    if not path.startswith(by.office_path):
        raise NotPermitted("announcement:region:publish", hidden=True)


def _locked(notice_id: int, *states: State) -> Notice:
    notice = Notice.objects.select_for_update().select_related("exam").get(pk=notice_id)
    if notice.state not in states:
        raise Stale
    return notice


def _record(kind: str, notice: Notice, by: Actor, at: datetime, clauses: list[str], **data: object) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"notice:{notice.pk}",
        exam=notice.exam.slug,
        office_path=notice.office_path,
        rules=clauses,
        data=data,
    )
