"""An exam comes into being."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError

from keju.kernel.audit import record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams import services as making
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import NotInForce, programme_codes
from keju.rulebook.words import t
from keju.stages.announcement import events
from keju.stages.announcement.params import Params


@write("exams:exam:manage")
def found_exam(
    *,
    programme: str,
    year: int,
    exam_day: date,
    rules_as_of: date,
    is_rehearsal: bool,
    slug: str = "",
    clock_shift: timedelta = timedelta(),
    by: Actor,
    at: datetime,
) -> Exam:
    """The exam stands, and its first and last moment are known: duties counted from them are open.

    `slug` is its name in addresses; without one, "veterinarian-2027", of rehearsals "veterinarian-2027-rehearsal-1".
    """
    _check(programme, year, exam_day, is_rehearsal, at)
    exam = making.make(
        slug=slug or _slug(programme, year, is_rehearsal),
        programme=programme,
        year=year,
        exam_day=exam_day,
        rules_as_of=rules_as_of,
        is_rehearsal=is_rehearsal,
        clock_shift=clock_shift,
        by=by,
        at=at,
    )
    _check_law(exam)
    sittings = exams.sessions(exam)
    first, last = min(s.starts_at for s in sittings), max(s.ends_at for s in sittings)
    for key, when in (("exam_day", first), ("exam_ends", last)):
        duties.reach(exam=exam, key=key, when=when, by=by, at=at)
    record(
        events.FOUNDED,
        by=by,
        at=at,
        subject=f"exam:{exam.slug}",
        exam=exam.slug,
        office_path="/",
        data={"exam_day": first, "exam_ends": last, "rehearsal": is_rehearsal},
    )
    return exam


def _check(programme: str, year: int, exam_day: date, is_rehearsal: bool, at: datetime) -> None:
    if programme not in programme_codes():
        raise ValidationError(str(t("没有这个考试项目。", "There is no such programme.")))
    if exam_day.year != year:
        raise ValidationError(
            str(t("考试日必须在考试年度之内。", "The exam day must lie in the year of the exam."))
        )
    if is_rehearsal:
        return
    if exam_day <= at.date():
        raise ValidationError(
            str(t("考试日已过，请另选一天。", "That day has passed; choose a later exam day."))
        )
    if any(e.programme == programme and e.year == year and not e.is_rehearsal for e in exams.exams()):
        raise ValidationError(
            str(
                t(
                    "这一年度的正式考试已经建立，每年只能有一次；需要练习时请建立演练。",
                    "This year's exam exists already, and there is one a year. To practise, set up a rehearsal.",
                )
            )
        )


def _check_law(exam: Exam) -> None:
    try:
        exams.params(exam, Params)
    except NotInForce as error:
        raise ValidationError(
            str(error.words.format(name=error.name, as_of=error.as_of, first=error.first))
        ) from error


def _slug(programme: str, year: int, is_rehearsal: bool) -> str:
    if not is_rehearsal:
        return f"{programme}-{year}"
    taken = {e.slug for e in exams.exams()}
    serial = 1
    while (slug := f"{programme}-{year}-rehearsal-{serial}") in taken:
        serial += 1
    return slug
