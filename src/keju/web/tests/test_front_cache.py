"""One answer for all visitors who are nobody yet, and never one that is somebody's."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch

from keju.web.front import FrontMiddleware

HTML = {"Content-Type": "text/html; charset=utf-8"}


class Pages:
    """What stands behind: counts how often it is asked."""

    def __init__(self, access: str = "public", **more: object) -> None:
        self.asked, self.access, self.more = 0, access, more

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.asked += 1

        def view() -> None: ...

        view.access = self.access  # type: ignore[attr-defined]
        request.resolver_match = ResolverMatch(view, (), {})
        response = HttpResponse(
            f"{self.asked} {request.path}", headers=HTML, status=self.more.get("status", 200)
        )
        if self.more.get("cookie"):
            response.set_cookie("csrftoken", "x")
        if self.more.get("private"):
            response.headers["Cache-Control"] = "no-store"
        return response


def asked(pages: Pages, *requests: HttpRequest) -> int:
    front = FrontMiddleware(pages)
    for request in requests:
        front(request)
    return pages.asked


def get(path: str = "/", **more: str) -> HttpRequest:
    return RequestFactory().get(path, **more)


@pytest.fixture(autouse=True)
def _keeping(settings: object) -> None:
    settings.PUBLIC_SECONDS = 60  # type: ignore[attr-defined]


def test_the_same_page_is_made_once_and_reads_the_same() -> None:
    front = FrontMiddleware(Pages())
    first, again = front(get()), front(get())
    assert first.content == again.content == b"1 /"
    assert again.headers["Content-Type"] == HTML["Content-Type"]


def test_address_language_and_host_are_kept_apart() -> None:
    others = (
        get(),
        get("/?a=1"),
        get(HTTP_ACCEPT_LANGUAGE="en"),
        get(HTTP_HOST="other"),
        get(HTTP_HX_REQUEST="true"),
    )
    assert asked(Pages(), *others, *others) == len(others)


@pytest.mark.parametrize("cookie", ["sessionid=1", "csrftoken=1", "messages=1"])
def test_who_carries_a_cookie_is_never_answered_from_memory(cookie: str) -> None:
    assert asked(Pages(), get(), get(HTTP_COOKIE=cookie), get(HTTP_COOKIE=cookie)) == 3
    assert asked(Pages(), get(HTTP_COOKIE=cookie), get()) == 2


@pytest.mark.parametrize(
    "pages",
    [
        Pages("candidate"),
        Pages("office"),
        Pages(""),
        Pages(cookie=True),
        Pages(private=True),
        Pages(status=404),
        Pages(status=302),
    ],
)
def test_what_is_not_the_same_for_all_is_not_kept(pages: Pages) -> None:
    assert asked(pages, get(), get()) == 2


def test_a_form_sent_and_a_language_chosen_reach_the_page() -> None:
    assert asked(Pages(), get(), RequestFactory().post("/"), get("/?lang=en"), get("/?lang=en")) == 4


def test_it_ends(settings: object) -> None:
    settings.PUBLIC_SECONDS = 1e-9  # type: ignore[attr-defined]
    assert asked(Pages(), get(), get()) == 2
    settings.PUBLIC_SECONDS = 0  # type: ignore[attr-defined]
    assert asked(Pages(), get(), get()) == 2
