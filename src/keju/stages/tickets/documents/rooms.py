"""The papers of the rooms: who sits where, by room and seat (V7.4, V14.6.2, V14.6.5, V14.7.2, V14.7.3). Pure."""

from collections.abc import Sequence

from keju.rulebook import rule, t
from keju.stages.tickets.documents.parts import (
    SEX,
    Hall,
    RoomSheet,
    SitePapers,
    Sitting,
    pair,
    place_data,
    room_title,
    sitting_data,
)
from keju.stages.tickets.documents.siteplan import seats_candidates
from keju.stages.tickets.documents.wordings import ROOM_KINDS


@rule("V7.4", "V14.6.2", "V14.6.5", "V14.7.2", "V14.7.3")
def sheets(papers: SitePapers) -> dict[str, object]:
    """Stubs, sign-in sheets, stickers and tables share it: the rooms in order, everybody in them by seat."""
    return {
        "rooms": [_room(room, papers.sittings[room.category.zh]) for room in papers.rooms],
        "total": sum(len(room.holders) for room in papers.rooms),
        "others": [_other(h) for h in papers.halls if not seats_candidates(h)],
    }


def names(rooms: Sequence[RoomSheet]) -> list[str]:
    """What must be found on a paper that tells who sits where: every number and every name."""
    return [text for room in rooms for h in room.holders for text in (h.number, h.name)]


def _other(hall: Hall) -> dict[str, object]:
    return {
        "room": room_title(hall.number),
        "building": hall.building,
        "floor": hall.floor,
        "name": hall.name,
        "kind": pair(ROOM_KINDS[hall.kind]),
    }


def _room(room: RoomSheet, sittings: Sequence[Sitting]) -> dict[str, object]:
    where = {seat: (column, row) for seat, column, row in room.seats}
    return {
        **place_data(room.place),
        "category": pair(room.category),
        "columns": room.columns,
        "rows": room.rows,
        "first": room.first,
        "last": room.last,
        "numbers": room.numbers,
        "count": len(room.holders),
        "sittings": [sitting_data(s) for s in sittings],
        "holders": [
            {
                "number": h.number,
                "name": h.name,
                "sex": pair(SEX.get(h.sex, t("", ""))),
                "identity": h.identity,
                "seat": f"{h.seat:02d}",
                "photo": h.photo,
                "column": where[h.seat][0],
                "row": where[h.seat][1],
            }
            for h in room.holders
        ],
    }
