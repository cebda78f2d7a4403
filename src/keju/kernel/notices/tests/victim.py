"""A sender that a test kills: `python -m keju.kernel.notices.tests.victim right|wrong`.

`wrong` keeps "sent" before it sends, which is the mistake that the outbox is built against; it says so on stdout and
waits to be killed.
"""

import sys
import time

import django


def main(order: str) -> None:
    django.setup()
    from keju.kernel.calendar import now
    from keju.kernel.notices import sending, services
    from keju.kernel.notices.services.outbox import Outcome

    if order == "right":
        sending.round_of("sms", clock=now)
        return
    taken, _ = services.claim(channel="sms", most=50, per_second=1e6, at=now())
    outcomes = [Outcome(one.id, one.attempts, one.to, ok=True) for one in taken]
    services.settle(channel="sms", outcomes=outcomes, gateway="http", by=sending.SENDER, at=now())
    print("kept", flush=True)
    time.sleep(60)


if __name__ == "__main__":
    main(sys.argv[1])
