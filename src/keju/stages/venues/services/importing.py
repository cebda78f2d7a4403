"""Rooms from a spreadsheet: all of them, or none and the rows that are wrong."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.sheets import CellError, Column, Row, Table, errors_workbook, read_table, write_table
from keju.rulebook.words import Words, t
from keju.stages.venues import events, queries
from keju.stages.venues.models import Site
from keju.stages.venues.rules import (
    BACK_LEFT,
    BACK_RIGHT,
    EXAM,
    FRONT_LEFT,
    FRONT_RIGHT,
    MEDICAL,
    OFFICE,
    REST,
    SEAL,
    SEATING_KINDS,
    SEPARATE,
    SPARE,
    NewRoom,
)
from keju.stages.venues.services.siting import add_rooms, locked, refused_each

KIND_WORDS = {
    EXAM: t("考场", "Exam room"),
    SPARE: t("备用考场", "Spare room"),
    REST: t("休息室", "Rest room"),
    SEAL: t("封卷室", "Seal room"),
    OFFICE: t("考务办公室", "Office"),
    MEDICAL: t("医务室", "Medical room"),
    SEPARATE: t("单独考场", "Separate room"),
}
DOOR_WORDS = {
    FRONT_LEFT: t("左前", "Front left"),
    FRONT_RIGHT: t("右前", "Front right"),
    BACK_LEFT: t("左后", "Back left"),
    BACK_RIGHT: t("右后", "Back right"),
}
YES, NO = t("是", "Yes"), t("否", "No")
FLAGS = ("step_free", "cameras", "gaokao")
COLUMNS = (
    Column("number", t("房间号", "Room number"), required=True, kind="int", unique=True),
    Column("kind", t("用途", "Use"), required=True, max_length=20),
    Column("name", t("名称", "Name"), max_length=40),
    Column("building", t("楼栋", "Building"), required=True, max_length=40),
    Column("floor", t("楼层", "Floor"), required=True, kind="int"),
    Column("columns", t("列数", "Columns"), kind="int"),
    Column("rows", t("每列桌数", "Desks per column"), kind="int"),
    Column("gap_cm", t("列间距（厘米）", "Gap between columns (cm)"), kind="int"),
    Column("step_free", t("无台阶", "Step-free"), max_length=5),
    Column("cameras", t("有监控", "Cameras"), max_length=5),
    Column("gaokao", t("高考考场", "College-entrance room"), max_length=5),
    Column("door", t("门的位置", "Door"), max_length=20),
    Column("stair", t("最近的楼梯", "Nearest stairway"), max_length=40),
)
SITE = Column("site", t("考试地点编号", "Site code"), required=True, max_length=7)
MANY = (SITE, replace(COLUMNS[0], unique=False), *COLUMNS[1:])
"""As `COLUMNS`, for several sites: a number may come back at another site."""
NO_SITE = t("本考点没有编号为{code}的考试地点。", "This point has no site {code}.")
UNKNOWN = t("“{title}”应是{choices}之一。", "“{title}” must be one of: {choices}.")
OUT_OF_RANGE = t("“{title}”应在{low}到{high}之间。", "“{title}” must be between {low} and {high}.")
RANGES = {"number": (1, 9999), "floor": (-5, 99), "columns": (0, 40), "rows": (0, 40), "gap_cm": (0, 999)}
EXAMPLES = (
    NewRoom(1, "教学楼A座", 1, 5, 6, 80, EXAM, "101", True, True, True, FRONT_RIGHT, "东楼梯"),
    NewRoom(2, "教学楼A座", 1, 5, 6, 80, EXAM, "102", True, True, True, FRONT_LEFT, "西楼梯"),
    NewRoom(3, "教学楼A座", 2, 5, 6, 80, SPARE, "201", False, True, True, FRONT_RIGHT, "东楼梯"),
    NewRoom(4, "教学楼A座", 1, kind=REST, stair="东楼梯"),
    NewRoom(5, "教学楼A座", 2, kind=SEAL, stair="西楼梯"),
)


@dataclass(frozen=True)
class ImportResult:
    """`added` rooms; 0 if there are `errors`. `workbook`: the wrong rows with their reasons."""

    added: int
    errors: list[CellError]
    workbook: bytes = b""


def template_workbook() -> bytes:
    """A workbook to fill in: headings in the reader's language and five example rows."""
    return rooms_workbook(EXAMPLES)


def rooms_of_sites_workbook(sites: Iterable[tuple[str, Iterable[NewRoom]]]) -> bytes:
    """The rooms of several sites, each row with its site's code, as `import_rooms_of_sites` reads them."""
    rows = ((code, *_cells(room)) for code, rooms in sites for room in rooms)
    return write_table(MANY, rows, sheet=str(t("房间", "Rooms")))


def rooms_workbook(rooms: Iterable[NewRoom]) -> bytes:
    """The rooms in the form in which `import_rooms` reads them."""
    return write_table(COLUMNS, (_cells(room) for room in rooms), sheet=str(t("房间", "Rooms")))


