"""Emergency plans and drills (P5.3, V4.1). Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from keju.rulebook import Refusal, rule
from keju.rulebook.precautions import EmergencyKind

FEWEST = 2
"""Nobody drills alone."""
MOVES: Mapping[str, tuple[str, str]] = {
    "start": ("planned", "running"),
    "pause": ("running", "paused"),
    "resume": ("paused", "running"),
    "end": ("running", "done"),
}


@rule("P5.3")
def check_plan(kind: EmergencyKind, measures: str, contacts: Mapping[str, str]) -> Iterator[Refusal]:
    """A plan says what is done, and whom one reaches at every authority that helps. `contacts`: partner → telephone."""
    if len(measures.strip()) < 10:
        yield Refusal("P5.3", "security_plan_measures", {"what": kind.outline}, field="measures")
    missing = [partner for partner in kind.partners if not contacts.get(partner, "").strip()]
    if missing:
        yield Refusal("P5.3", "security_plan_partner", {"n": len(missing)}, field=f"phone-{missing[0]}")


@rule("P5.3")
def check_propose(drafts: int) -> Iterator[Refusal]:
    """There is something to approve."""
    if not drafts:
        yield Refusal("P5.3", "security_no_draft")


@rule("V4.1", "P5.3")
def check_drill(
    clause: str, kinds: Sequence[str], known: Collection[str], scenario: str
) -> Iterator[Refusal]:
    """A drill rehearses classes of emergency that the office has plans for, with a scenario."""
    if not kinds or set(kinds) - set(known):
        yield Refusal(clause, "security_drill_kinds", field="kinds")
    if len(scenario.strip()) < 10:
        yield Refusal(clause, "security_drill_scenario", field="scenario")


@rule("V4.1", "P5.3")
def check_move(
    clause: str, move: str, state: str, unplanned: Sequence[str], people: int
) -> Iterator[Refusal]:
    """The clock starts with approved plans in hand and ends with the people who took part on record.

    `unplanned`: classes of the drill without an approved plan.
    """
    if move not in MOVES or MOVES[move][0] != state:
        yield Refusal(clause, "security_drill_state", {"state": state})
        return
    if move == "start" and unplanned:
        yield Refusal(clause, "security_drill_unplanned", {"n": len(unplanned)})
    if move == "end" and people < FEWEST:
        yield Refusal(clause, "security_drill_people", {"fewest": FEWEST, "n": people})


@rule("V4.1", "P5.3")
def counts(
    ended_at: datetime | None, exam_begins: datetime | None, drilled: Mapping[str, int], current: Mapping[str, int], people: int
) -> bool:  # fmt: skip
    """A drill counts when it was over before the exam, people are on record, and every plan drilled is the one in force."""
    if (
        ended_at is None
        or (exam_begins is not None and ended_at >= exam_begins)
        or people < FEWEST
        or not drilled
    ):
        return False
    return all(current.get(kind) == number for kind, number in drilled.items())


def running_time(steps: Sequence[tuple[str, datetime]], now: datetime) -> timedelta:
    """How long the clock has run, without its pauses. `steps`: (kind, at) in order."""
    ran, since = timedelta(), None
    for kind, at in steps:
        if kind in ("start", "resume"):
            since = at
        elif kind in ("pause", "end") and since is not None:
            ran, since = ran + (at - since), None
    return ran + (now - since) if since is not None else ran
