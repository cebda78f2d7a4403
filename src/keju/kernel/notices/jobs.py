"""The sender: woken when something was put into the outbox, and every minute for what is due again."""

import time

from django.conf import settings
from django.db import connections
from procrastinate.contrib.django import app

from keju.kernel.calendar import now
from keju.kernel.notices.sending import round_of
from keju.kernel.notices.services.waking import QUEUE, TASK, wake

AT_A_STRETCH = 60.0


@app.task(name=TASK, queue=QUEUE)
def post(channel: str) -> None:
    """What was due by this channel has been tried. After a minute somebody else may have the place."""
    try:
        ends = time.monotonic() + AT_A_STRETCH
        while time.monotonic() < ends and round_of(channel, clock=now):
            pass
    finally:
        connections.close_all()


@app.periodic(cron="* * * * *", periodic_id="post")
@app.task(name="keju.post_every_minute", queue=QUEUE, queueing_lock="keju.post_every_minute")
def every_minute(timestamp: int) -> None:
    """A sender wakes for each channel: also what a crash left behind, or what failed, becomes due some time."""
    try:
        wake(settings.GATEWAYS)
    finally:
        connections.close_all()
