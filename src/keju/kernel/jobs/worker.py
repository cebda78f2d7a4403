"""The worker: as many processes on as many machines as wanted, all on the one database."""

import asyncio
import signal

from procrastinate.contrib.django import app

GRACE = 600.0


def run_worker(concurrency: int = 2, *, wait: bool = True) -> None:
    """Runs jobs, `concurrency` at once, until SIGTERM or SIGINT (what runs is finished first, for ten minutes at most).

    The clockwork has a place of its own, and so have messages that go out: long jobs delay neither.
    `wait=False`: returns when nothing is left.
    """
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        asyncio.run(_run(concurrency, wait))


async def _run(concurrency: int, wait: bool) -> None:
    async with app.open_async():
        tasks = [
            asyncio.create_task(_worker(["work"], concurrency, wait)),
            asyncio.create_task(_worker(["clock"], 1, wait)),
            asyncio.create_task(_worker(["post"], 2, wait)),
        ]
        if wait:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, lambda: [task.cancel() for task in tasks])
        # If one ends by a fault, the other must not go on half alive: the process ends and is started again.
        done, rest = await asyncio.wait(
            tasks, return_when=asyncio.FIRST_EXCEPTION if wait else asyncio.ALL_COMPLETED
        )
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        for task in done:
            if not task.cancelled():
                task.result()


async def _worker(queues: list[str], concurrency: int, wait: bool) -> None:
    await app.run_worker_async(
        queues=queues,
        concurrency=concurrency,
        wait=wait,
        install_signal_handlers=False,
        delete_jobs="successful",
        shutdown_graceful_timeout=GRACE,
    )
