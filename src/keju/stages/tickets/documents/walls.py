"""What hangs on walls and boards: timetable, rules, the text of the blackboard; and what is glued on bags. Pure."""

from collections.abc import Iterable

from keju.rulebook import Words, rule, t
from keju.stages.tickets.documents.parts import RoomSheet, SitePapers, Sitting, pair, room_title, sitting_data
from keju.stages.tickets.documents.siteplan import numbers
from keju.stages.tickets.documents.wordings import CONSEQUENCES, ROOM_RULES, VIOLATIONS

CONTENTS = (t("试卷袋", "Paper bag"), t("答题卡袋", "Answer card bag"))


@rule("V14.6.2")
def timetable(papers: SitePapers) -> list[dict[str, object]]:
    """For each category that sits here its sessions, and the rooms in which it sits."""
    return [
        {"category": pair(category), "rooms": rooms, "sittings": [sitting_data(s) for s in sittings]}
        for category, rooms, sittings in _categories(papers)
    ]


@rule("V14.6.2")
def room_rules() -> dict[str, object]:
    return {"rules": [pair(words) for words in ROOM_RULES]}


@rule("V14.6.2")
def violation_rules() -> dict[str, object]:
    return {"rules": [pair(words) for words in VIOLATIONS], "then": pair(CONSEQUENCES)}


@rule("V14.7.4")
def blackboard(papers: SitePapers) -> list[dict[str, object]]:
    """For each category and session what is to be written on the board: subject, time and the supervision phone number."""
    return [
        {"category": pair(category), "rooms": rooms, "phone": papers.phone, **sitting_data(sitting)}
        for category, rooms, sittings in _categories(papers)
        for sitting in sittings
    ]


def bag_labels(papers: SitePapers) -> list[dict[str, object]]:
    """By session and room one for the bag of papers and one for that of cards; the spare bag of each session last."""
    found: list[dict[str, object]] = []
    for session in _sessions(papers):
        for room in papers.rooms:
            if any(s.name == session.name for s in papers.sittings[room.category.zh]):
                found += [_label(session, contents, room) for contents in CONTENTS]
        found.append(_label(session, t("备用试卷袋", "Spare paper bag"), None))
    return found


def _label(session: Sitting, contents: Words, room: RoomSheet | None) -> dict[str, object]:
    told = sitting_data(session)
    return {
        "contents": pair(contents),
        "session": told["name"],
        "day": told["day"],
        "time": told["time"],
        "room": room_title(room.place.room) if room else "",
        "category": pair(room.category if room else t("", "")),
        "count": len(room.holders) if room else 0,
        "first": room.first if room else "",
        "last": room.last if room else "",
    }


def _sessions(papers: SitePapers) -> list[Sitting]:
    """Each session once, in the order of time."""
    every = {s.name: s for sittings in papers.sittings.values() for s in sittings}
    return sorted(every.values(), key=lambda s: s.starts_at)


def _categories(papers: SitePapers) -> Iterable[tuple[Words, str, list[Sitting]]]:
    for category in dict.fromkeys(room.category for room in papers.rooms):
        rooms = numbers(r.place.room for r in papers.rooms if r.category == category)
        yield category, rooms, sorted(papers.sittings[category.zh], key=lambda s: s.starts_at)
