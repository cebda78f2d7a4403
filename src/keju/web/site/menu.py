"""The workplace's left menu: the stages of the year, only those that the role may see and that are installed."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from keju.kernel.accounts.permissions import Permission as May
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook.words import Words, t


@dataclass(frozen=True)
class Item:
    """One line: `stage` names it, `url_name` opens it, `permission` lets it be seen."""

    stage: str
    name: Words
    url_name: str
    permission: May
    icon: str


@dataclass(frozen=True)
class Entry:
    """A line as shown to one person on one page."""

    name: Words
    url: str
    icon: str
    here: bool
    badge_url: str


@dataclass(frozen=True)
class Group:
    name: Words | None
    entries: list[Entry]


ITEMS: tuple[tuple[Words | None, tuple[Item, ...]], ...] = (
    (
        None,
        (
            Item("home", t("本单位", "Our office"), "office-home", May.DUTIES_BOARD_READ, "home"),
            Item("duties", t("应办事项", "Duties"), "duties-list", May.DUTIES_BOARD_READ, "list-check"),
            Item("readiness", t("准备情况", "Readiness"), "readiness-board", May.READINESS_BOARD_READ, "shield-check"),
            Item("approvals", t("签署与批准", "Signatures"), "approvals-list", May.APPROVALS_PROPOSAL_SIGN, "pencil"),
            Item("notices", t("通知收件", "Notices"), "notices-inbox", May.NOTICES_NOTICE_READ, "inbox"),
            Item("training", t("培训", "Training"), "training-own", May.NOTICES_NOTICE_READ, "book"),
        ),
    ),
    (
        t("考试年度", "The exam year"),
        (
            Item("announcement", t("公告", "Announcement"), "announcement-home", May.ANNOUNCEMENT_NOTICE_READ, "speakerphone"),
            Item("registration", t("报名", "Registration"), "registration-list", May.REGISTRATION_LIST_READ, "users"),
            Item("review", t("资格审核", "Review"), "review-home", May.REVIEW_LIST_READ, "clipboard-check"),
            Item("fees", t("考务费", "Fees"), "fees-home", May.FEES_LEDGER_READ, "coin"),
            Item("venues", t("考点考场", "Venues"), "venues-home", May.VENUES_SITE_READ, "map-pin"),
            Item("seating", t("编排座位", "Seating"), "seating-home", May.SEATING_PLAN_READ, "armchair"),
            Item("tickets", t("准考证", "Tickets"), "tickets-home", May.TICKETS_LIST_READ, "ticket"),
            Item("staffing", t("考务人员", "Staff"), "staffing-home", May.STAFFING_PEOPLE_READ, "users"),
            Item("security", t("安全保密", "Security"), "security-home", May.SECURITY_RECORD_READ, "shield-check"),
            Item("custody", t("试卷", "Papers"), "custody-home", May.CUSTODY_CHAIN_READ, "package"),
            Item("examday", t("考试日", "Exam day"), "examday-home", May.EXAMDAY_ROOM_READ, "writing"),
            Item("cards", t("答题卡", "Answer cards"), "marking-cards", May.MARKING_CARDS_PRINT, "printer"),
            Item("marking", t("阅卷", "Marking"), "marking-home", May.MARKING_BATCH_READ, "scan"),
            Item("countersign", t("会签封存", "Countersign"), "marking-countersign", May.MARKING_SCORE_COUNTERSIGN, "lock"),
            Item("results", t("成绩", "Results"), "results-home", May.RESULTS_LINE_READ, "chart-bar"),
            Item("certificates", t("证书", "Certificates"), "certificates-home", May.CERTIFICATES_LIST_READ, "certificate"),
            Item("archive", t("归档", "Archive"), "archive-home", May.ARCHIVE_BUNDLE_READ, "archive"),
        ),
    ),
    (
        t("管理", "Keeping order"),
        (
            Item("documents", t("印制台账", "Print ledger"), "documents-ledger", May.DOCUMENTS_LEDGER_READ, "file-text"),
            Item("recovery-issue", t("重设考生密码", "Reset passwords"), "recovery-issue", May.ACCOUNTS_RECOVERY_ISSUE, "key"),
            Item("recovery-review", t("核查重设码", "Reset codes"), "recovery-review", May.ACCOUNTS_RECOVERY_REVIEW, "key"),
            Item("people", t("人员与权限", "People"), "people-list", May.ACCOUNTS_PEOPLE_READ, "user"),
            Item("audit", t("审计日志", "Audit log"), "audit-log", May.AUDIT_LOG_READ, "history"),
            Item("clock", t("演练时钟", "Rehearsal clock"), "exam-clock", May.EXAMS_CLOCK_SHIFT, "clock"),
        ),
    ),
)  # fmt: skip


def menu(request: HttpRequest, exam: Exam | None) -> list[Group]:
    """The groups for this request's actor; entries without a page and groups without entries are left out."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return []
    shown = []
    for name, items in ITEMS:
        entries = list(_entries(items, request, actor, exam))
        if entries:
            shown.append(Group(name, entries))
    return shown


def _entries(
    items: tuple[Item, ...], request: HttpRequest, actor: Actor, exam: Exam | None
) -> Iterator[Entry]:
    for item in items:
        if not actor.may(item.permission) or _pointless(item, exam):
            continue
        url = address(item.url_name, exam)
        if url:
            yield Entry(
                item.name,
                url,
                item.icon,
                _here(item, url, request, exam),
                address(f"{item.stage}-badge", exam),
            )


def address(name: str, exam: Exam | None) -> str:
    """The page's address in this exam; a page that belongs to no exam remembers it as `?exam=`; "" if none."""
    return _address(name, exam.slug if exam else "")


# A menu asks for fifty addresses on each page, and they never change while the process lives.
@lru_cache(maxsize=4096)
def _address(name: str, slug: str) -> str:
    if slug:
        try:
            return reverse(name, kwargs={"exam": slug})
        except NoReverseMatch:
            pass
    try:
        return reverse(name) + (f"?exam={slug}" if slug else "")
    except NoReverseMatch:
        return ""


def _pointless(item: Item, exam: Exam | None) -> bool:
    return item.stage == "clock" and (exam is None or not exam.is_rehearsal)


def _here(item: Item, url: str, request: HttpRequest, exam: Exam | None) -> bool:
    """The page itself or one below it: /office/demo/review/17/ lies below /office/demo/review/."""
    path = url.partition("?")[0]
    if item.url_name == "office-home":
        return request.path == path
    below = f"/office/{exam.slug}/{item.stage}/" if exam else path
    return request.path.startswith(path) or request.path.startswith(below)
