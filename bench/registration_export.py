"""Exporting a list of a million registrations: minutes and megabytes, at growing numbers of rows.

    python bench/registration_export.py [ROWS]

The rows are made in the database by SQL; the export is the job's, in a process of its own, whose peak memory is that of the
whole process with Django in it. Goals (issue 3): 1,000,000 rows within 3 minutes and 300 MB; cost per row must not grow.
Ends with 1 if a goal is missed.
"""

import os
import resource
import subprocess
import sys
import time

from _season import SLUG, fill, machine, season

GOAL_SECONDS, GOAL_MB = 180, 300


def main(count: int) -> int:
    print(machine())
    missed = False
    with season() as (folder, exam):
        print(f"{'rows':>10} {'seconds':>8} {'µs a row':>9} {'CPU s':>6} {'peak MB':>8} {'file MB':>8}")
        for share in (100, 10, 1):
            rows = count // share
            fill(folder, exam, rows)
            child = [sys.executable, __file__, "--child"]
            done = subprocess.run(child, env=os.environ, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(done.stderr[-3000:])
            seconds, cpu, peak, size = map(float, done.stdout.split())
            missed |= rows == 1_000_000 and (seconds > GOAL_SECONDS or peak > GOAL_MB)
            figures = f"{seconds:8.1f} {seconds / rows * 1e6:9.0f} {cpu:6.1f} {peak:8.0f} {size:8.1f}"
            print(f"{rows:10,} {figures}", flush=True)
    print(f"goal: 1,000,000 rows within {GOAL_SECONDS} s and {GOAL_MB} MB")
    return int(missed)


def child() -> None:
    """The job as a worker runs it, stored file and all; prints seconds, processor seconds, peak and file megabytes."""
    from keju.web.cli._common import with_django

    with_django()
    from keju.kernel.calendar import now
    from keju.kernel.exams.queries import exam
    from keju.kernel.files import vault
    from keju.kernel.offices import Actor
    from keju.stages.registration import jobs

    board = Board()
    begun = time.perf_counter()
    jobs.export(board, by=Actor.system("bench"), at=now(), exam=exam(SLUG))  # type: ignore[arg-type]
    seconds = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_SELF)
    size = vault.place(board.result).stat().st_size
    print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, size / 2**20)


class Board:
    """What the job tells of its progress, kept."""

    result = ""

    def begin(self, total: int) -> None:
        """How much lies ahead."""

    def step(self, n: int = 1) -> None:
        """So much more is done."""

    def file(self, sha: str) -> None:
        self.result = sha


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child()
    else:
        raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
