"""The sender is woken once the words that it is to send are committed; every minute it wakes by itself."""

from collections.abc import Iterable

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

TASK = "keju.post"
QUEUE = "post"
WAITING = "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo')"


def wake(channels: Iterable[str]) -> None:
    """After this transaction's commit a sender looks at these channels. A rolled-back one wakes nobody."""
    for channel in channels:
        transaction.on_commit(lambda channel=channel: _defer(channel))


def _defer(channel: str) -> None:
    lock = f"{TASK}:{channel}"
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [lock])
        if cursor.fetchone()[0]:
            return
    try:
        with transaction.atomic():
            app.configure_task(TASK, queue=QUEUE, queueing_lock=lock, lock=lock).defer(channel=channel)
    except AlreadyEnqueued:
        pass  # somebody else was quicker
