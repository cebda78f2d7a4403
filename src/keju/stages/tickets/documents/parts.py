"""What the papers of this stage share: the plain facts that they are made of. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.algorithms.seating import ranges
from keju.algorithms.workdays import CHINA
from keju.rulebook import Words, t

WEEKDAYS = (
    t("星期一", "Monday"),
    t("星期二", "Tuesday"),
    t("星期三", "Wednesday"),
    t("星期四", "Thursday"),
    t("星期五", "Friday"),
    t("星期六", "Saturday"),
    t("星期日", "Sunday"),
)
DIGITS = 8
"""Of a plan's hash, on every print: enough to tell one plan from another, short enough to be read out."""
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

    @property
    def first(self) -> str:
        """The lowest ticket number: after a swap it need not sit on the first seat."""
        return min(h.number for h in self.holders)

    @property
    def last(self) -> str:
        return max(h.number for h in self.holders)

    @property
    def numbers(self) -> str:
        """All of them as runs, "1113010001 – 1113010030": several once somebody has come from another room."""
        runs = ranges([h.number for h in self.holders])
        return ", ".join(a if a == b else f"{a} – {b}" for a, b in runs)


@dataclass(frozen=True)
class Stamp:
    """Which frozen plan a print was made from: its version and the hash of all its seats."""

    version: int
    hash: str

    @property
    def words(self) -> Words:
        digits = self.hash[:DIGITS]
        return t(f"座位方案第{self.version}版 {digits}", f"seat plan {self.version}, {digits}")


@dataclass(frozen=True)
class Hall:
    """Any room of the site, with desks or without; `used`: somebody of this exam sits in it."""

    number: int
    building: str
    floor: int
    kind: str
    name: str = ""
    stair: str = ""
    used: bool = False


@dataclass(frozen=True)
class SitePapers:
    """Everything that the papers of a site are made of. `rooms`: those of this part of the work, in order.

    `sittings` by the Chinese name of the category: categories may sit different subjects. `phone`: supervision (V14.7.4),
    "" where nobody entered it. `picture`: the name under which the site's own drawing is given, "" where there is none.
    """

    exam: Words
    region: Words
    point: Words
    code: str
    site: Words
    address: str
    surroundings: str
    stamp: Stamp
    rooms: Sequence[RoomSheet]
    halls: Sequence[Hall]
    sittings: Mapping[str, Sequence[Sitting]]
    phone: str = ""
    picture: str = ""


def head(papers: SitePapers) -> dict[str, object]:
    """What stands on top of all of them."""
    return {
        "exam": pair(papers.exam),
        "region": pair(papers.region),
        "point": pair(papers.point),
        "code": papers.code,
        "site": pair(papers.site),
        "address": papers.address,
        "stamp": pair(papers.stamp.words),
        "mark": f"{papers.code} {papers.stamp.version}/{papers.stamp.hash[:DIGITS]}",
    }


def room_title(number: int) -> str:
    """A room's number as it stands on doors, tickets and lists: 007."""
    return f"{number:03d}"


def place_data(place: Place) -> dict[str, object]:
    return {
        "site": pair(place.site),
        "address": place.address,
        "surroundings": place.surroundings,
        "building": place.building,
        "floor": place.floor,
        "room": room_title(place.room),
        "room_name": place.room_name,
    }


def sitting_data(sitting: Sitting) -> dict[str, object]:
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
