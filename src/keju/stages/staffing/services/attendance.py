"""The list of a course: on paper to sign, as a sheet out and in, with checks and pledges taken on paper (V4.1, V4.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keju.kernel.audit import write
from keju.kernel.calendar import CHINA
from keju.kernel.documents.services import print_document
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.kernel.sheets import Column, Row, Table, read_table, write_table
from keju.rulebook.teaching import Module
from keju.rulebook.words import Words, t
from keju.stages.staffing.models import Attendee, Course, Try
from keju.stages.staffing.queries import courses, standing
from keju.stages.staffing.queries.handbooks import NATION
from keju.stages.staffing.services.checks import enter_paper, enter_pledges
from keju.stages.staffing.services.courses import enter_attendance

LIST = "attendance_list"
YES = t("是", "Yes")
YES_TEXTS = {"是", "yes", "y", "1", "√", "到", "true"}
COLUMNS = (
    Column("number", t("编号", "Number"), required=True, kind="int", unique=True),
    Column("name", t("姓名", "Name"), max_length=80),
    Column("office", t("单位代码", "Office code"), max_length=20),
    Column("employer", t("工作单位", "Employer"), max_length=120),
    Column("there", t("到场", "Present"), max_length=10),
)
RIGHT, PLEDGED = (
    t("{module}答对题数", "{module}: right answers"),
    t("{module}承诺书", "{module}: pledge signed"),
)
STRANGE = t(
    "第{row}行：编号{number}不在这次培训的名单上。",
    "Row {row}: number {number} is not on this course's list.",
)
NOT_THERE = t(
    "第{row}行：{name}有成绩或承诺书，但没有到场。",
    "Row {row}: {name} has results or a pledge, but was not present.",
)
NOT_A_COUNT = t(
    "第{row}行：“{module}”答对题数应在0到{all}之间。",
    "Row {row}: right answers of {module} are from 0 to {all}.",
)
NO_SCAN = t(
    "表格里有纸面考核成绩或承诺书，请一并上传它们的扫描件。",
    "The sheet has checks or pledges taken on paper: add the scan that shows them.",
)
BAD = t("第{row}行：{reason}", "Row {row}: {reason}")


@dataclass(frozen=True)
class Imported:
    """How many were entered as present, results and pledges; or what is wrong, and then nothing was entered."""

    entered: int
    results: int
    pledges: int
    errors: list[Words]


@write("staffing:training:hold")
def import_attendance(
    *, exam: Exam, course_id: int, data: bytes, filename: str, scan: bytes = b"", by: Actor, at: datetime
) -> Imported:
    """Whoever the sheet says was there is entered, with their checks and pledges on paper; all or nobody.

    Who is not invited, results of somebody absent, and results without a scan are errors with their row. Whoever has passed
    keeps that, and the same result read a second time is no second try.
    """
    course = courses.course(exam, course_id)
    table = read_table(data, filename=filename, columns=columns(exam, course))
    sheet = _read(
        table, courses.attendees(course), _modules(exam, course), standing.questions_of_a_check(exam)
    )
    if not scan and (any(sheet.right.values()) or any(sheet.pledged.values())):
        sheet.errors.append(NO_SCAN)
    there = [] if sheet.errors else sheet.there
    enter_attendance(exam=exam, course_id=course_id, attendee_ids=there, way="sheet", by=by, at=at)
    if sheet.errors:
        return Imported(0, 0, 0, sheet.errors)
    facts: dict[str, Any] = {"exam": exam, "scan": scan, "by": by, "at": at}
    results = pledges = 0
    for code, given in sheet.right.items():
        if new := _new_results(exam, course, code, given):
            results += len(enter_paper(module_code=code, right=new, **facts))
    for code, people in sheet.pledged.items():
        if people:
            pledges += enter_pledges(module_code=code, person_ids=people, **facts)
    return Imported(len(there), results, pledges, [])


@dataclass
class _Sheet:
    """Ids of those present; by module the right answers of each person and who signed the pledge; what is wrong."""

    there: list[int]
    right: dict[str, dict[int, int]]
    pledged: dict[str, set[int]]
    errors: list[Words]


def _read(table: Table, people: Sequence[Attendee], modules: Sequence[Module], asked: int) -> _Sheet:
    errors = [BAD.format(row=e.number, reason=e.words) for e in table.errors]
    found = _Sheet([], {m.code: {} for m in modules}, {m.code: set() for m in modules}, errors)
    known = {one.pk: one for one in people}
    for row in table.rows:
        one = known.get(row.values.get("number"))
        if one is None:
            errors.append(STRANGE.format(row=row.number, number=row.values.get("number")))
            continue
        is_there = _yes(row.values.get("there"))
        if is_there:
            found.there.append(one.pk)
        if _read_paper(row, one.person_id, modules, asked, found) and not (is_there or one.attended_at):
            errors.append(NOT_THERE.format(row=row.number, name=one.person.name))
    return found


def _read_paper(row: Row, person: int, modules: Sequence[Module], asked: int, found: _Sheet) -> bool:
    """Results and pledges of one row go into `found`; whether it has any."""
    has_any = False
    for module in modules:
        n = row.values.get(f"right_{module.code}")
        signed = _yes(row.values.get(f"pledge_{module.code}"))
        has_any = has_any or signed or n is not None
        if signed:
            found.pledged[module.code].add(person)
        if n is not None and not 0 <= n <= asked:
            found.errors.append(NOT_A_COUNT.format(row=row.number, module=module.name, all=asked))
        elif n is not None:
            found.right[module.code][person] = n
    return has_any


def columns(exam: Exam, course: Course) -> tuple[Column, ...]:
    """Of the sheet of this course: who, present, right answers of each module, each pledge."""
    modules = _modules(exam, course)
    return (
        *COLUMNS,
        *(Column(f"right_{m.code}", RIGHT.format(module=m.name), kind="int") for m in modules),
        *(
            Column(f"pledge_{m.code}", PLEDGED.format(module=m.name), max_length=10)
            for m in modules
            if m.pledge
        ),
    )


def attendance_workbook(exam: Exam, course: Course) -> bytes:
    """Everybody invited as a sheet; what is empty is filled in by hand and brought back."""
    wanted = columns(exam, course)
    rows = (
        (
            *(one.pk, one.person.name, _code(one.office_path), one.person.employer),
            *(str(YES) if one.attended_at else None, *[None] * (len(wanted) - len(COLUMNS))),
        )
        for one in courses.attendees(course)
    )
    return write_table(wanted, rows)


def _modules(exam: Exam, course: Course) -> list[Module]:
    return [m for m in exams.programme(exam).teaching.modules if m.code in course.modules]


def _yes(given: object) -> bool:
    return str(given or "").strip().lower() in YES_TEXTS


def _new_results(exam: Exam, course: Course, code: str, right: Mapping[int, int]) -> dict[int, int]:
    """Without those who have passed, and without what an earlier reading of the sheet has entered."""
    with acting(NATION):
        rows = Try.objects.filter(
            exam=exam, module=code, person_id__among=list(right), ended_at__isnull=False
        )
        last = {row.person_id: row for row in rows.order_by("number")}
        passed = {row.person_id for row in rows if row.passed}
    return {
        person: n
        for person, n in right.items()
        if person not in passed and not ((one := last.get(person)) and _is_same(one, course, n))
    }


def _is_same(one: Try, course: Course, right: int) -> bool:
    return one.way == "paper" and one.right == right and one.begun_at >= course.starts_at


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
            {
                "number": one.pk,
                "name": one.person.name,
                "employer": one.person.employer,
                "office": _code(one.office_path),
            }
            for one in courses.attendees(course)
        ],
    }


def _pair(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _code(path: str) -> str:
    parts = [part for part in path.split("/") if part]
    return "-".join(parts[1:]) if len(parts) > 2 else (parts[-1] if parts else "")
