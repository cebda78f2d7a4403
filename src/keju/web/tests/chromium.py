"""The Chromium of the browser tests, and axe in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

LOCAL = {"localhost", "127.0.0.1", "::1"}
ARGUMENTS = [
    "--no-sandbox",
    # whoever is not on this machine is not found
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    # a page lives for a second: what is compiled beside it comes too late, and takes the other worker's processor
    "--disable-gpu",
    "--js-flags=--single-threaded",
]
AXE = Axe().axe_script


@contextmanager
def launched() -> Iterator[Browser]:
    """KEJU_CHROMIUM, else the system's, else playwright's own. While it is there, no second one can be: a process has room for
    one running event loop."""
    path = os.environ.get("KEJU_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path or None, args=ARGUMENTS)
        yield browser
        browser.close()


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds on the page as it stands; only that leaves the browser."""
    page.evaluate(AXE)
    return page.evaluate("() => axe.run({resultTypes: ['violations']}).then(found => found.violations)")
