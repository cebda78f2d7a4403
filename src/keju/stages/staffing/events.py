"""Names of audit events."""

# recusal
DECLARED = "staffing.recusal.declared"
HIT_FOUND = "staffing.recusal.found"
HIT_DECIDED = "staffing.recusal.decided"
RECHECKED = "staffing.recusal.rechecked"
HINTS_FOUND = "staffing.recusal.hints"
HINT_DECIDED = "staffing.recusal.hint_decided"
HELD_TO_ACCOUNT = "staffing.member.held_to_account"
