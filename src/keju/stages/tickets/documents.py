"""Tickets and the papers of the rooms: rows → plain data for typst. Both languages stand side by side on a ticket."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.algorithms.workdays import CHINA
from keju.rulebook import Words, rule, t

WEEKDAYS = (
    t("星期一", "Monday"),
    t("星期二", "Tuesday"),
    t("星期三", "Wednesday"),
    t("星期四", "Thursday"),
    t("星期五", "Friday"),
    t("星期六", "Saturday"),
    t("星期日", "Sunday"),
)
EXAM_RULES = (
    t(
        "凭本准考证和报名时所用的身份证原件入场，证件、存根与本人一致方可进入考场，缺一不可。",
        "Bring this ticket and the original identity card you registered with. You are admitted when ticket, card, stub "
        "and person agree.",
    ),
    t(
        "按本证所列考场、座位入座，两证放在桌面左上角，以备核对。",
        "Take the room and seat named on this ticket. Put ticket and identity card at the upper left of the desk.",
    ),
    t(
        "只带蓝、黑色签字笔、2B铅笔和橡皮。手机等通讯、存储和计时设备以及书籍、纸张不得带到座位，放在指定处。",
        "Bring pens, 2B pencils and a rubber only. Phones, anything that sends, stores or tells the time, books and paper "
        "stay at the place assigned.",
    ),
    t(
        "在答题卡规定的位置填写姓名、填涂准考证号；答案写在答题卡以外无效。",
        "Write your name and mark your ticket number where the answer card asks for them. Answers elsewhere do not count.",
    ),
    t(
        "考试开始、结束以统一信号为准；结束信号发出后立即停笔，待试卷、答题卡清点无误后方可离开。",
        "Begin and stop at the signal. After the last signal put down the pen and wait until papers and cards are counted.",
    ),
    t(
        "试卷、答题卡和草稿纸不得带出考场。违纪违规的，按规定处理并记入诚信档案。",
        "Papers, cards and scrap paper stay in the room. Violations are dealt with by the rules and kept on record.",
    ),
)
PLEDGE = t(
    "我已阅读并承诺遵守考试规则，保证报名信息真实，独立作答，诚信考试；如有违反，愿意承担相应责任。",
    "I have read the rules and will keep them. What I stated is true. I answer alone and honestly, and bear the "
    "consequences if I do not.",
)
SEX = {"male": t("男", "Male"), "female": t("女", "Female")}


@dataclass(frozen=True)
class Sitting:
    """A session with its subjects for one category."""

    name: Words
    subjects: Sequence[Words]
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Place:
    """A site and a room as they are found."""

    site: Words
    address: str
    surroundings: str
    building: str
    floor: int
    room: int
    room_name: str


@dataclass(frozen=True)
class Holder:
    """A candidate on a sheet."""

    number: str
    name: str
    sex: str
    identity: str
    seat: int
    photo: str
    category: Words


@dataclass(frozen=True)
class RoomSheet:
    """A room with everybody in it, in seat order, and the S as it runs: (seat, column, row)."""

    place: Place
    category: Words
    columns: int
    rows: int
    holders: Sequence[Holder]
    seats: Sequence[tuple[int, int, int]]


@rule("V7.3", "P8.2")
def ticket(
    *,
    exam: Words,
    holder: Holder,
    seat: tuple[int, int],
    place: Place,
    sittings: Iterable[Sitting],
    points: tuple[Words, Words],
) -> dict[str, object]:
    """What stands on a ticket. `seat`: column and row. `points`: region and host point."""
    return {
        "exam": pair(exam),
        "number": holder.number,
        "name": holder.name,
        "sex": pair(SEX.get(holder.sex, t("", ""))),
        "identity": holder.identity,
        "category": pair(holder.category),
        "region": pair(points[0]),
        "point": pair(points[1]),
        "seat": f"{holder.seat:02d}",
        "column": seat[0],
        "row": seat[1],
        **_place(place),
        "sittings": [_sitting(s) for s in sittings],
        "rules": [pair(words) for words in EXAM_RULES],
        "pledge": pair(PLEDGE),
    }


@rule("V7.4", "V14.6.2", "V14.6.5", "V14.7.2", "V14.7.3")
def sheets(
    *,
    exam: Words,
    points: tuple[Words, Words],
    rooms: Sequence[RoomSheet],
    sittings: Mapping[str, Sequence[Sitting]],
) -> dict[str, object]:
    """What the papers of a site are made of: stubs, sign-in sheets, stickers and tables share it.

    `sittings` by the Chinese name of the category: categories may sit different subjects.
    """
    first = rooms[0].place
    return {
        "exam": pair(exam),
        "region": pair(points[0]),
        "point": pair(points[1]),
        "site": pair(first.site),
        "address": first.address,
        "rooms": [_room(room, sittings[room.category.zh]) for room in rooms],
        "total": sum(len(room.holders) for room in rooms),
    }


def _room(room: RoomSheet, sittings: Sequence[Sitting]) -> dict[str, object]:
    where = {seat: (column, row) for seat, column, row in room.seats}
    return {
        **_place(room.place),
        "category": pair(room.category),
        "columns": room.columns,
        "rows": room.rows,
        "first": room.holders[0].number,
        "last": room.holders[-1].number,
        "count": len(room.holders),
        "sittings": [_sitting(s) for s in sittings],
        "holders": [
            {
                "number": h.number,
                "name": h.name,
                "sex": pair(SEX.get(h.sex, t("", ""))),
                "identity": h.identity,
                "seat": f"{h.seat:02d}",
                "photo": h.photo,
                "column": where[h.seat][0],
                "row": where[h.seat][1],
            }
            for h in room.holders
        ],
    }


def _place(place: Place) -> dict[str, object]:
    return {
        "site": pair(place.site),
        "address": place.address,
        "surroundings": place.surroundings,
        "building": place.building,
        "floor": place.floor,
        "room": f"{place.room:03d}",
        "room_name": place.room_name,
    }


def _sitting(sitting: Sitting) -> dict[str, object]:
    starts, ends = sitting.starts_at.astimezone(CHINA), sitting.ends_at.astimezone(CHINA)
    weekday = WEEKDAYS[starts.weekday()]
    return {
        "name": pair(sitting.name),
        "subjects": pair(
            t("、".join(s.zh for s in sitting.subjects), ", ".join(s.en for s in sitting.subjects))
        ),
        "day": pair(
            t(
                f"{starts.year}年{starts.month}月{starts.day}日 {weekday.zh}",
                f"{weekday.en}, {starts.day} {starts:%B %Y}",
            )
        ),
        "time": f"{starts:%H:%M}–{ends:%H:%M}",
    }


def pair(words: Words) -> dict[str, str]:
    """Both languages as plain data."""
    return {"zh": words.zh, "en": words.en}
