"""The announcement itself: drafted, decided, published."""

from datetime import datetime

from django.core.exceptions import ValidationError

from keju.kernel.audit import Stale, record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices import services as post
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, enforce
from keju.rulebook.words import t
from keju.stages.announcement import events, rules
from keju.stages.announcement.models import Notice, State
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
    told = _tell_regions(notice, by, at)
    exception = notice.exception_reason if late else ""
    _record(events.PUBLISHED, notice, by, at, ["V3.1", "V3.2"], exception=exception, regions_told=told)
    return notice


def _tell_regions(notice: Notice, by: Actor, at: datetime) -> int:
    """Every region that takes part has the announcement in its post, to be acknowledged and handed on to its points."""
    regions = [o.office_id for o in exams.openings(notice.exam, "region")]
    if regions:
        post.deliver(
            exam=notice.exam,
            title=notice.title,
            body=notice.body,
            to=regions,
            kind="announcement",
            by=by,
            at=at,
        )
    return len(regions)


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
