"""The stages of the year by name."""

from keju.rulebook.words import Words, t

STAGE_NAMES: dict[str, Words] = {
    "announcement": t("公告", "Announcement"),
    "registration": t("报名", "Registration"),
    "fees": t("考务费", "Fees"),
    "review": t("资格审核", "Review"),
    "venues": t("考点考场", "Venues"),
    "seating": t("编排座位", "Seating"),
    "tickets": t("准考证", "Tickets"),
    "staffing": t("考务人员", "Staffing"),
    "security": t("安全保密", "Security"),
    "itembank": t("试题", "Items"),
    "custody": t("试卷保管", "Custody"),
    "examday": t("考试日", "Exam day"),
    "misconduct": t("违纪", "Misconduct"),
    "marking": t("阅卷", "Marking"),
    "statistics": t("统计", "Statistics"),
    "results": t("成绩", "Results"),
    "certificates": t("证书", "Certificates"),
    "archive": t("归档", "Archive"),
}
