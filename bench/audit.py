"""Recording, sequencing and verifying audit events in PostgreSQL, and the proof of one event.

    python bench/audit.py [EVENTS]

In a scratch database of its own, 20,000 events. Processor seconds of this process, reckoned for a million; the
proof by the clock, median of 300. Ends with 1 if a proof takes more than 1 ms, or verifying a million more than 120 s.
"""

import os
import platform
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

GOAL_PROOF_MS, GOAL_VERIFY = 1, 120
START = datetime(2011, 7, 1, tzinfo=UTC)


def main(events: int) -> int:
    from keju.web.cli._common import with_django
    from keju.web.rehearsal.scratch import scratch

    print(f"{platform.platform()} · {os.cpu_count()} cores · Python {platform.python_version()}")
    with scratch(1):
        with_django()
        from keju.kernel.audit.sequencing import sequence_and_sign
        from keju.kernel.audit.verification import event_proof, verify
        from keju.kernel.offices import Actor, acting

        start = time.process_time()
        known = _record(events)
        recorded = time.process_time() - start
        with acting(Actor.system("bench")):
            start = time.process_time()
            sequence_and_sign(START)
            sequenced = time.process_time() - start
            start = time.process_time()
            result = verify()
            verified = time.process_time() - start
            if not result.sound or result.events < events:
                raise SystemExit(f"not sound: {result.findings[:3]}")
            proofs = []
            for event in known[:: max(1, events // 300)]:
                start = time.perf_counter()
                if event_proof(event) is None:
                    raise SystemExit(f"{event}: no proof")
                proofs.append((time.perf_counter() - start) * 1000)
    million = 1_000_000 / events
    proof = statistics.median(proofs)
    print(f"{events:,} events; load {os.getloadavg()[0]:.1f}; processor seconds for a million:")
    print(f"  record {recorded * million:.0f} s, sequence {sequenced * million:.0f} s")
    print(f"  verify {verified * million:.0f} s (goal {GOAL_VERIFY} s)")
    print(f"  proof of one event {proof:.2f} ms by the clock (goal {GOAL_PROOF_MS} ms)")
    return int(proof > GOAL_PROOF_MS or verified * million > GOAL_VERIFY)


def _record(events: int) -> list[UUID]:
    """So many events of a single decision each; returns their ids."""
    from keju.kernel.audit import record, write
    from keju.kernel.offices import Actor, acting

    @write(None)
    def some(*, by: Actor, at: datetime) -> list[UUID]:
        return [
            record(
                "review.first.decided",
                by=by,
                at=at + timedelta(seconds=n),
                subject=f"registration:{n}",
                rules=["V5.3.1a", "V5.3.2a"],
                exam="veterinarian-2011",
                office_path="/37/3701/",
                data={"count": 1, "passed": 1, "digest": f"{n:064x}"},
            )
            for n in range(events)
        ]

    clerk = Actor.system("bench")
    with acting(clerk):
        return some(by=clerk, at=START)


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
