"""Courses, rehearsals of the exam, invitations and attendance (V4.1)."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files import scans
from keju.kernel.files.services import store
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import insert_rows
from keju.rulebook import enforce
from keju.stages.staffing import events
from keju.stages.staffing.models import Attendee, Course, CourseState
from keju.stages.staffing.params import Params
from keju.stages.staffing.queries import courses, handbooks, trained
from keju.stages.staffing.queries.handbooks import NATION
from keju.stages.staffing.rules.training import check_attending, check_course, check_entry, check_level
from keju.stages.venues import queries as venues

INVITED = (
    "course_id",
    "exam_id",
    "person_id",
    "office_path",
    "invited_by",
    "invited_at",
    "way",
    "scan",
    "entered_by",
)


@write("staffing:training:hold")
def plan_course(
    *,
    exam: Exam,
    modules: Sequence[str],
    place: str,
    trainer: str,
    starts_at: datetime,
    ends_at: datetime,
    about: str = "",
    by: Actor,
    at: datetime,
) -> Course:
    """A course of the actor's office stands, citing the approved versions of the handbooks that it goes by (V4.2).

    `about`: a host point's code makes it a rehearsal of the exam there. Refused without an approved handbook.
    """
    teaching = exams.programme(exam).teaching
    known = {module.code: module.handbook for module in teaching.modules}
    approved = handbooks.approved(exam)
    names = {handbook.code: handbook.name for handbook in teaching.handbooks}
    enforce(check_course(modules, known, approved, names, starts_at, ends_at))
    if about and about not in hosts(exam, by.office_path):
        raise NotPermitted(hidden=True)
    cited = [approved[code] for code in sorted({known[m] for m in modules})]
    course = Course.objects.create(
        exam=exam,
        office_path=by.office_path,
        office_code=by.office_code,
        kind=Course.REHEARSAL if about else Course.TRAINING,
        about=about,
        modules=[module.code for module in teaching.modules if module.code in modules],
        handbooks=[[row.code, row.version, row.sha] for row in cited],
        place=place.strip(),
        trainer=trainer.strip(),
        starts_at=starts_at,
        ends_at=ends_at,
        secret=secrets.token_hex(20),
        made_by=by.ref,
        made_at=at,
    )
    facts = {"modules": course.modules, "handbooks": course.handbooks, "about": about, "starts_at": starts_at}
    _event(events.COURSE_PLANNED, course, by, at, facts)
    return course


@write("staffing:training:hold")
def invite(
    *, exam: Exam, course_id: int, person_ids: Collection[int] | None = None, by: Actor, at: datetime
) -> int:
    """These people are invited, or (None) everybody else below who lacks one of the course's modules. Who is already stays.

    Refused for somebody whom this office does not train (V4.1). Returns how many are new.
    """
    course = _own(exam, course_id, by)
    enforce(check_entry(began=True, is_cancelled=course.state == CourseState.CANCELLED, starts_at=at))
    known = trained.trainable(exam, course.office_path, at)
    if person_ids is None:
        needy = [one for one in known.values() if set(one.lacking) & set(course.modules)]
        wanted = [one for one in needy if one.person_id != by.person_id]
    else:
        strange = sorted(set(person_ids) - set(known))
        enforce(check_level(not strange, "、".join(f"#{pk}" for pk in strange)))
        wanted = [known[pk] for pk in person_ids]
    rows = [
        (course.pk, exam.pk, one.person_id, one.office_path, by.ref, at, "", "", "")
        for one in sorted(wanted, key=lambda one: one.person_id)
    ]
    added = insert_rows("staffing_attendee", INVITED, rows, on_conflict="DO NOTHING")
    _event(events.COURSE_INVITED, course, by, at, {"invited": len(rows), "new": added})
    return added


@write("staffing:training:hold")
def enter_attendance(
    *,
    exam: Exam,
    course_id: int,
    attendee_ids: Collection[int],
    way: str = "list",
    scan: bytes = b"",
    by: Actor,
    at: datetime,
) -> int:
    """These of the invited were there: by the trainer's list, a sheet, or a scan of the signed list, which is kept.

    Only of a course that has begun. Who was entered before keeps it. Returns how many are new.
    """
    course = _own(exam, course_id, by)
    _enterable(course, at)
    kept = ""
    if scan:
        page = scans.prepare(scan)
        kept = store(
            data=page.data, name=f"course-{course.pk}", content_type=page.content_type,
            office_path=course.office_path, by=by, at=at,
        )  # fmt: skip
    facts = {"attended_at": at, "way": "scan" if kept else way, "scan": kept, "entered_by": by.ref}
    rows = Attendee.objects.filter(course=course, pk__among=list(attendee_ids), attended_at=None)
    with acting(NATION):
        new = rows.update(**facts)
    _event(events.COURSE_ATTENDED, course, by, at, {"new": new, "way": facts["way"], "scan": kept})
    return new


@write(None)
def attend(*, exam: Exam, course_id: int, code: str, by: Actor, at: datetime) -> None:
    """The person was there, by the code on the wall. Refused for who is not invited, too late, or for a wrong code."""
    with acting(NATION):
        course = Course.objects.filter(exam=exam, pk=course_id).first()
        own = Attendee.objects.filter(course=course_id, exam=exam, person_id=by.person_id).first()
        if course is None or by.person_id is None:
            raise NotPermitted(hidden=True)
        is_invited = own is not None and course.state != CourseState.CANCELLED
        enforce(check_attending(courses.wall(course, exam), code, is_invited=is_invited, at=at))
        new = Attendee.objects.filter(course=course, person_id=by.person_id, attended_at=None).update(
            attended_at=at, way="code", entered_by=by.ref
        )
    _event(events.COURSE_ATTENDED, course, by, at, {"new": new, "way": "code", "person": by.person_id})


@write("staffing:training:hold")
def hold_course(*, exam: Exam, course_id: int, note: str = "", seen: int, by: Actor, at: datetime) -> Course:
    """The course took place; of a rehearsal `note` says how it went and what is to be mended."""
    course = _own(exam, course_id, by)
    _enterable(course, at)
    return _end(course, CourseState.HELD, note, seen, by, at)


@write("staffing:training:hold")
def cancel_course(*, exam: Exam, course_id: int, note: str, seen: int, by: Actor, at: datetime) -> Course:
    """The course does not take place, for this reason; who was entered does not count."""
    return _end(_own(exam, course_id, by), CourseState.CANCELLED, note, seen, by, at)


def hosts(exam: Exam, path: str) -> set[str]:
    """Codes of the host points at and under the path."""
    return {code for code in venues.hosts(exam) if f"/{code[:2]}/{code}/".startswith(path)}


def _end(course: Course, state: CourseState, note: str, seen: int, by: Actor, at: datetime) -> Course:
    if course.version != seen or course.state != CourseState.PLANNED:
        raise Stale
    course.state, course.note, course.decided_at = state, note.strip(), at
    course.version += 1
    course.save()
    kind = events.COURSE_HELD if state == CourseState.HELD else events.COURSE_CANCELLED
    _event(kind, course, by, at, {"kind": course.kind, "about": course.about})
    return course


def _own(exam: Exam, course_id: int, by: Actor) -> Course:
    """The office's own course, locked; another's does not exist for it."""
    found = Course.objects.select_for_update().filter(exam=exam, pk=course_id).first()
    if found is None or not found.office_path.startswith(by.office_path or "-"):
        raise NotPermitted(hidden=True)
    return found


def _enterable(course: Course, at: datetime) -> None:
    early = timedelta(minutes=exams.params(course.exam, Params).code_early_minutes)
    is_cancelled = course.state == CourseState.CANCELLED
    began = at >= course.starts_at - early
    enforce(check_entry(began=began, is_cancelled=is_cancelled, starts_at=course.starts_at))


def _event(kind: str, course: Course, by: Actor, at: datetime, data: Mapping[str, object]) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"course:{course.pk}",
        exam=course.exam.slug,
        office_path=course.office_path,
        rules=["V4.1", "V4.2"],
        data=dict(data),
    )
