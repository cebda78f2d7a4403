"""A site's marks from a spreadsheet: every row good, or nothing is written and each wrong row says why."""

from dataclasses import dataclass
from datetime import datetime

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.sheets import CellError, Column, Row, errors_workbook, read_table, write_table
from keju.rulebook.words import Words, t
from keju.stages.examday import queries, rules
from keju.stages.examday.models import RoomSession
from keju.stages.examday.services.marks import SeatMark, record_many
from keju.stages.tickets import queries as tickets

STATES = {
    True: t("到场", "present"),
    False: t("缺考", "absent"),
}
ALSO = {"到": True, "1": True, "缺": False, "0": False}
COLUMNS = (
    Column("room", t("考场", "Room"), required=True, kind="int"),
    Column("seat", t("座位", "Seat"), kind="int"),
    Column("ticket", t("准考证号", "Ticket number"), required=True, max_length=20, unique=True),
    Column("name", t("姓名", "Name"), max_length=80),
    Column("state", t("到场或缺考", "Present or absent"), required=True, max_length=10),
    Column("violation", t("违纪情况", "Violation"), max_length=rules.VIOLATION_LENGTH),
)
UNKNOWN_STATE = t("“到场或缺考”只能填“到场”或“缺考”。", "“Present or absent” is one of these two words.")
NO_ROOM = t(
    "第{room}考场在本场次没有开考，或者已经封存。",
    "Room {room} is not open in this session, or its record is closed.",
)
NOT_HERE = t("准考证号{ticket}不在第{room}考场。", "Ticket {ticket} does not belong to room {room}.")
ABSENT_VIOLATION = t("缺考的考生不能同时记违纪。", "Who is absent cannot have a violation too.")


@dataclass(frozen=True)
class ImportResult:
    """`marked` seats in `rooms` rooms; none if there are `errors`. `workbook`: the wrong rows with their reasons."""

    rooms: int
    marked: int
    errors: list[CellError]
    workbook: bytes = b""


def sheet_of(*, viewer: Actor, exam: Exam, session_number: int, site_code: str) -> bytes:
    """A workbook of the site's open rooms to fill in: a row per seat, what is known already filled in."""
    rows = (
        (
            room.room_number,
            s.seat,
            s.ticket,
            s.name,
            "" if s.present is None else str(STATES[s.present]),
            s.violation,
        )
        for room in _open(viewer, exam, session_number, site_code)
        for s in queries.seats(viewer=viewer, exam=exam, room=room)
    )
    return write_table(COLUMNS, rows, sheet=str(t("到场情况", "Attendance")))


def bring_in(
    *, exam: Exam, session_number: int, site_code: str, data: bytes, filename: str, by: Actor, at: datetime
) -> ImportResult:
    """The site's rooms are marked as the file says, or nothing is changed and `errors` say which rows are wrong."""
    table = read_table(data, filename=filename, columns=COLUMNS, max_rows=5000)
    rooms = {r.room_number: r for r in _open(by, exam, session_number, site_code)}
    here = tickets.numbers_in(viewer=by, exam=exam, room_ids=[r.room_id for r in rooms.values()])
    marks: dict[int, list[SeatMark]] = {}
    further: list[CellError] = []
    for row in table.rows:
        words, present = _judged(row, rooms, here)
        if words is not None:
            further.append(CellError(row.number, "", words))
        else:
            room = rooms[row.values["room"]]
            mark = SeatMark(row.values["ticket"], present, row.values["violation"])
            marks.setdefault(room.pk, []).append(mark)
    if table.errors or further:
        errors = sorted([*table.errors, *further], key=lambda e: e.number)
        return ImportResult(0, 0, errors, errors_workbook(table, further))
    record_many(exam=exam, rooms=marks, by=by, at=at)
    return ImportResult(len(marks), sum(map(len, marks.values())), [])


def _open(viewer: Actor, exam: Exam, session_number: int, site_code: str) -> list[RoomSession]:
    found = queries.rooms(viewer=viewer, exam=exam, session_number=session_number, state="open")
    return list(found.filter(site_code=site_code))


def _judged(
    row: Row, rooms: dict[int, RoomSession], here: dict[int, dict[str, int]]
) -> tuple[Words | None, bool]:
    """What is wrong with a row, or None and whether the candidate is present."""
    v = row.values
    room = rooms.get(v["room"])
    if room is None:
        return NO_ROOM.format(room=v["room"]), False
    if v["ticket"] not in here[room.room_id]:
        return NOT_HERE.format(ticket=v["ticket"], room=v["room"]), False
    present = next((p for p, w in STATES.items() if v["state"] in (w.zh, w.en)), ALSO.get(v["state"]))
    if present is None:
        return UNKNOWN_STATE, False
    if v["violation"] and not present:
        return ABSENT_VIOLATION, False
    return None, present
