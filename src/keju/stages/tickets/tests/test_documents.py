"""What stands on the papers, before any is drawn: directions, tables, labels, tickets. Pure."""

from dataclasses import replace

import pytest

from keju.rulebook import load_programme, t
from keju.stages.tickets.documents import KINDS, LAYOUTS, Hall, data_of, directions, labels_of
from keju.stages.tickets.documents.siteplan import numbers, site_plan
from keju.stages.tickets.tests import odd_site


def hall(number: int, building: str = "甲楼", floor: int = 1, stair: str = "东", kind: str = "exam") -> Hall:
    return Hall(number, building, floor, kind, "", stair)


SCHOOL = [
    hall(1), hall(2), hall(3, stair="西"), hall(4, floor=3), hall(5, floor=3, stair="西"),
    hall(6, "乙楼", 2, ""), hall(7, "乙楼", 2, ""), hall(8, kind="rest", stair="西"), hall(9, "乙楼", 1, "", "seal"),
]  # fmt: skip


def board(building: str, floor: int, stair: str) -> dict:
    found = [
        b for b in directions.stairway_directions(SCHOOL)
        if (b["building"], b["floor"], b["stair"]) == (building, floor, stair)
    ]  # fmt: skip
    assert len(found) == 1
    return found[0]


@pytest.mark.rule("V14.6.3")
def test_every_stairway_of_every_floor_has_its_board_and_floors_on_the_way_too() -> None:
    boards = directions.stairway_directions(SCHOOL)
    assert [(b["building"], b["floor"], b["stair"]) for b in boards] == [
        ("甲楼", 1, "东"), ("甲楼", 1, "西"), ("甲楼", 2, "东"), ("甲楼", 2, "西"), ("甲楼", 3, "东"), ("甲楼", 3, "西"),
        ("乙楼", 1, ""), ("乙楼", 2, ""),
    ]  # fmt: skip


@pytest.mark.rule("V14.6.3")
def test_a_board_says_what_is_here_up_down_and_elsewhere() -> None:
    rest = {"zh": "休息室", "en": "Rest room"}
    ground = board("甲楼", 1, "东")
    assert ground["near"] == {"rooms": "001–002", "others": []}
    assert ground["far"] == [{"stair": "西", "rooms": "003", "others": [rest]}]
    assert ground["up"] == [{"floor": 3, "rooms": "004–005", "others": []}]
    assert ground["down"] == []
    assert ground["elsewhere"] == [{"building": "乙楼", "rooms": "006–007", "others": []}]
    passing = board("甲楼", 2, "西")
    assert passing["near"] == {"rooms": "", "others": []} and passing["far"] == []
    assert [x["floor"] for x in passing["up"]] == [3] and [x["rooms"] for x in passing["down"]] == ["001–003"]
    assert board("乙楼", 1, "")["near"]["others"] == []  # nobody is pointed to where papers are kept


@pytest.mark.rule("V14.6.3")
def test_from_every_board_every_room_is_found_exactly_once() -> None:
    every = odd_site.halls()
    wanted = sorted(h.number for h in every if h.kind == "exam")
    for b in directions.stairway_directions(every):
        told = [b["near"], *b["far"], *b["up"], *b["down"], *b["elsewhere"]]
        found = [n for x in told for n in expanded(x["rooms"])]
        assert sorted(found) == wanted


def expanded(ranges: str) -> list[int]:
    found = []
    for part in filter(None, ranges.split(", ")):
        first, _, last = part.partition("–")
        found += range(int(first), int(last or first) + 1)
    return found


def test_room_numbers_are_told_as_ranges() -> None:
    assert numbers([3, 1, 2, 7]) == "001–003, 007" and numbers([]) == "" and numbers([12]) == "012"
    assert expanded(numbers({1, 2, 5, 6, 9})) == [1, 2, 5, 6, 9]


@pytest.mark.rule("V14.6.4")
def test_a_sign_for_every_room_and_only_rooms_with_desks_have_numbers() -> None:
    every = odd_site.halls()
    signs = directions.signs(every)
    assert len(signs) == len(every)
    assert {s["number"] for s in signs if s["number"]} == {f"{n:03d}" for n in range(1, 14)}
    assert {s["title"]["zh"] for s in signs} == {
        "考场",
        "备用考场",
        "休息室",
        "封卷室",
        "医务室",
        "考务办公室",
    }


@pytest.mark.rule("V14.6.1")
def test_banner_and_signposts() -> None:
    line = directions.banner(odd_site.papers())["line"]
    assert line["zh"] == "2011年全国执业兽医资格考试　河北省考区　石家庄市考点"
    posts = directions.signposts(odd_site.halls())
    assert len(posts) == 3 * (1 + 4 + 1) and {p["way"] for p in posts} == {"ahead", "left", "right"}
    assert posts[-1]["to"]["zh"] == "停车场" and posts[0]["rooms"] == "001–012"
    assert len(directions.signposts([hall(1)])) == 6  # one building needs no sign of its own


