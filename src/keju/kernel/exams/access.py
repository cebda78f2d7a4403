"""The doors: every page and API operation is opened by exactly one of these decorators, or not at all.

Each resolves who acts, checks the permission, and runs the view inside that actor's scope. An exam in the address
(`<slug:exam>`) becomes `request.exam`. A view without a door is refused by `web.errors.ErrorMiddleware`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import reverse
from django.utils.http import urlencode

from keju.kernel.accounts import queries as accounts
from keju.kernel.accounts.models import Candidate, Person
from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.calendar import today
from keju.kernel.exams import queries
from keju.kernel.exams.clearing import lacking, slugs
from keju.kernel.exams.models import Exam
from keju.kernel.exams.rules import check_practice
from keju.kernel.offices.actors import Actor
from keju.kernel.offices.scope import acting
from keju.rulebook import enforce
from keju.rulebook.words import t

View = Callable[..., HttpResponseBase]
Operation = Callable[..., Any]  # of the API: what the schema makes an answer of
LOST = t(
    "登录已过期，刚才提交的内容没有保存。请登录，再用浏览器的“后退”回到填写的页面，重新提交。",
    "You were signed out, so what you just sent was not stored. Sign in, go back to the page you filled in, and send it again.",
)
POSTING = "keju_posting"
CANDIDATE = "keju_candidate"


class Request(HttpRequest):
    """A request as a view finds it behind its door: annotations only, no request is made of this class."""

    exam: Exam  # where the address names one
    actor: Actor
    candidate: Candidate  # behind a candidate's door
    person: Person  # behind an office's door: who, all that they hold, and the posting they act in
    holdings: list[accounts.Holding]
    holding: accounts.Holding


def actor(request: Request) -> Actor:
    """Who acts in this request."""
    return request.actor


def seen_version(request: HttpRequest) -> int:
    """The version of the row that the form was shown with; 0 where it names none, which no row has.

    Stale: what came is no version at all.
    """
    posted = request.POST.get("version") or "0"
    if not (posted.isascii() and posted.isdecimal() and len(posted) < 10):
        raise Stale
    return int(posted)


def public_page(view: View) -> View:
    """Anybody may open it; only public rows are visible."""

    @wraps(view)
    def run(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        _resolve_exam(request, kwargs)
        request.actor = Actor.anybody()
        with acting(request.actor):
            return view(request, *args, **kwargs)

    run.access = "public"  # type: ignore[attr-defined]
    return run


def candidate_page(view: View) -> View:
    """A signed-in candidate, seeing exactly their own rows."""

    @wraps(view)
    def run(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        _resolve_exam(request, kwargs)
        with _own_scope(request) as is_candidate:
            return view(request, *args, **kwargs) if is_candidate else _to("sign-in", request)

    run.access = "candidate"  # type: ignore[attr-defined]
    return run


def office_page(permission: str) -> Callable[[View], View]:
    """Staff with a second factor, holding `permission` through the posting they act in."""

    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            _resolve_exam(request, kwargs)
            if not request.user.is_authenticated:
                return _to("office-sign-in", request)
            if not request.user.is_verified():
                return _to("second-factor", request)
            resolve_staff(request)
            if not request.actor.may(permission):
                raise NotPermitted(permission)
            _trained(request, permission)
            with acting(request.actor):
                return view(request, *args, **kwargs)

        run.access = "office"  # type: ignore[attr-defined]
        run.permission = permission  # type: ignore[attr-defined]
        return run

    return decorate


def remember_candidate(request: HttpRequest) -> None:
    """Who has just signed in is a candidate: the session says which, so that no page has to look for it beyond its scope."""
    request.session[CANDIDATE] = accounts.candidate_id_of(request.user)  # type: ignore[arg-type]


@contextmanager
def _own_scope(request: Request) -> Iterator[bool]:
    """The scope of the candidate who is signed in, with `request.candidate` and `.actor`; False for anybody else.

    The account is read within the scope, and only if it is the sign-in's: the session says where to look, no more.
    """
    known = None
    if request.user.is_authenticated:
        known = request.session.get(CANDIDATE) or accounts.candidate_id_of(request.user)  # type: ignore[arg-type]
    if known is None:
        yield False
        return
    with acting(accounts.candidate_scope(known)):
        candidate = accounts.own_account(known, request.user)  # type: ignore[arg-type]
        if candidate is not None:
            request.candidate = candidate
            request.actor = accounts.candidate_actor(candidate)
        yield candidate is not None


def resolve_staff(request: Request) -> None:
    """Set `request.person`, `.holdings`, `.holding` and `.actor` from the session's chosen posting."""
    exam: Exam | None = getattr(request, "exam", None)
    # A posting's days are real days; a rehearsal's shifted clock does not lengthen anybody's rights.
    person, holdings = accounts.staff_of(request.user, today(), slugs(exam) if exam else None)  # type: ignore[arg-type]
    if person is None or not holdings:
        raise NotPermitted("office")
    chosen = request.session.get(POSTING)
    holding = next((h for h in holdings if h.posting_id == chosen), holdings[0])
    request.person = person
    request.holdings = holdings
    request.holding = holding
    request.actor = accounts.actor_of(person, holding)


