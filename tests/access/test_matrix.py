"""Every address × everybody: who gets in is what the door says, nothing breaks, nothing is written by looking.

A new address needs nothing here unless it has a parameter of a new name; then the first test says what to add.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from unittest.mock import patch
from urllib.parse import urlparse

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from keju.kernel.accounts.permissions import ROLES, Permission

STAFF = sorted(ROLES)
THIRD = 3
SIGN_IN = {"candidate": "/sign-in/", "office": "/office/sign-in/"}
# Answers of a page that lets one in: itself, on to another, nothing there (any more), only by POST, not now by rule.
INSIDE = {200, 204, 302, 404, 405, 409, 422}
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|TRUNCATE)\b", re.IGNORECASE)
# The session itself is no business: it is renewed by looking.
SESSION = re.compile(r'(INTO|UPDATE|FROM) "?(django_session|otp_totp_totpdevice|axes_)', re.IGNORECASE)
BRACES = re.compile(r"\{\{?\s*[\w.|:]+\s*\}?\}|\{%|%\(\w+\)s")


@contextmanager
def watched() -> Iterator[list[str]]:
    """The writing statements that are sent meanwhile, the session's own left out."""
    seen: list[str] = []

    def look(execute, statement, params, many, context):
        if WRITES.match(statement) and not SESSION.search(statement):
            seen.append(statement[:120])
        return execute(statement, params, many, context)

    with connection.execute_wrapper(look):
        yield seen


def test_every_page_has_exactly_one_door_and_known_parameters(every_page, where):
    doorless = [p.name or p.route for p in every_page if p.access not in ("public", "candidate", "office")]
    assert doorless == []
    strange = [p.name for p in every_page if p.access == "office" and p.permission not in set(Permission)]
    assert strange == []
    nameless = [p.route for p in every_page if not p.name]
    assert nameless == []
    names = [p.name for p in every_page]
    assert sorted({n for n in names if names.count(n) > 1}) == []
    unknown = []
    for page in every_page:
        try:
            where.of(page)
        except LookupError as error:
            unknown.append(str(error))
    assert not unknown, "\n".join(unknown)
    assert len(every_page) > 150


def expected(page, who: str, verified: bool, permissions: set[str]) -> set[int] | str:
    """The statuses that the door allows, or the beginning of the address that it leads to."""
    if page.access == "public":
        return INSIDE - {409}
    if page.access == "candidate":
        return INSIDE if who == "candidate" else SIGN_IN["candidate"]
    if who == "anonymous":
        return SIGN_IN["office"]
    if who == "candidate":
        return {403}
    if not verified:
        return "/office/second-factor/"
    return INSIDE if page.permission in permissions else {403}


def bare_refusal(request: HttpRequest, template: str, facts: object, status: int) -> HttpResponse:
    """In place of the page that explains a refusal, which would be drawn thousands of times: test_errors.py looks at it."""
    return HttpResponse(status=status)


def walk_as(client, pages, where, who: str, *, verified: bool = True) -> dict[str, object]:
    permissions = {str(p) for p in ROLES[who].permissions} if who in ROLES else set()
    wrong: dict[str, object] = {}
    for page in pages:
        if page.name == "sign-out":
            continue
        url = reverse(page.name, kwargs=where.of(page))
        with watched() as written, patch("keju.web.errors.render", bare_refusal):
            answer = client.get(url)
        want = expected(page, who, verified, permissions)
        if answer.status_code == 405:
            pass  # by POST only: refused before anybody is asked who they are
        elif isinstance(want, str):
            if answer.status_code != 302 or not answer.url.startswith(want):
                wrong[page.name] = (answer.status_code, getattr(answer, "url", ""), f"wanted {want}")
        elif answer.status_code not in want:
            wrong[page.name] = (answer.status_code, f"wanted {sorted(want)}")
        if written:
            wrong[f"{page.name} by GET"] = written[:2]
        if "Content-Security-Policy" not in answer.headers:
            wrong[f"{page.name} headers"] = "no Content-Security-Policy"
    return wrong


@pytest.mark.rule("V1.1", "V1.2", "V1.3", "V5.2.1")
@pytest.mark.parametrize("who", ["anonymous", "candidate", *STAFF])
def test_the_door_says_who_gets_in(visitor, pages, where, who):
    assert walk_as(visitor(who), pages, where, who) == {}