@pytest.mark.rule("V14.6.2")
def test_the_six_that_hang_outside_are_all_there() -> None:
    posted = [code for code, kind in KINDS.items() if "V14.6.2" in kind.clauses]
    assert posted == ["room_table", "allocation", "timetable", "room_rules", "violation_rules", "site_plan"]
    plan = site_plan(odd_site.halls())
    assert [b["building"] for b in plan] == ["求知楼", "明德楼", "实验楼", "图书馆"]
    assert [f["floor"] for f in plan[0]["floors"]] == [2, 1] and plan[0]["rooms"] == "001–003"


@pytest.mark.rule("V14.6.2", "V14.7.2")
def test_tables_and_timetable_tell_numbers_rooms_and_times() -> None:
    papers = odd_site.papers()
    data = data_of(KINDS["allocation"], papers, labels_of(KINDS["allocation"]))
    assert [(r["room"], r["first"], r["last"], r["count"]) for r in data["rooms"]] == [
        ("001", "1113010001", "1113010031", 31), ("002", "1113010032", "1113010061", 30), ("003", "1113015000", "1113015001", 2),
    ]  # fmt: skip
    assert {o["kind"]["zh"] for o in data["others"]} == {
        "备用考场",
        "休息室",
        "封卷室",
        "医务室",
        "考务办公室",
    }
    groups = data_of(KINDS["timetable"], papers, LAYOUTS["a4-3x8"])["groups"]
    assert [(g["category"]["zh"], g["rooms"], len(g["sittings"])) for g in groups] == [
        ("兽医全科类", "001–002", 2), ("水生动物类", "003", 2),
    ]  # fmt: skip
    assert groups[1]["sittings"][1]["subjects"]["zh"] == "临床科目"


def test_after_a_swap_the_range_of_a_room_is_still_from_lowest_to_highest() -> None:
    room = odd_site.papers().rooms[1]
    swapped = replace(room, holders=[room.holders[-1], *room.holders[1:-1], room.holders[0]])
    assert (swapped.first, swapped.last, swapped.numbers) == (room.first, room.last, room.numbers)
    assert room.numbers == f"{room.first} – {room.last}"


@pytest.mark.rule("V14.7.4")
def test_the_blackboard_says_subject_time_and_the_phone_number() -> None:
    boards = data_of(KINDS["blackboard"], odd_site.papers(), LAYOUTS["a4-3x8"])["boards"]
    assert len(boards) == 4 and {b["phone"] for b in boards} == {"0311-12316 12345"}
    assert (boards[0]["subjects"]["zh"], boards[0]["time"], boards[0]["rooms"]) == (
        "基础科目、预防科目", "09:00–11:30", "001–002",
    )  # fmt: skip


def test_bags_have_labels_by_session_and_room_with_the_spare_bag_last() -> None:
    labels = data_of(KINDS["bag_labels"], odd_site.papers(), LAYOUTS["a4-2x7"])["labels"]
    assert len(labels) == 2 * (2 * 3 + 1)
    assert [(x["session"]["zh"], x["room"], x["contents"]["zh"]) for x in labels[5:8]] == [
        ("上午", "003", "答题卡袋"), ("上午", "", "备用试卷袋"), ("下午", "001", "试卷袋"),
    ]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_labels_lie_on_their_sheet(layout: str) -> None:
    labels = LAYOUTS[layout]
    for axis, count in enumerate((labels.across, labels.down)):
        assert (
            labels.first[axis] + (count - 1) * labels.pitch[axis] + labels.size[axis]
            <= labels.page[axis] + 0.5
        )
        assert count == 1 or labels.pitch[axis] >= labels.size[axis]
    assert labels.pages(0) == 0 and labels.pages(labels.each) == 1 and labels.pages(labels.each + 1) == 2


@pytest.mark.rule("V14.7.3")
def test_the_s_ends_where_the_incomplete_row_begins() -> None:
    data = data_of(KINDS["door_stickers"], odd_site.papers(), LAYOUTS["a4-3x8"])
    assert [(h["seat"], h["column"], h["row"]) for h in data["rooms"][0]["holders"][-4:]] == [
        ("28", 7, 4), ("29", 7, 5), ("30", 6, 5), ("31", 5, 5),
    ]  # fmt: skip


@pytest.mark.rule("V14.3", "V7.3")
def test_a_ticket_s_data_is_plain_and_in_both_languages() -> None:
    data, files = odd_site.ticket()
    assert data["number"] == "1113010007" and data["seat"] == "07" and data["room"] == "005"
    assert data["category"] == {"zh": "兽医全科类", "en": "General veterinary"}
    assert len(data["rules"]) == 6 and all(r["zh"] and r["en"] for r in data["rules"])
    assert "地铁" in data["surroundings"] and data["address"] == odd_site.ADDRESS
    assert [b["building"] for b in data["plan"]] == ["求知楼", "明德楼", "实验楼", "图书馆"]
    assert data["stamp"] == {"zh": "座位方案第3版 1a2b3c4d", "en": "seat plan 3, 1a2b3c4d"}
    assert set(files) == {"p0", "q1113010007"}
    assert load_programme("veterinarian").categories[0].name == t("兽医全科类", "General veterinary")
