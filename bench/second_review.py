"""The region's second review over a region of 300,000: bulk pass of 10,000, and every page of the queue.

    python bench/second_review.py [CANDIDATES [PASSED [ROUNDS]]]

The rows are made in the database by SQL: everybody confirmed passed the first review of their point. Then an officer passes the
first 10,000 of the list with one click, a page of leftovers among them (some corrected since, some waiting for a
correction's decision), and the queue is opened in every filter, first, middle and last, and one registration on the split
screen. Bulk: seconds by the clock, and of processor time here and in the database. Pages: median of the rounds after one to warm
up. Ends with 1 if the bulk takes over 10 s or a page over 150 ms.
"""

import statistics
import sys
import time
from typing import Any

from _season import REGION, client_of, cpu_seconds, fill, machine, point_codes, postmaster, season

BULK_GOAL_S, PAGE_GOAL_MS = 10, 150

FIRST = """
INSERT INTO review_first (exam_id, registration_id, candidate_id, office_path, form_version, form, materials, returned,
    passed, reason, decided_by, decided_at)
SELECT exam_id, id, candidate_id, office_path, 1, 'paper',
    '{"identity_card": [true, true, true], "diploma": [true, true, true]}', true, true, '', 'person:' || 900000 + id % 40,
    now()
FROM registration_registration WHERE state = 'confirmed'
"""


def main(count: int, passed: int, rounds: int) -> int:
    print(machine())
    with season() as (folder, exam):
        fill(folder, exam, count)
        last = _reviewed(folder, passed)
        client = client_of("region_officer", REGION)
        slow = _bulk(folder, exam, client, last) > BULK_GOAL_S
        return int(_pages(exam, client, rounds) or slow)


def _reviewed(folder: Any, passed: int) -> int:
    """Everybody confirmed is reviewed; a hundred were corrected since. The registration up to which `passed` stand."""
    import psycopg

    from keju.web.installation import places

    with psycopg.connect(**places.owner(folder), autocommit=True) as db:
        db.execute("SET session_replication_role = replica")
        db.execute(FIRST)
        db.execute(
            "UPDATE registration_registration SET version = 2 WHERE id IN"
            " (SELECT registration_id FROM review_first ORDER BY registration_id LIMIT 100)"
        )
        db.execute("VACUUM ANALYZE")
        row = db.execute(
            "SELECT registration_id FROM review_first ORDER BY registration_id OFFSET %s LIMIT 1",
            [passed - 1],
        ).fetchone()
        total = db.execute("SELECT count(*) FROM review_first").fetchone()
    print(f"{total[0]:,} passed the first review in region {REGION}")  # type: ignore[index]
    return int(row[0])  # type: ignore[index]


def _bulk(folder: Any, exam: Any, client: Any, last: int) -> float:
    from django.urls import reverse

    from keju.kernel.offices import Actor, acting
    from keju.stages.review import queries

    address = reverse("review-second", kwargs={"exam": exam.slug})
    database = [postmaster(folder)]
    here, there = time.process_time(), cpu_seconds(database)
    begun = time.perf_counter()
    answer = client.post(address, {"whom": "all", "upto": last, "signed": "on"})
    taken = time.perf_counter() - begun
    used = time.process_time() - here, cpu_seconds(database) - there
    if answer.status_code != 302:
        raise SystemExit(f"bulk pass: {answer.status_code}")
    with acting(Actor.system("bench")):
        done = queries.bulk(exam, int(answer.headers["Location"].rstrip("/").rpartition("/")[2]))
    print(
        f"bulk pass: {done.passed:,} passed, {len(done.skipped):,} left out: {taken:.2f} s by the clock,"
        f" {used[0]:.2f} s CPU here and {used[1]:.2f} s in the database (goal {BULK_GOAL_S} s)"
    )
    return taken


def _pages(exam: Any, client: Any, rounds: int) -> bool:
    from django.urls import reverse

    from keju.kernel.offices import Actor, acting
    from keju.stages.review import queries
    from keju.stages.review.queries import Queue

    def at(name: str, **more: object) -> str:
        return reverse(name, kwargs={"exam": exam.slug, **more})

    with acting(Actor.system("bench")):
        ids = queries.second_ids(viewer=Actor.system("bench"), exam=exam, queue=Queue())
        item = queries.second_item(
            viewer=Actor.system("bench"), exam=exam, registration_id=ids[len(ids) // 2]
        )
    middle, end, listing, point = item.row.id, ids[-60], at("review-second"), point_codes()[-1]
    addresses = {
        "queue, first page": listing,
        "queue, middle page": f"{listing}?after={middle}",
        "queue, last page": f"{listing}?after={end}",
        "passed": f"{listing}?state=passed",
        "failed (nobody)": f"{listing}?state=failed",
        "all, middle page": f"{listing}?state=all&after={middle}",
        "one point": f"{listing}?point={point}",
        "one point, last page": f"{listing}?point={point}&after={end}",
        "aquatic": f"{listing}?category=aquatic",
        "aquatic, one point, last page": f"{listing}?category=aquatic&point={point}&after={end}",
        "route that nobody took": f"{listing}?route=title",
        "name": f"{listing}?q={item.row.name}",
        "number": f"{listing}?q={item.row.number}",
        "one on the split screen": at("review-second-item", registration_id=middle),
        "progress of the points": at("review-home"),
        "badge": at("review-badge"),
    }
    print(f"{'':34} median ms  worst ms   (goal {PAGE_GOAL_MS} ms, {rounds} rounds)")
    slow = 0
    for name, address in addresses.items():
        taken = []
        for _ in range(rounds + 1):
            begun = time.perf_counter()
            answer = client.get(address)
            taken.append((time.perf_counter() - begun) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"{address}: {answer.status_code}")
        median = statistics.median(taken[1:])
        slow += median > PAGE_GOAL_MS
        print(
            f"{name:34} {median:9.1f} {max(taken[1:]):9.1f}{'  LATE' if median > PAGE_GOAL_MS else ''}",
            flush=True,
        )
    print(f"{slow} above {PAGE_GOAL_MS} ms")
    return slow > 0


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:4]]
    raise SystemExit(main(*(given + [300_000, 10_000, 9][len(given) :])))
