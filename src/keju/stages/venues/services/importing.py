"""Rooms from a spreadsheet: all of them, or none and the rows that are wrong."""

from dataclasses import dataclass
from datetime import datetime

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.sheets import CellError, Column, Row, Table, errors_workbook, read_table, write_table
from keju.rulebook.words import t
from keju.stages.venues.models import Site
from keju.stages.venues.rules import EXAM, REST, SEAL, SPARE, NewRoom
from keju.stages.venues.services.siting import add_rooms, locked, refused

KIND_WORDS = {
    EXAM: t("考场", "Exam room"),
    SPARE: t("备用考场", "Spare room"),
    REST: t("休息室", "Rest room"),
    SEAL: t("封卷室", "Seal room"),
}
COLUMNS = (
    Column("number", t("房间号", "Room number"), required=True, kind="int", unique=True),
    Column("kind", t("用途", "Use"), required=True, max_length=20),
    Column("name", t("名称", "Name"), max_length=40),
    Column("building", t("楼栋", "Building"), required=True, max_length=40),
    Column("floor", t("楼层", "Floor"), required=True, kind="int"),
    Column("columns", t("列数", "Columns"), kind="int"),
    Column("rows", t("每列桌数", "Desks per column"), kind="int"),
    Column("gap_cm", t("列间距（厘米）", "Gap between columns (cm)"), kind="int"),
)
UNKNOWN_KIND = t("“用途”应是{kinds}之一。", "“Use” must be one of: {kinds}.")
OUT_OF_RANGE = t("“{title}”应在{low}到{high}之间。", "“{title}” must be between {low} and {high}.")
RANGES = {"number": (1, 9999), "floor": (-5, 99), "columns": (0, 40), "rows": (0, 40), "gap_cm": (0, 999)}
EXAMPLES = (
    (1, EXAM, "101", "教学楼A座", 1, 5, 6, 80),
    (2, EXAM, "102", "教学楼A座", 1, 5, 6, 80),
    (3, SPARE, "201", "教学楼A座", 2, 5, 6, 80),
    (4, REST, "", "教学楼A座", 1, None, None, None),
    (5, SEAL, "", "教学楼A座", 2, None, None, None),
)


@dataclass(frozen=True)
class ImportResult:
    """`added` rooms; 0 if there are `errors`. `workbook`: the wrong rows with their reasons."""

    added: int
    errors: list[CellError]
    workbook: bytes = b""


def template_workbook() -> bytes:
    """A workbook to fill in: headings in the reader's language and five example rows."""
    rows = ((n, str(KIND_WORDS[kind]), *rest) for n, kind, *rest in EXAMPLES)
    return write_table(COLUMNS, rows, sheet=str(t("房间", "Rooms")))


def import_rooms(
    *, exam: Exam, site_code: str, data: bytes, filename: str, by: Actor, at: datetime
) -> ImportResult:
    """Every row is a room of the site, or nothing is changed and `errors` say which rows are wrong and why."""
    table = read_table(data, filename=filename, columns=COLUMNS, max_rows=2000)
    site = locked(exam, site_code, by)
    further: list[CellError] = []
    rooms: list[NewRoom] = []
    for row in table.rows:
        room = _room(row, further)
        if room is not None:
            rooms.append(room)
            further += _errors(exam, site, row, room)
    if table.errors or further:
        return ImportResult(0, _sorted(table, further), errors_workbook(table, further))
    return ImportResult(add_rooms(exam=exam, site_code=site_code, rooms=rooms, by=by, at=at), [])


def _room(row: Row, errors: list[CellError]) -> NewRoom | None:
    values = row.values
    kind = next((k for k, w in KIND_WORDS.items() if values["kind"] in (k, w.zh, w.en)), None)
    before = len(errors)
    if kind is None:
        words = UNKNOWN_KIND.format(kinds=list(KIND_WORDS.values()))
        errors.append(CellError(row.number, "kind", words))
    for column in COLUMNS:
        low, high = RANGES.get(column.key, (None, None))
        value = values[column.key]
        if low is not None and value is not None and not low <= value <= high:
            words = OUT_OF_RANGE.format(title=column.title, low=low, high=high)
            errors.append(CellError(row.number, column.key, words))
    if len(errors) > before or kind is None:
        return None
    numbers = {key: values[key] or 0 for key in ("columns", "rows", "gap_cm")}
    return NewRoom(
        values["number"], values["building"], values["floor"], kind=kind, name=values["name"], **numbers
    )


def _errors(exam: Exam, site: Site, row: Row, room: NewRoom) -> list[CellError]:
    programme = exams.programme(exam)
    return [CellError(row.number, r.field or "", r.words(programme)) for r in refused(exam, site, [room])]


def _sorted(table: Table, further: list[CellError]) -> list[CellError]:
    return sorted([*table.errors, *further], key=lambda e: e.number)
