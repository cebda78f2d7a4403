"""Server milliseconds of every office list page over a large region, and the bytes of a candidate's pages.

    python bench/pages.py [CANDIDATES [ROUNDS]]

Rehearses one region of so many candidates (100,000) through tickets in a scratch database of its own, signs one member
of staff of each office in, and opens every page of an exam that needs nothing but the exam: first page, and where it is
paged a middle one, the last one and a search. In process, through the whole stack; median of 20 after two
to warm up, by the clock and by processor time of Python and PostgreSQL. Bytes are those of the page and of every static file
that it names, compressed as served. Ends with 1 if a goal is missed by the clock.
"""

import os
import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from _spent import Taken, median, opened

GOAL_MS, GOAL_KB, ROUNDS, REGION = 100, 150, 20, "37"
NAMED = re.compile(r'(?:href|src)="(/static/[^"]+)"')
IN_STYLE = re.compile(r"url\(['\"]?([^'\")]+)")
NEXT = re.compile(r"[?&](?:amp;)?after=([^\"&]+)")


@dataclass(frozen=True)
class Timed:
    """One address as one office opened it."""

    name: str
    role: str
    what: str
    taken: Taken
    kb: float


def main(candidates: int) -> int:
    os.environ["KEJU_STATIC"] = "collected"
    from keju.web.cli._common import with_django
    from keju.web.rehearsal.scratch import scratch

    print(f"{platform.platform()} · {os.cpu_count()} cores · Python {platform.python_version()}")
    with scratch(1):
        with_django()
        world = _seeded(candidates)
        load = os.getloadavg()[0]
        print(f"{candidates:,} candidates in region {REGION}; load {load:.1f} of {os.cpu_count()} cores")
        slow = _office(world)
        heavy = _candidate(world)
    return int(slow or heavy)


def _seeded(candidates: int) -> Any:
    from django.conf import settings
    from django.core.management import call_command

    from keju.web.rehearsal.calendar import calendar
    from keju.web.rehearsal.running import run_steps
    from keju.web.rehearsal.steps import STEPS, until_stage
    from keju.web.rehearsal.world import World

    settings.ALLOWED_HOSTS = ["*"]
    call_command("collectstatic", interactive=False, verbosity=0)
    world = World("veterinarian", 2011, candidates, 1, calendar(2011), None)
    world.region_codes = (REGION,)
    for done in run_steps(world, until_stage(STEPS, "tickets"), lambda step, w: lambda n: None):
        print(f"  {done.stage}: {done.seconds:.0f} s", flush=True)
    return world


def _office(world: Any) -> int:
    """Every list page, for an office of each level that may open it; prints them as they come."""
    print(f"\nOffice pages (goal {GOAL_MS} ms), median of {ROUNDS}  clock    CPU = Python + PostgreSQL    KB")
    found = []
    for one in _timed_pages(world):
        found.append(one)
        late = "  LATE" if one.taken.clock > GOAL_MS else ""
        took = one.taken
        figures = (
            f"{took.clock:8.1f} {took.cpu:6.1f} = {took.python:5.1f} + {took.database:5.1f} {one.kb:6.0f}"
        )
        print(f"{one.name:<30} {one.what:<7} {figures}  {one.role}{late}", flush=True)
    slow = sum(one.taken.clock > GOAL_MS for one in found)
    busy = sum(one.taken.cpu > GOAL_MS for one in found)
    print(f"{len(found)} measured: {slow} above {GOAL_MS} ms by the clock, {busy} by processor time")
    return slow


def _timed_pages(world: Any) -> Iterator[Timed]:
    from django.urls import reverse

    clients: dict[str, Any] = {}
    pages = list(_pages("office"))
    for role, office in _postings(world):
        allowed = _permissions(role)
        for name, permission in pages:
            if permission not in allowed or (name, office[:1]) in clients:
                continue
            clients[name, office[:1]] = True  # one role per level is enough: the rows are the same
            client = clients.setdefault(role, _staff(world, role, office))
            address = reverse(name, args=[world.exam.slug])
            answer = client.get(address)
            if answer.status_code >= 500:
                print(f"{name}: {answer.status_code}")
            if answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
                continue
            for what, query in _variants(answer.content.decode(), world):
                yield _timed(client, name, f"{role} {office}", what, address + query)


def _timed(client: Any, name: str, role: str, what: str, address: str) -> Timed:
    answer, taken = opened(client, address, ROUNDS, warm=2)
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")
    return Timed(name, role, what, median(taken), len(answer.content) / 1024)


