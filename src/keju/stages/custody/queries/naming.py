"""What people call kinds of container, acts and places. A part that keeps places (stores, journeys) says their names."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol

from keju.kernel.exams.models import Exam
from keju.kernel.offices import queries as offices
from keju.rulebook.words import Words, t
from keju.stages.custody.rules.cases import KEY_STEPS, STEPS, Sort
from keju.stages.custody.rules.chain import Act
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.rules.places import Spot, read

KINDS: Mapping[str, Words] = {
    Kind.BOX: t("试卷箱", "Box"),
    Kind.PACK: t("试卷包", "Pack"),
    Kind.BAG: t("试卷袋", "Bag"),
    Kind.SPARE_BAG: t("备用卷袋", "Spare bag"),
    Kind.CARD_BAG: t("答题卡袋", "Card bag"),
}
ACTS: Mapping[str, Words] = {
    Act.MADE: t("印制装封", "Made"),
    Act.PACKED: t("装入", "Packed"),
    Act.UNPACKED: t("取出", "Taken out"),
    Act.SEALED: t("加封", "Sealed"),
    Act.OPENED: t("启封", "Opened"),
    Act.BROKEN: t("发现封条破损", "Seal found broken"),
    Act.HANDED_OVER: t("交接", "Handed over"),
    Act.MOVED: t("移动", "Moved"),
    Act.COUNTED: t("清点", "Counted"),
    Act.FROZEN: t("封存待查", "Frozen"),
    Act.RELEASED: t("解除封存", "Released"),
    Act.DESTROYED: t("销毁", "Destroyed"),
}
SPOTS: Mapping[str, Words] = {
    Spot.PRINTING_HOUSE: t("印刷厂", "Printing house"),
    Spot.CENTRE: t("中心", "Centre"),
    Spot.MAIL_ROOM: t("机要收发室", "Confidential mail room"),
    Spot.STORE: t("保密室", "Store"),
    Spot.JOURNEY: t("运送途中", "On the way"),
    Spot.SEAL_ROOM: t("封卷室", "Seal room"),
    Spot.ROOM: t("考场", "Room"),
    Spot.DESTROYED: t("已销毁", "Destroyed"),
}
FATES: Mapping[str, Words] = {
    "inside": t("袋内未发", "In the bag"),
    "out": t("已发出", "Given out"),
    "used": t("已用", "Used"),
    "unused": t("缺考未用", "Unused"),
    "defective": t("缺页残损", "Defective"),
    "missing": t("下落不明", "Missing"),
    "destroyed": t("已销毁", "Destroyed"),
}
INSIDE = t("在上级单位的箱包内", "In a container of the office above")


class Names(Protocol):
    """The names of places of one kind, by their keys, in one look."""

    def __call__(self, exam: Exam, keys: Collection[str]) -> Mapping[str, Words]: ...


_names: dict[str, Names] = {}


def names_places(spot: Spot) -> Callable[[Names], Names]:
    """Register `fn(exam, keys)` as what knows the names of places of this kind: of stores by their ids, for one."""

    def register(fn: Names) -> Names:
        if _names.setdefault(spot, fn) is not fn:
            raise ValueError(f"two sources of names for {spot}")
        return fn

    return register


def place_names(exam: Exam, places: Iterable[str]) -> dict[str, Words]:
    """Place as text → what people call it; what nobody knows a name of has that of its kind and its key."""
    known = {place: read(place) for place in set(places) if place}
    found = {"": INSIDE}
    for spot in {where.spot for where in known.values()}:
        mine = {place: where.key for place, where in known.items() if where.spot == spot}
        named = _names.get(spot, _by_office)(exam, set(mine.values()) - {""})
        name, said_of = SPOTS[spot], t("{name} {key}", "{name} {key}")
        for place, key in mine.items():
            found[place] = said_of.format(name=name, key=named.get(key, key)) if key else name
    return found


def _by_office(exam: Exam, keys: Collection[str]) -> dict[str, Words]:
    """Keys that are or begin with an office's code: "1301-01/7" is room 7 of that site."""
    parts = {key: key.partition("/") for key in keys}
    named = offices.names({code for code, _, _ in parts.values()})
    in_room = t("{office} {room}", "{office} {room}")
    return {
        key: in_room.format(office=named[code], room=room) if room else named[code]
        for key, (code, _, room) in parts.items()
        if code in named
    }


