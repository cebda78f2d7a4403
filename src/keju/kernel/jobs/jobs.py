"""The tasks of the queue: one that runs any registered job, and the clockwork of every minute."""

from django.db import connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from keju.kernel.jobs.boards import StillRunning
from keju.kernel.jobs.periodic import every_minute, rescue
from keju.kernel.jobs.running import run_in_worker

WAIT_FOR_OTHER = RetryStrategy(max_attempts=120, wait=30, retry_exceptions=[StillRunning])


@app.task(name="keju.run", queue="work", retry=WAIT_FOR_OTHER)
def run(job_id: int) -> None:
    """The job of that row has run."""
    try:
        run_in_worker(job_id)
    finally:
        connections.close_all()  # the thread is not ours to keep


@app.periodic(cron="* * * * *", periodic_id="every-minute")
@app.task(
    name="keju.every_minute", queue="clock", queueing_lock="keju.every_minute", lock="keju.every_minute"
)
def minute(timestamp: int) -> None:
    """The audit log is sequenced and signed, overdue duties climbed, lost jobs wait again."""
    try:
        every_minute()
    finally:
        connections.close_all()


@app.periodic(cron="* * * * *", periodic_id="rescue")
@app.task(name="keju.rescue", queue="clock", queueing_lock="keju.rescue", lock="keju.rescue")
async def rescue_stalled(timestamp: int) -> None:
    """What a dead worker left running runs again."""
    await rescue(app)
