"""axe finds nothing: every page of the seeded year that a person of each kind meets, in both languages and both themes."""

import re
from collections.abc import Iterable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from keju.web.tests.chromium import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Language and theme: each of both, not all of each.
LOOKS = [("zh", "light"), ("en", "dark")]
WHO = {
    "anonymous": None,
    "candidate": None,
    "centre_exam": "centre",
    "centre_system": "centre",
    "region_officer": "13",
    "region_finance": "13",
    "point_clerk": "1301",
    "point_manager": "1301",
}


def addresses(patterns=None, before: str = ""):
    """(view, name, route) of every page without the API's."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            if not route.startswith("api/"):
                yield entry.callback, entry.name, route
        else:
            yield from addresses(entry.url_patterns, route)


def of(who: str, slug: str, known: dict[str, object]):
    """(name, address) of what the person may open, with what is known put in."""
    from keju.kernel.accounts.permissions import ROLES

    held = {str(p) for p in ROLES[who].permissions} if who in ROLES else set()
    for view, name, route in addresses():
        access = {"anonymous": "public", "candidate": "candidate"}.get(who, "office")
        if view.access != access or (access == "office" and view.permission not in held):
            continue
        wanted = set(re.findall(r"<\w+:(\w+)>", route)) - {"exam"}
        if wanted <= known.keys():
            values = {n: known[n] for n in wanted} | ({"exam": slug} if "<slug:exam>" in route else {})
            yield name, reverse(name, kwargs=values)


@pytest.fixture
def known(seeded):
    from keju.kernel.offices import Actor, acting
    from keju.stages.registration.models import Registration
    from keju.stages.tickets.models import Ticket
    from keju.stages.venues.models import Room, Site

    with acting(Actor.system("test")):
        here = {"office_path__startswith": "/13/1301/"}
        return {
            "registration_id": Registration.objects.filter(**here).order_by("pk").first().pk,
            "number": Ticket.objects.filter(**here).order_by("number").first().number,
            "site": Site.objects.filter(**here).order_by("code").first().code,
            "room_id": Room.objects.filter(**here).order_by("pk").first().pk,
            "region": "13",
            "point": "1301",
            "clause": "V7.2",
            "step": "person",
            "person_id": seeded.world.people["region_officer", "13"],
        }


def faults(page, url: str) -> list[object]:
    """What axe finds on the page as it has loaded; the page must be there."""
    answer = page.goto(url)
    assert answer is not None and answer.status == 200, url
    page.wait_for_selector(".htmx-request", state="detached")  # what the page fetches after itself
    return [(v["id"], v["nodes"][0]["target"]) for v in violations(page)]


def whole_pages(client, urls: Iterable[str]) -> Iterator[str]:
    """Those that answer GET with a whole page: no fragment, no download, nothing that takes POST only."""
    for url in urls:
        answer = client.get(url)
        whole = answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
        if whole and b"<html" in answer.content:
            yield url


@pytest.fixture
def client_of(staff_client, candidate_client):
    """A browser's session of each kind of person."""

    def made(who: str) -> Client:
        if who == "anonymous":
            return Client()
        return candidate_client("13") if who == "candidate" else staff_client(who, WHO[who])

    return made


# Every run: each page once, as the first of these who may open it; a candidate's and a clerk's in the season's test.
def test_every_page_once(visit, seeded, known, client_of):
    wrong, seen = {}, set()
    for who in ("anonymous", "centre_exam", "region_officer"):
        client = client_of(who)
        page = visit(client if who != "anonymous" else None, language="zh", theme="light").new_page()
        fresh = {name: url for name, url in of(who, seeded.slug, known) if name not in seen}
        for url in whole_pages(client, fresh.values()):
            if found := faults(page, url):
                wrong[url, who] = found
        seen |= fresh.keys()
    assert wrong == {}
    assert len(seen) > 60


# Nightly: minutes for every page, look and role.
@pytest.mark.nightly
@pytest.mark.parametrize("who", WHO)
def test_every_page(visit, seeded, known, client_of, who):
    client = client_of(who)
    session = None if who == "anonymous" else client
    pages = {look: visit(session, language=look[0], theme=look[1]).new_page() for look in LOOKS}
    wrong, seen = {}, 0
    for url in whole_pages(client, (url for _, url in of(who, seeded.slug, known))):
        for look, page in pages.items():
            seen += 1
            if found := faults(page, url):
                wrong[url, *look] = found
    assert wrong == {}
    assert seen >= 6


def test_axe_sees_what_is_wrong(visit):
    page = visit().new_page()
    page.set_content("<html><body><img src='x.png'><input></body></html>")
    assert {v["id"] for v in violations(page)} >= {"image-alt", "label"}
