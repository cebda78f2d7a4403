"""What one request costs: by the clock, and in processor time of Python and of the database's process that serves it.

Not a benchmark itself. On a crowded machine the clock tells of the crowd; processor time tells of the request. The kernel
counts the database's in nanoseconds (`/proc/PID/schedstat`), so a query of a tenth of a millisecond shows.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Taken:
    """Milliseconds of one request; `database` 0 where the server runs on another machine."""

    clock: float
    python: float
    database: float

    @property
    def cpu(self) -> float:
        return self.python + self.database


def opened(client: Any, address: str, rounds: int, warm: int = 1) -> tuple[Any, list[Taken]]:
    """The last answer of that address, and what each of the rounds took after `warm` ones that do not count."""
    database, taken = _database(), []
    for _ in range(warm + rounds):
        start = time.perf_counter(), time.process_time(), database()
        answer = client.get(address)
        end = time.perf_counter(), time.process_time(), database()
        taken.append(Taken(*((after - before) * 1000 for before, after in zip(start, end, strict=True))))
    return answer, taken[warm:]


def measured(act: Callable[[], Any]) -> tuple[Any, Taken, int]:
    """What it returns, what it took, and its statements."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    database = _database()
    with CaptureQueriesContext(connection) as captured:
        start = time.perf_counter(), time.process_time(), database()
        done = act()
        end = time.perf_counter(), time.process_time(), database()
    taken = Taken(*((after - before) * 1000 for before, after in zip(start, end, strict=True)))
    return done, taken, len(captured)


def median(taken: list[Taken]) -> Taken:
    """Of each kind of time its median."""
    return Taken(
        *(statistics.median(getattr(t, kind) for t in taken) for kind in ("clock", "python", "database"))
    )


def best(taken: list[Taken]) -> Taken:
    """Of each kind of time its least: what else the machine does only ever adds."""
    return Taken(*(min(getattr(t, kind) for t in taken) for kind in ("clock", "python", "database")))


def _database() -> Callable[[], float]:
    """Seconds of processor that the database's process of this connection has used so far."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    counter = Path(f"/proc/{pid}/schedstat")
    return (lambda: int(counter.read_text().split()[0]) / 1e9) if counter.exists() else (lambda: 0.0)
