"""The four errors of the house, each mapped once: to a page, an htmx fragment, or problem JSON (RFC 9457)."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import DisallowedHost, ObjectDoesNotExist, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from keju.kernel.audit import NotPermitted, Stale
from keju.rulebook import RuleRefused, load_programme
from keju.rulebook.words import Words, t

Explained = tuple[int, Words, list[dict[str, str]]]

STALE = t(
    "在您操作之前，别人已经处理了这条记录。请刷新页面，看过最新情况再决定。",
    "Somebody else dealt with this record before you. Reload the page and decide on what it says now.",
)
HIDDEN = t("没有找到这个页面或记录。", "There is no such page or record.")
FORBIDDEN = t(
    "您当前的岗位没有这项权限。需要时请向本单位管理员申请。",
    "Your present role does not include this. Ask your office's administrator if you need it.",
)
UNDONE = t(
    "这一步要在页面上点按钮完成，不能直接打开这个地址；没有任何改动。请返回原来的页面再点一次。",
    "This step is done by a button and not by opening its address; nothing was changed. Go back to the page and press it"
    " again.",
)
UNDONE_STATUSES = frozenset({400, 405, 409, 422})
REFUSED = t("按规则不能这样做", "The rules do not allow this")
INVALID = t("请更正下面的内容", "Please correct the following")


class ErrorMiddleware:
    """Refuses views without a door and explains the four errors. Anything else is a bug and stays one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:  # no text in the database can hold it: no page has to think of it
            return not_found(request)
        response = self.get_response(request)
        if response.status_code == 405 and not request.path.startswith("/api/"):
            said = answer(request, 405, UNDONE, [])
            said.headers["Allow"] = response.headers.get("Allow", "")
            return said
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        home = getattr(getattr(view, "func", view), "__module__", "")  # the API's own pages are partials
        if getattr(view, "access", None) or home.startswith(("ninja", "django.")):
            return None
        return answer(request, 404, HIDDEN, [])

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        found = explain(error, programme=_programme(request))
        return None if found is None else answer(request, *found)


def explain(error: Exception, programme: str) -> Explained | None:
    """Status, headline and reasons of a house error; None for a bug."""
    if isinstance(error, RuleRefused):
        reasons = [
            {"rule": r.rule, "text": str(r.words(load_programme(programme))), "field": r.field or ""}
            for r in error.refusals
        ]
        return 409, REFUSED, reasons
    if isinstance(error, NotPermitted):
        return (404, HIDDEN, []) if error.hidden else (403, FORBIDDEN, [])
    if isinstance(error, ObjectDoesNotExist):
        return 404, HIDDEN, []
    if isinstance(error, Stale):
        return 409, STALE, []
    if isinstance(error, ValidationError):
        return 422, INVALID, [{"rule": "", "text": str(m), "field": ""} for m in error.messages]
    return None


def answer(
    request: HttpRequest,
    status: int,
    headline: Words,
    reasons: list[dict[str, str]],
    *,
    is_undone: bool = False,
) -> HttpResponse:
    """The page, fragment or problem. `is_undone`: something was sent and not done, so the way leads back."""
    if request.path.startswith("/api/"):
        body = {"type": "about:blank", "title": str(headline), "status": status, "reasons": reasons}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    template = "web/error_fragment.html" if request.headers.get("HX-Request") else "web/error.html"
    facts: dict[str, Any] = {
        "status": status,
        "headline": headline,
        "reasons": reasons,
        "back": _back(request),
        "is_undone": is_undone or status in UNDONE_STATUSES,
    }
    if status >= 500:
        facts["layout"] = "web/bare.html"  # the database may be what is ill
    return render(request, template, facts, status=status)


def too_many_attempts(
    request: HttpRequest, credentials: dict[str, Any], *args: Any, **kwargs: Any
) -> HttpResponse:
    """What the sign-in limiter answers."""
    headline = t(
        "连续登录失败次数过多，请十五分钟后再试。",
        "Too many failed sign-ins. Try again in fifteen minutes.",
    )
    return answer(request, 429, headline, [])


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, 404, HIDDEN, [])


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What the framework itself refuses: a malformed or an oversized request."""
    headline = t(
        "提交的内容有误或太大，没有保存。请返回检查后再试。",
        "What was sent is malformed or too large; nothing was stored. Go back, check it and try again.",
    )
    return answer(request, 400, headline, [])


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: opened long ago, in another session, or not on our page."""
    headline = t(
        "这个页面打开太久，或者浏览器没有保存 Cookie，刚才的内容没有提交。请返回，刷新页面后再提交一次。",
        "This page was open too long, or the browser keeps no cookies, so nothing was stored. Go back, reload and send"
        " it again.",
    )
    return answer(request, 403, headline, [], is_undone=True)


def broken(request: HttpRequest) -> HttpResponse:
    """A bug. Says nothing of its inside; what was being done was not half-done (one transaction a request)."""
    headline = t(
        "系统出了差错，您的操作没有生效，也没有留下半截数据。请稍后再试；仍不行请联系技术支持。",
        "Something broke. Nothing was changed or half-written. Try again later, or tell support.",
    )
    return answer(request, 500, headline, [])


def _back(request: HttpRequest) -> str:
    """The page of ours that the reader came from, else the start."""
    came_from = request.headers.get("Referer", "")
    try:
        host = request.get_host()
    except DisallowedHost:
        return "/"
    return came_from if url_has_allowed_host_and_scheme(came_from, {host}) else "/"


def _programme(request: HttpRequest) -> str:
    exam = getattr(request, "exam", None)
    return exam.programme if exam else "veterinarian"
