"""The room record as plain data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from keju.rulebook import rule
from keju.rulebook.words import Words, t

#: V15.8: two copies, each with its way.
COPIES: Mapping[str, Words] = {
    "bag": t("答题卡袋一份：送中心", "Copy on the card bag: to the centre"),
    "papers": t(
        "试卷袋一份：原件送考区，复印件留考点",
        "Copy in the paper bag: original to the region, copy at the point",
    ),
}


@dataclass(frozen=True)
class RecordLine:
    """One seat as the record shows it."""

    seat: int
    ticket: str
    name: str
    present: bool
    violation: str


@dataclass(frozen=True)
class RecordHead:
    """What the record is about."""

    exam: Words
    session: Words
    held: str
    site: str
    site_name: Words
    room: int
    closed: str


@rule("V15.8")
def room_record(
    head: RecordHead, lines: Iterable[RecordLine], copy: str, corrections: Iterable[tuple[str, str, str]] = ()
) -> dict[str, Any]:
    """The record's content: counts, absentees, violations, corrections (ticket, what, reason), and which copy it is."""
    seats = list(lines)
    return {
        "exam": _both(head.exam),
        "session": _both(head.session),
        "held": head.held,
        "site": head.site,
        "site_name": _both(head.site_name),
        "room": head.room,
        "closed": head.closed,
        "copy": copy,
        "copy_of": _both(COPIES[copy]),
        "expected": len(seats),
        "present": sum(s.present for s in seats),
        "absent": sum(not s.present for s in seats),
        "absentees": [[s.seat, s.ticket, s.name] for s in seats if not s.present],
        "violations": [[s.seat, s.ticket, s.name, s.violation] for s in seats if s.violation],
        "corrections": [list(c) for c in corrections],
    }


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


@dataclass(frozen=True)
class NoteHead:
    """Which bag: of which room, in which session, counted when."""

    exam: Words
    session: Words
    held: str
    site: str
    site_name: Words
    room: int
    counted: str


@dataclass(frozen=True)
class Sheets:
    """Answer cards by what became of them."""

    used: int
    unused: int
    defective: int
    missing: int

    @property
    def inside(self) -> int:
        return self.used + self.unused + self.defective


@rule("V15.5.2")
def bag_note(
    head: NoteHead,
    *,
    codes: Iterable[str],
    seal: str,
    present: int,
    absent: int,
    cards: Sheets,
    differs: bool,
) -> dict[str, Any]:
    """What stands on a card bag: whose cards, how many of each kind lie in it, under which seal, and who signs."""
    return {
        "exam": _both(head.exam),
        "session": _both(head.session),
        "held": head.held,
        "site": head.site,
        "site_name": _both(head.site_name),
        "room": head.room,
        "counted": head.counted,
        "codes": list(codes),
        "seal": seal,
        "present": present,
        "absent": absent,
        "used": cards.used,
        "unused": cards.unused,
        "defective": cards.defective,
        "missing": cards.missing,
        "inside": cards.inside,
        "differs": differs,
    }
