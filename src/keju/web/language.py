"""The language of a request: chosen by `?lang=`, kept in a cookie, else the browser's, else Chinese."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from keju.rulebook.words import speaking

COOKIE = "keju_language"
YEAR = 365 * 24 * 3600


class LanguageMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.GET.get("lang")
        language = language_of(request)
        with speaking(language), translation.override("en" if language == "en" else "zh-hans"):
            request.language = language
            response = self.get_response(request)
        response.headers["Content-Language"] = "en" if language == "en" else "zh-CN"
        if chosen:
            response.set_cookie(COOKIE, language, max_age=YEAR, samesite="Lax", httponly=True)
        return response


def language_of(request: HttpRequest) -> str:
    """ "zh" or "en"."""
    language = request.GET.get("lang") or request.COOKIES.get(COOKIE) or _from_browser(request)
    return "en" if language == "en" else "zh"


def _from_browser(request: HttpRequest) -> str:
    header = request.headers.get("Accept-Language", "").lower()
    return "en" if header.startswith("en") else "zh"