def _trained(request: Request, permission: str) -> None:
    """RuleRefused where somebody would write in a real exam before having passed what their role needs (V4.3)."""
    exam: Exam | None = getattr(request, "exam", None)
    if exam is not None and request.method not in ("GET", "HEAD", "OPTIONS"):
        enforce(check_practice(lacking(exam, actor(request), permission)))


def _resolve_exam(request: Request, kwargs: dict[str, Any]) -> None:
    if "exam" in kwargs:
        try:
            request.exam = queries.exam(kwargs.pop("exam"))
        except Exam.DoesNotExist as error:
            raise NotPermitted(hidden=True) from error


def _to(name: str, request: HttpRequest) -> HttpResponse:
    """To the sign-in and back. What was being sent is lost with the session, and it says so: the way back is the page
    that has the button, for the button's own address cannot be opened.
    """
    onward = request.get_full_path()
    if request.method not in ("GET", "HEAD"):
        messages.warning(request, str(LOST))
        page = urlsplit(request.headers.get("Referer", ""))
        onward = f"{page.path}?{page.query}".rstrip("?") if page.netloc == request.get_host() else ""
    return HttpResponseRedirect(reverse(name) + (f"?{urlencode({'next': onward})}" if onward else ""))


def office_api(permission: str) -> Callable[[Operation], Operation]:
    """The same door for an API operation: staff by session and second factor; problems instead of redirects."""

    def decorate(operation: Operation) -> Operation:
        @wraps(operation)
        def run(request: Request, *args: Any, **kwargs: Any) -> Any:
            _exam_of_api(request, kwargs)
            _from_our_own_pages(request)
            if not request.user.is_authenticated or not request.user.is_verified():
                raise NotPermitted("sign-in")
            resolve_staff(request)
            if not request.actor.may(permission):
                raise NotPermitted(permission)
            _trained(request, permission)
            with acting(request.actor):
                return operation(request, *args, **kwargs)

        return run

    return decorate


def candidate_api(operation: Operation) -> Operation:
    """An API operation of a signed-in candidate."""

    @wraps(operation)
    def run(request: Request, *args: Any, **kwargs: Any) -> Any:
        _exam_of_api(request, kwargs)
        _from_our_own_pages(request)
        with _own_scope(request) as is_candidate:
            if not is_candidate:
                raise NotPermitted("sign-in")
            return operation(request, *args, **kwargs)

    return run


def public_api(operation: Operation) -> Operation:
    """An API operation for anybody."""

    @wraps(operation)
    def run(request: Request, *args: Any, **kwargs: Any) -> Any:
        _exam_of_api(request, kwargs)
        request.actor = Actor.anybody()
        with acting(request.actor):
            return operation(request, *args, **kwargs)

    return run


def _from_our_own_pages(request: HttpRequest) -> None:
    """A write that rides on a session cookie carries the CSRF token too; the API's views are exempt from the middleware."""
    check = CsrfViewMiddleware(lambda _: HttpResponse())
    request.csrf_processing_done = False  # type: ignore[attr-defined]
    check.process_request(request)
    if check.process_view(request, lambda: None, (), {}) is not None:
        raise NotPermitted("csrf")


def _exam_of_api(request: Request, kwargs: dict[str, Any]) -> None:
    """API operations keep `exam` as a named path argument; the row is at `request.exam`."""
    if "exam" in kwargs:
        try:
            request.exam = queries.exam(kwargs["exam"])
        except Exam.DoesNotExist as error:
            raise NotPermitted(hidden=True) from error
