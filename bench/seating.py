"""Seats and numbers from database to database: 10,000, 100,000 and 1,000,000 candidates, 34,000 rooms for the last.

    python bench/seating.py [SIZE …]        (10000000 runs too, and takes its time to make the rows)

Candidates are made in a scratch database by SQL: 31 regions, host points of about 3,250 candidates in two categories,
employers and schools unevenly large, one candidate in 200 with a need. Then the services that a region's officer calls plan
and number region after region. Last, in the same run, the rows that came of it are copied by one bare COPY each into empty
tables with the same columns, constraints and indexes, as the server's administrator, without row-level security and triggers:
the least that any program pays who brings them there.

Goals (issue 4) for 1,000,000: 60 s, at most 4 times the bare COPY, 2 GB for Python and PostgreSQL together at their peak, and
no more than 130 times what 10,000 cost. Each size runs in a process and a database of its own, three times up to 100,000;
medians. Judged by processor seconds of both: on an idle machine the clock shows about their sum, for they take turns. Ends
with 1 if a goal is missed.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from _nation import nation
from _processes import postgres_cpu, server_of, watched
from _season import machine

SIZES = (10_000, 100_000, 1_000_000)
GOAL_SECONDS, GOAL_RATIO, GOAL_MB = 60, 4, 2048
TABLES = ("seating_seat", "tickets_ticket")
COUNTED = (
    "seats",
    "numbers",
    "copy",
    "seats clock",
    "numbers clock",
    "copy clock",
    "mb",
    "rooms",
    "pairs",
    "least",
)


def main(sizes: list[int]) -> int:
    print(machine())
    print("processor seconds of Python and PostgreSQL (seconds by the clock)")
    print(
        "  candidates   rooms          seats        numbers      bare COPY   ratio     MB   pairs left, unavoidable"
    )
    found = {size: _median([_run(size) for _ in range(3 if size <= 100_000 else 1)]) for size in sizes}
    for size, one in found.items():
        print(f"{size:>12,} {one['rooms']:>7,.0f}  {_line(one)}")
    most, least = found[max(found)], found[min(found)]
    growth = _cost(most) / _cost(least)
    print(f"{max(found) // min(found)} times the candidates cost {growth:.0f} times the processor seconds")
    if 1_000_000 not in found:
        return 0
    worst = found[1_000_000]
    missed = _cost(worst) > GOAL_SECONDS or _ratio(worst) > GOAL_RATIO or worst["mb"] > GOAL_MB
    return int(missed or growth > 1.3 * max(found) / min(found))


def _line(one: dict[str, float]) -> str:
    parts = [f"{one[name]:>6.2f} ({one[name + ' clock']:>5.1f})" for name in ("seats", "numbers", "copy")]
    return f"{'  '.join(parts)}  {_ratio(one):>6.2f} {one['mb']:>6,.0f}   {one['pairs']:,.0f}, {one['least']:,.0f}"


def _cost(one: dict[str, float]) -> float:
    return one["seats"] + one["numbers"]


def _ratio(one: dict[str, float]) -> float:
    return _cost(one) / one["copy"]


def _median(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in COUNTED}


def _run(size: int) -> dict[str, float]:
    command = [sys.executable, str(Path(__file__)), "--one", str(size)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(output.splitlines()[-1])  # type: ignore[no-any-return]


def one(size: int) -> None:
    """One run in this process; its last line is JSON."""
    from keju.web.cli._common import with_django
    from keju.web.rehearsal.scratch import scratch

    with scratch(1) as folder:
        with_django()
        exam, rooms = nation(folder, size)
        server = server_of(folder.path)
        time.sleep(2)  # whoever made the rows has ended and is counted as ended
        with watched(server) as held:
            facts = _planned(exam, server)
        facts |= _bare_copy(folder, server)
        print(json.dumps({**facts, "rooms": rooms, "mb": max(held)}))


def _planned(exam: Any, server: int) -> dict[str, float]:
    """Every region plans, then every region numbers, as its officer."""
    from keju.kernel.accounts.permissions import ROLES
    from keju.kernel.calendar import now
    from keju.kernel.offices import Actor, acting
    from keju.kernel.offices.queries import path_of, regions
    from keju.stages.seating import services as seating
    from keju.stages.tickets import services as tickets

    may = frozenset(str(p) for p in ROLES["region_officer"].permissions)
    officers = [
        Actor(f"person:{r.code}", r.code, "region_officer", r.code, path_of(r.code), permissions=may)
        for r in regions()
    ]
    facts: dict[str, float] = {"pairs": 0, "least": 0}
    start = _spent(server)
    for by in officers:
        with acting(by):
            done = seating.make_plans(exam=exam, region_code=by.office_code, by=by, at=now())
        facts["pairs"] += done.pairs
        facts["least"] += done.least
    seated = _spent(server)
    for by in officers:
        with acting(by):
            tickets.generate(exam=exam, region_code=by.office_code, by=by, at=now())
    numbered = _spent(server)
    return facts | _taken("seats", start, seated) | _taken("numbers", seated, numbered)


def _bare_copy(folder: Any, server: int) -> dict[str, float]:
    """The rows of both tables, copied into new ones made like them."""
    import psycopg

    from keju.web.installation import places

    with psycopg.connect(**places.owner(folder)) as db, tempfile.TemporaryDirectory() as out:
        for table in TABLES:
            columns = _columns(db, table)
            with (Path(out) / table).open("wb") as file:
                with db.cursor().copy(
                    f"COPY (SELECT {columns} FROM {table} ORDER BY id) TO STDOUT BINARY"
                ) as copy:
                    for block in copy:
                        file.write(block)
            db.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
        db.commit()
        start = _spent(server)
        for table in TABLES:
            with (
                (Path(out) / table).open("rb") as file,
                db.cursor().copy(f"COPY bare_{table} ({_columns(db, table)}) FROM STDIN BINARY") as copy,
            ):
                while block := file.read(1 << 20):
                    copy.write(block)
            db.commit()
        return _taken("copy", start, _spent(server))


def _columns(db: Any, table: str) -> str:
    found = db.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum",
        [table],
    )
    return ", ".join(f'"{name}"' for (name,) in found)


def _spent(server: int) -> tuple[float, float]:
    """Processor seconds of this process and the server, and the clock."""
    return time.process_time() + postgres_cpu(server), time.perf_counter()


def _taken(name: str, start: tuple[float, float], end: tuple[float, float]) -> dict[str, float]:
    return {name: end[0] - start[0], f"{name} clock": end[1] - start[1]}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(int(sys.argv[2]))
    else:
        raise SystemExit(main([int(word) for word in sys.argv[1:]] or list(SIZES)))
