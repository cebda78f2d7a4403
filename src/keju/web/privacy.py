"""What browsers and proxies may keep: nothing of a page that somebody saw signed in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers


class PrivacyMiddleware:
    """Pages of candidates and staff are not stored: not on the shared machine of an internet café, nowhere.

    Public pages may be, but differ by language and by who is signed in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        actor = getattr(request, "actor", None)
        if actor is not None and actor.role != "anybody":
            response.headers.setdefault("Cache-Control", "no-store")
        else:
            patch_vary_headers(response, ("Cookie", "Accept-Language"))
        return response
