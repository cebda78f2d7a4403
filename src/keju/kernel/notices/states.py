"""The life of a delivery: its states, how it moves between them, and when it is tried again."""

from __future__ import annotations

from datetime import timedelta

from django.db import models


class State(models.TextChoices):
    """`FAILED` will be tried again; `GIVEN_UP` only if somebody asks for it."""

    QUEUED = "queued"
    FAILED = "failed"
    SENT = "sent"
    GIVEN_UP = "given_up"


DELIVERY_TRANSITIONS: dict[str, dict[str, str]] = {
    State.QUEUED: {"accept": State.SENT, "fail": State.FAILED, "give up": State.GIVEN_UP},
    State.FAILED: {"accept": State.SENT, "fail": State.FAILED, "give up": State.GIVEN_UP},
    State.GIVEN_UP: {"ask again": State.QUEUED},
    State.SENT: {},
}
OPEN = (State.QUEUED, State.FAILED)
NOT_ARRIVED = (State.QUEUED, State.FAILED, State.GIVEN_UP)

TRIES = 16
"""With the waits between them nearly two days."""
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
JITTER = 0.25
LEASE = timedelta(minutes=5)
"""So long a delivery belongs to the worker that took it; afterwards it is due again, with the same key."""


def wait_after(attempts: int, chance: float) -> timedelta:
    """How long to wait after so many failed attempts: doubled each time, up to a quarter more or less by `chance` (0–1)."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts - 1, 20))
    return wait * (1 - JITTER + 2 * JITTER * chance)
