"""Cards that arrived discharge who owed them; the milestones of their way are reached by the chain alone (V16.1.2)."""

from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.duties import queries as owed
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.stages.custody import events
from keju.stages.custody.queries.returns import Returned, returned
from keju.stages.custody.queries.seal_room import NATION

POINT, REGION = "V16.1.2/point", "V16.1.2/region"
RECEIVED, RETURNED = "cards_received", "cards_returned"


def settle_returns(*, exam: Exam, by: Actor, at: datetime) -> int:
    """Points whose card bags all left them, and regions whose all reached the centre, have done their duty.

    `cards_received` and `cards_returned` are reached by region. Called after each arrival and every minute; without
    anything new it leaves no trace. Returns how many offices.
    """
    with acting(NATION):
        by_point: dict[str, list[Returned]] = {}
        for row in returned(exam, viewer=NATION):
            by_point.setdefault(row.point, []).append(row)
        sent = {p for p, rows in by_point.items() if _all(rows, "with_point")}
        regions = {p[:2] for p in by_point}
        arrived = {r for r in regions if all(p in sent for p in by_point if p[:2] == r)}
        back = {
            r for r in arrived if all(_all(rows, "with_region") for p, rows in by_point.items() if p[:2] == r)
        }
        points = sorted(p for p in sent if not owed.is_done(exam=exam, rule=POINT, owner=p))
        received, over = _new(exam, RECEIVED, arrived), _new(exam, RETURNED, back)
        if points or received or over:
            _settle(exam=exam, points=points, received=received, over=over, by=by, at=at)
        return len(points) + len(received) + len(over)


@write(None)
def _settle(
    *, exam: Exam, points: list[str], received: list[str], over: list[str], by: Actor, at: datetime
) -> None:
    if points:
        duties.discharge_many(
            exam=exam, rule=POINT, owners=points, evidence="custody:card_bags", by=by, at=at
        )
    if received:
        duties.reach(exam=exam, key=RECEIVED, when=at, offices=received, by=by, at=at)
    if over:
        duties.discharge_many(exam=exam, rule=REGION, owners=over, evidence="custody:card_bags", by=by, at=at)
        duties.reach(exam=exam, key=RETURNED, when=at, offices=over, by=by, at=at)
    record(
        events.CARDS_RETURNED,
        by=by,
        at=at,
        subject="cards",
        exam=exam.slug,
        rules=["V16.1.2"],
        data={"points": points, "received": received, "returned": over},
    )


def _all(rows: list[Returned], where: str) -> bool:
    """Whether every card bag was counted back, and none is with that keeper any more."""
    return all(
        row.cards and not row.uncounted and not row.with_point and not getattr(row, where) for row in rows
    )


def _new(exam: Exam, key: str, codes: set[str]) -> list[str]:
    paths = {code: path_of(code) for code in codes}
    known = exams.milestone_by_office(exam, key, paths.values())
    return sorted(code for code, path in paths.items() if path not in known)
