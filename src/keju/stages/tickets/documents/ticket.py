"""The admission ticket: Chinese in front, English on the back (V7.3, P8.2, V14.3)."""

from collections.abc import Iterable, Sequence

from keju.rulebook import Words, rule, t
from keju.stages.tickets.documents.parts import (
    SEX,
    Hall,
    Holder,
    Place,
    Sitting,
    Stamp,
    pair,
    place_data,
    sitting_data,
)
from keju.stages.tickets.documents.siteplan import site_plan
from keju.stages.tickets.documents.wordings import EXAM_RULES, PLEDGE


@rule("V7.3", "P8.2", "V14.3")
def ticket(
    *,
    exam: Words,
    holder: Holder,
    seat: tuple[int, int],
    place: Place,
    sittings: Iterable[Sitting],
    points: tuple[Words, Words],
    stamp: Stamp,
    halls: Sequence[Hall] = (),
) -> dict[str, object]:
    """What stands on a ticket. `seat`: column and row. `points`: region and host point. `halls`: the site's rooms, for
    the plan of the site on the back."""
    return {
        "exam": pair(exam),
        "number": holder.number,
        "name": holder.name,
        "sex": pair(SEX.get(holder.sex, t("", ""))),
        "identity": holder.identity,
        "category": pair(holder.category),
        "region": pair(points[0]),
        "point": pair(points[1]),
        "seat": f"{holder.seat:02d}",
        "column": seat[0],
        "row": seat[1],
        **place_data(place),
        "sittings": [sitting_data(s) for s in sittings],
        "rules": [pair(words) for words in EXAM_RULES],
        "pledge": pair(PLEDGE),
        "plan": site_plan(halls),
        "stamp": pair(stamp.words),
        "photo": holder.photo,
    }
