"""Page views of the public site a second, against the running server.

    python bench/public_pages.py [REQUESTS [CLIENTS]]

Two processes of the real web server on the loopback, an exam in its season; visitors without a session open the home, the
exam's page and its points in turn, in both languages. Goal (issue 3): 1,500 views a second. The clients run on the same
cores, so the server's processor time a view is printed too: it says what the cores would do alone. Ends with 1 if two cores of
that could not serve the goal.
"""

import http.client
import sys
from itertools import cycle, islice

from _season import SLUG, call, cpu_seconds, drive, machine, postmaster, season, served

GOAL = 1_500
Visit = tuple[str, str]


def main(count: int, clients: int) -> int:
    print(machine())
    with season() as (folder, _):
        from django.urls import reverse

        pages = ["/", reverse("announcement-public", args=[SLUG])]
        with served() as server:
            visits = [(page, language) for page in pages for language in ("zh-CN", "en")]
            drive(server.port, visits * 8, visit, clients)
            watched = [server.pid, postmaster(folder)]
            before = cpu_seconds(watched)
            load = drive(server.port, list(islice(cycle(visits), count)), visit, clients)
            spent = (cpu_seconds(watched) - before) / count * 1000
    print(f"{count} views, {clients} clients: {load.told()}  (goal {GOAL}/s)")
    print(
        f"answers {load.statuses}; processor per view {spent:.2f} ms: two cores are enough for {2000 / spent:.0f}/s"
    )
    return int(2000 / spent < GOAL or set(load.statuses) != {200})


def visit(connection: http.client.HTTPConnection, job: Visit) -> int:
    path, language = job
    return call(connection, "GET", path, None, {"Host": "localhost", "Accept-Language": language})[0]


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:3]]
    raise SystemExit(main(*(numbers + [20_000, 32][len(numbers) :])))
