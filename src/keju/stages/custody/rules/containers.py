"""What travels: boxes and packs, and the bags in them. Their codes, marks and paper serials. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stdnum.iso7064 import mod_37_36

from keju.rulebook import Refusal, rule
from keju.stages.custody.rules.quantities import Bag, Line


class Kind(StrEnum):
    """`box`: from the centre to a region; `pack`: repacked by a region for a point (V11.2.2). The others hold sheets:
    `bag` the papers of a room in a session, `spare_bag` a site's spare papers, `card_bag` the answer cards of a room."""

    BOX = "box"
    PACK = "pack"
    BAG = "bag"
    SPARE_BAG = "spare_bag"
    CARD_BAG = "card_bag"

    @property
    def is_outer(self) -> bool:
        """Whether others lie in it; it holds no sheets itself."""
        return self in OUTER


OUTER = frozenset({Kind.BOX, Kind.PACK})
LETTER = {Kind.BOX: "X", Kind.PACK: "P", Kind.BAG: "B", Kind.SPARE_BAG: "S", Kind.CARD_BAG: "C"}
DIGITS = 7
# of a container: what it is, never changes, and is bound by the log
FACTS = (
    "code", "kind", "office_path", "site_code", "room", "session", "category", "copies", "first_serial", "last_serial",
)  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """A container to make. `copies` papers with the serials `first_serial` … `last_serial` (0 for what has none), or cards.

    `room`, `session` are 0 and `category` "" where it serves none in particular.
    """

    kind: Kind
    site: str
    room: int
    session: int
    category: str
    copies: int
    first_serial: int = 0
    last_serial: int = 0


def code(kind: Kind, number: int) -> str:
    """What the barcode says: a letter, seven digits, and a check character (ISO 7064 mod 37,36), "B0001234X"."""
    body = f"{LETTER[kind]}{number:0{DIGITS}d}"
    return body + mod_37_36.calc_check_digit(body)


def number_of(code_: str) -> int:
    """The number in a container's code."""
    return int(code_[1 : DIGITS + 1])


def read_code(typed: str) -> str | None:
    """The code that somebody scanned or typed, in its one form; None if its check character does not fit."""
    plain = "".join(c for c in typed.upper() if c.isalnum())
    fits = len(plain) == DIGITS + 2 and plain[0] in LETTER.values() and plain.isascii()
    return plain if fits and mod_37_36.is_valid(plain) else None


@rule("V15.6")
def planned(
    bags: Sequence[Bag], lines: Sequence[Line], *, first_serials: Mapping[tuple[int, str], int]
) -> list[Planned]:
    """A bag and a card bag for each room and session, and each site's spare bags of a paper, all with their own serials.

    `first_serials`: (session, category) → the next free serial of that paper. Papers are numbered through: no serial lies
    in two bags, none is left out.
    """
    made: list[Planned] = []
    next_serial = dict(first_serials)

    def papers(kind: Kind, site: str, room: int, session: int, category: str, copies: int) -> None:
        first = next_serial.get((session, category), 1)
        next_serial[session, category] = first + copies
        made.append(Planned(kind, site, room, session, category, copies, first, first + copies - 1))

    for bag in bags:
        papers(Kind.BAG, bag.site, bag.room, bag.session, bag.category, bag.copies)
        made.append(Planned(Kind.CARD_BAG, bag.site, bag.room, bag.session, bag.category, bag.copies))
    for line in lines:
        for _ in range(line.spare_bags):
            each = line.spare_copies // line.spare_bags
            papers(Kind.SPARE_BAG, line.site, 0, line.session, line.category, each)
    return made


def identities(made: Mapping[int, tuple[object, ...]]) -> str:
    """What each container is (id → its facts, in the order of `FACTS`), as the text that the event of its making binds: JSON."""
    return json.dumps([[pk, *facts] for pk, facts in sorted(made.items())], ensure_ascii=False)


@rule("V11.2.2")
def boxes(bags: Sequence[int], capacity: int) -> Iterator[tuple[int, ...]]:
    """The bags (ids, in the order to pack them) by box: each holds `capacity` but the last."""
    for start in range(0, len(bags), capacity):
        yield tuple(bags[start : start + capacity])


@rule("V9.1")
def check_makeable(confirmed: bool, changed: bool, made_already: bool) -> Iterator[Refusal]:
    """Papers are made for quantities that the region confirmed and that still are those of the seats; once."""
    if made_already:
        yield Refusal("V9.1", "custody_made_already")
    elif not confirmed:
        yield Refusal("V9.1", "custody_unconfirmed")
    elif changed:
        yield Refusal("V9.1", "custody_confirmed_other")
