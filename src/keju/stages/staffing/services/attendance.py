"""The attendance list of a course: on paper to sign, as a sheet out and in (V4.1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.audit import write
from keju.kernel.calendar import CHINA
from keju.kernel.documents.services import print_document
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.kernel.sheets import Column, read_table, write_table
from keju.rulebook.words import Words, t
from keju.stages.staffing.models import Attendee, Course
from keju.stages.staffing.queries import courses
from keju.stages.staffing.services.courses import enter_attendance

LIST = "attendance_list"
YES = t("是", "Yes")
YES_TEXTS = {"是", "yes", "y", "1", "√", "到", "true"}
COLUMNS = (
    Column("number", t("编号", "Number"), required=True, kind="int", unique=True),
    Column("name", t("姓名", "Name"), max_length=80),
    Column("office", t("单位代码", "Office code"), max_length=20),
    Column("there", t("到场", "Present"), max_length=10),
)
STRANGE = t(
    "第{row}行：编号{number}不在这次培训的名单上。",
    "Row {row}: number {number} is not on this course's list.",
)
BAD = t("第{row}行：{reason}", "Row {row}: {reason}")


@dataclass(frozen=True)
class Imported:
    """How many were entered as present; or what is wrong, and then nobody was."""

    entered: int
    errors: list[Words]


@write("staffing:training:hold")
def import_attendance(
    *, exam: Exam, course_id: int, data: bytes, filename: str, by: Actor, at: datetime
) -> Imported:
    """Whoever the sheet says was there is entered, all or nobody; who is not invited is an error with its row."""
    known = {row.pk for row in courses.attendees(courses.course(exam, course_id))}
    table = read_table(data, filename=filename, columns=COLUMNS)
    errors = [BAD.format(row=e.number, reason=e.words) for e in table.errors]
    there = []
    for row in table.rows:
        number = row.values.get("number")
        if number not in known:
            errors.append(STRANGE.format(row=row.number, number=number))
        elif str(row.values.get("there") or "").strip().lower() in YES_TEXTS:
            there.append(number)
    if errors:
        there = []
    enter_attendance(exam=exam, course_id=course_id, attendee_ids=there, way="sheet", by=by, at=at)
    return Imported(len(there), errors)


def attendance_workbook(people: Iterable[Attendee]) -> bytes:
    """The list as a sheet; "present" is filled in by hand and brought back."""
    rows = (
        (one.pk, one.person.name, _code(one.office_path), str(YES) if one.attended_at else None)
        for one in people
    )
    return write_table(COLUMNS, rows)


@write("staffing:training:hold")
def print_attendance(*, exam: Exam, course_id: int, language: str = "zh", by: Actor, at: datetime) -> bytes:
    """The list to sign as PDF, in the print ledger: what is taught, by which handbooks, who is invited."""
    course = courses.course(exam, course_id)
    printed = print_document(
        kind=LIST,
        template="staffing/attendance",
        data=_printed(exam, course),
        exam=exam,
        subject=f"course:{course.pk}",
        office_path=course.office_path,
        plan_version=f"v{course.version}",
        language=language,
        by=by,
        at=at,
    )
    return printed.pdf


def _printed(exam: Exam, course: Course) -> dict[str, object]:
    teaching = exams.programme(exam).teaching
    names = {handbook.code: handbook.name for handbook in teaching.handbooks}
    return {
        "exam": _pair(exam.name),
        "office": _pair(office(course.office_code).name),
        "is_rehearsal": course.kind == Course.REHEARSAL,
        "place": course.place,
        "trainer": course.trainer,
        "starts": f"{course.starts_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
        "ends": f"{course.ends_at.astimezone(CHINA):%H:%M}",
        "modules": [_pair(m.name) for m in teaching.modules if m.code in course.modules],
        "handbooks": [
            {**_pair(names.get(code, t(code, code))), "version": version, "sha": sha[:12]}
            for code, version, sha in course.handbooks
        ],
        "people": [
            {"number": one.pk, "name": one.person.name, "office": _code(one.office_path)}
            for one in courses.attendees(course)
        ],
    }


def _pair(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _code(path: str) -> str:
    parts = [part for part in path.split("/") if part]
    return "-".join(parts[1:]) if len(parts) > 2 else (parts[-1] if parts else "")