def _variants(html: str, world: Any) -> Iterator[tuple[str, str]]:
    """First page; where it names a next one, a middle and the last one; where it can be searched, a name."""
    yield "first", ""
    following = NEXT.search(html)
    if following:
        for what, share in (("middle", 0.5), ("last", 0.9999)):
            yield what, f"?after={_place(following[1], share, world)}"
    field = re.search(r'<input[^>]*name="(text|q)"', html)
    if field:
        yield "search", f"?{field[1]}=王"


def _place(example: str, share: float, world: Any) -> str:
    """The key at that share of the list: a ticket number where those are the keys, else a registration."""
    table, column = (
        ("tickets_ticket", "number") if len(example) == 10 else ("registration_registration", "id")
    )
    from django.db import connection

    from keju.kernel.offices import acting
    from keju.web.rehearsal.world import CLOCKWORK

    with acting(CLOCKWORK), connection.cursor() as cursor:
        cursor.execute(f"SELECT percentile_disc(%s) WITHIN GROUP (ORDER BY {column}) FROM {table}", [share])
        return str(cursor.fetchone()[0])


def _pages(access: str) -> Iterator[tuple[str, str]]:
    """(name, permission) of every page behind that door whose address needs the exam alone."""
    from django.urls import get_resolver

    for pattern in get_resolver().url_patterns:
        for one in getattr(pattern, "url_patterns", [pattern]):
            view = getattr(one, "callback", None)
            while view is not None and not hasattr(view, "access"):
                view = getattr(view, "__wrapped__", None)
            wanted = list(one.pattern.converters) if hasattr(one, "pattern") else []
            # A view that only takes a POST answers 405 and is passed over.
            if view is not None and view.access == access and wanted == ["exam"] and one.name:
                yield one.name, str(getattr(view, "permission", ""))


def _postings(world: Any) -> Iterator[tuple[str, str]]:
    """(role, office): the region's first, then the nation's, then a point's. The second of two persons sees the same."""
    rank = {REGION: 0}
    first = [key for key in world.people if "/" not in key[0]]
    yield from sorted(first, key=lambda key: (rank.get(key[1], 2 if key[1].isdigit() else 1), key))


def _permissions(role: str) -> frozenset[str]:
    from keju.kernel.accounts.permissions import ROLES

    return frozenset(str(p) for p in ROLES[role].permissions)


def _staff(world: Any, role: str, office: str) -> Any:
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from keju.kernel.accounts.models import Login

    login = Login.objects.get(username=f"{role}-{office}")
    client = _signed_in(login)
    device, _ = TOTPDevice.objects.get_or_create(user=login, name="bench", confirmed=True)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


def _signed_in(login: Any) -> Any:
    from django.test import Client

    client = Client(headers={"accept-encoding": "gzip, br"}, raise_request_exception=False)
    client.force_login(login, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _candidate(world: Any) -> int:
    """Bytes of every page that a candidate or anybody opens; prints them, heaviest first."""
    from django.urls import reverse

    from keju.kernel.accounts.models import Candidate
    from keju.kernel.offices import acting
    from keju.web.rehearsal.world import CLOCKWORK

    with acting(CLOCKWORK):
        login = Candidate.objects.select_related("login").order_by("pk").first().login
    client = _signed_in(login)
    sizes: dict[str, float] = {}
    sign_in = reverse("sign-in")
    addresses = {
        name: reverse(name, args=[world.exam.slug])
        for door in ("candidate", "public")
        for name, _ in _pages(door)
    }
    for name, address in {"home": "/", "sign-in": sign_in, **addresses}.items():
        answer = client.get(address)
        if answer.status_code == 200 and "text/html" in answer["Content-Type"]:
            sizes[name] = (len(answer.content) + _named(client, answer.content.decode(), address)) / 1024
    print(f"\nCandidate and public pages, first visit (goal {GOAL_KB} KB)")
    for name, kb in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"{name:<40} {kb:6.0f} KB{'  HEAVY' if kb > GOAL_KB else ''}")
    return sum(kb > GOAL_KB for kb in sizes.values())


def _named(client: Any, html: str, address: str) -> int:
    """Bytes of the static files that the page and its styles name, each once."""
    waiting, seen, total = set(NAMED.findall(html)), set(), 0
    while waiting - seen:
        path = min(waiting - seen)
        seen.add(path)
        answer = client.get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        total += len(body)
        if path.endswith(".css"):
            style = b"".join(
                client.get(path, headers={"accept-encoding": "identity"}).streaming_content
            ).decode()
            waiting |= {
                urljoin(path, found) for found in IN_STYLE.findall(style) if not found.startswith("data:")
            }
    return total


if __name__ == "__main__":
    ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
