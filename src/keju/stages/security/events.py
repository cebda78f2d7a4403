"""Names of audit events."""
