"""后台任务：逐个执行排队的任务 · The worker: does the queued work."""

from __future__ import annotations

from typing import Annotated

import typer

from keju.web.cli._common import console, running_server, with_django

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def worker(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="同时执行数 · at once")] = 2,
    once: Annotated[
        bool, typer.Option("--once", help="做完现有的就结束 · ends when nothing is left")
    ] = False,
) -> None:
    """后台任务：逐个执行排队的任务 · The worker: does the queued work.

    Ctrl-C 做完手上的再停 · Ctrl-C finishes what is at hand, then stops.
    """
    with running_server():
        with_django()
        from keju.kernel.jobs.worker import run_worker  # noqa: PLC0415  after Django is set up

        console.print("后台任务已启动。 The worker is running.")
        run_worker(concurrency, wait=not once)
