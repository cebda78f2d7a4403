"""Public pages for visitors who are nobody yet: all read the same, so one answer serves them for a few seconds.

A results day brings thousands of such requests a second; without this each would ask the database for the same words.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from keju.web.language import COOKIE, language_of

KEPT = 2_000
LARGEST = 512 * 1024
Key = tuple[str, str, str, bool]


@dataclass(frozen=True, slots=True)
class Answer:
    until: float
    body: bytes
    headers: tuple[tuple[str, str], ...]


class FrontMiddleware:
    """Keeps whole answers of public pages in this process, per address and language, for `PUBLIC_SECONDS`.

    Only for a plain GET without any cookie but the language's, and only of a view whose door is `public_page` that set no
    cookie itself: whatever is personal, counted or carries a token is never kept. A host is part of the address, and only
    an answer that was given for it once is given again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.answers: OrderedDict[Key, Answer] = OrderedDict()
        self.lock = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seconds = settings.PUBLIC_SECONDS
        if not seconds or request.method != "GET" or set(request.COOKIES) - {COOKIE} or "lang" in request.GET:
            return self.get_response(request)
        fragment = "HX-Request" in request.headers
        key = (request.META.get("HTTP_HOST", ""), request.get_full_path(), language_of(request), fragment)
        kept = self.answers.get(key)
        if kept is not None and kept.until > time.monotonic():
            return _again(kept)
        response = self.get_response(request)
        if _same_for_all(request, response):
            with self.lock:
                until = time.monotonic() + seconds
                self.answers[key] = Answer(until, response.content, tuple(response.headers.items()))
                self.answers.move_to_end(key)
                while len(self.answers) > KEPT:
                    self.answers.popitem(last=False)
        return response


def _again(kept: Answer) -> HttpResponse:
    response = HttpResponse(kept.body)
    for name, value in kept.headers:
        response.headers[name] = value
    return response


def _same_for_all(request: HttpRequest, response: HttpResponse) -> bool:
    match = request.resolver_match
    return (
        response.status_code == 200
        and match is not None
        and getattr(match.func, "access", "") == "public"
        and not response.streaming
        and not response.cookies
        and "no-store" not in response.headers.get("Cache-Control", "")
        and len(response.content) <= LARGEST
    )
