"""How a proposal goes on. Drawn in docs/states.md; the database's trigger holds to the same."""

OPEN, APPROVED, USED = "open", "approved", "used"
REFUSED, WITHDRAWN, SUPERSEDED = "refused", "withdrawn", "superseded"
LIVING = (OPEN, APPROVED)

TRANSITIONS: dict[str, set[str]] = {
    OPEN: {APPROVED, REFUSED, WITHDRAWN, SUPERSEDED},
    APPROVED: {USED, REFUSED, WITHDRAWN, SUPERSEDED},
    USED: set(),
    REFUSED: set(),
    WITHDRAWN: set(),
    SUPERSEDED: set(),
}
