"""One round of sending: take a batch, hand it to the gateway, keep what became of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom

from django.conf import settings

from keju.kernel.notices import gateways, services
from keju.kernel.notices.gateways import Letter, Refused, Sender, Unavailable
from keju.kernel.notices.gateways.addresses import FIT
from keju.kernel.notices.services.outbox import Outcome, Taken
from keju.kernel.notices.states import LEASE
from keju.kernel.offices import Actor

log = logging.getLogger(__name__)
SENDER = Actor.system("post")
BATCH = 50
chance = SystemRandom().random


@dataclass(frozen=True)
class Tried:
    """An outcome, and whether it is the gateway rather than the letter that is to blame."""

    outcome: Outcome
    is_down: bool = False
    wait: float | None = None


def round_of(channel: str, *, clock: Callable[[], datetime]) -> int:
    """Up to `BATCH` deliveries of the channel were tried; returns how many were taken, 0 if none is due now.

    Where a whole handful finds the gateway down, the rest of the batch is put back untried and the gateway is left alone
    for a while: an outage costs a message few of its attempts.
    """
    options = settings.GATEWAYS[channel]
    taken, starts = services.claim(channel=channel, most=BATCH, per_second=options["per_second"], at=clock())
    if not taken:
        return 0
    time.sleep(max(0.0, (starts - clock()).total_seconds()))
    tried = list(_batch(channel, taken))
    down = next((one for one in reversed(tried) if one.is_down), None)
    stopped = down is not None and any(one.outcome.untried for one in tried)
    all_down = down is not None and all(one.is_down for one in tried)
    pause = down.outcome.fault if down and (stopped or all_down) else ""
    services.settle(
        channel=channel,
        outcomes=[one.outcome for one in tried],
        gateway=str(options["adapter"])[-40:],
        by=SENDER,
        at=clock(),
        pause=pause,
        pause_for=timedelta(seconds=down.wait) if down and down.wait else None,
    )
    return len(taken)


def _batch(channel: str, taken: Sequence[Taken]) -> Iterator[Tried]:
    """Each handful side by side, the handfuls at the gateway's pace, until one finds it down or the lease wears thin."""
    options = settings.GATEWAYS[channel]
    handful, pace = options["parallel"], options["parallel"] / options["per_second"]
    begun = time.monotonic()
    try:
        gateway = gateways.gateway(channel)
    except Exception as error:
        log.error("gateway of %s: %s", channel, type(error).__name__)
        yield from (_down(one, "misconfigured") for one in taken[:1])
        yield from (_back(one, "misconfigured") for one in taken[1:])
        return
    with ThreadPoolExecutor(max_workers=handful) as pool:
        for first in range(0, len(taken), handful):
            started = time.monotonic()
            results = list(pool.map(lambda one: _one(gateway, channel, one), taken[first : first + handful]))
            yield from results
            rest = taken[first + handful :]
            tired = time.monotonic() - begun > LEASE.total_seconds() / 2
            if tired or all(one.is_down for one in results):
                yield from (_back(one, results[-1].outcome.fault) for one in rest)
                return
            if rest:
                time.sleep(max(0.0, started + pace - time.monotonic()))


def _one(gateway: Sender, channel: str, taken: Taken) -> Tried:
    """One letter was handed over. Whatever an adapter throws, nothing of the letter reaches a log."""
    try:
        if taken.fault:
            raise Refused(taken.fault)
        to = FIT[channel](taken.to)
        text = settings.GATEWAYS[channel]["signature"].get(taken.language, "") + taken.text
        letter = Letter(taken.key, channel, taken.kind, taken.language, to, taken.subject, text)
        provider_id = str(gateway.send(letter) or "")[:120]
        return Tried(Outcome(taken.id, taken.attempts, to, ok=True, provider_id=provider_id))
    except Refused as error:
        return Tried(Outcome(taken.id, taken.attempts, taken.to, fault=error.code, is_final=True))
    except Unavailable as error:
        return _down(taken, error.code, error.wait)
    except Exception as error:
        log.error("gateway of %s: %s in the adapter", channel, type(error).__name__)
        return _down(taken, "adapter_error")


def _down(taken: Taken, fault: str, wait: float | None = None) -> Tried:
    outcome = Outcome(taken.id, taken.attempts, taken.to, fault=fault, chance=chance())
    return Tried(outcome, is_down=True, wait=wait)


def _back(taken: Taken, fault: str) -> Tried:
    return Tried(Outcome(taken.id, taken.attempts, taken.to, fault=fault, untried=True))
