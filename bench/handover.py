"""A formal handover of 600 bags: prepared, every bag scanned, counted, signed by all who are named, closed.

    python bench/handover.py [BAGS]

Of each part its statements, processor milliseconds of Python and of the database, and the clock. Signing codes are hashed as in
earnest. Ends with 1 if all parts together take more than 2 s of processor time.
"""

import sys
from collections.abc import Callable
from typing import Any

from _season import machine, season
from _spent import measured

GOAL_S = 2.0
POINT, PATH, STORE, JOURNEY, KIND = "1301", "/13/1301/", "store:1", "journey:1", "point_to_escort"


def main(count: int) -> int:
    print(machine())
    with season() as (_, exam):
        return int(_handed_over(exam, count) > GOAL_S)


def _handed_over(exam: Any, count: int) -> float:
    """Seconds of processor time."""
    from keju.kernel.offices import acting
    from keju.stages.custody.queries import handovers as reads
    from keju.stages.custody.rules.handovers import Scan
    from keju.stages.custody.services import handovers
    from keju.stages.custody.services.handovers import hooks
    from keju.stages.custody.tests import hands
    from keju.stages.custody.tests.world import POINT_PAPERS, key

    hooks._judges.pop(("prepare", "journey"))  # the journey is none: its plan is no part of the figure
    who = hands.cast(exam, [POINT])
    people = who.people(KIND, POINT, POINT)
    codes = who.one_code_each(people)
    ids = _bags(exam, count)
    facts: dict[str, Any] = {"exam": exam, "by": POINT_PAPERS, "at": hands.DAY}
    spent = 0.0

    def part(name: str, act: Callable[[], Any]) -> Any:
        nonlocal spent
        done, taken, statements = measured(act)
        spent += taken.cpu / 1000
        print(
            f"  {name:8} {statements:4} statements, Python {taken.python:6.0f} ms, database {taken.database:6.0f} ms, "
            f"clock {taken.clock:6.0f} ms"
        )
        return done

    with acting(POINT_PAPERS):
        row = part("prepare", lambda: handovers.prepare(
            key=key("bench"), kind=KIND, container_ids=ids, sender_office=POINT, receiver_office=POINT, place=JOURNEY,
            people=people, **facts,
        ))  # fmt: skip
        found = [Scan(code) for code in row.items.values_list("code", flat=True)]
        part("scan", lambda: handovers.scan(handover_id=row.pk, key=key("scans"), found=found, **facts))
        proposal = part("count", lambda: handovers.finish_count(handover_id=row.pk, **facts))
        *first, last = reads.people(row)

        def sign(person: Any) -> Any:
            return handovers.sign(
                handover_id=row.pk, person_id=person.person_id, code=codes[person.person_id],
                content_hash=proposal.content_hash, **facts,
            )  # fmt: skip

        part("sign", lambda: [sign(p) for p in first])
        if not part("close", lambda: sign(last)).closed:
            raise SystemExit("it did not close")
    print(f"{count} bags handed over in {spent:.2f} s of processor time (goal {GOAL_S:.0f})")
    return spent


def _bags(exam: Any, count: int) -> list[int]:
    """So many sealed bags loose in the point's store: their ids."""
    from keju.kernel.offices import acting
    from keju.stages.custody.rules.chain import Act, Change
    from keju.stages.custody.rules.containers import Kind, Planned
    from keju.stages.custody.services import carry_out
    from keju.stages.custody.services.making import made_at
    from keju.stages.custody.tests.hands import SYSTEM
    from keju.stages.custody.tests.world import MADE_AT, key

    planned = [
        Planned(Kind.BAG, f"{POINT}-01", n + 1, 1, "general", 30, n * 30 + 1, n * 30 + 30)
        for n in range(count)
    ]
    with acting(SYSTEM):
        ids = made_at(
            exam, planned, [PATH] * count, region="/13/", key=key("made"), sealed=True, by=SYSTEM, at=MADE_AT
        )
        put = dict.fromkeys(ids, Change(place=STORE, place_path=PATH, custodian=POINT))
        carry_out(
            exam=exam,
            key=key("put"),
            act=Act.HANDED_OVER,
            changes=put,
            office_path="/13/",
            by=SYSTEM,
            at=MADE_AT,
        )
    return ids


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 600))
