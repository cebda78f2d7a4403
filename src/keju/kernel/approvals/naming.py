"""Names of states and of whose signature is meant."""

from keju.kernel.accounts.permissions import ROLES
from keju.kernel.approvals.needing import POST
from keju.kernel.exams.models import Exam
from keju.kernel.exams.queries import programme
from keju.rulebook.words import Words, t

STATES: dict[str, tuple[str, Words]] = {
    "open": ("open", t("等待签署", "Waiting for signatures")),
    "approved": ("done", t("已批准", "Approved")),
    "used": ("done", t("已批准并执行", "Approved and carried out")),
    "refused": ("late", t("已退回", "Refused")),
    "withdrawn": ("none", t("已撤回", "Withdrawn")),
    "superseded": ("none", t("已被新提请替代", "Replaced by a newer one")),
    "expired": ("late", t("已失效", "Expired")),
}
KINDS = {
    "committee": t("委员会", "the committee"),
    "office": t("管理办公室", "the administration office"),
    "centre": t("考试中心", "the centre"),
    "region": t("考区", "the region"),
    "point": t("考点", "the point"),
    "site": t("考试地点", "the site"),
}


def whose(what: str, exam: Exam) -> Words:
    """ "region_leader" → 考区领导; "region" → anybody of the region; "post:escort" → the post's name."""
    if what in ROLES:
        return ROLES[what].name
    if what in KINDS:
        return t("{office}的工作人员", "somebody of {office}").format(office=KINDS[what])
    code = what.removeprefix(POST)
    post = programme(exam).post(code)
    return post.name if post else t(code, code)