@pytest.mark.parametrize("each", [THIRD, pytest.param(1, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("who", STAFF)
def test_nobody_of_the_staff_gets_in_without_the_second_factor(visitor, pages, where, who, each):
    """In each run every page by every third role, in turn; every page by every role at night."""
    client, turn = visitor(who, verified=False), STAFF.index(who)
    offices = [p for p in pages if p.access == "office"]
    mine = [page for place, page in enumerate(offices) if (place + turn) % each == 0]
    assert mine and walk_as(client, mine, where, who, verified=False) == {}


def abroad(pages, where) -> Iterator[tuple[object, str, str, str]]:
    """Office pages of somebody's row: who of region 13 may open such pages at all, a row of region 23, and no row."""
    for page in pages:
        kinds = page.objects & (set(where.abroad) | {n.partition(".")[2] for n in where.abroad})
        if page.access != "office" or not kinds:
            continue
        there = where.of(page, abroad=True)
        nowhere = {n: where.nowhere(page, n) if n in kinds else value for n, value in there.items()}
        for role in STAFF:
            (kind,) = ROLES[role].at
            if page.permission in {str(p) for p in ROLES[role].permissions} and kind in (
                "region",
                "point",
                "site",
            ):
                yield page, role, reverse(page.name, kwargs=there), reverse(page.name, kwargs=nowhere)


@pytest.mark.rule("V1.5", "V1.6")
@pytest.mark.parametrize("method", ["get", "post"])
def test_rows_of_another_region_do_not_exist(visitor, pages, where, method):
    """Nothing tells a row of others from no row at all: the same answer, and nothing done. By GET it is 404."""
    wrong, clients, tried = {}, {}, 0
    for page, role, there, nowhere in abroad(pages, where):
        client = clients.get(role) or clients.setdefault(role, visitor(role))
        with watched() as written:
            status = getattr(client, method)(there).status_code
        tried += 1
        same = method == "post" and getattr(client, method)(nowhere).status_code == status
        if (status not in (404, 405) and not same) or written:
            wrong[page.name, role] = (status, *written[:1])
    assert wrong == {}
    assert tried > 40


def test_at_home_the_same_pages_open(visitor, pages, where):
    """The counterpart: what is not found abroad is found at home, so the test above looks at real pages."""
    opened = set()
    clients = {}
    for page, role, _, _ in abroad(pages, where):
        if page.name in opened:
            continue
        client = clients.get(role) or clients.setdefault(role, visitor(role))
        if client.get(reverse(page.name, kwargs=where.of(page))).status_code in (200, 302, 405, 409):
            opened.add(page.name)
    closed = {p.name for p, _, _, _ in abroad(pages, where)} - opened
    assert len(opened) > 3 * len(closed), sorted(closed)


class Looked(HTMLParser):
    """What a browser would fetch or run, and the words that a reader sees."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.words: list[str] = []
        self._inside: list[str] = []
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = dict(attrs)
        if tag == "html":
            self.language = have.get("lang") or ""
        if tag in ("script", "style"):
            self._inside.append(tag)
        if tag == "style" or (tag == "script" and not have.get("src")):
            self.faults.append(f"inline <{tag}>")
        for name, value in have.items():
            if name == "style" or name.startswith("on"):
                self.faults.append(f"inline {name} of <{tag}>")
            if name in ("src", "href", "action", "data", "poster", "srcset") and urlparse(value or "").netloc:
                self.faults.append(f"another host: {value}")
            if name in ("aria-label", "placeholder", "title", "alt", "value"):
                self.words.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.words.append(data)


def looked_at(text: str, language: str) -> list[str]:
    seen = Looked(text)
    faults = list(seen.faults)
    if not seen.language.lower().startswith(language):
        faults.append(f"lang={seen.language}")
    faults += [f"left over: {m.group()}" for words in seen.words if (m := BRACES.search(words))]
    faults += [
        f"left over: {words.strip()[:60]}"
        for words in seen.words
        if "Words(" in words or words.strip() == "None"
    ]
    return faults


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_are_whole_in_both_languages(visitor, pages, where, language):
    """Each page once, by the first who may: no placeholder left, nothing of another host, nothing inline."""
    wrong, clients, shown = {}, {}, set()
    for page in pages:
        if not where.holds(page):
            continue  # there is nothing to look at
        for who in _allowed(page):
            client = clients.get(who) or clients.setdefault(who, visitor(who))
            client.cookies["keju_language"] = language
            answer = client.get(reverse(page.name, kwargs=where.of(page)))
            if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
                faults = looked_at(answer.content.decode(), language) if b"<html" in answer.content else []
                if faults:
                    wrong[page.name, who] = sorted(set(faults))[:4]
                shown.add(page.name)
            if answer.status_code in (200, 405):
                break  # a file, or by POST only, it is for everybody else too
    assert wrong == {}
    assert len(shown) > 80


def test_the_looking_sees_what_is_wrong():
    text = """<html lang="en"><p style="x">{name}</p><script>1</script><img src="//cdn.example/x.png" onload="x">"""
    assert len(looked_at(text, "zh")) == 6
    assert looked_at('<html lang="zh-hans"><a href="/x/">好</a><script src="/y.js"></script>', "zh") == []


def _allowed(page) -> list[str]:
    if page.access == "public":
        return ["anonymous"]
    if page.access == "candidate":
        return ["candidate"]
    return [role for role in reversed(STAFF) if page.permission in {str(p) for p in ROLES[role].permissions}]