def _cells(room: NewRoom) -> tuple[object, ...]:
    seats = room.kind in SEATING_KINDS
    facts = {
        **asdict(room),
        **{flag: str(YES if getattr(room, flag) else NO) for flag in FLAGS},
        "kind": str(KIND_WORDS[room.kind]),
        "door": str(DOOR_WORDS[room.door]),
        **({} if seats else dict.fromkeys(("columns", "rows", "gap_cm"))),
    }
    return tuple(facts[column.key] for column in COLUMNS)


def import_rooms(
    *, exam: Exam, site_code: str, data: bytes, filename: str, by: Actor, at: datetime
) -> ImportResult:
    """Every row is a room of the site, or nothing is changed and `errors` say which rows are wrong and why."""
    table = read_table(data, filename=filename, columns=COLUMNS, max_rows=2000)
    site = locked(exam, site_code, by)
    further: list[CellError] = []
    read = [(row, room) for row in table.rows if (room := _room(row, further)) is not None]
    further += _errors(exam, site, read)
    rooms = [room for _, room in read]
    if table.errors or further:
        return ImportResult(0, _sorted(table, further), errors_workbook(table, further))
    return ImportResult(add_rooms(exam=exam, site_code=site_code, rooms=rooms, by=by, at=at), [])


@write("venues:site:edit")
def import_rooms_of_sites(*, exam: Exam, data: bytes, filename: str, by: Actor, at: datetime) -> ImportResult:
    """Every row is a room of the site that it names, one of the actor's; or nothing is changed, as `import_rooms`."""
    table = read_table(data, filename=filename, columns=MANY, max_rows=5000)
    sites = {site.code: site for site in queries.sites(exam, viewer=by)}
    further: list[CellError] = []
    read: dict[str, list[tuple[Row, NewRoom]]] = {}
    for row in table.rows:
        code = row.values["site"].strip()
        if code not in sites:
            further.append(CellError(row.number, "site", NO_SITE.format(code=code)))
            continue
        room = _room(row, further)
        if room is None:
            continue
        read.setdefault(code, []).append((row, room))
    for code, mine in read.items():
        further += _errors(exam, sites[code], mine)
    if table.errors or further:
        record(
            events.IMPORT_REFUSED, by=by, at=at, subject="rooms", exam=exam.slug, data={"rows": table.count}
        )
        return ImportResult(0, _sorted(table, further), errors_workbook(table, further))
    added = sum(
        add_rooms(exam=exam, site_code=code, rooms=[room for _, room in mine], by=by, at=at)
        for code, mine in sorted(read.items())
    )
    return ImportResult(added, [])


def _room(row: Row, errors: list[CellError]) -> NewRoom | None:
    values = row.values
    before = len(errors)
    kind = _choice(row, "kind", KIND_WORDS, errors)
    door = _choice(row, "door", DOOR_WORDS, errors, empty=FRONT_RIGHT)
    flags = {flag: _choice(row, flag, {"1": YES, "0": NO}, errors, empty="0") == "1" for flag in FLAGS}
    for column in COLUMNS:
        low, high = RANGES.get(column.key, (None, None))
        value = values[column.key]
        if low is not None and value is not None and not low <= value <= high:
            words = OUT_OF_RANGE.format(title=column.title, low=low, high=high)
            errors.append(CellError(row.number, column.key, words))
    if len(errors) > before:
        return None
    numbers = {key: values[key] or 0 for key in ("columns", "rows", "gap_cm")}
    plain = {key: values[key] for key in ("number", "building", "floor", "name", "stair")}
    return NewRoom(**plain, **numbers, **flags, kind=kind, door=door)


def _choice(
    row: Row, key: str, choices: Mapping[str, Words], errors: list[CellError], *, empty: str = ""
) -> str:
    """The value whose words (in either language) stand in the cell, `empty` if it is; "" with an error otherwise."""
    typed = row.values[key].strip()
    if not typed and empty:
        return empty
    for value, words in choices.items():
        if typed.casefold() in (value, words.zh, words.en.casefold()):
            return value
    title = next(column.title for column in COLUMNS if column.key == key)
    words = UNKNOWN.format(title=title, choices=list(choices.values()))
    errors.append(CellError(row.number, key, words))
    return ""


def _errors(exam: Exam, site: Site, read: Sequence[tuple[Row, NewRoom]]) -> list[CellError]:
    """What stands against the rows of one site, beside the site's rooms and each other."""
    programme = exams.programme(exam)
    found = refused_each(exam, site, [room for _, room in read])
    return [
        CellError(row.number, r.field or "", r.words(programme))
        for (row, _), against in zip(read, found, strict=True)
        for r in against
    ]


def _sorted(table: Table, further: list[CellError]) -> list[CellError]:
    return sorted([*table.errors, *further], key=lambda e: e.number)
