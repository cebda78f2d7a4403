"""What this stage writes into the audit log."""

PLANS_FROZEN = "seating.plans.frozen"
PLANS_CHANGED = "seating.plans.changed"
