"""What every template knows: language, who acts, the exam, its clock, and what surrounds a page. All lazily."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from keju.kernel.accounts.models import LoginKind
from keju.kernel.accounts.permissions import Permission
from keju.kernel.calendar import now
from keju.kernel.exams import queries
from keju.kernel.exams.clearing import lacking
from keju.kernel.exams.models import Exam
from keju.kernel.notices import queries as notices
from keju.rulebook.words import Words
from keju.web.site.current import current
from keju.web.site.menu import Entry, Group, address, menu


def surroundings(request: HttpRequest) -> dict[str, Any]:
    exam = getattr(request, "exam", None)
    holding = getattr(request, "holding", None)
    language = getattr(request, "language", "zh")
    office_exam = _Once(lambda: office_exam_of(request))
    groups = _Once(lambda: menu(request, office_exam.get()))
    return {
        "exam": exam,
        "actor": getattr(request, "actor", None),
        "language": language,
        "other_language": "zh" if language == "en" else "en",
        "clock": now(exam),
        "passkey_domain": settings.PASSKEYS["rp_id"],
        "holdings": getattr(request, "holdings", []),
        "holding": holding,
        "layout": "web/office.html" if holding else "web/candidate.html",
        "office_exam": office_exam.get,
        "exams": SimpleLazyObject(lambda: list(queries.exams())),
        "menu": groups.get,
        "way_back": lambda: way_back(request, groups.get()),
        "search_url": lambda: search_url(request, office_exam.get()),
        "signed_in": lambda: signed_in(request),
        "unread_messages": lambda: unread_messages(request),
        "practice": lambda: practice(request),
    }


@dataclass(frozen=True)
class Practice:
    """What somebody still has to pass before they work in the exam, and the rehearsal in which they may practise."""

    lacking: tuple[Words, ...]
    rehearsal: Exam | None


def practice(request: HttpRequest) -> Practice | None:
    """Training mode (V4.3): None where there is nothing to pass, in a rehearsal, and on pages of no exam."""
    exam, actor = getattr(request, "exam", None), getattr(request, "actor", None)
    if exam is None or actor is None or exam.is_rehearsal or getattr(request, "holding", None) is None:
        return None
    missing = lacking(exam, actor)
    if not missing:
        return None
    there = (
        e for e in queries.exams() if e.is_rehearsal and e.programme == exam.programme and e.year == exam.year
    )
    return Practice(tuple(missing), next(there, None))


class _Once:
    """A value asked for when it is first needed, then kept. (A lazy object cannot stand for None.)"""

    def __init__(self, ask: Any) -> None:
        self.ask = ask
        self.kept: list[Any] = []

    def get(self) -> Any:
        if not self.kept:
            self.kept.append(self.ask())
        return self.kept[0]


def office_exam_of(request: HttpRequest) -> Exam | None:
    """The exam of the page; on a page of no exam the one it was reached from (`?exam=`), else the current one."""
    exam: Exam | None = getattr(request, "exam", None)
    if exam is not None:
        return exam
    asked = request.GET.get("exam", "")
    return next((e for e in queries.exams() if e.slug == asked), None) or current()


def way_back(request: HttpRequest, groups: list[Group]) -> Entry | None:
    """The menu's line that this page lies below; None on that line's own page."""
    entries = (entry for group in groups for entry in group.entries)
    return next((e for e in entries if e.here and e.url.partition("?")[0] != request.path), None)


def search_url(request: HttpRequest, exam: Exam | None) -> str:
    """Where the search box leads: the search of everything, else the list of registrations, else nowhere."""
    actor = getattr(request, "actor", None)
    if actor is None or not actor.may(Permission.REGISTRATION_LIST_READ):
        return ""
    return (address("office-search", exam) or address("registration-list", exam)).partition("?")[0]


def unread_messages(request: HttpRequest) -> int:
    """How many messages the candidate has not read, on a page of an exam; 0 for everybody else."""
    exam, actor = getattr(request, "exam", None), getattr(request, "actor", None)
    return 0 if exam is None or actor is None else notices.unread_messages(viewer=actor, exam=exam)


def signed_in(request: HttpRequest) -> str:
    """ "candidate", "staff" or ""."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return ""
    return "staff" if user.kind == LoginKind.STAFF else "candidate"
