"""Long work of the tests, registered as a stage registers its own."""

import os
import signal
from pathlib import Path

from django.db import connection

from keju.kernel.audit import record, write
from keju.kernel.files import services as files
from keju.kernel.jobs import job
from keju.kernel.offices import acting
from keju.rulebook.words import t


@job("tests.count", t("数数", "Counting"))
def count(progress, *, by, at, exam, upto, fail_at=0, short=0):
    progress.begin(upto)
    for n in range(1, upto + 1 - short):
        if n == fail_at:
            raise RuntimeError("secret inside")
        if n % 10 == 0:
            progress.error(n, t(f"第{n}个不好", f"{n} is bad"))
            progress.step(0, skipped=1)
        else:
            progress.step()
    with acting(by):
        progress.file(
            files.store(
                data=b"result",
                name="r.txt",
                content_type="text/plain",
                office_path=by.office_path,
                by=by,
                at=at,
            )
        )


@write(None)
def mark(*, n, by, at):
    record("tests.piece.marked", by=by, at=at, subject=f"piece:{n}")


@job("tests.pieces")
def pieces(progress, *, by, at, exam, upto, hook=""):
    """Idempotent: a piece that was marked is left out."""
    progress.begin(upto)
    for n in range(upto):
        with acting(by):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT 1 FROM audit_event WHERE kind = 'tests.piece.marked' AND subject = %s",
                    [f"piece:{n}"],
                )
                known = cursor.fetchone()
            if not known:
                mark(n=n, by=by, at=at)
        progress.step()
        if hook and n == upto // 2 and not Path(hook).exists():
            Path(hook).touch()
            os.kill(os.getpid(), signal.SIGKILL)
