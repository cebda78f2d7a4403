"""The clockwork of money: orders that wait are asked about, money of lapsed registrations goes on the list of refunds; and
refunds on their way to the gateway."""

import logging

from django.db import connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.offices import Actor, acting
from keju.stages.fees import services

log = logging.getLogger(__name__)
CLOCK = Actor.system("clock")
# A minute more each time: for about a month.
UNTIL_HEARD = RetryStrategy(max_attempts=300, linear_wait=60)


@app.periodic(cron="*/5 * * * *", periodic_id="fees")
@app.task(name="keju.fees", queue="clock", queueing_lock="keju.fees", lock="keju.fees")
def every_five_minutes(timestamp: int) -> None:
    """Each exam in its turn; one that fails does not keep the others from theirs."""
    try:
        look_after_money()
    finally:
        connections.close_all()


def look_after_money() -> list[str]:
    """Returns the exams that were looked after."""
    done = []
    for exam in exams.exams():
        try:
            gateway = services.gateway()
            if gateway is not None:
                services.ask_all(exam=exam, gateway=gateway, at=now(exam))
            lapsed = services.regions_with_lapsed(exam)
            if lapsed:
                with acting(CLOCK):
                    services.release_lapsed(exam=exam, region_codes=lapsed, by=CLOCK, at=now(exam))
            done.append(exam.slug)
        except Exception:
            log.exception("money of %s", exam.slug)
    return done


@app.task(name=services.SEND_REFUNDS, queue="work", retry=UNTIL_HEARD)
def send_refunds(exam: str, batch_id: int) -> None:
    """The gateway has heard of every refund of a released batch; else this is tried again later."""
    try:
        send(exam, batch_id)
    finally:
        connections.close_all()


def send(exam: str, batch_id: int) -> None:
    """`GatewayDown` where it did not answer to all. Said again to one that it knows it changes nothing."""
    row, gateway = exams.exam(exam), services.gateway()
    if gateway is None:
        return
    counts = services.give_back(exam=row, batch_id=batch_id, gateway=gateway, by=CLOCK, at=now(row))
    if counts["down"]:
        raise services.GatewayDown
