"""A site that tries every paper: four buildings, three stairways, 31 people in 7 columns of 5, names of 25 characters and
from outside the first plane. Without a database: what `documents` makes of it is looked at and rendered."""

from dataclasses import replace
from datetime import datetime

from keju.algorithms.seating import s_order
from keju.kernel.calendar import CHINA
from keju.kernel.documents import codes, pictures
from keju.kernel.documents.tests.sample import photo
from keju.rulebook.words import Words, t
from keju.stages.tickets import documents
from keju.stages.tickets.documents import Hall, Holder, Place, RoomSheet, SitePapers, Sitting, Stamp

LONG = "阿卜杜热合曼·麦麦提吐尔逊·阿卜杜外力·伊敏江·买"
RARE = "㛃𬀩"
LOST = "李\U000313a0四"  # CJK extension H: not in the typeface
NAMES = ("王小明", LONG, RARE, LOST)
GENERAL, AQUATIC = t("兽医全科类", "General veterinary"), t("水生动物类", "Aquatic animals")
EXAM = t("2011年全国执业兽医资格考试", "National licensed veterinarian examination 2011")
STAMP = Stamp(3, "1a2b3c4d" + "0" * 56)
POINTS = (t("河北省", "Hebei"), t("石家庄市", "Shijiazhuang"))
SITE = t("石家庄市第一中学", "No. 1 Middle School of Shijiazhuang")
ADDRESS, SURROUNDINGS = (
    "长安区学府路1号（东门进）",
    "地铁2号线学府站B口步行5分钟；公交1路、5路到学府路站；东侧有食堂和旅馆。",
)
SUBJECTS = (
    (t("基础科目", "Basic subjects"), t("预防科目", "Prevention")),
    (t("临床科目", "Clinical subjects"), t("综合应用科目", "Comprehensive application")),
)


def sittings(subjects: tuple[tuple[Words, ...], ...] = SUBJECTS) -> list[Sitting]:
    day = datetime(2011, 10, 16, tzinfo=CHINA)
    names = (t("上午", "Morning"), t("下午", "Afternoon"))
    hours = ((9, 11), (14, 16))
    return [
        Sitting(name, mine, day.replace(hour=a), day.replace(hour=b, minute=30))
        for name, (a, b), mine in zip(names, hours, subjects, strict=True)
    ]


def halls(rooms: int = 12, shapes: int = 4) -> list[Hall]:
    """`rooms` exam rooms over so many buildings, with a spare one, rest, seal and medical room and an office."""
    found = []
    for n in range(1, rooms + 1):
        building = (n - 1) * shapes // rooms
        floor, place = divmod((n - 1) % -(-rooms // shapes), 3)
        stair = ("东楼梯", "西楼梯")[place % 2] if building < 2 else ("中楼梯", "")[building % 2]
        found.append(
            Hall(
                n,
                ["求知楼", "明德楼", "实验楼", "图书馆"][building],
                floor + 1,
                "exam",
                f"{floor + 1}0{place + 1}",
                stair,
                True,
            )
        )
    others = (("spare", 0, 2), ("rest", 0, 1), ("seal", 1, 3), ("medical", 2, 1), ("office", 1, 1))
    for n, (kind, building, floor) in enumerate(others, start=rooms + 1):
        found.append(Hall(n, ["求知楼", "明德楼", "实验楼", "图书馆"][building], floor, kind, "", "东楼梯"))
    return found


def holders(first: int, count: int, category: Words) -> list[Holder]:
    return [
        Holder(
            f"111301{first + i:04d}", NAMES[i % 4], ("male", "female")[i % 2], "1301**********12", i + 1, f"p{i % 3}",
            category,
        )
        for i in range(count)
    ]  # fmt: skip


def room(
    hall: Hall, first: int, count: int, *, columns: int = 6, rows: int = 5, category: Words = GENERAL
) -> RoomSheet:
    place = Place(SITE, ADDRESS, SURROUNDINGS, hall.building, hall.floor, hall.number, hall.name)
    return RoomSheet(
        place, category, columns, rows, holders(first, count, category),
        [(s.serial, s.column, s.row) for s in s_order(columns, rows, count)],
    )  # fmt: skip


def papers(rooms: int = 3, **more: object) -> SitePapers:
    """The first room is 7 by 5 with 31 people, the last of the other category and nearly empty, the rest of 30."""
    every = halls()
    sheets = [room(every[0], 1, 31, columns=7)]
    sheets += [room(every[n], 2 + 30 * n, 30) for n in range(1, rooms - 1)]
    sheets += [room(every[rooms - 1], 5000, 2, category=AQUATIC)] if rooms > 1 else []
    made = SitePapers(
        exam=EXAM, region=POINTS[0], point=POINTS[1], code="1301-01", site=SITE, address=ADDRESS,
        surroundings=SURROUNDINGS, stamp=STAMP, rooms=sheets, halls=every,
        sittings={GENERAL.zh: sittings(), AQUATIC.zh: sittings((SUBJECTS[0], SUBJECTS[1][:1]))}, phone="0311-12316 12345",
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def photos() -> dict[str, bytes]:
    return {f"p{n}": photo(n, 230, 334) for n in range(3)}


def ticket(name: str = LONG, number: str = "1113010007") -> tuple[dict[str, object], dict[str, bytes]]:
    """A ticket's data, and the files that it asks for."""
    hall = halls()[4]
    data = documents.ticket(
        exam=EXAM,
        holder=Holder(number, name, "male", "1301**********12", 7, "p0", GENERAL),
        seat=(2, 3),
        place=Place(SITE, ADDRESS, SURROUNDINGS, hall.building, hall.floor, hall.number, hall.name),
        sittings=sittings(),
        points=POINTS,
        stamp=STAMP,
        halls=halls(),
    )
    code = pictures.qr_png(codes.sign_code("ticket", f"vet-2011|{number}|0123456789abcdef"))
    return data, {"p0": photos()["p0"], f"q{number}": code}
