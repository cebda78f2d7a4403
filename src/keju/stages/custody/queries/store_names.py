"""What people call roles, locks, keys, purposes and watching at a store."""

from keju.rulebook.words import Words, t

HOSTS: dict[str, Words] = {
    "": t("本单位自有", "The office's own"),
    "education": t("租用：教育考试机构", "Rented from an education exam body"),
    "medical": t("租用：卫生考试机构", "Rented from a medical exam body"),
    "personnel": t("租用：人事考试机构", "Rented from a personnel exam body"),
    "other": t("租用：其他单位", "Rented from another body"),
}
ROLES: dict[str, Words] = {
    "responsible": t("保密责任人", "Responsible for secrecy"),
    "receiver": t("接收员", "Receiver"),
    "withdraw": t("有权提取的人", "May withdraw"),
}
LOCKS: dict[str, Words] = {
    "door_a": t("门锁一", "Door, lock one"),
    "door_b": t("门锁二", "Door, lock two"),
    "cabinet": t("柜锁", "Cabinet"),
}
KEY_ACTS: dict[str, Words] = {
    "issued": t("发出", "Issued"),
    "handed_over": t("移交", "Handed over"),
    "returned": t("收回", "Returned"),
    "lost": t("遗失", "Lost"),
}
PURPOSES: dict[str, Words] = {
    "receive": t("入库", "To bring in"),
    "withdraw": t("提取", "To take out"),
    "inspect": t("检查清点", "To check and count"),
    "other": t("其他", "Other"),
}
MEANS: dict[str, Words] = {
    "video": t("录像", "Video"),
    "persons": t("人员值守", "Persons"),
}
