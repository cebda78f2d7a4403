"""The law's word on overriding the board."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    """V1.5. `overridable`: the clauses whose red the leader of a region may override before the exam opens at a site;
    `any_in_rehearsal`: in a rehearsal every one, for nothing is at stake there; `override_days`: how long one holds (our
    choice: the rules are silent)."""

    overridable: list[str]
    any_in_rehearsal: bool
    override_days: int
