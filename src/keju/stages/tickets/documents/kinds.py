"""The papers of a site: what there is, by which clause, on what paper, how often. In the order of the print shop's list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from keju.rulebook.words import Words, t
from keju.stages.tickets.documents import directions, rooms, walls
from keju.stages.tickets.documents.labels import LAYOUTS, Labels
from keju.stages.tickets.documents.parts import SitePapers, head
from keju.stages.tickets.documents.siteplan import site_plan

A4, A4_WIDE = t("A4 纵向", "A4 upright"), t("A4 横向", "A4 wide")
A3, A3_WIDE = t("A3 纵向", "A3 upright"), t("A3 横向", "A3 wide")
BANNER = t("600×60毫米，放大10倍印制", "600 × 60 mm, to be enlarged ten times")
ROOM = t("每考场", "each room")
SITE = t("每考试地点", "each site")
STUBS, SIGNATURES = 18, 16
"""On a page; the templates break there."""

Build = Callable[[SitePapers], dict[str, object]]
Pages = Callable[[SitePapers, Labels], int]
NO_LABELS = LAYOUTS["a4-3x8"]


@dataclass(frozen=True)
class Kind:
    """`pages`: how many the file has, None where it depends on how long names are. `by_room`: can be printed for one room,
    and is rendered some rooms at a time. `names`: everybody stands on it. `photo`: pixels in height that its photos need.
    `labels`: the format of labels it is made for, "" where it is none. `drawing`: shows the site's own picture."""

    name: Words
    clauses: tuple[str, ...]
    paper: Words
    once: Words
    build: Build
    pages: Pages | None = None
    by_room: bool = False
    names: bool = False
    photo: int = 0
    labels: str = ""
    needs_phone: bool = False
    drawing: bool = False


def _per_room(each: int) -> Pages:
    return lambda papers, _: sum(-(-len(r.holders) // each) for r in papers.rooms)


def _one(papers: SitePapers, labels: Labels) -> int:
    return 1


KINDS: Mapping[str, Kind] = {
    "stubs": Kind(
        t("准考证存根", "Ticket stubs"), ("V7.4",), A4, ROOM, rooms.sheets, _per_room(STUBS), True, True, 334,
    ),
    "sign_in": Kind(
        t("签到表", "Sign-in sheets"), ("V7.4",), A4, ROOM, rooms.sheets, _per_room(SIGNATURES), True, True, 160,
    ),
    "desk_stickers": Kind(
        t("桌贴", "Desk stickers"), ("V14.7.3",), t("不干胶标签", "Labels"), ROOM, rooms.sheets,
        lambda papers, labels: sum(labels.pages(len(r.holders)) for r in papers.rooms), True, True, labels="a4-3x8",
    ),
    "door_stickers": Kind(
        t("门贴", "Door stickers"), ("V14.6.5", "V14.7.3"), A4_WIDE, ROOM, rooms.sheets,
        lambda papers, _: len(papers.rooms), True,
    ),
    "bag_labels": Kind(
        t("试卷袋、答题卡袋标签", "Labels of bags"), ("V15.3.1",), t("不干胶标签", "Labels"),
        t("每考场每场次", "each room and session"), lambda papers: {"labels": walls.bag_labels(papers)},
        lambda papers, labels: labels.pages(len(walls.bag_labels(papers))), labels="a4-2x7",
    ),
    "blackboard": Kind(
        t("黑板文字", "Blackboard texts"), ("V14.7.4",), A4_WIDE, t("每类别每场次", "each category and session"),
        lambda papers: {"boards": walls.blackboard(papers)}, lambda papers, _: len(walls.blackboard(papers)),
        needs_phone=True,
    ),
    "room_table": Kind(
        t("考场分布表", "Room distribution table"), ("V14.7.2", "V14.6.2"), A4, SITE, rooms.sheets,
    ),
    "allocation": Kind(
        t("准考证号分配表", "Ticket number allocation table"), ("V14.6.2",), A4, SITE, rooms.sheets,
    ),
    "timetable": Kind(
        t("考试时间表", "Timetable"), ("V14.6.2",), A3, SITE, lambda papers: {"groups": walls.timetable(papers)}, _one,
    ),
    "room_rules": Kind(
        t("考场规则", "Room rules"), ("V14.6.2",), A3, SITE, lambda papers: walls.room_rules(), _one,
    ),
    "violation_rules": Kind(
        t("违纪处理规定", "Violation rules"), ("V14.6.2",), A3, SITE, lambda papers: walls.violation_rules(), _one,
    ),
    "site_plan": Kind(
        t("考试地点平面图", "Site plan"), ("V14.6.2",), A3_WIDE, SITE,
        lambda papers: {"plan": site_plan(papers.halls), "picture": papers.picture}, _one, drawing=True,
    ),
    "directions": Kind(
        t("楼梯口考场指示牌", "Room directions at stairways"), ("V14.6.3",), A3,
        t("每楼层每楼梯口", "each stairway of each floor"),
        lambda papers: {"boards": directions.stairway_directions(papers.halls)},
        lambda papers, _: len(directions.stairway_directions(papers.halls)),
    ),
    "signs": Kind(
        t("考场和功能室标牌", "Signs of rooms"), ("V14.6.4",), A4_WIDE, t("每房间", "each room"),
        lambda papers: {"signs": directions.signs(papers.halls)}, lambda papers, _: len(papers.halls),
    ),
    "signposts": Kind(
        t("路标", "Signposts"), ("V14.6.1",), A3_WIDE, t("每去处每方向", "each way to each place"),
        lambda papers: {"posts": directions.signposts(papers.halls)},
        lambda papers, _: len(directions.signposts(papers.halls)),
    ),
    "banner": Kind(t("横幅", "Banner"), ("V14.6.1",), BANNER, SITE, directions.banner, _one),
}  # fmt: skip


def data_of(kind: Kind, papers: SitePapers, labels: Labels) -> dict[str, object]:
    """What the kind's template is given."""
    return {**head(papers), **kind.build(papers), "sheet": labels.data()}


def labels_of(kind: Kind, layout: str = "") -> Labels:
    """The format asked for, or the kind's own. `LookupError` for one that nobody sells."""
    return LAYOUTS[layout or kind.labels] if kind.labels else NO_LABELS
