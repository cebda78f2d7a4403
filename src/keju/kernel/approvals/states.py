"""How a proposal goes on. The database's trigger holds to the same table."""

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
