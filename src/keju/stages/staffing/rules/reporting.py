"""What inspectors and supervisors report (V2.1, V2.2)."""

from collections.abc import Iterator, Mapping

from keju.rulebook import Refusal, rule
from keju.rulebook.words import Words, t

PHASES: dict[str, Words] = {
    "preparation": t("考前准备", "Preparation"),
    "conduct": t("考试实施", "Conduct of the exam"),
    "after": t("考后工作", "After the exam"),
    "emergency": t("应急处置", "Emergency"),
}
CHECKS: dict[str, dict[str, Words]] = {
    "preparation": {
        "rooms": t("考场布置、桌贴、门封符合要求", "Rooms, desk stickers and door seals are as required"),
        "staff": t("工作人员到岗、已培训、已回避审查", "Staff are there, trained, and cleared of recusal"),
        "papers": t("试卷保管、值守和钥匙管理符合要求", "Papers are kept, guarded and locked as required"),
        "devices": t("监控、屏蔽、检测设备可用", "Cameras, jammers and detectors work"),
        "emergency": t("应急预案和联系电话齐全", "Emergency plans and telephone numbers are at hand"),
    },
    "conduct": {
        "draw": t("监考员抽签分配考场", "Rooms were drawn by lot among the invigilators"),
        "issue": t("试卷领取、启封符合程序", "Papers were taken and opened as prescribed"),
        "identity": t("入场核对身份", "Identity was checked at the door"),
        "order": t("考场秩序良好", "There was order in the rooms"),
        "patrol": t("巡考员在岗巡视", "Patrols were on their floors"),
    },
    "after": {
        "count": t("试卷、答题卡清点相符", "Papers and cards were counted and agree"),
        "seal": t("密封和签名完整", "Seals and signatures are complete"),
        "return": t("答题卡按时送交", "Cards were handed over in time"),
    },
    "emergency": {},
}
REPORTING = ("V2.1", "V2.2")
"""Clauses of the posts that report."""


@rule("V2.1", "V2.2")
def check_report(rule_id: str, in_force: bool, text: str, items: Mapping[str, bool]) -> Iterator[Refusal]:
    """Inspectors and supervisors in force report; what is not in order is told in words."""
    if rule_id not in REPORTING or not in_force:
        yield Refusal("V2.1", "staffing_not_reporting")
    elif not text.strip() and (not items or not all(items.values())):
        yield Refusal(rule_id, "staffing_report_empty", field="text")
