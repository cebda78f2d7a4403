"""A roster by spreadsheet: the sheet is the roster, or nothing changes and every wrong row is told."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.sheets import CellError, Column, Row, errors_workbook, read_table, write_table
from keju.rulebook.words import t
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.queries.rosters import Eligible, Made
from keju.stages.staffing.services.rostering import Change, NewShift, change_rosters, check_each

COLUMNS = (
    Column("member", t("人员编号", "Member number"), kind="int"),
    Column("name", t("姓名", "Name"), required=True, max_length=80),
    Column(
        "starts",
        t("开始（如2011-10-15 15:00）", "From (as 2011-10-15 15:00)"),
        required=True,
        also=("开始", "From"),
    ),
    Column("ends", t("结束", "Until"), required=True),
    Column("place", t("地点", "Place"), max_length=80),
    Column(
        "phone",
        t("值班电话（空为本人电话）", "Duty phone (empty: their own)"),
        max_length=30,
        also=("值班电话", "Phone"),
    ),
)
WHEN = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*(\d{1,2})[:：](\d{2})(?::00)?")
NOT_WHEN = t("“{title}”应写成2011-10-15 15:00。", "“{title}” is written as 2011-10-15 15:00.")
NOBODY = t("本单位可列入此表的人员中没有“{name}”。", "Nobody called “{name}” may stand on this roster.")
SEVERAL = t(
    "有{n}人叫“{name}”，请填写人员编号：{numbers}。",
    "{n} people are called “{name}”; enter one number of: {numbers}.",
)
OTHER = t("编号{number}是另一个人的。", "Number {number} is somebody else's.")
NOT_PHONE = t("电话只能有数字、空格和横线。", "A telephone has digits, blanks and dashes only.")
PHONE = re.compile(r"[0-9+() -]{3,30}")


@dataclass(frozen=True)
class ImportedShifts:
    """`put` shifts stand on the roster; 0 if there are `errors`. `workbook`: the wrong rows with their reasons."""

    put: int
    errors: list[CellError]
    workbook: bytes = b""


def roster_workbook(made: Made) -> bytes:
    """The roster in the form in which `import_roster` reads it; telephones are left out unless they are duty phones."""
    return write_table(
        COLUMNS,
        (
            (x.row.member_id, x.name, _said(x.row.starts_at), _said(x.row.ends_at), x.row.place, x.row.phone)
            for x in made.lines
        ),
        sheet=str(made.kind.name),
    )


def import_roster(
    *,
    exam: Exam,
    roster_id: int,
    data: bytes,
    filename: str,
    expected: int | None = None,
    by: Actor,
    at: datetime,
) -> ImportedShifts:
    """Every row is a shift of the roster and there is no other; or nothing changed, and `errors` say which rows are wrong."""
    if not by.may("staffing:roster:make"):
        raise NotPermitted("staffing:roster:make")
    table = read_table(data, filename=filename, columns=COLUMNS, max_rows=2000)
    made = queries.detail(exam, roster_id, viewer=by)
    people = queries.eligible(exam, [made.roster])[roster_id]
    further: list[CellError] = []
    read = [(row, shift) for row in table.rows if (shift := _shift(row, people, further)) is not None]
    programme = exams.programme(exam)
    for (row, _), against in zip(read, check_each(exam, [(made, [], [s for _, s in read])]), strict=True):
        further += [CellError(row.number, KEYS.get(r.field or "", ""), r.words(programme)) for r in against]
    if table.errors or further:
        found = sorted([*table.errors, *further], key=lambda e: e.number)
        return ImportedShifts(0, found, errors_workbook(table, further))
    change = Change(roster_id, [s for _, s in read], afresh=True, expected=expected)
    return ImportedShifts(change_rosters(exam=exam, changes=[change], by=by, at=at), [])


KEYS = {"member": "name", "starts_at": "starts", "ends_at": "ends", "place": "place"}


def _shift(row: Row, people: Sequence[Eligible], errors: list[CellError]) -> NewShift | None:
    before = len(errors)
    member = _member(row, people, errors)
    times = []
    for key in ("starts", "ends"):
        when = _when(row.values[key])
        if when is None:
            title = next(c.title for c in COLUMNS if c.key == key)
            errors.append(CellError(row.number, key, NOT_WHEN.format(title=title)))
        else:
            times.append(when)
    phone = row.values["phone"].strip()
    if phone and not PHONE.fullmatch(phone):
        errors.append(CellError(row.number, "phone", NOT_PHONE))
    if len(errors) > before or member is None:
        return None
    return NewShift(member, times[0], times[1], row.values["place"].strip(), phone)


def _member(row: Row, people: Sequence[Eligible], errors: list[CellError]) -> int | None:
    name, number = row.values["name"].strip(), row.values["member"]
    by_name: dict[str, list[int]] = defaultdict(list)
    for person in people:
        by_name[person.name].append(person.member_id)
    found = by_name.get(name, [])
    if number is not None and number not in found:
        errors.append(CellError(row.number, "member", OTHER.format(number=number)))
    elif not found:
        errors.append(CellError(row.number, "name", NOBODY.format(name=name)))
    elif len(found) > 1 and number is None:
        errors.append(CellError(row.number, "member", SEVERAL.format(n=len(found), name=name, numbers=found)))
    else:
        return int(found[0] if number is None else number)
    return None


def _when(text: str) -> datetime | None:
    found = WHEN.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return datetime(*(int(part) for part in found.groups()), tzinfo=CHINA)  # type: ignore[misc, arg-type]
    except ValueError:
        return None


def _said(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
