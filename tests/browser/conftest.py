"""A real browser on a live server, with the rehearsed year behind it and row-level security in force.

The browser reaches this server and nothing else: every other request is refused, and the test fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlparse

import pytest
from django.conf import settings
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Browser, BrowserContext, Page

from keju.kernel.accounts.models import Login
from keju.kernel.calendar import now
from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import office
from keju.web.rehearsal.calendar import calendar
from keju.web.rehearsal.steps import announcement, registration
from keju.web.rehearsal.world import World
from keju.web.tests.chromium import LOCAL, launched

CANDIDATES = 8
FAR = 150  # steps of the Tab key


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@pytest.fixture
def visit(seeded, browser: Browser, live_server) -> Iterator[Callable[..., BrowserContext]]:
    """`visit(client, width=360, language="en", theme="dark")`: a context with that client's session."""
    contexts, strangers = [], []

    def made(client=None, *, width: int = 1280, language: str = "zh", theme: str = "light") -> BrowserContext:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 900}, color_scheme=theme
        )

        def watch(request) -> None:
            # the browser does not find it; a route that refused it would also take the pages their cache
            if not request.url.startswith(("data:", "blob:")) and urlparse(request.url).hostname not in LOCAL:
                strangers.append(request.url)

        context.on("request", watch)
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


@pytest.fixture
def world(transactional_db, monkeypatch, settings, tmp_path) -> Iterator[World]:
    """A region of two points at which candidates wait for their confirmation."""
    settings.FILES_ROOT = tmp_path
    office.cache_clear()
    when = calendar(2011)
    made = World("veterinarian", 2011, CANDIDATES, 7, when, None, region_codes=("13",))
    made.clock_shift = when.registering - now()
    monkeypatch.setattr(announcement, "PER_POINT", 2)
    monkeypatch.setattr(registration, "GOOD", 4)
    monkeypatch.setattr(registration, "BAD", 0)
    announcement.run(made, lambda done: None)
    registration.run(made, lambda done: None)
    set_clock(made, when.confirming)
    yield made
    office.cache_clear()


def set_clock(world: World, when: datetime) -> None:
    Exam.objects.filter(pk=world.exam.pk).update(clock_shift=when - now())


@pytest.fixture
def clock(world: World) -> Callable[[datetime], None]:
    """`clock(when)`: the exam's pages think that it is `when`."""
    return lambda when: set_clock(world, when)


@dataclass
class Desk:
    """Somebody at the keyboard. `waits`: pages of this tab that were asked for, a redirect counting once, and prints."""

    page: Page
    slug: str
    keys: int = 0
    typed: int = 0
    waits: list[str] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        for key in keys:
            if key.startswith("Alt+"):
                self._access(key.removeprefix("Alt+"))
            else:
                self.page.keyboard.press(key)
            self.keys += 1

    def _access(self, letter: str) -> None:
        """As a keyboard sends it: Playwright's own press leaves the character out, and access keys listen to that."""
        devtools = self.page.context.new_cdp_session(self.page)
        said = {"modifiers": 1, "text": letter, "unmodifiedText": letter, "key": letter}
        for kind in ("rawKeyDown", "char", "keyUp"):
            devtools.send(
                "Input.dispatchKeyEvent", {"type": kind, "windowsVirtualKeyCode": ord(letter.upper()), **said}
            )
        devtools.detach()

    def type(self, text: str) -> None:
        """What is read off a paper; a scanner types it by itself."""
        self.page.keyboard.type(text)
        self.typed += len(text)

    def reach(self, selector: str) -> None:
        """Tab until the element that `selector` finds has the focus; it has to come within `FAR` steps."""
        for _ in range(FAR):
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            self.press("Tab")
        raise AssertionError(f"{selector} is not reached by the keyboard on {self.page.url}")

    def go(self, selector: str) -> None:
        """Enter on that element, and the page that follows."""
        self.reach(selector)
        with self.page.expect_navigation():
            self.press("Enter")

    def prints(self, key: str) -> None:
        """The form opens in a tab of its own, is printed, and the tab closed again."""
        form = self.page.context.expect_event("response", lambda r: "/form/" in r.url)
        with self.page.expect_popup() as opened, form as answer:
            self.press(key)
        assert answer.value.status == 200, answer.value.url
        popup = opened.value
        if not popup.is_closed():
            popup.close()
        self.keys += 1  # Ctrl+W
        self.waits.append(key)  # once, however often Chromium's viewer asks for the same sheet
        self.page.bring_to_front()

    def open(self, path: str, stage: str = "review") -> None:
        self.page.goto(f"/office/{self.slug}/{stage}/{path}")
        self.keys = self.typed = 0
        self.waits.clear()

    def focused(self) -> str:
        return self.page.evaluate("document.activeElement.name || document.activeElement.tagName")


@pytest.fixture
def at_desk(world: World, browser: Browser, live_server) -> Callable[..., Desk]:
    """`at_desk("point_clerk-1301", "en")`: that person of the world with both factors, in that language."""

    def made(username: str, language: str = "zh") -> Desk:
        context = browser.new_context(base_url=live_server.url, accept_downloads=True)
        client = signed_in(Login.objects.get(username=username))
        cookies = {"sessionid": str(client.cookies["sessionid"].value), "keju_language": language}
        context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()])
        page = context.new_page()
        page.set_default_timeout(15_000)
        desk = Desk(page, world.exam.slug)

        def asked(request) -> None:
            if request.resource_type == "document" and request.redirected_from is None:
                desk.waits.append(f"{request.method} {request.url}")

        page.on(
            "request", asked
        )  # the tab's own: what a viewer asks for in another one is no wait of the clerk's
        return desk

    return made


def signed_in(login: Login) -> Client:
    """The session that both forms of the sign-in would have left."""
    client = Client()
    client.force_login(login, backend="django.contrib.auth.backends.ModelBackend")
    device, _ = TOTPDevice.objects.get_or_create(user=login, name="test", defaults={"confirmed": True})
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client
