"""The law's numbers of this stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    """V17.4: whether a card may be re-checked on request. V17.3: so many members must approve a passing line."""

    rechecks_accepted: bool
    quorum: int
