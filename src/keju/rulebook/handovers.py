"""What a formal handover of a programme is: from where to where, whose sides, who must be there, whose receipt is owed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from keju.rulebook.words import Words

Side = Literal["sender", "receiver"]
SIDES: tuple[Side, ...] = ("sender", "receiver")
HANDOVER_ROLES: tuple[str, ...] = (
    *("sender", "receiver", "head", "confidential_officer", "escort", "witness", "observer"),
)
HANDOVER_PLACES: tuple[str, ...] = (
    *("printing_house", "centre", "mail_room", "store", "journey", "seal_room", "room"),
)


@dataclass(frozen=True)
class HandoverRole:
    """Who takes part: so many people of a side in this role, each holding one of the posts at that side's office.

    ``least``: a figure, or the name of a whole-number parameter ("custody.receivers_min"); 0: invited where possible, signs
    only if named. Without ``posts`` anybody may be named.
    """

    role: str
    side: Side
    least: int | str
    posts: tuple[str, ...] = ()


@dataclass(frozen=True)
class HandoverKind:
    """A kind of handover under clause ``rule``, from a place of the kinds ``origin`` to one of the kinds ``target``.

    ``sender``, ``receiver``: kinds of office of the two sides. ``people``: the first role of a side answers for it (V10.1).
    ``receipt``: kind of the office to which the sheet is owed ("" to none). ``announced``: the advice of dispatch reaches the
    receiver before anything is counted. ``follows``: kinds one of which must have been closed with the same containers.
    ``informs``: roles of the kind that follows; who takes them is told at once when this one is signed.
    """

    code: str
    name: Words
    rule: str
    origin: tuple[str, ...]
    target: tuple[str, ...]
    sender: str
    receiver: str
    people: tuple[HandoverRole, ...]
    receipt: str = ""
    announced: bool = False
    follows: tuple[str, ...] = ()
    informs: tuple[str, ...] = ()

    def roles_of(self, side: Side) -> tuple[HandoverRole, ...]:
        """The roles of one side in the order written."""
        return tuple(role for role in self.people if role.side == side)

    def role(self, side: str, role: str) -> HandoverRole | None:
        """That role of that side; None if the kind does not have it."""
        return next((r for r in self.people if (r.side, r.role) == (side, role)), None)