# what follows is said of handovers
HANDOVER_STATES: Mapping[str, Words] = {
    "prepared": t("已准备", "Prepared"),
    "announced": t("已预告", "Announced"),
    "counting": t("清点中", "Counting"),
    "signing": t("签字中", "Signing"),
    "closed": t("已完成", "Closed"),
    "broken_off": t("已中止", "Broken off"),
}
ROLES: Mapping[str, Words] = {
    "sender": t("移交人", "Sender"),
    "receiver": t("接收人", "Receiver"),
    "head": t("负责人", "Person in charge"),
    "confidential_officer": t("机要员", "Confidential officer"),
    "escort": t("押运人", "Escort"),
    "witness": t("见证人", "Witness"),
    "observer": t("监督人员", "Observer"),
}
# what a signature is asked as, where it is by no post of the programme
SIGNS_AS: Mapping[str, Words] = {
    "post:staff": t("工作人员", "Staff"),
    "post:officer": t("机要员", "Confidential officer"),
    "post:head": t("考试地点负责人", "Head of the site"),
    "post:invigilator": t("监考员", "Invigilator"),
    "post:point_staff": t("考点工作人员", "Staff of the point"),
    "post:case_treater": t("处理人", "Treats the case"),
}
SIDES: Mapping[str, Words] = {"sender": t("移交方", "Sender"), "receiver": t("接收方", "Receiver")}
SEEN: Mapping[str, Words] = {
    "": t("未扫", "Not yet scanned"),
    "intact": t("完好", "Intact"),
    "broken": t("封条破损", "Seal broken"),
    "other_seal": t("封条号不符", "Another seal number"),
    "missing": t("缺少", "Missing"),
}
VERDICTS: Mapping[str, Words] = {
    "expected": t("在清单上", "On the list"),
    "rejudged": t("改判", "Judged otherwise"),
    "again": t("扫了两次", "Read twice"),
    "extra": t("不在清单上", "Not on the list"),
    "foreign": t("属于另一次交接", "Of another handover"),
    "unknown": t("没有这个编号", "No such container"),
    "misread": t("不是有效条码", "Not a valid code"),
}
FLAWS: Mapping[str, Words] = {
    "missing": t("缺少", "Missing"),
    "broken": t("封条破损", "Seal broken"),
    "other_seal": t("封条号不符", "Another seal number"),
    "duplicate": t("标签重复", "Two with one label"),
    "extra": t("多出", "Not on the list"),
    "foreign": t("属于另一次交接", "Of another handover"),
    "unknown": t("没有这个编号", "No such container"),
}

# and of pages of which somebody asks whose copy they are: how it is shown, and its name
VERDICTS_OF_COPIES: Mapping[str, tuple[str, Words]] = {
    "proven": ("done", t("证实", "Proven")),
    "likely": ("soon", t("可能", "Likely")),
    "several": ("late", t("不能确定", "Not sure")),
    "disagrees": ("late", t("对不上", "Does not agree")),
    "unknown": ("late", t("没有这一袋", "No such bag")),
    "specimen": ("open", t("样张", "Specimen")),
}
SORT_NAMES: dict[str, Words] = {
    Sort.UNSEALED: t("未封或封条破损", "Seal open or broken"),
    Sort.DAMAGED: t("袋体破损", "Bag damaged"),
    Sort.MISSING: t("短少、下落不明", "Missing"),
    Sort.THEFT: t("失窃", "Theft"),
    Sort.LOSS: t("损毁", "Loss or destruction"),
    Sort.LEAK: t("泄密", "Leak"),
    Sort.KEY_LOST: t("保密室钥匙遗失", "Key of a store lost"),
}
CASE_STEP_NAMES: dict[str, Words] = {
    **STEPS,
    **KEY_STEPS,
    "reported": t("报告", "Reported"),
    "instructed": t("上级指示", "Superior's instruction"),
    "treated": t("处理并重新封口", "Treated and closed again"),
    "closed": t("结案", "Closed"),
}
