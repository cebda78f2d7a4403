"""What people call the kinds of documents that are printed, and what a print is of."""

from collections.abc import Mapping

from keju.rulebook.words import Words, t

NAMES: Mapping[str, Words] = {
    "registration_receipt": t("报名回执", "Registration receipt"),
    "registration_form_check": t("报名表（核对用）", "Registration form to check"),
    "registration_form": t("报名表（签字用）", "Registration form to sign"),
    "registration_summary": t("报名汇总表", "Registration summary"),
    "registration_consignment": t("报送交接清单", "Consignment list"),
    "fiscal_receipt": t("财政票据", "Fiscal receipt"),
    "reconciliation": t("对账表", "Reconciliation report"),
    "appointment_slips": t("任用通知", "Slips of appointment"),
    "ticket": t("准考证", "Ticket"),
    "stubs": t("准考证存根", "Ticket stubs"),
    "sign_in": t("签到表", "Sign-in sheets"),
    "desk_stickers": t("桌贴", "Desk stickers"),
    "door_stickers": t("门贴", "Door stickers"),
    "room_table": t("考场分布表", "Room distribution table"),
    "allocation": t("准考证号分配表", "Ticket number allocation table"),
    "bag_labels": t("试卷袋、答题卡袋标签", "Labels of bags"),
    "blackboard": t("黑板文字", "Blackboard texts"),
    "timetable": t("考试时间表", "Timetable"),
    "room_rules": t("考场规则", "Room rules"),
    "violation_rules": t("违纪处理规定", "Violation rules"),
    "site_plan": t("考试地点平面图", "Site plan"),
    "directions": t("楼梯口考场指示牌", "Room directions at stairways"),
    "signs": t("考场和功能室标牌", "Signs of rooms"),
    "signposts": t("路标", "Signposts"),
    "banner": t("横幅", "Banner"),
    "container_labels": t("箱包袋标签", "Container labels"),
    "paper_marks": t("页面暗记", "Page marks"),
    "paper_quantities": t("试卷用量确认表", "Form of paper quantities"),
    "journey_plan": t("试卷运送方案", "Plan of a journey"),
    "escort_card": t("押运证", "Escort card"),
    "case_report": t("试卷异常处理报告", "Report of a case"),
    "custody_evidence": t("试卷交接证据", "Evidence of custody"),
    "inspection": t("检查表、检查记录", "Inspection form or record"),
    "responsibility_letter": t("责任书", "Letter of responsibility"),
    "responsibility_matrix": t("责任分工表", "Matrix of responsibility"),
    "roster": t("值守表", "Duty roster"),
    "phone_directory": t("通讯录", "Phone directory"),
    "room_record": t("考场情况记录单", "Room record"),
    "answer_card": t("答题卡", "Answer cards"),
    "transcript": t("成绩单", "Transcript"),
    "register_of_passes": t("合格人员名册", "Register of passes"),
    "certificate": t("资格证书", "Certificate"),
    "attendance_list": t("培训签到表", "Attendance list"),
}
SUBJECTS: Mapping[str, Words] = {
    "registration": t("报名", "Registration"),
    "summary": t("汇总", "Summary"),
    "fiscal_receipt": t("票据", "Receipt"),
    "reconciliation": t("账册", "Books"),
    "ticket": t("准考证", "Ticket"),
    "site": t("考试地点", "Site"),
    "inspection": t("检查", "Inspection"),
    "room": t("考场", "Room"),
    "result": t("成绩", "Result"),
    "register": t("考区", "Region"),
    "point": t("考点", "Point"),
    "container": t("箱包袋", "Container"),
    "roster": t("值守表", "Roster"),
    "office": t("单位", "Office"),
    "certificate": t("证书", "Certificate"),
    "course": t("培训", "Course"),
}


def name_of(kind: str) -> Words | str:
    """The kind in words; the kind itself where nobody has named it."""
    return NAMES.get(kind, kind)


def subject_words(subject: str) -> str:
    """`ticket:1151010001` as people read it: "Ticket 1151010001"."""
    kind, _, number = subject.partition(":")
    return f"{SUBJECTS[kind]} {number}" if number and kind in SUBJECTS else subject
