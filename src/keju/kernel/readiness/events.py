"""Names of audit events."""

OVERRIDDEN = "readiness.gate.overridden"
