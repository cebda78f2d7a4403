"""What a board shows: states as chips, icons and words; rules, places, offices below, and the board itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from keju.kernel.readiness.asking import Found
from keju.kernel.readiness.mending import Mending
from keju.kernel.readiness.models import Override
from keju.kernel.readiness.registry import AMBER, GREEN, GREY, RED, State
from keju.rulebook.model import Clause
from keju.rulebook.refusals import Strength
from keju.rulebook.words import Words, t

ORDER = {RED: 0, AMBER: 1, GREEN: 2, GREY: 3}


STRICT = {RED: 0, AMBER: 1, GREY: 2, GREEN: 3}
"""Of a rule, green only where it holds everywhere."""


STATE_WORDS: Mapping[State, Words] = {
    RED: t("缺项或逾期", "Missing or late"),
    AMBER: t("待办", "To do"),
    GREEN: t("已具备", "Ready"),
    GREY: t("未到时间", "Not yet"),
}


ICONS = {RED: "alert-triangle", AMBER: "clock", GREEN: "circle-check", GREY: "circle-dashed"}


CHIPS = {RED: "late", AMBER: "soon", GREEN: "done", GREY: "none"}


@dataclass(frozen=True)
class Filters:
    """What a board is narrowed to; empty means everything. `state`: "red", or "open" for red and amber."""

    state: str = ""
    stage: str = ""
    strength: str = ""
    rule: str = ""

    def takes(self, one: Found, clause: Clause) -> bool:
        wanted = {"red": (RED,), "open": (RED, AMBER)}.get(self.state, tuple(State))
        return (
            one.row.state in wanted
            and self.stage in ("", clause.stage)
            and self.strength in ("", one.strength)
            and self.rule in ("", one.rule)
        )


class Shown:
    """What is in a state, as a page shows it."""

    state: State

    @property
    def chip(self) -> str:
        return CHIPS[self.state]

    @property
    def icon(self) -> str:
        return ICONS[self.state]

    @property
    def state_words(self) -> Words:
        return STATE_WORDS[self.state]


@dataclass(frozen=True)
class Place(Shown):
    """Where a rule stands how, and what is missing there."""

    code: str
    name: Words
    room: int | None
    rooms: tuple[int, ...]
    state: State
    words: Words | None
    mending: Mending
    overridden: bool = False


@dataclass(frozen=True)
class Line(Shown):
    """A rule on the board: its worst state, in how many places it stands how, and the worst `places` (`more` besides)."""

    clause: Clause
    title: Words
    strength: Strength
    state: State
    counts: Mapping[State, int]
    places: Sequence[Place]
    more: int

    @property
    def tally(self) -> list[tuple[State, Words, int]]:
        return [(state, STATE_WORDS[state], self.counts[state]) for state in ORDER if self.counts.get(state)]


@dataclass(frozen=True)
class Below(Shown):
    """An office (or room) below, its worst state and how many rows are in each."""

    code: str
    name: Words
    state: State
    counts: Mapping[State, int]
    room: int | None = None

    @property
    def red(self) -> int:
        return self.counts.get(RED, 0)

    @property
    def amber(self) -> int:
        return self.counts.get(AMBER, 0)


@dataclass(frozen=True)
class Board:
    """An office as it stands now. `total`: rows by state, under the filters as all else. `unwatched`: for the nation."""

    code: str
    path: str
    name: Words
    room: int | None
    above: Sequence[tuple[str, Words]]
    groups: Sequence[tuple[Words, Sequence[Line]]]
    below: Sequence[Below]
    total: Mapping[State, int]
    unwatched: Sequence[Clause] = ()
    overrides: Sequence[Override] = ()

    @property
    def state(self) -> State:
        return worst(self.total)

    @property
    def chip(self) -> str:
        return CHIPS[self.state]

    @property
    def red(self) -> int:
        return self.total.get(RED, 0)

    @property
    def amber(self) -> int:
        return self.total.get(AMBER, 0)

    @property
    def wrong(self) -> list[Line]:
        """Lines with something red or amber, the red first, whatever their stage."""
        lines = [line for _, some in self.groups for line in some if line.state in (RED, AMBER)]
        return sorted(lines, key=lambda line: (ORDER[line.state], -line.counts.get(line.state, 0)))

    @property
    def figures(self) -> list[tuple[str, str, Words, int]]:
        """State, chip, words and number of rows, red first."""
        return [(state.value, CHIPS[state], STATE_WORDS[state], self.total.get(state, 0)) for state in ORDER]


def worst(states: Iterable[State]) -> State:
    """Red before amber before green; grey only where there is nothing else."""
    return min(states, key=ORDER.__getitem__, default=GREY)
