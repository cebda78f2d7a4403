"""Names of audit events."""

PROPOSED = "approvals.proposal.made"
SIGNED = "approvals.proposal.signed"
APPROVED = "approvals.proposal.approved"
REFUSED = "approvals.proposal.refused"
WITHDRAWN = "approvals.proposal.withdrawn"
SUPERSEDED = "approvals.proposal.superseded"
USED = "approvals.proposal.used"
