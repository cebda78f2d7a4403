"""A real browser on a live server, with the rehearsed year behind it and row-level security in force.

The browser reaches this server and nothing else: every other request is refused, and the test fails.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from urllib.parse import urlparse

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

LOCAL = {"localhost", "127.0.0.1", "::1"}


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """KEJU_CHROMIUM, else the system's, else playwright's own."""
    path = os.environ.get("KEJU_CHROMIUM") or shutil.which("chromium")
    launched = playwright.chromium.launch(executable_path=path or None, args=["--no-sandbox"])
    yield launched
    launched.close()


@pytest.fixture
def visit(seeded, browser: Browser, live_server) -> Iterator[Callable[..., BrowserContext]]:
    """`visit(client, width=360, language="en", theme="dark")`: a context with that client's session."""
    contexts, strangers = [], []

    def made(client=None, *, width: int = 1280, language: str = "zh", theme: str = "light") -> BrowserContext:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 900}, color_scheme=theme
        )

        def guard(route):
            url = route.request.url
            if urlparse(url).hostname in LOCAL or url.startswith(("data:", "blob:")):
                route.continue_()
            else:
                strangers.append(url)
                route.abort()

        context.route("**/*", guard)
        cookies = {"keju_language": language}
        if client is not None:
            cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()])
        contexts.append(context)
        return context

    yield made
    for context in contexts:
        context.close()
    assert strangers == []
