"""Server milliseconds of the registration's lists over one region of 300,000 candidates.

    python bench/region_lists.py [CANDIDATES [ROUNDS]]

The rows are made in the database by SQL. Then every list, filter, search and page of the registration is opened by a point, the
region and the nation, in process through the whole stack: first page, middle, last; each filter and some together; a name,
a part of one, an identity number, a registration number, a scanned code, something that is not there. The best of the rounds
after one to warm up: by the clock, and in processor time of Python and PostgreSQL, which is what counts while the machine does
something else besides. Ends with 1 if the clock's best is above the goal of issue 3.
"""

import sys
from collections.abc import Iterator
from typing import Any

from _season import REGION, client_of, fill, machine, point_codes, season
from _spent import Taken, best, opened

GOAL_MS = 150


def main(count: int, rounds: int) -> int:
    print(machine())
    with season() as (folder, exam):
        example = fill(folder, exam, count)
        offices = {
            "region": client_of("region_officer", REGION),
            "point": client_of("point_clerk", point_codes()[0]),
            "nation": client_of("centre_exam", "centre"),
        }
        print(f"{count:,} registrations in region {REGION}; goal {GOAL_MS} ms, {rounds} rounds")
        print(f"{'':8} {'':38}    clock    CPU = Python + PostgreSQL")
        found = []
        for name, address in _addresses(exam, example):
            for who, client in offices.items():
                if who == "point" and (
                    "point=" in address or "export" in address
                ):  # a point's export comes at once
                    continue
                found.append(_timed(who, name, client, address, rounds))
    late = sum(one.clock > GOAL_MS for one in found)
    print(
        f"{len(found)} lists: {late} above {GOAL_MS} ms by the clock, {sum(one.cpu > GOAL_MS for one in found)} by processor time"
    )
    return int(late > 0)


def _timed(who: str, name: str, client: Any, address: str, rounds: int) -> Taken:
    answer, taken = opened(client, address, rounds)
    if answer.status_code not in (200, 302, 404):
        raise SystemExit(f"{address}: {answer.status_code}")
    least = best(taken)
    figures = f"{least.clock:8.1f} {least.cpu:6.1f} = {least.python:5.1f} + {least.database:5.1f}"
    print(f"{who:8} {name:38} {figures}{'  LATE' if least.clock > GOAL_MS else ''}", flush=True)
    return least


def _addresses(exam: Any, example: dict[str, Any]) -> Iterator[tuple[str, str]]:
    from django.db import connection
    from django.urls import reverse

    from keju.kernel.offices import Actor, acting
    from keju.stages.registration import queries, services

    def at(name: str, **more: object) -> str:
        return reverse(name, kwargs={"exam": exam.slug, **more})

    with acting(Actor.system("bench")), connection.cursor() as cursor:
        cursor.execute(
            "SELECT percentile_disc(ARRAY[0.5, 0.9995]) WITHIN GROUP (ORDER BY id) FROM registration_registration"
        )
        middle, last = cursor.fetchone()[0]
    listing = at("registration-list")
    yield "list, first page", listing
    yield "list, middle page", f"{listing}?after={middle}"
    yield "list, last page", f"{listing}?after={last}"
    for state in ("submitted", "confirmed", "rejected", "withdrawn"):
        yield f"state {state}", f"{listing}?state={state}"
    yield "state withdrawn, middle page", f"{listing}?state=withdrawn&after={middle}"
    yield "category aquatic", f"{listing}?category=aquatic"
    yield "category aquatic, last page", f"{listing}?category=aquatic&after={last}"
    yield "rejected and aquatic", f"{listing}?state=rejected&category=aquatic"
    point = point_codes()[-1]
    yield "one point", f"{listing}?point={point}"
    yield "one point, last page", f"{listing}?point={point}&after={last}"
    yield "one point, withdrawn, aquatic", f"{listing}?point={point}&state=withdrawn&category=aquatic"
    yield "name", f"{listing}?q={example['name']}"
    yield "surname (thousands match)", f"{listing}?q=王"
    yield "surname, middle page", f"{listing}?q=王&after={middle}"
    yield "surname, rejected, aquatic", f"{listing}?q=王&state=rejected&category=aquatic"
    yield "name that nobody has", f"{listing}?q=查无此人"
    yield "identity number", f"{listing}?q={example['identity']}"
    yield "identity number of nobody", f"{listing}?q=110101198503040019"
    yield "registration number", f"{listing}?q={queries.number_of(exam, example['id'])}"
    yield "scanned code", f"{listing}?q={services.code_of(exam, example['id'])}"
    yield "number and filters", f"{listing}?q={queries.number_of(exam, example['id'])}&state=rejected"
    yield "figures by state", at("registration-figures")
    yield "one registration", at("registration-detail", registration_id=example["id"])
    yield "export, asked for", at("registration-export")


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:3]]
    raise SystemExit(main(*(numbers + [300_000, 9][len(numbers) :])))
